//! The tree of sums.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::packed::{LANE_BITS, PARTS, Packed, PackedExt, ROWS, unpack};

/// The fractions of one message on the used rows, in whole vectors of rows. Beyond them, and beyond the used rows in the last vector, they are `0 / padding`.
#[derive(Clone, Debug)]
pub struct Block {
    /// How often the message is sent.
    pub numerators: Vec<Packed>,
    /// Its fingerprints.
    pub denominators: Vec<PackedExt>,
    /// The fingerprint on a row of zeros.
    pub padding: EF,
}

/// A message that nobody sends.
impl Default for Block {
    fn default() -> Self {
        Self { numerators: Vec::new(), denominators: Vec::new(), padding: EF::ONE }
    }
}

/// Fractions of a level, of one block.
#[derive(Clone, Debug)]
pub(super) struct Fractions {
    pub numerators: Vec<PackedExt>,
    pub denominators: Vec<PackedExt>,
    /// The denominator beyond them.
    pub padding: EF,
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
    assert!(blocks.iter().all(|block| block.denominators.len() <= vectors * PARTS), "rows of the variables");
    blocks.resize_with(blocks.len().max(1).next_power_of_two(), Block::default);
    let mut levels = Vec::new();
    let mut sums = if blocks.len() == 1 { vec![widened(&blocks[0])] } else { halves_of_leaves(&blocks) };
    if blocks.len() > 1 {
        levels.push(Level::Leaves(blocks));
    }
    while sums.len() > 1 {
        let (low, high) = sums.split_at(sums.len() / 2);
        let above = low.par_iter().zip(high).map(|(low, high)| added(low, high)).collect();
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

/// The sums of the messages that differ in the highest bit.
fn halves_of_leaves(blocks: &[Block]) -> Vec<Fractions> {
    let (low, high) = blocks.split_at(blocks.len() / 2);
    let sum = |(low, high): (&Block, &Block)| {
        let len = low.denominators.len().max(high.denominators.len());
        sums(len, low.padding * high.padding, |i| {
            let ((n0, d0), (n1, d1)) = (low.get(i), high.get(i));
            (d1 * n0 + d0 * n1, d0 * d1)
        })
    };
    low.par_iter().zip(high).map(sum).collect()
}

fn added(low: &Fractions, high: &Fractions) -> Fractions {
    let len = low.denominators.len().max(high.denominators.len());
    sums(len, low.padding * high.padding, |i| {
        let ((n0, d0), (n1, d1)) = (low.get(i), high.get(i));
        (n0 * d1 + n1 * d0, d0 * d1)
    })
}

/// The sums of neighbouring vectors.
fn paired(all: &Fractions) -> Fractions {
    let len = all.denominators.len().div_ceil(2 * PARTS) * PARTS;
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

impl Block {
    pub(super) fn get(&self, i: usize) -> (Packed, PackedExt) {
        let numerator = self.numerators.get(i).copied().unwrap_or(Packed::ZERO);
        (numerator, self.denominators.get(i).copied().unwrap_or_else(|| self.padding.into()))
    }
}

impl Fractions {
    pub(super) fn get(&self, i: usize) -> (PackedExt, PackedExt) {
        let numerator = self.numerators.get(i).copied().unwrap_or(PackedExt::ZERO);
        (numerator, self.denominators.get(i).copied().unwrap_or_else(|| self.padding.into()))
    }
}
