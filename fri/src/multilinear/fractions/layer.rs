//! The sumcheck of one layer.
//!
//! With `p = n0 + lambda d0` the summand is `p d1 + n1 d0`, the same on all of a block's padding. Summed with the weights `eq(point, x)`, a block is that and what its used places have more. The equality factor of the
//! round's own variable is kept outside (Gruen, <https://eprint.iacr.org/2024/108>): the rest is a polynomial `t` of degree two, of which the value at zero and the leading coefficient are computed, and the value
//! at one follows from the claim.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Algebra, PrimeCharacteristicRing, batch_multiplicative_inverse};
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::packed::{LANE_BITS, PARTS, PackedExt, over_lanes, pack, unpack};
use super::super::{Transcript, equality};
use super::tree::{Block, Fractions, Level, low_half, part};

/// `p, d0, n1, d1` of one machine vector.
type Quad<T> = [T; 4];

/// Machine vectors that one task takes.
const TASK: usize = 1 << 10;

/// Proves a layer: the rounds' polynomials, the challenges, and the halves' values there.
pub(super) fn prove(level: Level, point: &[EF], lambda: EF, sum: EF, transcript: &mut Transcript) -> (Vec<[EF; 3]>, Vec<EF>, [EF; 4]) {
    let mut rounds = Rounds {
        inverses: batch_multiplicative_inverse(point),
        point,
        claim: sum,
        prefix: EF::ONE,
        messages: Vec::with_capacity(point.len()),
        challenges: Vec::with_capacity(point.len()),
        transcript,
    };
    let [p, d0, n1, d1] = match level {
        Level::Leaves(blocks) => rounds.of_blocks(&BlockHalves { blocks: &blocks, lambda }),
        Level::Blocks(blocks) if blocks.len() > 1 => rounds.of_blocks(&BlockHalves { blocks: &blocks, lambda }),
        Level::Blocks(blocks) => rounds.of_blocks(&VectorHalves { all: &blocks[0], lambda }),
        Level::Lanes { numerators, denominators } => {
            let pairs = numerators.chunks_exact(2).zip(denominators.chunks_exact(2));
            rounds.of_lanes(pairs.map(|(n, d)| [n[0] + lambda * d[0], d[0], n[1], d[1]]).collect())
        }
    };
    (rounds.messages, rounds.challenges, [p - lambda * d0, d0, n1, d1])
}

/// The two halves of a level, side by side.
trait Halves: Sync {
    /// Blocks in a half.
    fn blocks(&self) -> usize;
    /// Machine vectors of a block.
    fn len(&self, block: usize) -> usize;
    /// One of them, padding where neither half has it.
    fn get(&self, block: usize, i: usize) -> Quad<PackedExt>;
    /// What is beyond a block.
    fn padding(&self, block: usize) -> Quad<EF>;
}

/// The blocks that differ in the highest bit.
struct BlockHalves<'a, N> {
    blocks: &'a [Block<N>],
    lambda: EF,
}

impl<N: PrimeCharacteristicRing + Copy + Send + Sync> Halves for BlockHalves<'_, N>
where
    PackedExt: Algebra<N>,
{
    fn blocks(&self) -> usize {
        self.blocks.len() / 2
    }

    fn len(&self, block: usize) -> usize {
        self.blocks[block].len().max(self.blocks[block + self.blocks()].len())
    }

    #[inline]
    fn get(&self, block: usize, i: usize) -> Quad<PackedExt> {
        let ((n0, d0), (n1, d1)) = (self.blocks[block].get(i), self.blocks[block + self.blocks()].get(i));
        [d0 * self.lambda + n0, d0, n1.into(), d1]
    }

    fn padding(&self, block: usize) -> Quad<EF> {
        padding(self.lambda, self.blocks[block].padding, self.blocks[block + self.blocks()].padding)
    }
}

/// Neighbouring vectors.
struct VectorHalves<'a> {
    all: &'a Fractions,
    lambda: EF,
}

impl Halves for VectorHalves<'_> {
    fn blocks(&self) -> usize {
        1
    }

    fn len(&self, _: usize) -> usize {
        self.all.len().div_ceil(2 * PARTS) * PARTS
    }

    #[inline]
    fn get(&self, _: usize, i: usize) -> Quad<PackedExt> {
        let ((n0, d0), (n1, d1)) = (self.all.get(low_half(i)), self.all.get(low_half(i) + PARTS));
        [d0 * self.lambda + n0, d0, n1, d1]
    }

    fn padding(&self, _: usize) -> Quad<EF> {
        padding(self.lambda, self.all.padding, self.all.padding)
    }
}

fn padding(lambda: EF, d0: EF, d1: EF) -> Quad<EF> {
    [lambda * d0, d0, EF::ZERO, d1]
}

/// Blocks after some rounds.
struct Folded {
    blocks: Vec<Vec<Quad<PackedExt>>>,
    padding: Vec<Quad<EF>>,
}

/// As they are, not in halves.
impl Halves for Folded {
    fn blocks(&self) -> usize {
        self.blocks.len()
    }

    fn len(&self, block: usize) -> usize {
        self.blocks[block].len()
    }

    #[inline]
    fn get(&self, block: usize, i: usize) -> Quad<PackedExt> {
        self.blocks[block].get(i).copied().unwrap_or_else(|| self.padding[block].map(PackedExt::from))
    }

    fn padding(&self, block: usize) -> Quad<EF> {
        self.padding[block]
    }
}

/// Weights of the variables that are left: of blocks, of vectors, of lanes.
struct Weights {
    blocks: Vec<EF>,
    vectors: Vec<EF>,
    lanes: [PackedExt; PARTS],
}

/// The vector whose entries are the sums of neighbours.
fn without_lowest(weights: &[EF]) -> Vec<EF> {
    weights.chunks(2).map(|pair| pair.iter().copied().sum()).collect()
}

fn gate<T: PrimeCharacteristicRing + Copy>([p, d0, n1, d1]: &Quad<T>) -> T {
    *p * *d1 + *n1 * *d0
}

fn difference<T: PrimeCharacteristicRing + Copy>(zero: &Quad<T>, one: &Quad<T>) -> Quad<T> {
    core::array::from_fn(|i| one[i] - zero[i])
}

fn between<T: PrimeCharacteristicRing + Copy>(zero: &Quad<T>, one: &Quad<T>, challenge: T) -> Quad<T> {
    core::array::from_fn(|i| zero[i] + challenge * (one[i] - zero[i]))
}

/// Two sums for each place of a vector: of the polynomial's value at zero and of its leading coefficient.
type Sums = [[PackedExt; PARTS]; 2];

fn add(a: Sums, b: Sums) -> Sums {
    core::array::from_fn(|i| core::array::from_fn(|part| a[i][part] + b[i][part]))
}

const NO_SUMS: Sums = [[PackedExt::ZERO; PARTS]; 2];

struct Rounds<'a> {
    point: &'a [EF],
    inverses: Vec<EF>,
    /// The claim without the equality factors of bound variables.
    claim: EF,
    /// Those factors.
    prefix: EF,
    messages: Vec<[EF; 3]>,
    challenges: Vec<EF>,
    transcript: &'a mut Transcript,
}

impl Rounds<'_> {
    /// All rounds, from the halves of a level on.
    fn of_blocks(&mut self, halves: &impl Halves) -> Quad<EF> {
        let block_bits = halves.blocks().ilog2() as usize;
        let rest = &self.point[block_bits..];
        let vectors = (0..halves.blocks()).map(|block| halves.len(block)).max().unwrap_or(0).div_ceil(PARTS);
        let (vector_point, lane_point) = rest.split_at(rest.len() - LANE_BITS);
        // A block's highest bit comes first.
        let block_point: Vec<EF> = self.point[..block_bits].iter().rev().copied().collect();
        let mut weights = Weights {
            blocks: equality::table(&block_point),
            vectors: equality::prefix(vector_point, vectors),
            lanes: pack(&equality::table(lane_point)),
        };
        let vector_bits = vector_point.len();
        let mut state = if block_bits > 0 {
            self.block_round(halves, &mut weights)
        } else if vector_bits > 0 {
            self.vector_round(halves, &mut weights)
        } else {
            Folded { blocks: vec![(0..PARTS).map(|i| halves.get(0, i)).collect()], padding: vec![halves.padding(0)] }
        };
        while state.blocks.len() > 1 {
            state = self.block_round(&state, &mut weights);
        }
        while self.challenges.len() < block_bits + vector_bits {
            state = self.vector_round(&state, &mut weights);
        }
        let columns: [Vec<EF>; 4] = core::array::from_fn(|column| (0..PARTS).flat_map(|i| unpack(&[state.get(0, i)[column]])).collect());
        self.of_lanes((0..columns[0].len()).map(|lane| core::array::from_fn(|column| columns[column][lane])).collect())
    }

    /// Binds the highest bit of the block.
    fn block_round(&mut self, state: &impl Halves, weights: &mut Weights) -> Folded {
        let half = state.blocks() / 2;
        let len = |block: usize| state.len(block).max(state.len(block + half));
        let (low, high) = weights.blocks.split_at(half);
        weights.blocks = low.iter().zip(high).map(|(&low, &high)| low + high).collect();
        let sums = (0..half).into_par_iter().map(|block| {
            let (zero, one) = (state.padding(block), state.padding(block + half));
            let padding = [gate(&zero), gate(&difference(&zero, &one))];
            let sums = sum_places(len(block), &weights.vectors, padding, |i| (state.get(block, i), state.get(block + half, i)));
            let weight = weights.blocks[block];
            [0, 1].map(|i| (padding[i] + over_lanes(&sums[i], &weights.lanes)) * weight)
        });
        let [at_zero, leading] = sums.collect::<Vec<_>>().into_iter().fold([EF::ZERO; 2], |[a, b], [c, d]| [a + c, b + d]);
        let challenge = self.round(at_zero, leading);
        let packed = PackedExt::from(challenge);
        let fold = |block: usize| -> Vec<Quad<PackedExt>> {
            let places = (0..len(block)).into_par_iter();
            places.map(|i| between(&state.get(block, i), &state.get(block + half, i), packed)).collect()
        };
        Folded {
            blocks: (0..half).into_par_iter().map(fold).collect(),
            padding: (0..half).map(|block| between(&state.padding(block), &state.padding(block + half), challenge)).collect(),
        }
    }

    /// Binds the lowest bit of the vector in the only block.
    fn vector_round(&mut self, state: &impl Halves, weights: &mut Weights) -> Folded {
        let len = state.len(0).div_ceil(2 * PARTS) * PARTS;
        weights.vectors = match weights.vectors[..] {
            // The neighbour is not among the used vectors.
            [_] => equality::prefix(&self.point[self.challenges.len() + 1..self.point.len() - LANE_BITS], 1),
            _ => without_lowest(&weights.vectors),
        };
        let pair = |i: usize| (state.get(0, low_half(i)), state.get(0, low_half(i) + PARTS));
        let padding = [gate(&state.padding(0)), EF::ZERO];
        let sums = sum_places(len, &weights.vectors, padding, pair);
        let [at_zero, leading] = [0, 1].map(|i| padding[i] + over_lanes(&sums[i], &weights.lanes));
        let challenge = PackedExt::from(self.round(at_zero, leading));
        let fold = |i: usize| {
            let (zero, one) = pair(i);
            between(&zero, &one, challenge)
        };
        Folded { blocks: vec![(0..len).into_par_iter().map(fold).collect()], padding: vec![state.padding(0)] }
    }

    /// The last rounds, on the lanes.
    fn of_lanes(&mut self, mut lanes: Vec<Quad<EF>>) -> Quad<EF> {
        while lanes.len() > 1 {
            let weights = equality::table(&self.point[self.challenges.len() + 1..]);
            let pairs = || lanes.chunks_exact(2).zip(&weights);
            let at_zero = pairs().map(|(pair, &weight)| weight * gate(&pair[0])).sum();
            let leading = pairs().map(|(pair, &weight)| weight * gate(&difference(&pair[0], &pair[1]))).sum();
            let challenge = self.round(at_zero, leading);
            lanes = lanes.chunks_exact(2).map(|pair| between(&pair[0], &pair[1], challenge)).collect();
        }
        lanes[0]
    }

    /// Sends a round's polynomial, given its value at zero and its leading coefficient without equality factors, and draws the challenge.
    fn round(&mut self, at_zero: EF, leading: EF) -> EF {
        let number = self.challenges.len();
        let coordinate = self.point[number];
        let at_one = (self.claim - (EF::ONE - coordinate) * at_zero) * self.inverses[number];
        let value = |x: EF| at_zero + x * (at_one - at_zero - leading + x * leading);
        let weight = |x: EF| self.prefix * (EF::ONE - coordinate + x * (coordinate.double() - EF::ONE));
        let message = [EF::ZERO, EF::TWO, EF::TWO + EF::ONE].map(|x| weight(x) * value(x));
        self.transcript.observe_extension(&message);
        let challenge = self.transcript.challenge();
        (self.claim, self.prefix) = (value(challenge), weight(challenge));
        self.messages.push(message);
        self.challenges.push(challenge);
        challenge
    }
}

/// What places have more than padding, weighted by their vector.
fn sum_places(
    len: usize,
    weights: &[EF],
    padding: [EF; 2],
    pair: impl Fn(usize) -> (Quad<PackedExt>, Quad<PackedExt>) + Sync + Send,
) -> Sums {
    let padding = padding.map(PackedExt::from);
    let tasks = (0..len.div_ceil(TASK * PARTS)).into_par_iter().map(|task| {
        let mut sums = NO_SUMS;
        for i in task * TASK * PARTS..len.min((task + 1) * TASK * PARTS) {
            let (zero, one) = pair(i);
            let weight = PackedExt::from(weights[i / PARTS]);
            sums[0][part(i)] += (gate(&zero) - padding[0]) * weight;
            sums[1][part(i)] += (gate(&difference(&zero, &one)) - padding[1]) * weight;
        }
        sums
    });
    tasks.collect::<Vec<_>>().into_iter().fold(NO_SUMS, add)
}
