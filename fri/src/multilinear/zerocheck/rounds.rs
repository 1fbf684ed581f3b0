//! The rounds after the skip, on forms in the challenge field, on the host.

use alloc::vec::Vec;

use p3_field::{PackedFieldExtension, PrimeCharacteristicRing};
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::packed::{LANE_BITS, LANES, PARTS, PackedExt, ROWS, lane_sum, over_lanes, pack, unpack};
use super::super::program::OfExt;
use super::super::quintic::{Scalar, add, add_product, difference};
use super::super::{Transcript, quintic};
use super::Instance;
use super::plan::{Weights, summed};
use super::protocol::{Played, Turns};

/// Pairs of rows that one task takes.
const TASK: usize = 64;

/// A table's cells, and the rests after them, with some variables bound: for each vector of rows
/// its parts, row after row.
pub struct Folded {
    pub(super) width: usize,
    pub(super) rows: Vec<PackedExt>,
}

/// The forms after the skip round.
pub struct Rounds<'a> {
    turns: Turns<'a>,
    folded: Vec<Folded>,
}

/// The two rows between which a variable lies.
type Pair<'a> = [&'a [PackedExt]; 2];

/// Sums of one table: of the terms at each node, then of the rests at zero and one.
struct Sums<'a> {
    table: Instance<'a>,
    weights: &'a Weights,
    nodes: Vec<usize>,
    /// How far the cells go from one node to the next.
    slopes: Vec<PackedExt>,
    /// A row's cells, constants, and what terms are made with.
    list: Vec<PackedExt>,
    terms: Vec<PackedExt>,
    /// The terms' weighted sum.
    value: PackedExt,
    /// What is taken from the terms' sum, negated.
    offset: PackedExt,
}

impl<'a> Sums<'a> {
    fn new(turns: &'a Turns<'_>, number: usize) -> Self {
        let (table, weights) = turns.table(number);
        let (terms, offset) = (PackedExt::zero_vec(weights.terms.values.len()), (-weights.offset).into());
        let list = table.plan.polynomials.list::<OfExt>(table.public_values);
        Self {
            table,
            weights,
            nodes: turns.nodes(number),
            slopes: PackedExt::zero_vec(table.plan.cells()),
            list,
            terms,
            value: PackedExt::ZERO,
            offset,
        }
    }

    fn len(&self) -> usize {
        self.nodes.len() + 2
    }

    /// Puts the cells at a node: after that at one, by steps.
    fn start(&mut self, zero: &[PackedExt], one: &[PackedExt]) {
        for ((slope, zero), one) in self.slopes.iter_mut().zip(zero).zip(one) {
            difference(slope, one, zero);
        }
        self.put(one);
    }

    fn put(&mut self, row: &[PackedExt]) {
        self.list[..row.len()].copy_from_slice(row);
    }

    /// Adds a pair of rows, with a weight in each lane. Sums are `stride` places apart.
    fn add(&mut self, [zero, one]: Pair<'_>, weight: &PackedExt, sums: &mut [PackedExt], stride: usize) {
        let (cells, weights) = (self.table.plan.cells(), self.weights);
        let program = &self.table.plan.polynomials;
        let mut sums = sums.iter_mut().step_by(stride);
        for number in 0..self.nodes.len() {
            let Some(sum) = sums.next() else { break };
            match self.nodes[number] {
                0 => self.put(&zero[..cells]),
                1 => self.put(&one[..cells]),
                _ => {
                    if self.nodes[number] == 2 {
                        self.start(&zero[..cells], &one[..cells]);
                    }
                    self.list.iter_mut().zip(&self.slopes).for_each(|(value, slope)| add(value, slope));
                }
            }
            program.run::<OfExt>(&mut self.list);
            program.wanted(&self.list, &mut self.terms);
            weights.terms.of_ext(&self.terms, &mut self.value);
            add(&mut self.value, &self.offset);
            add_product(sum, &self.value, weight);
        }
        if let ([zero], [one]) = (&zero[cells..], &one[cells..]) {
            for (sum, value) in sums.zip([zero, one]) {
                add_product(sum, value, weight);
            }
        }
    }
}

impl<'a> Rounds<'a> {
    pub(super) const fn new(turns: Turns<'a>, folded: Vec<Folded>) -> Self {
        Self { turns, folded }
    }

    /// Plays the rounds that are left, at least those of lanes.
    #[must_use]
    pub fn play(mut self, transcript: &mut Transcript) -> Played {
        let lane_weights = pack(&self.turns.lane_weights(0));
        for round in self.turns.played()..self.turns.vector_rounds() {
            let sums = self.vector_sums(round, &lane_weights);
            let challenge = self.turns.play(&sums, transcript);
            self.folded.iter_mut().for_each(|folded| folded.bind(challenge));
        }
        let mut lanes: Vec<Vec<Vec<EF>>> = self.folded.iter().map(Folded::lanes).collect();
        for bound in 0..LANE_BITS {
            let sums = self.lane_sums(&lanes, bound);
            let challenge = self.turns.play(&sums, transcript);
            for rows in &mut lanes {
                *rows = rows.chunks_exact(2).map(|pair| between(&pair[0], &pair[1], challenge)).collect();
            }
        }
        self.turns.finish(lanes.into_iter().map(|rows| rows.into_iter().next()))
    }

    /// For the lowest variable of vectors.
    fn vector_sums(&self, round: usize, lane_weights: &[PackedExt; PARTS]) -> Vec<Vec<EF>> {
        let pairs = |folded: &Folded| folded.vectors().div_ceil(2);
        let vector_weights = self.turns.pair_weights(round, self.folded.iter().map(pairs).max().unwrap_or(0));
        let of_table = |(i, folded): (usize, &Folded)| {
            let count = pairs(folded);
            let tasks = (0..count.div_ceil(TASK)).into_par_iter().map(|task| {
                let mut kernel = Sums::new(&self.turns, i);
                let mut sums = PackedExt::zero_vec(kernel.len() * PARTS);
                let zeros = PackedExt::zero_vec(folded.width);
                for (pair, weight) in vector_weights[..count].iter().enumerate().skip(task * TASK).take(TASK) {
                    let weight = (*weight).into();
                    for part in 0..PARTS {
                        let row = |vector: usize| folded.row(vector, part).unwrap_or(&zeros);
                        kernel.add([row(2 * pair), row(2 * pair + 1)], &weight, &mut sums[part..], PARTS);
                    }
                }
                sums
            });
            let sums = summed(tasks.collect::<Vec<_>>());
            sums.chunks_exact(PARTS).map(|parts| over_lanes(parts, lane_weights)).collect()
        };
        self.folded.iter().enumerate().map(of_table).collect()
    }

    /// For the lowest bit of a lane, after some.
    fn lane_sums(&self, lanes: &[Vec<Vec<EF>>], bound: usize) -> Vec<Vec<EF>> {
        let lane_weights = self.turns.lane_weights(bound + 1);
        let of_table = |(i, folded): (usize, &Folded)| {
            let mut kernel = Sums::new(&self.turns, i);
            let mut sums = PackedExt::zero_vec(kernel.len());
            let pairs: Vec<(&[Vec<EF>], &EF)> = lanes[i].chunks_exact(2).zip(&lane_weights).collect();
            for pairs in pairs.chunks(LANES) {
                let row = |half: usize| -> Vec<PackedExt> {
                    let cell = |column: usize, lane: usize| pairs.get(lane).map_or(EF::ZERO, |(pair, _)| pair[half][column]);
                    (0..folded.width).map(|column| PackedExt::from_ext_fn(|lane| cell(column, lane))).collect()
                };
                let weight = PackedExt::from_ext_fn(|lane| pairs.get(lane).map_or(EF::ZERO, |(_, weight)| **weight));
                kernel.add([&row(0), &row(1)], &weight, &mut sums, 1);
            }
            sums.into_iter().map(lane_sum).collect()
        };
        self.folded.iter().enumerate().map(of_table).collect()
    }
}

fn between(zero: &[EF], one: &[EF], challenge: EF) -> Vec<EF> {
    zero.iter().zip(one).map(|(zero, one)| *zero + challenge * (*one - *zero)).collect()
}

impl Folded {
    /// Of vectors of `width` cells each, given the cell of a lane of a vector by the numbers of
    /// these three: its own first, the vector's last.
    #[must_use]
    pub fn new(width: usize, vectors: usize, cell: impl Fn(usize, usize, usize) -> EF) -> Self {
        let parts = (0..vectors).flat_map(|vector| (0..PARTS).map(move |part| (vector, part)));
        let row = |(vector, part): (usize, usize)| {
            let cell = &cell;
            (0..width).map(move |own| PackedExt::from_ext_fn(|lane| cell(own, part * LANES + lane, vector)))
        };
        Self { width, rows: parts.flat_map(row).collect() }
    }

    fn vectors(&self) -> usize {
        // A table without rows may have nothing in a row.
        self.rows.len().checked_div(self.width * PARTS).unwrap_or(0)
    }

    fn row(&self, vector: usize, part: usize) -> Option<&[PackedExt]> {
        let first = (vector * PARTS + part) * self.width;
        self.rows.get(first..first + self.width)
    }

    /// Binds the lowest variable of vectors.
    fn bind(&mut self, challenge: EF) {
        if self.rows.is_empty() {
            return;
        }
        let (challenge, zeros) = (Scalar::from(challenge), PackedExt::zero_vec(self.width));
        let mut bound = PackedExt::zero_vec(self.vectors().div_ceil(2) * PARTS * self.width);
        bound.par_chunks_mut(PARTS * self.width).enumerate().for_each(|(pair, vector)| {
            for (part, row) in vector.chunks_exact_mut(self.width).enumerate() {
                let zero = self.row(2 * pair, part).unwrap_or(&zeros);
                let one = self.row(2 * pair + 1, part).unwrap_or(&zeros);
                for ((value, zero), one) in row.iter_mut().zip(zero).zip(one) {
                    quintic::between(value, zero, one, &challenge);
                }
            }
        });
        self.rows = bound;
    }

    /// The rows of the only vector, none if none is used.
    fn lanes(&self) -> Vec<Vec<EF>> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let columns = (0..self.width).map(|column| {
            let parts: Vec<PackedExt> = (0..PARTS).filter_map(|part| self.row(0, part)).map(|row| row[column]).collect();
            unpack(&parts)
        });
        let columns: Vec<Vec<EF>> = columns.collect();
        (0..ROWS).map(|lane| columns.iter().map(|column| column[lane]).collect()).collect()
    }
}
