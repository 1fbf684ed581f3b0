//! What a round's kernels are told: all that does not depend on challenges, and where is what does.

use tern_fri::multilinear::packed::{LANE_BITS, ROWS};

use super::Limits;
use super::places::Places;
use super::tree::{Params, Work};
use super::weights::Lists;
use crate::kernel::GROUP;

/// Whose variable a round's is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    /// The highest bit of a block's number.
    Block,
    /// The lowest bit of a vector's.
    Vector,
    /// That of a lane's.
    Lane,
}

/// A round's items, and the variables after its own.
pub(super) struct Round {
    /// Rows of the blocks, in which all variables before are bound.
    rows: Vec<usize>,
    /// Its number, from the first round of its layer.
    number: usize,
    variable: Variable,
    /// Where the record has the coordinates of the variables after its own, the lowest bit first.
    blocks: Vec<usize>,
    vectors: Vec<usize>,
    lanes: Vec<usize>,
    /// Where the weights have, of each item, its own and that of the rows that are not stored, and
    /// the inverse of the coordinate of the round's variable.
    items: usize,
    rests: usize,
    inverse: usize,
}

/// Where the weights of the rows of a pass are.
pub(super) struct PassWeights {
    work: Work,
    rows: usize,
    tiles: usize,
    chunks: usize,
}

/// Where those of the vectors and lanes of a small round are.
pub(super) struct SmallWeights {
    pub(super) vectors: usize,
    pub(super) lanes: usize,
}

impl Round {
    /// Of a layer, on blocks of so many rows.
    pub(super) fn new(places: &Places, number: usize, rows: Vec<usize>, lists: &mut Lists) -> Self {
        let rest: Vec<usize> = (number + 1..places.rounds).map(|number| places.coordinate(number)).collect();
        let variable = match rows.len() {
            2 if rest.len() < LANE_BITS => Variable::Lane,
            2 => Variable::Vector,
            _ => Variable::Block,
        };
        let (blocks, rest) = rest.split_at((rows.len() / 4).max(1).ilog2() as usize);
        let (vectors, lanes) = rest.split_at(rest.len().saturating_sub(LANE_BITS));
        // A block's highest bit comes first.
        let blocks: Vec<usize> = blocks.iter().rev().copied().collect();
        let (vectors, lanes) = (vectors.to_vec(), lanes.to_vec());
        let mut round = Self { rows, number, variable, blocks, vectors, lanes, items: 0, rests: 0, inverse: 0 };
        let stored: Vec<usize> = (0..round.items()).map(|item| round.item_rows(item).div_ceil(ROWS)).collect();
        round.items = lists.equality(&round.blocks, round.items());
        round.rests = lists.rests(&round.blocks, &round.vectors, &stored);
        round.inverse = lists.inverse(places.coordinate(number));
        round
    }

    pub(super) const fn number(&self) -> usize {
        self.number
    }

    pub(super) const fn variable(&self) -> Variable {
        self.variable
    }

    /// Rows of the blocks.
    pub(super) fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Those with its variable bound.
    pub(super) fn folded_rows(&self) -> Vec<usize> {
        let half = self.half();
        match self.variable {
            Variable::Block => {
                let halves = self.rows.chunks_exact(half).map(|half| half.split_at(half.len() / 2));
                halves.flat_map(|(low, high)| low.iter().zip(high).map(|(&low, &high)| low.max(high))).collect()
            }
            Variable::Vector => self.rows.iter().map(|&rows| half_rows(rows)).collect(),
            Variable::Lane => self.rows.iter().map(|&rows| rows / 2).collect(),
        }
    }

    /// Pairs of blocks, or the only one's rows.
    pub(super) fn items(&self) -> usize {
        self.step().max(1)
    }

    /// Blocks of a half.
    pub(super) const fn half(&self) -> usize {
        self.rows.len() / 2
    }

    /// From a block of an item to the other; none if items are neighbouring vectors or lanes.
    pub(super) const fn step(&self) -> usize {
        self.rows.len() / 4
    }

    /// Rows of an item.
    pub(super) fn item_rows(&self, item: usize) -> usize {
        let numbers = [item, item + self.step(), item + self.half(), item + self.half() + self.step()];
        let rows = numbers.map(|number| self.rows[number]).into_iter().max().unwrap_or(0);
        match self.variable {
            Variable::Block => rows,
            Variable::Vector => half_rows(rows),
            Variable::Lane => rows / 2,
        }
    }

    /// The weights of the rows of a pass over its items.
    pub(super) fn pass(&self, limits: &Limits, lists: &mut Lists) -> PassWeights {
        let work = Work::new((0..self.items()).map(|item| self.item_rows(item)), limits);
        let in_tile = self.vectors.len().min(GROUP.ilog2() as usize - LANE_BITS);
        let (in_tile, others) = self.vectors.split_at(in_tile);
        let (tiles, chunks) = others.split_at(work.log_tiles.min(others.len()));
        let rows = lists.equality(&[&self.lanes, in_tile].concat(), GROUP);
        let count = work.longest.div_ceil(GROUP << work.log_tiles);
        let (tiles, chunks) = (lists.equality(tiles, 1 << tiles.len()), lists.equality(chunks, count));
        PassWeights { work, rows, tiles, chunks }
    }

    /// The weights of its vectors and lanes.
    pub(super) fn small(&self, lists: &mut Lists) -> SmallWeights {
        let longest = (0..self.items()).map(|item| self.item_rows(item)).max().unwrap_or(0);
        let vectors = lists.equality(&self.vectors, longest.div_ceil(ROWS));
        SmallWeights { vectors, lanes: lists.equality(&self.lanes, 1 << self.lanes.len()) }
    }

    /// Where the weights of items are.
    pub(super) const fn item_weights(&self) -> usize {
        self.items
    }

    /// What plays it is told (`shaders/fractions_played.wgsl`), given where what is beyond the rows
    /// of blocks is, and will be.
    pub(super) fn played(&self, places: &Places, [beyond, after]: [usize; 2]) -> [usize; 11] {
        [
            places.sums(self.number),
            places.challenge(self.number),
            places.coordinate(self.number),
            self.inverse,
            self.rests,
            self.items(),
            self.step(),
            self.half(),
            beyond,
            after,
            usize::from(self.number == 0),
        ]
    }

    /// The parameters of a pass.
    pub(super) fn set(&self, params: &mut Params, weights: &PassWeights) {
        params.set(12, self.half());
        params.set(13, self.step());
        params.set(14, usize::from(self.variable == Variable::Vector));
        for (place, list) in (15..).zip([weights.rows, weights.tiles, weights.chunks, self.items]) {
            params.set(place, list);
        }
        params.set(19, 2);
    }
}

impl PassWeights {
    /// How the pass is cut.
    pub(super) const fn work(&self) -> &Work {
        &self.work
    }
}

/// Rows of every other vector, the first one's included.
const fn half_rows(rows: usize) -> usize {
    (rows / ROWS).div_ceil(2) * ROWS
}
