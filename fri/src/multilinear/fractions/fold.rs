//! One pass over a layer: binds the variable of the round before, and sums up what the next round's polynomial needs.
//!
//! Both are done for a few vectors at a time, which stay in the cache between them. Columns are folded in place, into the longer of two.

use alloc::vec;
use alloc::vec::Vec;
use core::iter::Sum;

use p3_field::PrimeCharacteristicRing;
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::packed::{PARTS, Packed, PackedExt, over_lanes};
use super::super::quintic::{Scalar, add_product, add_scaled, base_between, between, difference, fold, product};
use super::memory::Memory;
use super::tree::{Block, Kind, Room, TASK, TILE, low_half, part, tile};

/// The columns `p = n0 + lambda d0, d0, n1, d1` of a block. Beyond what is stored they are `lambda d0, d0, 0, d1` with the paddings' denominators.
pub(super) struct Quad {
    pub(super) columns: [Vec<PackedExt>; 4],
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
    /// Where in a tile the two are that differ in the variable; in another block the second one is at the same place.
    const fn pair(self, i: usize) -> (usize, usize) {
        match self {
            Self::Vector => (low_half(i), low_half(i) + PARTS),
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

/// The leading coefficients' sum before any variable is bound. The halves of a block come one after the other; of the first variable there are two blocks, or one whose vectors are neighbours.
pub(super) fn leading<K: Kind>(zero: Halves<'_, K>, one: Option<Halves<'_, K>>, lambda: EF, weights: &[EF]) -> Sums {
    let next = if one.is_some() { Next::Block } else { Next::Vector };
    let lambda = Scalar::from(lambda);
    let halves: Vec<&Block<K::Numerator>> = zero.into_iter().chain(one.into_iter().flatten()).collect();
    let len = next.whole(halves.iter().map(|half| half.len()).max().unwrap_or(0));
    let tasks = (0..len.div_ceil(TASK)).into_par_iter().map(|task| {
        let mut sums = Sums::ZERO;
        // With one half all padding, of the other half's numerators and denominators.
        let mut single = [[[PackedExt::ZERO; PARTS]; 2]; 2];
        let (mut slopes, mut gate) = ([PackedExt::ZERO; 2], PackedExt::ZERO);
        let mut rooms = vec![(Room::new(K::Numerator::ZERO), Room::new(PackedExt::ZERO)); halves.len()];
        for first in (task * TASK..len.min((task + 1) * TASK)).step_by(TILE) {
            let places = first..len.min(first + TILE);
            let tiles: Vec<(&[K::Numerator], &[PackedExt])> = halves
                .iter()
                .zip(&mut rooms)
                .map(|(half, (n, d))| {
                    let n = tile(&half.numerators, K::Numerator::ZERO, places.clone(), n);
                    (n, tile(&half.denominators, half.padding.into(), places.clone(), d))
                })
                .collect();
            let one = &tiles[tiles.len() - 2..];
            let weights = &weights[next.place(first) / PARTS..];
            let count = next.place(places.len());
            sums.add_weights(count, weights);
            if let Some(half) = (0..2).find(|half| halves.iter().skip(1 - half).step_by(2).all(|other| other.len() <= first)) {
                let [numerators, denominators] = &mut single[half];
                for i in 0..count {
                    let ((low, high), scalar) = (next.pair(i), weights[i / PARTS].into());
                    let slope = K::widened(one[half].0[high] - tiles[half].0[low]);
                    add_scaled(&mut numerators[part(i)], &slope, &scalar);
                    difference(&mut gate, &one[half].1[high], &tiles[half].1[low]);
                    add_scaled(&mut denominators[part(i)], &gate, &scalar);
                }
                continue;
            }
            for i in 0..count {
                let (low, high) = next.pair(i);
                let n = |half: usize| one[half].0[high] - tiles[half].0[low];
                let [d0, d1] = &mut slopes;
                difference(d0, &one[0].1[high], &tiles[0].1[low]);
                difference(d1, &one[1].1[high], &tiles[1].1[low]);
                K::gate(&mut gate, &n(0), d0, &n(1), d1, &lambda);
                add_scaled(&mut sums.values[1][part(i)], &gate, &weights[i / PARTS].into());
            }
        }
        for (half, [numerators, denominators]) in single.iter_mut().enumerate() {
            let slope = Scalar::from(halves[halves.len() - 1 - half].padding - halves[1 - half].padding);
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
    /// Folds what there is of a tile.
    fn fold(&mut self, first: usize, base: &mut [Room<Packed>; 2], room: &mut Room<PackedExt>) {
        let end = self.to.len().min(first + TILE);
        let Some(to) = self.to.get_mut(first..end) else { return };
        match self.from {
            Source::Other(from) => {
                let from = tile(from, self.padding, first..end, room);
                for (to, from) in to.iter_mut().zip(from) {
                    fold(to, from, &self.scalar);
                }
            }
            Source::Base(zero, one) => {
                let [room0, room1] = base;
                let (zero, one) = (tile(zero, Packed::ZERO, first..end, room0), tile(one, Packed::ZERO, first..end, room1));
                for ((to, zero), one) in to.iter_mut().zip(zero).zip(one) {
                    base_between(to, zero, one, &self.scalar);
                }
            }
            Source::Neighbours(from) => {
                for (i, to) in to.iter_mut().enumerate() {
                    let low = low_half(first + i);
                    let one = from.get(low + PARTS).unwrap_or(&self.padding);
                    between(to, &from[low], one, &self.scalar);
                }
            }
        }
    }
}

/// Folds the columns of the blocks of a pair, or of a single block, and sums up for the next variable. `first_fold` is lambda, where numerators are not yet with it.
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
        let mut base = [Room::new(Packed::ZERO); 2];
        // For sources, and for what is beyond folded columns.
        let mut sources = vec![Room::new(PackedExt::ZERO); self.columns.len()];
        let mut rooms = sources.clone();
        for first in (0..len).step_by(TILE) {
            for (quad, sources) in self.columns.chunks_exact_mut(4).zip(sources.chunks_exact_mut(4)) {
                quad.iter_mut().zip(sources).for_each(|(column, room)| column.fold(first, &mut base, room));
                if let (Some(lambda), [p, d0, ..]) = (lambda, quad) {
                    p.to.iter_mut().zip(&*d0.to).skip(first).take(TILE).for_each(|(p, d0)| add_scaled(p, d0, lambda));
                }
            }
            if next == Next::Lane {
                continue;
            }
            let places = first..len.min(first + TILE);
            let columns = self.columns.iter().zip(&mut rooms);
            let tiles: Vec<&[PackedExt]> = columns.map(|(column, room)| tile(column.to, column.after, places.clone(), room)).collect();
            let (weights, count) = (&weights[next.place(self.first + first) / PARTS..], next.place(places.len()));
            sums.add_weights(count, weights);
            let is_padding =
                |half: usize| self.columns.chunks_exact(2).skip(half).step_by(2).flatten().all(|column| column.to.len() <= first);
            match (is_padding(0), is_padding(1)) {
                (false, false) => sums.add(&tiles, next, count, weights),
                // A product of a column and one that is constant.
                (_, true) => add_single(&mut single[0], tiles[0], tiles[tiles.len() - 4], next, count, weights),
                (true, false) => (2..4).for_each(|column| {
                    add_single(&mut single[column], tiles[column], tiles[tiles.len() - 4 + column], next, count, weights);
                }),
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

/// Adds the values of one column at the two places that differ in the variable.
fn add_single(
    [at_zero, at_one]: &mut [[PackedExt; PARTS]; 2],
    zero: &[PackedExt],
    one: &[PackedExt],
    next: Next,
    count: usize,
    weights: &[EF],
) {
    for i in 0..count {
        let ((low, high), scalar) = (next.pair(i), weights[i / PARTS].into());
        add_scaled(&mut at_zero[part(i)], &zero[low], &scalar);
        add_scaled(&mut at_one[part(i)], &one[high], &scalar);
    }
}

impl Sums {
    fn add_weights(&mut self, count: usize, weights: &[EF]) {
        self.weight += weights[..count / PARTS].iter().copied().sum::<EF>();
    }

    /// Adds the values of a tile.
    fn add(&mut self, tiles: &[&[PackedExt]], next: Next, len: usize, weights: &[EF]) {
        let [[p, d0, n1, d1], ..] = tiles.as_chunks::<4>().0 else { return };
        let one = &tiles[tiles.len() - 4..];
        let (mut slopes, mut gate) = ([PackedExt::ZERO; 4], PackedExt::ZERO);
        for i in 0..len {
            let (low, high) = next.pair(i);
            let scalar = Scalar::from(weights[i / PARTS]);
            product(&mut gate, &p[low], &d1[low]);
            add_product(&mut gate, &n1[low], &d0[low]);
            add_scaled(&mut self.values[0][part(i)], &gate, &scalar);
            let [slope0, slope1, slope2, slope3] = &mut slopes;
            difference(slope0, &one[0][high], &p[low]);
            difference(slope1, &one[1][high], &d0[low]);
            difference(slope2, &one[2][high], &n1[low]);
            difference(slope3, &one[3][high], &d1[low]);
            product(&mut gate, slope0, slope3);
            add_product(&mut gate, slope2, slope1);
            add_scaled(&mut self.values[1][part(i)], &gate, &scalar);
        }
    }
}
