//! Weights of the sumchecks' terms, at all positions.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{PackedFieldExtension, PrimeCharacteristicRing};
use tern_field::{EF, F};

use super::super::permutation::{LANES, MOVES, constant};
use super::super::shape::{LOG_PARTS, Layer, PART_ROUNDS, POSITION_VARIABLES};
use super::bits::{POSITION_VECTORS, POSITIONS, WORD};
use super::grid::Grid;
use crate::multilinear::equality::table;
use crate::multilinear::packed::{LANES as VECTOR, PackedExt};

/// Weights of several terms at every position.
pub(super) struct Table {
    width: usize,
    /// Term `t` at position `a` is at `a * width + t`.
    values: Vec<EF>,
}

impl Table {
    fn new(width: usize, value: impl Fn(usize, usize) -> EF) -> Self {
        Self { width, values: (0..POSITIONS * width).map(|index| value(index / width, index % width)).collect() }
    }

    /// The weights at a position.
    pub(super) fn row(&self, position: usize) -> &[EF] {
        &self.values[position * self.width..][..self.width]
    }

    /// The weights at vectors of positions.
    fn pack(&self) -> Grid<PackedExt> {
        let vector = |index: usize| {
            let (vector, term) = (index / self.width, index % self.width);
            PackedExt::from_ext_fn(|lane| self.row(vector * VECTOR + lane)[term])
        };
        Grid::new(self.width, (0..POSITION_VECTORS * self.width).map(vector).collect())
    }
}

/// What a layer is to show: claims on its outputs at one point, batched.
pub enum LayerClaim<'a> {
    /// On the outputs of a round of the parts.
    Chi {
        /// Their weights, but for the signs of iota.
        outputs: &'a Outgoing,
        /// The round.
        round: usize,
    },
    /// On the moved lanes, batched by powers of `base`.
    Theta {
        /// The base of the powers.
        base: EF,
        /// The point over positions.
        positions: &'a [EF],
    },
    /// On lanes, on parities, and on parities at the bit below, batched by powers.
    Parity {
        /// A weight for each of these.
        powers: &'a [EF],
        /// The point over positions.
        positions: &'a [EF],
    },
}

impl LayerClaim<'_> {
    /// The layer.
    #[must_use]
    pub const fn layer(&self) -> Layer {
        match self {
            Self::Chi { .. } => Layer::Chi,
            Self::Theta { .. } => Layer::Theta,
            Self::Parity { .. } => Layer::Parity,
        }
    }

    /// The base of the powers that batch the claims, or those on the lanes of an output.
    pub fn base(&self) -> EF {
        match self {
            Self::Chi { outputs, .. } => outputs.base,
            Self::Theta { base, .. } => *base,
            Self::Parity { powers, .. } => powers[1],
        }
    }
}

/// The weights of a layer's terms.
pub(super) struct LayerWeights {
    layer: Layer,
    table: Table,
    packed: Grid<PackedExt>,
    /// Of the parity layer: what batches the claims on lanes, and the point over positions of all claims.
    lanes: Vec<EF>,
    positions: Vec<EF>,
}

impl LayerWeights {
    /// For what a layer is to show.
    pub(super) fn new(claim: &LayerClaim<'_>) -> Self {
        let (table, lanes, positions) = match *claim {
            LayerClaim::Chi { outputs, round } => (outputs.table(round), [].as_slice(), [].as_slice()),
            LayerClaim::Theta { base, positions } => (theta(base, positions), [].as_slice(), positions),
            LayerClaim::Parity { powers, positions } => (parity(&powers[LANES..], positions), &powers[..LANES], positions),
        };
        Self { layer: claim.layer(), packed: table.pack(), table, lanes: lanes.to_vec(), positions: positions.to_vec() }
    }

    /// The layer.
    pub(super) const fn layer(&self) -> Layer {
        self.layer
    }

    /// The weights of the terms; in the parity layer, of the parities and then of the lanes' sum.
    pub(super) const fn table(&self) -> &Table {
        &self.table
    }

    /// The same at vectors of positions.
    pub(super) const fn packed(&self) -> &Grid<PackedExt> {
        &self.packed
    }

    /// What makes the lanes' sum in the parity layer: a weight for each lane.
    pub(super) fn lanes(&self) -> &[EF] {
        &self.lanes
    }

    /// These, each with the weight that the sum has at every position.
    pub(super) fn linear(&self) -> Table {
        linear(&self.lanes, &self.positions)
    }
}

/// The weights of a claim on all lanes: for lane `l`, `base^l` times a product over the position
/// variables of the first of a pair where the variable is zero, else the second.
pub struct Outgoing {
    base: EF,
    pairs: [[EF; 2]; POSITION_VARIABLES],
}

impl Outgoing {
    /// Of the limbs: column `c` has the weight `lambda^c`, bit `b` of a limb `2^b`; parts have
    /// those of a point.
    pub(super) fn limbs(lambda: EF, parts: &[EF; LOG_PARTS]) -> Self {
        let mut pairs = [[EF::ONE; 2]; POSITION_VARIABLES];
        for (variable, pair) in pairs.iter_mut().enumerate() {
            pair[1] = match variable {
                0..4 => EF::from(F::TWO.exp_power_of_2(variable)),
                4 => lambda,
                5 => lambda.square(),
                _ => parts[variable - 6],
            };
            if variable >= 6 {
                pair[0] = EF::ONE - pair[1];
            }
        }
        Self { base: lambda.exp_power_of_2(2), pairs }
    }

    /// Of evaluations at a point, batched by powers of `base`.
    pub(super) fn point(base: EF, positions: &[EF]) -> Self {
        Self { base, pairs: core::array::from_fn(|variable| [EF::ONE - positions[variable], positions[variable]]) }
    }

    /// The base of the lanes' weights.
    pub const fn base(&self) -> EF {
        self.base
    }

    /// The factors of each position variable.
    pub const fn pairs(&self) -> &[[EF; 2]; POSITION_VARIABLES] {
        &self.pairs
    }

    /// Their values for the outputs of a round of the parts as twice chi gives them: with half the
    /// sign of iota.
    fn table(&self, round: usize) -> Table {
        let mut common = vec![EF::ONE.halve()];
        for pair in &self.pairs {
            common = pair.iter().flat_map(|factor| common.iter().map(|value| *value * *factor)).collect();
        }
        let powers = powers(self.base, LANES);
        Table::new(LANES, |position, lane| {
            let value = common[position] * powers[lane];
            let flipped = lane == 0 && constant(position / WORD * PART_ROUNDS + round) >> (position % WORD) & 1 == 1;
            if flipped { -value } else { value }
        })
    }
}

/// Weights of theta for claims on the moved lanes at a point, batched by powers of `base`.
fn theta(base: EF, positions: &[EF]) -> Table {
    let (eq, powers) = (table(positions), powers(base, LANES));
    Table::new(LANES, |position, lane| powers[MOVES[lane].target] * eq[rotated(position, MOVES[lane].rotation as usize)])
}

/// Weights of the parities at each `x`, and of the lanes' sum, for claims at a point on the
/// parities (batched by the first powers), and the parities at the bit below (by the next).
fn parity(powers: &[EF], positions: &[EF]) -> Table {
    let eq = table(positions);
    Table::new(6, |position, x| {
        if x == 5 {
            return eq[position];
        }
        powers[x] * eq[position] + powers[5 + x] * eq[rotated(position, 1)]
    })
}

/// Weights of the lanes for claims at a point, batched by `powers`.
fn linear(powers: &[EF], positions: &[EF]) -> Table {
    let eq = table(positions);
    Table::new(LANES, |position, lane| powers[lane] * eq[position])
}

/// The position with the bit that a rotation takes this one to.
const fn rotated(position: usize, rotation: usize) -> usize {
    position - position % WORD + (position + rotation) % WORD
}

/// The table of `eq(point, i)` with `count` entries at most, of which the last is the sum of all
/// that are left out.
pub(super) fn merged_eq_table(point: &[EF], count: usize) -> Vec<EF> {
    let mut values = table(point);
    let rest: EF = values.drain(count.min(values.len())..).sum();
    if let Some(last) = values.last_mut() {
        *last += rest;
    }
    values
}

/// The first powers of an element.
pub(super) fn powers(base: EF, count: usize) -> Vec<EF> {
    base.powers().collect_n(count)
}

/// The sum of `values[i] * weights[i]`.
pub(super) fn dot(values: &[EF], weights: &[EF]) -> EF {
    values.iter().zip(weights).map(|(value, weight)| *value * *weight).sum()
}
