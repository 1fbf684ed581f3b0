//! The tree of sums.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::packed::{LANE_BITS, PARTS, Packed, PackedExt, ROWS, unpack};
use super::super::quintic::{
    Scalar, add_base_product, add_base_scaled, add_product, add_scaled, base_product_sum, base_scaled, product, scaled,
};
use super::memory::Memory;

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
    /// A power of two of messages, at least two.
    Leaves(Vec<Block>),
    /// Sums over some messages, or the two halves of the sum over all: its even and its odd vectors.
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

/// Machine vectors that one task takes.
pub(super) const TASK: usize = 512 * PARTS;

/// What numerators are.
pub(super) trait Kind {
    /// One of them.
    type Numerator: PrimeCharacteristicRing + Copy + Send + Sync;

    /// As one of a sum.
    fn widened(numerator: Self::Numerator) -> PackedExt;

    /// `to + n scalar`.
    fn add_scaled(to: &mut PackedExt, n: &Self::Numerator, scalar: &Scalar);

    /// `n padding`.
    fn scaled(to: &mut PackedExt, n: &Self::Numerator, padding: &Scalar);

    /// `n0 d1 + n1 d0`.
    fn crossed(to: &mut PackedExt, n0: &Self::Numerator, d0: &PackedExt, n1: &Self::Numerator, d1: &PackedExt);

    /// `n0 d1 + n1 d0 + lambda d0 d1`.
    fn gate(to: &mut PackedExt, n0: &Self::Numerator, d0: &PackedExt, n1: &Self::Numerator, d1: &PackedExt, lambda: &Scalar);
}

/// Those of messages.
pub(super) enum Counts {}

/// Those of sums of fractions.
pub(super) enum Wide {}

impl Kind for Counts {
    type Numerator = Packed;

    fn widened(numerator: Packed) -> PackedExt {
        numerator.into()
    }

    fn add_scaled(to: &mut PackedExt, n: &Packed, scalar: &Scalar) {
        add_base_scaled(to, n, scalar);
    }

    fn scaled(to: &mut PackedExt, n: &Packed, padding: &Scalar) {
        base_scaled(to, n, padding);
    }

    fn crossed(to: &mut PackedExt, n0: &Packed, d0: &PackedExt, n1: &Packed, d1: &PackedExt) {
        base_product_sum(to, d1, n0, d0, n1);
    }

    fn gate(to: &mut PackedExt, n0: &Packed, d0: &PackedExt, n1: &Packed, d1: &PackedExt, lambda: &Scalar) {
        let mut p = PackedExt::from(*n0);
        add_scaled(&mut p, d0, lambda);
        product(to, &p, d1);
        add_base_product(to, d0, n1);
    }
}

impl Kind for Wide {
    type Numerator = PackedExt;

    fn widened(numerator: PackedExt) -> PackedExt {
        numerator
    }

    fn add_scaled(to: &mut PackedExt, n: &PackedExt, scalar: &Scalar) {
        add_scaled(to, n, scalar);
    }

    fn scaled(to: &mut PackedExt, n: &PackedExt, padding: &Scalar) {
        scaled(to, n, padding);
    }

    fn crossed(to: &mut PackedExt, n0: &PackedExt, d0: &PackedExt, n1: &PackedExt, d1: &PackedExt) {
        product(to, n0, d1);
        add_product(to, n1, d0);
    }

    fn gate(to: &mut PackedExt, n0: &PackedExt, d0: &PackedExt, n1: &PackedExt, d1: &PackedExt, lambda: &Scalar) {
        let mut p = *n0;
        add_scaled(&mut p, d0, lambda);
        Self::crossed(to, &p, d0, n1, d1);
    }
}

/// All levels, the messages first.
pub(super) fn levels(mut blocks: Vec<Block>, row_variables: usize, memory: &mut Memory) -> Vec<Level> {
    let vectors = 1 << row_variables.checked_sub(LANE_BITS).expect("vectors of rows");
    assert!(blocks.iter().all(|block| block.len() <= vectors * PARTS), "rows of the variables");
    blocks.resize_with(blocks.len().max(1).next_power_of_two(), Block::default);
    // Every fraction has a numerator.
    blocks.iter_mut().for_each(|block| block.numerators.resize(block.len(), Packed::ZERO));
    let mut levels = Vec::new();
    let mut sums = if blocks.len() == 1 { vec![widened::<Counts>(&blocks[0])] } else { halved::<Counts>(&blocks, memory) };
    if blocks.len() > 1 {
        levels.push(Level::Leaves(blocks));
    }
    while sums.len() > 1 {
        let above = halved::<Wide>(&sums, memory);
        levels.push(Level::Blocks(core::mem::replace(&mut sums, above)));
    }
    let mut all = sums.swap_remove(0);
    for _ in LANE_BITS..row_variables {
        let halves = [0, 1].map(|odd| all.every_other(odd, memory));
        let above = empty(&halves[0], &halves[1], memory);
        [core::mem::replace(&mut all, above)].into_iter().for_each(|all| {
            memory.give(all.numerators);
            memory.give(all.denominators);
        });
        join::<Wide>(&halves[0], &halves[1], &mut all);
        levels.push(Level::Blocks(halves.into()));
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

/// A block's fractions as sums.
pub(super) fn widened<K: Kind>(block: &Block<K::Numerator>) -> Fractions {
    let numerators = block.numerators.iter().map(|&n| K::widened(n)).collect();
    Fractions { numerators, denominators: block.denominators.clone(), padding: block.padding }
}

/// The sums of the blocks that differ in the highest bit.
fn halved<K: Kind>(blocks: &[Block<K::Numerator>], memory: &mut Memory) -> Vec<Fractions> {
    let (low, high) = blocks.split_at(blocks.len() / 2);
    let mut sums: Vec<Fractions> = low.iter().zip(high).map(|(low, high)| empty(low, high, memory)).collect();
    sums.par_iter_mut().zip(low).zip(high).for_each(|((sums, low), high)| join::<K>(low, high, sums));
    sums
}

/// Where the sums of two blocks' fractions go.
fn empty<N: Copy>(low: &Block<N>, high: &Block<N>, memory: &mut Memory) -> Fractions {
    let len = low.len().max(high.len());
    Fractions { numerators: memory.take(len), denominators: memory.take(len), padding: low.padding * high.padding }
}

/// The sums of two blocks' fractions.
fn join<K: Kind>(low: &Block<K::Numerator>, high: &Block<K::Numerator>, sums: &mut Fractions) {
    let [short, long] = if low.len() < high.len() { [low, high] } else { [high, low] };
    let padding = Scalar::from(short.padding);
    let tasks = sums.numerators.par_chunks_mut(TASK).zip(sums.denominators.par_chunks_mut(TASK));
    tasks.enumerate().for_each(|(task, (n, d))| {
        for (i, (n, d)) in (task * TASK..).zip(n.iter_mut().zip(d)) {
            // Nothing is beyond the longer one.
            let (n0, d0) = (&long.numerators[i], &long.denominators[i]);
            if i < short.len() {
                let (n1, d1) = (&short.numerators[i], &short.denominators[i]);
                K::crossed(n, n0, d0, n1, d1);
                product(d, d0, d1);
            } else {
                K::scaled(n, n0, &padding);
                scaled(d, d0, &padding);
            }
        }
    });
}

/// The place of the first of the two neighbours that become place `i`.
pub(super) const fn low_half(i: usize) -> usize {
    i + i / PARTS * PARTS
}

impl<N: PrimeCharacteristicRing + Copy> Block<N> {
    /// A numerator, which is zero beyond what is stored.
    #[inline]
    pub(super) fn numerator(&self, i: usize) -> N {
        self.numerators.get(i).copied().unwrap_or(N::ZERO)
    }

    /// A denominator, given those beyond what is stored.
    #[inline]
    pub(super) fn denominator<'a>(&'a self, i: usize, padding: &'a PackedExt) -> &'a PackedExt {
        self.denominators.get(i).unwrap_or(padding)
    }
}

impl<N> Block<N> {
    /// Machine vectors that are stored.
    pub(super) const fn len(&self) -> usize {
        self.denominators.len()
    }
}

impl Fractions {
    /// The vectors at even numbers, or those at odd ones.
    fn every_other(&self, odd: usize, memory: &mut Memory) -> Self {
        let [numerators, denominators] = [&self.numerators, &self.denominators].map(|values| every_other(values, odd, memory));
        Self { numerators, denominators, padding: self.padding }
    }
}

fn every_other(values: &[PackedExt], odd: usize, memory: &mut Memory) -> Vec<PackedExt> {
    let chosen = || values.chunks_exact(PARTS).skip(odd).step_by(2);
    let mut to = memory.take(chosen().len() * PARTS);
    to.chunks_exact_mut(PARTS).zip(chosen()).for_each(|(to, from)| to.copy_from_slice(from));
    to
}
