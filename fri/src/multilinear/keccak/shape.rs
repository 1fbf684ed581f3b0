//! Sizes, points and proofs, as prover and verifier share them.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::permutation::{LANES, ROUNDS, State, stages};

/// Logarithm of [`PARTS`].
pub const LOG_PARTS: usize = 1;

/// Parts that the permutation is split into.
pub const PARTS: usize = 1 << LOG_PARTS;

/// Rounds in a part.
pub const PART_ROUNDS: usize = ROUNDS / PARTS;

/// Variables that number the bits of a lane.
pub const Z_VARIABLES: usize = 6;

/// Variables that number positions: bits of a lane, then parts.
pub const POSITION_VARIABLES: usize = Z_VARIABLES + LOG_PARTS;

/// Logarithm of [`SKIP`].
pub const LOG_SKIP: usize = 4;

/// Instances that the first round of a layer sums over with the skip.
pub const SKIP: usize = 1 << LOG_SKIP;

/// 16-bit limbs of a state: limb `m` of lane `l` is column `4 l + m`.
pub const LIMBS: usize = 4 * LANES;

/// The largest logarithm of a number of calls; more do not fit into a segment.
const MAX_LOG_CALLS: usize = 24;

/// The layers of a round, from its output.
pub const LAYERS: [Layer; 3] = [Layer::Chi, Layer::Theta, Layer::Parity];

/// What is fixed before a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Logarithm of the number of instances that there is room for: calls and padding.
    pub log_calls: usize,
    /// Whether the first round of a layer is over [`SKIP`] instances at once.
    pub skip: bool,
}

impl Shape {
    /// Whether there is such a protocol: the skip needs [`SKIP`] instances.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.log_calls <= MAX_LOG_CALLS && (!self.skip || self.log_calls >= LOG_SKIP)
    }

    /// Instance variables with a round of their own.
    #[must_use]
    pub const fn instance_rounds(&self) -> usize {
        if self.skip { self.log_calls.saturating_sub(LOG_SKIP) } else { self.log_calls }
    }
}

/// A layer of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Chi and iota.
    Chi,
    /// Theta, rho and pi.
    Theta,
    /// The parities of columns.
    Parity,
}

impl Layer {
    /// Degree of the sum's terms in the columns; weights add one.
    #[must_use]
    pub const fn degree(self) -> usize {
        match self {
            Self::Chi | Self::Theta => 3,
            Self::Parity => 5,
        }
    }

    /// Claims that it leaves: on all lanes, after theta also on the parities and on the parities at
    /// the bit below.
    #[must_use]
    pub const fn claims(self) -> usize {
        match self {
            Self::Chi | Self::Parity => LANES,
            Self::Theta => LANES + 10,
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chi => "chi",
            Self::Theta => "theta",
            Self::Parity => "parity",
        })
    }
}

/// The messages of a layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerProof<E> {
    /// With the skip, the coefficients of `X` to `X^(15 d)` of the first polynomial.
    pub first: Vec<E>,
    /// The coefficients of `X` to `X^d`, for every instance variable left, from the highest.
    pub instances: Vec<Vec<E>>,
    /// The coefficients of `X` to `X^(d+1)`, for every position variable, from the highest.
    pub positions: Vec<Vec<E>>,
    /// The evaluations of the columns: lanes in their order, then (theta) the five parities, then
    /// these at the bit below.
    pub claims: Vec<E>,
}

impl<E: Clone> LayerProof<E> {
    /// Messages of the shape's lengths, all of one value.
    #[must_use]
    pub fn filled(shape: &Shape, layer: Layer, value: &E) -> Self {
        let list = |len| vec![value.clone(); len];
        let first = if shape.skip { layer.degree() * (SKIP - 1) } else { 0 };
        Self {
            first: list(first),
            instances: vec![list(layer.degree()); shape.instance_rounds()],
            positions: vec![list(layer.degree() + 1); POSITION_VARIABLES],
            claims: list(layer.claims()),
        }
    }
}

impl<E> LayerProof<E> {
    /// Whether all lists have their lengths.
    #[must_use]
    pub fn fits(&self, shape: &Shape, layer: Layer) -> bool {
        let degree = layer.degree();
        let first = if shape.skip { degree * (SKIP - 1) } else { 0 };
        self.first.len() == first
            && self.instances.len() == shape.instance_rounds()
            && self.instances.iter().all(|message| message.len() == degree)
            && self.positions.len() == POSITION_VARIABLES
            && self.positions.iter().all(|message| message.len() == degree + 1)
            && self.claims.len() == layer.claims()
    }
}

/// A proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof<E> {
    /// The multilinear extension of the calls' flags at the point over the calls.
    pub real: E,
    /// The sum of `lambda^c` times that of limb column `c` of the outputs.
    pub output: E,
    /// For each part but the first: the sum of `lambda^c` times the multilinear extension of limb
    /// column `c` of its committed inputs, at the point over the calls.
    pub middle: Vec<E>,
    /// For each round of a part, the last first: its [`LAYERS`].
    pub rounds: Vec<[LayerProof<E>; LAYERS.len()]>,
}

impl<E: Clone> Proof<E> {
    /// A proof of the shape's lengths, all of one value.
    #[must_use]
    pub fn filled(shape: &Shape, value: &E) -> Self {
        let round = LAYERS.map(|layer| LayerProof::filled(shape, layer, value));
        Self { real: value.clone(), output: value.clone(), middle: vec![value.clone(); PARTS - 1], rounds: vec![round; PART_ROUNDS] }
    }
}

impl<E> Proof<E> {
    /// Whether there is a protocol of this shape and all lists have the lengths that it gives them.
    #[must_use]
    pub fn fits(&self, shape: &Shape) -> bool {
        let fits = |round: &[LayerProof<E>; LAYERS.len()]| LAYERS.iter().zip(round).all(|(layer, proof)| proof.fits(shape, *layer));
        shape.is_valid() && self.middle.len() == PARTS - 1 && self.rounds.len() == PART_ROUNDS && self.rounds.iter().all(fits)
    }
}

/// Where outputs are claimed: the claim is the sum of `lambda^c` times the multilinear extension of
/// limb column `c`, zero in padding rows, at `calls`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputPoint<E> {
    /// Coordinates over the calls, the lowest first.
    pub calls: Vec<E>,
    /// The base of the weights of limbs.
    pub lambda: E,
}

/// A point of columns of bits or signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point<E> {
    /// With the skip: the low four instance variables together. The weight of instance `j` of a
    /// block is the Lagrange polynomial of `w^j` on the 16th roots of unity here.
    pub first: Option<E>,
    /// The other instance variables, the lowest first.
    pub instances: Vec<E>,
    /// The position variables: bits of `z`, the lowest first, then parts.
    pub positions: Vec<E>,
}

/// What each part makes of a zero input, which is its input in padding instances.
#[must_use]
pub fn zero_outputs() -> [State; PARTS] {
    core::array::from_fn(|part| (0..PART_ROUNDS).fold([0; LANES], |state, round| stages(&state, part * PART_ROUNDS + round).output))
}
