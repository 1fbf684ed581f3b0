//! The sumcheck of one layer.
//!
//! With `p = n0 + lambda d0` the summand is `p d1 + n1 d0`, the same on all of a block's padding.
//! Summed with the weights `eq(point, x)`, a block is that and what its used places have more. The
//! equality factor of the round's own variable is kept outside (Gruen,
//! <https://eprint.iacr.org/2024/108>): the rest is a polynomial `t` of degree two, of which the
//! value at zero and the leading coefficient are computed, and the value at one follows from the
//! claim. In the first round the value at zero is known: its variable is the one in which the
//! halves of the layer before differ, so it is what was claimed of the first of them.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::super::equality;
use super::super::packed::{LANE_BITS, PARTS, Packed, PackedExt, pack, unpack};
use super::fold::{Next, Pending, Quad, leading, padding, pass};
use super::memory::Memory;
use super::rounds::Rounds;
use super::tree::{Block, Counts, Kind, Level, Wide, widened};

/// Plays a layer's rounds: the values of the halves `n0, d0, n1, d1` at their challenges.
pub fn play(level: Level, rounds: &mut Rounds<'_>, memory: &mut Memory) -> [EF; 4] {
    let lambda = rounds.lambda();
    let mut player = Player { lambda, rounds, memory };
    let last = match level {
        Level::Leaves(blocks) if blocks.len() == 2 => player.of_blocks::<Wide>(blocks.iter().map(widened::<Counts>).collect()),
        Level::Leaves(blocks) => player.of_blocks::<Counts>(blocks),
        Level::Blocks(blocks) => player.of_blocks::<Wide>(blocks),
        Level::Lanes { numerators, denominators } => {
            let pairs = numerators.chunks_exact(2).zip(denominators.chunks_exact(2));
            player.of_lanes(pairs.map(|(n, d)| [n[0] + lambda * d[0], d[0], n[1], d[1]]).collect())
        }
    };
    halves(lambda, last)
}

fn halves(lambda: EF, [p, d0, n1, d1]: [EF; 4]) -> [EF; 4] {
    [p - lambda * d0, d0, n1, d1]
}

/// Weights of the variables that are left: of blocks, of vectors, of lanes.
struct Weights {
    blocks: Vec<EF>,
    vectors: Vec<EF>,
    lanes: [PackedExt; PARTS],
}

impl Weights {
    /// Of a point in the order of binding, that has so many of blocks' bits first, for so many
    /// stored vectors.
    fn new(point: &[EF], block_bits: usize, vectors: usize) -> Self {
        let (block_point, rest) = point.split_at(block_bits);
        let (vector_point, lane_point) = rest.split_at(rest.len() - LANE_BITS);
        // A block's highest bit comes first.
        let block_point: Vec<EF> = block_point.iter().rev().copied().collect();
        Self {
            blocks: equality::table(&block_point),
            vectors: equality::prefix(vector_point, vectors),
            lanes: pack(&equality::table(lane_point)),
        }
    }
}

/// The vector whose entries are the sums of neighbours.
fn without_lowest(weights: &[EF]) -> Vec<EF> {
    weights.chunks(2).map(|pair| pair.iter().copied().sum()).collect()
}

fn gate([p, d0, n1, d1]: &[EF; 4]) -> EF {
    *p * *d1 + *n1 * *d0
}

fn difference(zero: &[EF; 4], one: &[EF; 4]) -> [EF; 4] {
    core::array::from_fn(|i| one[i] - zero[i])
}

fn between<const N: usize>(zero: &[EF; N], one: &[EF; N], challenge: EF) -> [EF; N] {
    core::array::from_fn(|i| zero[i] + challenge * (one[i] - zero[i]))
}

/// A block that is to be folded, and its padding then.
struct Folding {
    columns: [Pending; 4],
    padding: [EF; 2],
}

/// Numerators as columns of the first fold.
trait First: Kind {
    /// Two of them, of which one may become the folded one.
    fn pending(zero: Vec<Self::Numerator>, one: Vec<Self::Numerator>, challenge: EF, memory: &mut Memory) -> Pending;
}

impl First for Counts {
    fn pending(zero: Vec<Packed>, one: Vec<Packed>, challenge: EF, memory: &mut Memory) -> Pending {
        Pending::of_base(zero, one, challenge, memory)
    }
}

impl First for Wide {
    fn pending(zero: Vec<PackedExt>, one: Vec<PackedExt>, challenge: EF, _: &mut Memory) -> Pending {
        Pending::of(zero, one, [EF::ZERO; 2], challenge)
    }
}

/// Plays rounds with the host's vectors.
struct Player<'a, 'b> {
    lambda: EF,
    rounds: &'a mut Rounds<'b>,
    memory: &'a mut Memory,
}

impl Player<'_, '_> {
    /// All rounds, from the halves of a level on.
    fn of_blocks<K: First>(&mut self, blocks: Vec<Block<K::Numerator>>) -> [EF; 4] {
        let halves = blocks.len() / 2;
        let block_bits = halves.ilog2() as usize;
        let vectors = blocks.iter().map(Block::len).max().unwrap_or(0).div_ceil(PARTS);
        let mut weights = Weights::new(self.rounds.point(), block_bits, vectors);
        let next = self.next(block_bits);
        if next == Next::Lane {
            return self.of_vector::<K>(&blocks);
        }
        self.prepare(next, &mut weights);
        let sums = self.leading_of::<K>(&blocks, next, &weights);
        let challenge = self.rounds.first(sums);
        let foldings = self.first_foldings::<K>(blocks, next, challenge);
        self.rest(foldings, Some(self.lambda), block_bits, weights)
    }

    /// The rounds after one, from which the weights still have the next variable.
    fn rest(&mut self, mut foldings: Vec<Folding>, mut first_fold: Option<EF>, block_bits: usize, mut weights: Weights) -> [EF; 4] {
        loop {
            let next = self.next(block_bits);
            self.prepare(next, &mut weights);
            let [at_zero, leading] = self.folded(&mut foldings, first_fold.take(), next, &weights);
            let quads: Vec<Quad> = foldings
                .into_iter()
                .map(|Folding { columns, padding }| Quad { columns: columns.map(|column| column.done(self.memory)), padding })
                .collect();
            if next == Next::Lane {
                let halves = self.of_quad(&quads[0]);
                quads.into_iter().flat_map(|quad| quad.columns).for_each(|column| self.memory.give(column));
                return halves;
            }
            let challenge = self.rounds.round(at_zero, leading);
            foldings = self.foldings(quads, next, challenge);
        }
    }

    /// Which variable comes next.
    fn next(&self, block_bits: usize) -> Next {
        match self.rounds.bound() {
            bound if bound < block_bits => Next::Block,
            bound if bound + LANE_BITS < self.rounds.point().len() => Next::Vector,
            _ => Next::Lane,
        }
    }

    /// Takes a variable from the weights.
    fn prepare(&self, next: Next, weights: &mut Weights) {
        match next {
            Next::Block => {
                let (low, high) = weights.blocks.split_at(weights.blocks.len() / 2);
                weights.blocks = low.iter().zip(high).map(|(&low, &high)| low + high).collect();
            }
            Next::Vector => {
                weights.vectors = match weights.vectors[..] {
                    // The neighbour is not among the used vectors.
                    [_] => {
                        let point = self.rounds.point();
                        equality::prefix(&point[self.rounds.bound() + 1..point.len() - LANE_BITS], 1)
                    }
                    _ => without_lowest(&weights.vectors),
                };
            }
            Next::Lane => (),
        }
    }

    /// The first round's leading coefficient.
    fn leading_of<K: Kind>(&self, blocks: &[Block<K::Numerator>], next: Next, weights: &Weights) -> EF {
        let (zero, one) = blocks.split_at(blocks.len() / 2);
        let halves = |number: usize| [&zero[number], &one[number]];
        let paddings = |number: usize| padding(self.lambda, halves(number).map(|half| half.padding));
        if next == Next::Vector {
            return leading::<K>(halves(0), None, self.lambda, &weights.vectors).over_all(&weights.lanes, [EF::ZERO; 2])[1];
        }
        let pair = |(number, &weight): (usize, &EF)| {
            let other = number + weights.blocks.len();
            let sums = leading::<K>(halves(number), Some(halves(other)), self.lambda, &weights.vectors);
            let padding = gate(&difference(&paddings(number), &paddings(other)));
            weight * sums.over_all(&weights.lanes, [EF::ZERO, padding])[1]
        };
        weights.blocks.iter().enumerate().map(pair).sum()
    }

    fn first_foldings<K: First>(&mut self, blocks: Vec<Block<K::Numerator>>, next: Next, challenge: EF) -> Vec<Folding> {
        let halves = blocks.len() / 2;
        if next == Next::Vector {
            let paddings = [blocks[0].padding, blocks[1].padding];
            let mut columns = blocks.into_iter().flat_map(|Block { numerators, denominators, padding }| {
                let numerators = numerators.into_iter().map(K::widened).collect();
                let numerators = Pending::of_neighbours(numerators, EF::ZERO, challenge, self.memory);
                [numerators, Pending::of_neighbours(denominators, padding, challenge, self.memory)]
            });
            let columns = core::array::from_fn(|_| columns.next().expect("four columns"));
            return alloc::vec![Folding { columns, padding: paddings }];
        }
        let mut blocks: Vec<Option<Block<K::Numerator>>> = blocks.into_iter().map(Some).collect();
        let quarter = halves / 2;
        let mut half = |number: usize| {
            let [zero, one] = [number, number + quarter].map(|number| blocks[number].take().expect("a block is in one pair"));
            let paddings = [zero.padding, one.padding];
            let numerators = K::pending(zero.numerators, one.numerators, challenge, self.memory);
            let denominators = Pending::of(zero.denominators, one.denominators, paddings, challenge);
            (numerators, denominators, paddings[0] + challenge * (paddings[1] - paddings[0]))
        };
        let folding = |number: usize| {
            let ((n0, d0, padding0), (n1, d1, padding1)) = (half(number), half(number + halves));
            Folding { columns: [n0, d0, n1, d1], padding: [padding0, padding1] }
        };
        (0..quarter).map(folding).collect()
    }

    fn foldings(&mut self, quads: Vec<Quad>, next: Next, challenge: EF) -> Vec<Folding> {
        if next == Next::Vector {
            let neighbours = |Quad { columns, padding: denominators }: Quad| {
                let mut paddings = padding(self.lambda, denominators).into_iter();
                let columns =
                    columns.map(|column| Pending::of_neighbours(column, paddings.next().expect("four columns"), challenge, self.memory));
                Folding { columns, padding: denominators }
            };
            return quads.into_iter().map(neighbours).collect();
        }
        let mut low = quads;
        let high = low.split_off(low.len() / 2);
        let pair = |(zero, one): (Quad, Quad)| {
            let [zeros, ones] = [zero.padding, one.padding].map(|denominators| padding(self.lambda, denominators));
            let mut columns = zero.columns.into_iter().zip(one.columns).zip(zeros.into_iter().zip(ones));
            let mut column = |_| {
                let ((zero, one), (zeros, ones)) = columns.next().expect("four columns");
                Pending::of(zero, one, [zeros, ones], challenge)
            };
            Folding { columns: core::array::from_fn(&mut column), padding: between(&zero.padding, &one.padding, challenge) }
        };
        low.into_iter().zip(high).map(pair).collect()
    }

    /// Folds, and sums up for the next round: the value at zero and the leading coefficient.
    fn folded(&self, foldings: &mut [Folding], first_fold: Option<EF>, next: Next, weights: &Weights) -> [EF; 2] {
        let columns = |folding: &mut Folding| padding(self.lambda, folding.padding);
        if next != Next::Block {
            let [only] = foldings else { unreachable!("blocks are bound") };
            let after = columns(only);
            let sums = pass(alloc::vec![(&mut only.columns, after)], first_fold, next, &weights.vectors);
            return sums.over_all(&weights.lanes, [gate(&after), EF::ZERO]);
        }
        let (low, high) = foldings.split_at_mut(weights.blocks.len());
        let pairs = low.iter_mut().zip(high).zip(&weights.blocks).map(|((zero, one), &weight)| {
            let (zeros, ones) = (columns(zero), columns(one));
            let sums = pass(alloc::vec![(&mut zero.columns, zeros), (&mut one.columns, ones)], first_fold, next, &weights.vectors);
            sums.over_all(&weights.lanes, [gate(&zeros), gate(&difference(&zeros, &ones))]).map(|value| value * weight)
        });
        pairs.fold([EF::ZERO; 2], |[a, b], [c, d]| [a + c, b + d])
    }

    /// The last rounds, of the only vector of a level.
    fn of_vector<K: Kind>(&mut self, blocks: &[Block<K::Numerator>]) -> [EF; 4] {
        let columns: Vec<Vec<EF>> = blocks
            .iter()
            .flat_map(|block| {
                let mut block = widened::<K>(block);
                block.numerators.resize(PARTS, PackedExt::ZERO);
                block.denominators.resize(PARTS, block.padding.into());
                [unpack(&block.numerators), unpack(&block.denominators)]
            })
            .collect();
        let lane = |lane: usize| {
            let [n0, d0, n1, d1] = core::array::from_fn(|column| columns[column][lane]);
            [n0 + self.lambda * d0, d0, n1, d1]
        };
        let lanes = (0..columns[0].len()).map(lane).collect();
        self.of_lanes(lanes)
    }

    fn of_quad(&mut self, quad: &Quad) -> [EF; 4] {
        let padding = padding(self.lambda, quad.padding);
        let columns: [Vec<EF>; 4] = core::array::from_fn(|column| {
            let stored = &quad.columns[column];
            let parts = (0..PARTS).map(|part| stored.get(part).copied().unwrap_or_else(|| padding[column].into()));
            unpack(&parts.collect::<Vec<_>>())
        });
        self.of_lanes((0..columns[0].len()).map(|lane| core::array::from_fn(|column| columns[column][lane])).collect())
    }

    /// The last rounds, on the lanes.
    fn of_lanes(&mut self, mut lanes: Vec<[EF; 4]>) -> [EF; 4] {
        while lanes.len() > 1 {
            let weights = equality::table(&self.rounds.point()[self.rounds.bound() + 1..]);
            let pairs = || lanes.chunks_exact(2).zip(&weights);
            let at_zero = pairs().map(|(pair, &weight)| weight * gate(&pair[0])).sum();
            let leading = pairs().map(|(pair, &weight)| weight * gate(&difference(&pair[0], &pair[1]))).sum();
            let challenge = self.rounds.round(at_zero, leading);
            lanes = lanes.chunks_exact(2).map(|pair| between(&pair[0], &pair[1], challenge)).collect();
        }
        lanes[0]
    }
}
