//! The tree of sums.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{PackedValue, PrimeCharacteristicRing};
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, F};

use super::super::packed::{LANE_BITS, PARTS, Packed, PackedExt, ROWS, pack, unpack};
use super::super::quintic::{
    Scalar, add_base_product, add_base_scaled, add_product, add_scaled, base_product_sum, base_scaled, product, scaled,
};
use super::memory::Memory;

/// Fractions of one block: at the leaves those of one message on the used rows, in whole vectors of
/// rows. Beyond them, and beyond the used rows in the last vector, they are `0 / padding`.
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
pub type Fractions = Block<PackedExt>;

/// A message that nobody sends.
impl Default for Block {
    fn default() -> Self {
        Self { numerators: Vec::new(), denominators: Vec::new(), padding: EF::ONE }
    }
}

/// A level of the tree.
pub enum Level {
    /// A power of two of messages, at least two.
    Leaves(Vec<Block>),
    /// Sums over some messages, or the two halves of the sum over all: its even and its odd vectors.
    Blocks(Vec<Fractions>),
    /// Sums over all vectors, lane by lane.
    Lanes {
        /// A power of two.
        numerators: Vec<EF>,
        /// As many.
        denominators: Vec<EF>,
    },
}

impl Level {
    /// The only fraction of the root.
    pub fn single(&self) -> [EF; 2] {
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

/// All levels, the messages first. Of more than two messages the sums of two are left out: they are
/// computed again when they are needed ([`pairs`]).
pub(super) fn levels(mut blocks: Vec<Block>, row_variables: usize, memory: &mut Memory) -> Vec<Level> {
    let vectors = 1 << row_variables.checked_sub(LANE_BITS).expect("vectors of rows");
    assert!(blocks.iter().all(|block| block.len() <= vectors * PARTS), "rows of the variables");
    blocks.resize_with(blocks.len().max(1).next_power_of_two(), Block::default);
    // Every fraction has a numerator.
    blocks.iter_mut().for_each(|block| block.numerators.resize(block.len(), Packed::ZERO));
    let mut levels = Vec::new();
    let sums = match blocks.len() {
        1 => vec![widened::<Counts>(&blocks[0])],
        2 => halved::<Counts>(&blocks, memory),
        _ => quartered(&blocks, memory),
    };
    if blocks.len() > 1 {
        levels.push(Level::Leaves(blocks));
    }
    levels.extend(above(sums, row_variables - LANE_BITS, memory));
    levels
}

/// The levels from a power of two of blocks of sums on, of `2^vector_variables` vectors each. The
/// last one is the root.
///
/// # Panics
///
/// When there is no block.
pub fn above(mut sums: Vec<Fractions>, vector_variables: usize, memory: &mut Memory) -> Vec<Level> {
    let mut levels = Vec::new();
    while sums.len() > 1 {
        let above = halved::<Wide>(&sums, memory);
        levels.push(Level::Blocks(core::mem::replace(&mut sums, above)));
    }
    let mut all = sums.swap_remove(0);
    for _ in 0..vector_variables {
        let halves = [0, 1].map(|odd| all.every_other(odd, memory));
        let above = empty([&halves[0], &halves[1]], memory);
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

/// The sums of the messages that differ in the highest bit.
pub(super) fn pairs(blocks: &[Block], memory: &mut Memory) -> Vec<Fractions> {
    halved::<Counts>(blocks, memory)
}

/// The sums of the blocks that differ in the highest bit.
fn halved<K: Kind>(blocks: &[Block<K::Numerator>], memory: &mut Memory) -> Vec<Fractions> {
    let (low, high) = blocks.split_at(blocks.len() / 2);
    let mut sums: Vec<Fractions> = low.iter().zip(high).map(|(low, high)| empty([low, high], memory)).collect();
    sums.par_iter_mut().zip(low).zip(high).for_each(|((sums, low), high)| join::<K>(low, high, sums));
    sums
}

/// The sums of the messages that differ in the two highest bits. Those of two are not kept.
fn quartered(blocks: &[Block], memory: &mut Memory) -> Vec<Fractions> {
    let count = blocks.len() / 4;
    // The two of the first half, then those of the second.
    let quad = |number: usize| [0, 2, 1, 3].map(|quarter| &blocks[number + quarter * count]);
    let mut sums: Vec<Fractions> = (0..count).map(|number| empty(quad(number), memory)).collect();
    sums.par_iter_mut().enumerate().for_each(|(number, sums)| {
        let [a, b, c, d] = quad(number);
        let tasks = sums.numerators.par_chunks_mut(TASK).zip(sums.denominators.par_chunks_mut(TASK));
        tasks.enumerate().for_each(|(task, (numerators, denominators))| {
            let mut halves = [Scratch::default(), Scratch::default()];
            let chunks = numerators.chunks_mut(CHUNK).zip(denominators.chunks_mut(CHUNK)).enumerate();
            for (i, (numerators, denominators)) in chunks {
                let first = task * TASK + i * CHUNK;
                let [low, high] = &mut halves;
                join_parts::<Wide>(low.join(a, b, first), high.join(c, d, first), numerators, denominators);
            }
        });
    });
    sums
}

/// Where the sums of blocks' fractions go.
fn empty<N: Copy, const K: usize>(blocks: [&Block<N>; K], memory: &mut Memory) -> Fractions {
    let len = blocks.iter().map(|block| block.len()).max().unwrap_or(0);
    Fractions { numerators: memory.take(len), denominators: memory.take(len), padding: blocks.iter().map(|block| block.padding).product() }
}

/// The sums of two blocks' fractions.
fn join<K: Kind>(low: &Block<K::Numerator>, high: &Block<K::Numerator>, sums: &mut Fractions) {
    let tasks = sums.numerators.par_chunks_mut(TASK).zip(sums.denominators.par_chunks_mut(TASK));
    tasks.enumerate().for_each(|(task, (numerators, denominators))| {
        let [low, high] = [low, high].map(|block| block.part(task * TASK, TASK));
        join_parts::<K>(low, high, numerators, denominators);
    });
}

/// Some of a block's fractions.
struct Part<'a, N> {
    numerators: &'a [N],
    denominators: &'a [PackedExt],
    padding: EF,
}

/// The sums of two parts' fractions, as many as the longer one has.
fn join_parts<K: Kind>(
    low: Part<'_, K::Numerator>,
    high: Part<'_, K::Numerator>,
    numerators: &mut [PackedExt],
    denominators: &mut [PackedExt],
) {
    let [short, long] = if low.denominators.len() < high.denominators.len() { [low, high] } else { [high, low] };
    let both = short.denominators.len();
    let mut sums = numerators.iter_mut().zip(denominators).zip(long.numerators.iter().zip(long.denominators));
    for (((n, d), (n0, d0)), (n1, d1)) in sums.by_ref().take(both).zip(short.numerators.iter().zip(short.denominators)) {
        K::crossed(n, n0, d0, n1, d1);
        product(d, d0, d1);
    }
    let padding = Scalar::from(short.padding);
    for ((n, d), (n0, d0)) in sums {
        K::scaled(n, n0, &padding);
        scaled(d, d0, &padding);
    }
}

/// Machine vectors of sums that are in a cache.
const CHUNK: usize = 32 * PARTS;

/// Sums that are not kept.
struct Scratch {
    numerators: [PackedExt; CHUNK],
    denominators: [PackedExt; CHUNK],
}

impl Default for Scratch {
    fn default() -> Self {
        Self { numerators: [PackedExt::ZERO; CHUNK], denominators: [PackedExt::ZERO; CHUNK] }
    }
}

impl Scratch {
    /// Some sums of two messages' fractions.
    fn join(&mut self, low: &Block, high: &Block, first: usize) -> Part<'_, PackedExt> {
        let len = low.len().max(high.len()).saturating_sub(first).min(CHUNK);
        let (numerators, denominators) = (&mut self.numerators[..len], &mut self.denominators[..len]);
        join_parts::<Counts>(low.part(first, len), high.part(first, len), numerators, denominators);
        Part { numerators, denominators, padding: low.padding * high.padding }
    }
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

impl Block {
    /// Fractions of whole vectors of rows, in their order.
    #[must_use]
    pub fn of_messages(numerators: &[F], denominators: &[EF], padding: EF) -> Self {
        let denominators = denominators.chunks_exact(ROWS).flat_map(pack).collect();
        Self { numerators: Packed::pack_slice(numerators).to_vec(), denominators, padding }
    }
}

impl Fractions {
    /// Fractions of whole vectors of rows, in their order.
    #[must_use]
    pub fn of_rows(numerators: &[EF], denominators: &[EF], padding: EF) -> Self {
        let [numerators, denominators] = [numerators, denominators].map(|rows| rows.chunks_exact(ROWS).flat_map(pack).collect());
        Self { numerators, denominators, padding }
    }
}

impl<N> Block<N> {
    /// So many fractions from some place on, or what is stored of them.
    fn part(&self, first: usize, len: usize) -> Part<'_, N> {
        let stored = first.min(self.len())..(first + len).min(self.len());
        Part { numerators: &self.numerators[stored.clone()], denominators: &self.denominators[stored], padding: self.padding }
    }

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
