//! The tree of sums.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Algebra, PrimeCharacteristicRing};
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::packed::{LANE_BITS, PARTS, Packed, PackedExt, ROWS, unpack};

/// Fractions of one block: at the leaves those of one message on the used rows, in whole vectors of rows. Beyond them, and beyond the used rows in the last vector, they are `0 / padding`.
#[derive(Clone, Debug)]
pub struct Block<N = Packed> {
    /// How often the message is sent.
    pub numerators: Vec<N>,
    /// Its fingerprints.
    pub denominators: Vec<PackedExt>,
    /// The fingerprint on a row of zeros.
    pub padding: EF,
}

/// Sums of messages' fractions.
pub(super) type Fractions = Block<PackedExt>;

/// A message that nobody sends.
impl Default for Block {
    fn default() -> Self {
        Self { numerators: Vec::new(), denominators: Vec::new(), padding: EF::ONE }
    }
}

/// A level of the tree.
pub(super) enum Level {
    /// A power of two of messages.
    Leaves(Vec<Block>),
    /// Sums over some messages.
    Blocks(Vec<Fractions>),
    /// Sums over all vectors, lane by lane.
    Lanes { numerators: Vec<EF>, denominators: Vec<EF> },
}

impl Level {
    /// The only fraction of the root.
    pub(super) fn single(&self) -> [EF; 2] {
        match self {
            Self::Lanes { numerators, denominators } => [numerators[0], denominators[0]],
            _ => [EF::ZERO, EF::ONE],
        }
    }
}

/// All levels, the messages first.
pub(super) fn levels(mut blocks: Vec<Block>, row_variables: usize) -> Vec<Level> {
    let vectors = 1 << row_variables.checked_sub(LANE_BITS).expect("vectors of rows");
    assert!(blocks.iter().all(|block| block.len() <= vectors * PARTS), "rows of the variables");
    blocks.resize_with(blocks.len().max(1).next_power_of_two(), Block::default);
    let mut levels = Vec::new();
    let mut sums = if blocks.len() == 1 { vec![widened(&blocks[0])] } else { halved(&blocks) };
    if blocks.len() > 1 {
        levels.push(Level::Leaves(blocks));
    }
    while sums.len() > 1 {
        let above = halved(&sums);
        levels.push(Level::Blocks(core::mem::replace(&mut sums, above)));
    }
    let mut all = sums.swap_remove(0);
    for _ in LANE_BITS..row_variables {
        let above = paired(&all);
        levels.push(Level::Blocks(vec![core::mem::replace(&mut all, above)]));
    }
    all.numerators.resize(PARTS, PackedExt::ZERO);
    all.denominators.resize(PARTS, all.padding.into());
    let (mut numerators, mut denominators) = (unpack(&all.numerators), unpack(&all.denominators));
    debug_assert_eq!(numerators.len(), ROWS);
    while numerators.len() > 1 {
        let pairs = || numerators.chunks_exact(2).zip(denominators.chunks_exact(2));
        let above = (pairs().map(|(n, d)| n[0] * d[1] + n[1] * d[0]).collect(), pairs().map(|(_, d)| d[0] * d[1]).collect());
        levels.push(Level::Lanes { numerators, denominators });
        (numerators, denominators) = above;
    }
    levels.push(Level::Lanes { numerators, denominators });
    levels
}

fn widened(block: &Block) -> Fractions {
    let numerators = block.numerators.iter().map(|&n| n.into()).collect();
    Fractions { numerators, denominators: block.denominators.clone(), padding: block.padding }
}

/// The sums of the blocks that differ in the highest bit.
fn halved<N: PrimeCharacteristicRing + Copy + Send + Sync>(blocks: &[Block<N>]) -> Vec<Fractions>
where
    PackedExt: Algebra<N>,
{
    let (low, high) = blocks.split_at(blocks.len() / 2);
    let sum = |(low, high): (&Block<N>, &Block<N>)| {
        sums(low.len().max(high.len()), low.padding * high.padding, |i| {
            let ((n0, d0), (n1, d1)) = (low.get(i), high.get(i));
            (d1 * n0 + d0 * n1, d0 * d1)
        })
    };
    low.par_iter().zip(high).map(sum).collect()
}

/// The sums of neighbouring vectors.
fn paired(all: &Fractions) -> Fractions {
    let len = all.len().div_ceil(2 * PARTS) * PARTS;
    sums(len, all.padding.square(), |i| {
        let ((n0, d0), (n1, d1)) = (all.get(low_half(i)), all.get(low_half(i) + PARTS));
        (n0 * d1 + n1 * d0, d0 * d1)
    })
}

fn sums(len: usize, padding: EF, sum: impl Fn(usize) -> (PackedExt, PackedExt) + Sync + Send) -> Fractions {
    let (numerators, denominators) = (0..len).into_par_iter().map(sum).unzip();
    Fractions { numerators, denominators, padding }
}

/// The place of the first of the two neighbours that become place `i`.
pub(super) const fn low_half(i: usize) -> usize {
    i / PARTS * 2 * PARTS + part(i)
}

/// Which machine vector of a vector of rows place `i` is.
pub(super) const fn part(i: usize) -> usize {
    i - i / PARTS * PARTS
}

impl<N: PrimeCharacteristicRing + Copy> Block<N> {
    /// Machine vectors that are stored.
    pub(super) const fn len(&self) -> usize {
        self.denominators.len()
    }

    pub(super) fn get(&self, i: usize) -> (N, PackedExt) {
        let numerator = self.numerators.get(i).copied().unwrap_or(N::ZERO);
        (numerator, self.denominators.get(i).copied().unwrap_or_else(|| self.padding.into()))
    }
}
