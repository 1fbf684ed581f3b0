//! One pass over a layer: binds the variable of the round before, and sums up what the next round's
//! polynomial needs.
//!
//! Both are done vector by vector: what is folded is summed up while it is in the cache. Columns
//! are folded in place, into the longer of two.

use alloc::vec::Vec;
use core::iter::Sum;

use p3_field::PrimeCharacteristicRing;
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::packed::{PARTS, Packed, PackedExt, over_lanes};
use super::super::quintic::{Scalar, add_product, add_scaled, base_between, between, difference, fold, product};
use super::memory::Memory;
use super::tree::{Block, Kind, TASK, low_half};

/// The columns `p = n0 + lambda d0, d0, n1, d1` of a block. Beyond what is stored they are
/// `lambda d0, d0, 0, d1` with the paddings' denominators.
pub(super) struct Quad {
    /// Their vectors, in an order of columns as above.
    pub(super) columns: [Vec<PackedExt>; 4],
    /// The denominators' paddings.
    pub(super) padding: [EF; 2],
}

/// `p, d0, n1, d1` beyond a block.
pub(super) fn padding(lambda: EF, [d0, d1]: [EF; 2]) -> [EF; 4] {
    [lambda * d0, d0, EF::ZERO, d1]
}

/// Which variable is next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The highest bit of the block.
    Block,
    /// The lowest bit of the vector.
    Vector,
    /// A lane's: nothing is summed up.
    Lane,
}

impl Next {
    /// Where the two are that differ in the variable, the first at place `i`; in another block the
    /// second is at the same place.
    const fn pair(self, i: usize) -> (usize, usize) {
        match self {
            Self::Vector => (i, i + PARTS),
            _ => (i, i),
        }
    }

    /// The place among the weights of a place among the values.
    const fn place(self, i: usize) -> usize {
        match self {
            Self::Vector => i / 2,
            _ => i,
        }
    }

    /// As many places as have both of a pair.
    const fn whole(self, len: usize) -> usize {
        match self {
            Self::Vector => len.next_multiple_of(2 * PARTS),
            _ => len,
        }
    }
}

/// Sums over vectors with their weights, and of the weights.
#[derive(Clone, Copy)]
pub(super) struct Sums {
    /// Of the values at zero and of the leading coefficients, for each place of a vector.
    values: [[PackedExt; PARTS]; 2],
    weight: EF,
}

impl Sums {
    const ZERO: Self = Self { values: [[PackedExt::ZERO; PARTS]; 2], weight: EF::ZERO };

    /// The sums over lanes, and over the padding that is not in them.
    pub(super) fn over_all(&self, lanes: &[PackedExt; PARTS], padding: [EF; 2]) -> [EF; 2] {
        let rest = EF::ONE - self.weight;
        [0, 1].map(|i| over_lanes(&self.values[i], lanes) + padding[i] * rest)
    }
}

impl Sum for Sums {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, |a, b| Self {
            values: [0, 1].map(|i| core::array::from_fn(|part| a.values[i][part] + b.values[i][part])),
            weight: a.weight + b.weight,
        })
    }
}

/// The halves of a block.
pub(super) type Halves<'a, K> = [&'a Block<<K as Kind>::Numerator>; 2];

/// The leading coefficients' sum before any variable is bound. The halves of a block come one after
/// the other; of the first variable there are two blocks, or one whose vectors are neighbours.
pub(super) fn leading<K: Kind>(zero: Halves<'_, K>, one: Option<Halves<'_, K>>, lambda: EF, weights: &[EF]) -> Sums {
    let next = if one.is_some() { Next::Block } else { Next::Vector };
    let lambda = Scalar::from(lambda);
    let one = one.unwrap_or(zero);
    let len = next.whole(zero.iter().chain(&one).map(|half| half.len()).max().unwrap_or(0));
    let paddings = [zero, one].map(|halves| halves.map(|half| PackedExt::from(half.padding)));
    let tasks = (0..len.div_ceil(TASK)).into_par_iter().map(|task| {
        let mut sums = Sums::ZERO;
        // With one half all padding, of the other half's numerators and denominators.
        let mut single = [[[PackedExt::ZERO; PARTS]; 2]; 2];
        let (mut slopes, mut gate) = ([PackedExt::ZERO; 2], PackedExt::ZERO);
        let places = task * TASK..len.min((task + 1) * TASK);
        let weights = weights.iter().skip(next.place(places.start) / PARTS);
        for (first, weight) in places.step_by(next.whole(PARTS)).zip(weights) {
            sums.weight += *weight;
            let weight = Scalar::from(*weight);
            let only = (0..2).find(|half| zero[1 - half].len().max(one[1 - half].len()) <= first);
            for part in 0..PARTS {
                let (low, high) = next.pair(first + part);
                let n = |half: usize| one[half].numerator(high) - zero[half].numerator(low);
                for (half, slope) in slopes.iter_mut().enumerate() {
                    difference(slope, one[half].denominator(high, &paddings[1][half]), zero[half].denominator(low, &paddings[0][half]));
                }
                if let Some(half) = only {
                    let [numerators, denominators] = &mut single[half];
                    K::add_scaled(&mut numerators[part], &n(half), &weight);
                    add_scaled(&mut denominators[part], &slopes[half], &weight);
                } else {
                    K::gate(&mut gate, &n(0), &slopes[0], &n(1), &slopes[1], &lambda);
                    add_scaled(&mut sums.values[1][part], &gate, &weight);
                }
            }
        }
        for (half, [numerators, denominators]) in single.iter_mut().enumerate() {
            let slope = Scalar::from(one[1 - half].padding - zero[1 - half].padding);
            for ((sum, n), d) in sums.values[1].iter_mut().zip(numerators).zip(denominators) {
                add_scaled(n, d, &lambda);
                add_scaled(sum, n, &slope);
            }
        }
        sums
    });
    tasks.collect::<Vec<_>>().into_iter().sum()
}

/// A column that is still to be folded.
pub(super) struct Pending {
    /// Where to; if from another one, the half that stays.
    to: Vec<PackedExt>,
    from: Source<Vec<Packed>, Vec<PackedExt>>,
    /// The source's beyond what is stored.
    padding: EF,
    /// The weight of what comes from there, or of odd neighbours.
    scalar: Scalar,
}

enum Source<B, E> {
    /// The other half.
    Other(E),
    /// Both halves, in the base field.
    Base(B, B),
    /// Both halves, as neighbours.
    Neighbours(E),
}

impl Pending {
    /// Of two halves.
    pub(super) fn of(zero: Vec<PackedExt>, one: Vec<PackedExt>, paddings: [EF; 2], challenge: EF) -> Self {
        if zero.len() >= one.len() {
            Self { to: zero, from: Source::Other(one), padding: paddings[1], scalar: challenge.into() }
        } else {
            Self { to: one, from: Source::Other(zero), padding: paddings[0], scalar: (EF::ONE - challenge).into() }
        }
    }

    /// Of two halves in the base field, which are zero beyond what is stored.
    pub(super) fn of_base(zero: Vec<Packed>, one: Vec<Packed>, challenge: EF, memory: &mut Memory) -> Self {
        let to = memory.take(zero.len().max(one.len()));
        Self { to, from: Source::Base(zero, one), padding: EF::ZERO, scalar: challenge.into() }
    }

    /// Of neighbouring vectors.
    pub(super) fn of_neighbours(all: Vec<PackedExt>, padding: EF, challenge: EF, memory: &mut Memory) -> Self {
        let to = memory.take(all.len().div_ceil(2 * PARTS) * PARTS);
        Self { to, from: Source::Neighbours(all), padding, scalar: challenge.into() }
    }

    /// The folded column.
    pub(super) fn done(self, memory: &mut Memory) -> Vec<PackedExt> {
        match self.from {
            Source::Other(from) | Source::Neighbours(from) => memory.give(from),
            Source::Base(zero, one) => [zero, one].into_iter().for_each(|from| memory.give_base(from)),
        }
        self.to
    }

    /// Cut into pieces for so many tasks.
    fn pieces(&mut self, tasks: usize, after: EF) -> impl Iterator<Item = Piece<'_>> {
        let Self { to, from, padding, scalar } = self;
        let (from, padding, scalar) = (&*from, PackedExt::from(*padding), *scalar);
        let rest = core::iter::repeat_with(Default::default);
        to.chunks_mut(TASK).chain(rest).take(tasks).enumerate().map(move |(task, to)| {
            let first = task * TASK;
            Piece {
                to,
                from: match from {
                    Source::Other(other) => Source::Other(cut(other, first, TASK)),
                    Source::Base(zero, one) => Source::Base(cut(zero, first, TASK), cut(one, first, TASK)),
                    Source::Neighbours(all) => Source::Neighbours(cut(all, 2 * first, 2 * TASK)),
                },
                padding,
                after: after.into(),
                scalar,
            }
        })
    }
}

fn cut<T>(values: &[T], first: usize, len: usize) -> &[T] {
    let values = values.get(first..).unwrap_or_default();
    &values[..len.min(values.len())]
}

/// What one task has of a column.
struct Piece<'a> {
    to: &'a mut [PackedExt],
    from: Source<&'a [Packed], &'a [PackedExt]>,
    padding: PackedExt,
    /// Beyond the folded column.
    after: PackedExt,
    scalar: Scalar,
}

impl Piece<'_> {
    /// Folds one place, if there is such.
    #[inline]
    fn fold(&mut self, i: usize) {
        let Some(to) = self.to.get_mut(i) else { return };
        match self.from {
            Source::Other(from) => fold(to, from.get(i).unwrap_or(&self.padding), &self.scalar),
            Source::Base(zero, one) => {
                let [zero, one] = [zero, one].map(|from| from.get(i).copied().unwrap_or(Packed::ZERO));
                base_between(to, &zero, &one, &self.scalar);
            }
            Source::Neighbours(from) => {
                let low = low_half(i);
                between(to, &from[low], from.get(low + PARTS).unwrap_or(&self.padding), &self.scalar);
            }
        }
    }

    /// What is folded, or beyond it.
    #[inline]
    fn value(&self, i: usize) -> &PackedExt {
        self.to.get(i).unwrap_or(&self.after)
    }
}

/// Folds the columns of the blocks of a pair, or of a single block, and sums up for the next
/// variable. `first_fold` is lambda, where numerators are not yet with it.
pub(super) fn pass(quads: Vec<(&mut [Pending; 4], [EF; 4])>, first_fold: Option<EF>, next: Next, weights: &[EF]) -> Sums {
    let len = next.whole(quads.iter().flat_map(|(columns, _)| columns.iter().map(|column| column.to.len())).max().unwrap_or(0));
    let count = len.div_ceil(TASK);
    let mut tasks: Vec<Task<'_>> = (0..count).map(|task| Task { first: task * TASK, columns: Vec::with_capacity(8) }).collect();
    for (columns, after) in quads {
        for (column, after) in columns.iter_mut().zip(after) {
            tasks.iter_mut().zip(column.pieces(count, after)).for_each(|(task, piece)| task.columns.push(piece));
        }
    }
    let lambda = first_fold.map(Scalar::from);
    let sums = tasks.into_par_iter().map(|task| task.run(len.min(TASK * count), lambda.as_ref(), next, weights));
    sums.collect::<Vec<_>>().into_iter().sum()
}

/// Columns of one block or two, from some place on.
struct Task<'a> {
    first: usize,
    columns: Vec<Piece<'a>>,
}

impl Task<'_> {
    fn run(mut self, len: usize, lambda: Option<&Scalar>, next: Next, weights: &[EF]) -> Sums {
        let len = TASK.min(len - self.first);
        let mut sums = Sums::ZERO;
        let mut single = [[[PackedExt::ZERO; PARTS]; 2]; 4];
        let step = next.whole(PARTS);
        for (first, weight) in (0..len).step_by(step).zip(weights.iter().skip(next.place(self.first) / PARTS)) {
            for quad in self.columns.chunks_exact_mut(4) {
                for column in &mut *quad {
                    (first..first + step).for_each(|i| column.fold(i));
                }
                if let (Some(lambda), [p, d0, ..]) = (lambda, quad) {
                    p.to.iter_mut().zip(&*d0.to).skip(first).take(step).for_each(|(p, d0)| add_scaled(p, d0, lambda));
                }
            }
            if next == Next::Lane {
                continue;
            }
            sums.weight += *weight;
            let scalar = Scalar::from(*weight);
            let (zero, one) = (&self.columns[..4], &self.columns[self.columns.len() - 4..]);
            let is_padding =
                |half: usize| [zero, one].iter().flat_map(|quad| &quad[2 * half..][..2]).all(|column| column.to.len() <= first);
            match (is_padding(0), is_padding(1)) {
                (false, false) => sums.add(zero, one, next, first, &scalar),
                // A product of a column and one that is constant.
                (_, true) => add_single(&mut single[0], &zero[0], &one[0], next, first, &scalar),
                (true, false) => (2..4).for_each(|i| add_single(&mut single[i], &zero[i], &one[i], next, first, &scalar)),
            }
        }
        for (column, [low, high]) in single.iter_mut().enumerate() {
            let [at_zero, at_one] = [0, self.columns.len() - 4].map(|quad| self.columns[quad + 3 - column].after);
            let mut slope = PackedExt::ZERO;
            difference(&mut slope, &at_one, &at_zero);
            for (part, (low, high)) in low.iter().zip(high).enumerate() {
                add_product(&mut sums.values[0][part], low, &at_zero);
                let zero = *high;
                difference(high, &zero, low);
                add_product(&mut sums.values[1][part], high, &slope);
            }
        }
        sums
    }
}

/// Adds a vector of one column at the two places that differ in the variable.
fn add_single(
    [at_zero, at_one]: &mut [[PackedExt; PARTS]; 2],
    zero: &Piece<'_>,
    one: &Piece<'_>,
    next: Next,
    first: usize,
    weight: &Scalar,
) {
    for (part, (at_zero, at_one)) in at_zero.iter_mut().zip(at_one).enumerate() {
        let (low, high) = next.pair(first + part);
        add_scaled(at_zero, zero.value(low), weight);
        add_scaled(at_one, one.value(high), weight);
    }
}

impl Sums {
    /// Adds a vector of values.
    fn add(&mut self, zero: &[Piece<'_>], one: &[Piece<'_>], next: Next, first: usize, weight: &Scalar) {
        let [zero_sums, slope_sums] = &mut self.values;
        for (part, (zero_sum, slope_sum)) in zero_sums.iter_mut().zip(slope_sums).enumerate() {
            let (low, high) = next.pair(first + part);
            let [p, d0, n1, d1] = core::array::from_fn(|i| zero[i].value(low));
            let mut gate = PackedExt::ZERO;
            product(&mut gate, p, d1);
            add_product(&mut gate, n1, d0);
            add_scaled(zero_sum, &gate, weight);
            let mut slopes = [PackedExt::ZERO; 4];
            for ((slope, zero), one) in slopes.iter_mut().zip([p, d0, n1, d1]).zip(one) {
                difference(slope, one.value(high), zero);
            }
            product(&mut gate, &slopes[0], &slopes[3]);
            add_product(&mut gate, &slopes[2], &slopes[1]);
            add_scaled(slope_sum, &gate, weight);
        }
    }
}
