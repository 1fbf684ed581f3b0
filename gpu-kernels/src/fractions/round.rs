//! What a round's kernels are told that does not depend on challenges of its layer.

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::equality;
use tern_fri::multilinear::packed::{LANE_BITS, ROWS};

use super::Limits;
use super::layer::half_rows;
use super::tree::{Params, Work, elements, ext_words};
use crate::kernel::GROUP;

/// A round's items, and the weights of the variables after its own.
pub(super) struct Round<'a> {
    /// Rows of the blocks, in which all variables before are bound.
    rows: Vec<usize>,
    lambda: EF,
    /// The weights of items.
    items: Vec<EF>,
    /// Of each item its weight, times that of the rows that are not visited.
    rests: Vec<EF>,
    vectors: &'a [EF],
    lanes: &'a [EF],
}

impl<'a> Round<'a> {
    /// On blocks of so many rows; `rest` are the coordinates of the variables after the round's.
    pub(super) fn new(rows: Vec<usize>, rest: &'a [EF], lambda: EF) -> Self {
        let block_bits = (rows.len() / 4).max(1).ilog2() as usize;
        // A block's highest bit comes first.
        let blocks: Vec<EF> = rest[..block_bits].iter().rev().copied().collect();
        let (vectors, lanes) = rest[block_bits..].split_at(rest.len() - block_bits - LANE_BITS);
        let mut round = Self { rows, lambda, items: equality::table(&blocks), rests: Vec::new(), vectors, lanes };
        let rest = |(item, weight): (usize, &EF)| *weight * (EF::ONE - weight_below(vectors, round.item_rows(item) / ROWS));
        round.rests = round.items.iter().enumerate().map(rest).collect();
        round
    }

    /// Rows of the blocks.
    pub(super) fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Blocks of a half.
    pub(super) const fn half(&self) -> usize {
        self.rows.len() / 2
    }

    /// From a block of an item to the other; none if items are neighbouring vectors.
    pub(super) const fn step(&self) -> usize {
        self.rows.len() / 4
    }

    /// Rows of an item.
    fn item_rows(&self, item: usize) -> usize {
        let numbers = [item, item + self.step(), item + self.half(), item + self.half() + self.step()];
        let rows = numbers.map(|number| self.rows[number]).into_iter().max().unwrap_or(0);
        if self.step() == 0 { half_rows(rows) } else { rows }
    }

    /// How a pass over the items is cut.
    pub(super) fn work(&self, limits: &Limits) -> Work {
        Work::new((0..self.items.len()).map(|item| self.item_rows(item)), limits)
    }

    /// The parameters of items and weights.
    pub(super) fn set(&self, params: &mut Params, work: &Work) {
        params.set(12, self.half());
        params.set(13, self.step());
        params.set(14, usize::from(self.step() == 0));
        params.set(19, 2);
        params.set_ext(21, self.lambda);
        let in_tile = self.vectors.len().min(GROUP.ilog2() as usize - LANE_BITS);
        let (in_tile, others) = self.vectors.split_at(in_tile);
        let (tiles, chunks) = others.split_at(work.log_tiles.min(others.len()));
        let mut rows = equality::table(&[self.lanes, in_tile].concat());
        rows.resize(GROUP, EF::ZERO);
        let chunks = equality::prefix(chunks, work.longest.div_ceil(GROUP << work.log_tiles));
        for (place, weights) in [(15, &rows), (16, &equality::table(tiles)), (17, &chunks), (18, &self.items)] {
            params.table(place, weights.iter().flat_map(|weight| ext_words(*weight)));
        }
    }

    /// Of each item its weight, times that of the rows that are not visited.
    pub(super) fn rests(&self) -> &[EF] {
        &self.rests
    }

    /// The sums over all rows, given those over the rows that are visited, and the denominators beyond
    /// the blocks' rows: the value at zero and the leading coefficient. Beyond its rows the first half
    /// of a block has the numerator lambda times its denominator, and the second half none.
    pub(super) fn sums(&self, words: &[F], paddings: &[EF]) -> [EF; 2] {
        let mut sums = [0, 1].map(|i| elements(&words[i * EXTENSION_DEGREE..], 1)[0]);
        for (item, &rest) in self.rests.iter().enumerate() {
            let [low, high] = [item, item + self.half()].map(|number| paddings[number]);
            let [by_low, by_high] = [item, item + self.half()].map(|number| paddings[number + self.step()] - paddings[number]);
            sums[0] += rest * self.lambda * low * high;
            sums[1] += rest * self.lambda * by_low * by_high;
        }
        sums
    }
}

/// The sum of `eq(point, i)` over all `i` below a number, which is at most two to the number of
/// coordinates.
fn weight_below(point: &[EF], number: usize) -> EF {
    if number >> point.len() == 1 {
        return EF::ONE;
    }
    let (mut sum, mut same) = (EF::ZERO, EF::ONE);
    for (bit, &coordinate) in point.iter().enumerate().rev() {
        if number >> bit & 1 == 1 {
            sum += same * (EF::ONE - coordinate);
            same *= coordinate;
        } else {
            same *= EF::ONE - coordinate;
        }
    }
    sum
}
