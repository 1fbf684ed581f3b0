//! The rounds after the skip, on forms in the challenge field.
//!
//! The equality factors are kept outside (Gruen, <https://eprint.iacr.org/2024/108>): a round's polynomial is a constant times the factor of the round's variable times a polynomial `t` of the degree of the constraints,
//! whose value at one follows from the claim.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Field, PackedFieldExtension, PrimeCharacteristicRing};
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, F};

use super::super::packed::{LANE_BITS, LANES, PARTS, PackedExt, ROWS, lane_sum, over_lanes, pack, unpack};
use super::super::polynomial::{Interpolation, evaluate};
use super::super::program::OfExt;
use super::super::quintic::{Scalar, add, add_product, difference};
use super::super::{Transcript, equality, quintic};
use super::Table;
use super::plan::{Weights, summed};

/// Pairs of rows that one task takes.
const TASK: usize = 64;

/// A table's cells, and the rests after them, with some variables bound: for each vector of rows its parts, row after row.
pub(super) struct Folded {
    pub(super) width: usize,
    pub(super) rows: Vec<PackedExt>,
}

/// What the rounds send, their challenges, and what they leave.
pub struct Played {
    /// The values that are sent.
    pub rounds: Vec<Vec<EF>>,
    /// The point.
    pub challenges: Vec<EF>,
    /// The forms' values there, a table each.
    pub forms: Vec<Vec<EF>>,
    /// The rests' value, of all tables together.
    pub rest: EF,
}

/// The forms after the skip round.
pub struct Rounds<'a> {
    tables: &'a [Table<'a>],
    weights: Vec<Weights>,
    folded: Vec<Folded>,
    /// Of the variables that are left, those of vectors first.
    tau: &'a [EF],
    degree: usize,
    /// All tables' constraints and messages at rows of zeros.
    zero: EF,
    /// The claim without the equality factors of bound variables.
    claim: EF,
    /// Those factors.
    prefix: EF,
    messages: Vec<Vec<EF>>,
    challenges: Vec<EF>,
}

/// The nodes at which a table's terms are evaluated: of those of the largest degree the value at one is not needed.
fn nodes(term_degree: usize, degree: usize) -> impl Iterator<Item = usize> {
    (0..=term_degree).filter(move |node| term_degree < degree || *node != 1)
}

/// `eq` of two coordinates.
fn factor(tau: EF, x: EF) -> EF {
    EF::ONE - tau + x * (tau.double() - EF::ONE)
}

/// The two rows between which a variable lies.
type Pair<'a> = [&'a [PackedExt]; 2];

/// Sums of one table: of the terms at each node, then of the rests at zero and one.
struct Sums<'a> {
    table: &'a Table<'a>,
    weights: &'a Weights,
    degree: usize,
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
    fn new(table: &'a Table<'a>, weights: &'a Weights, degree: usize) -> Self {
        let (terms, offset) = (PackedExt::zero_vec(weights.terms.values.len()), (-weights.offset).into());
        let list = table.plan.polynomials.list::<OfExt>(table.public_values);
        Self { table, weights, degree, slopes: PackedExt::zero_vec(table.plan.cells()), list, terms, value: PackedExt::ZERO, offset }
    }

    fn nodes(&self) -> impl Iterator<Item = usize> + use<> {
        let terms = !self.weights.terms.values.is_empty();
        nodes(self.table.plan.term_degree(), self.degree).filter(move |_| terms)
    }

    fn len(&self) -> usize {
        self.nodes().count() + 2
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
        for (node, sum) in self.nodes().zip(&mut sums) {
            match node {
                0 => self.put(&zero[..cells]),
                1 => self.put(&one[..cells]),
                _ => {
                    if node == 2 {
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

    /// Adds the table's part of `t` at `0, 2, 3, …` from the sums.
    fn extend(&self, sums: &[EF], values: &mut [EF]) {
        let (terms, linear) = sums.split_at(sums.len() - 2);
        let nodes: Vec<F> = self.nodes().map(F::from_usize).collect();
        let is_whole = self.table.plan.term_degree() < self.degree;
        let polynomial = if is_whole { Interpolation::new(&nodes).coefficients(terms) } else { Vec::new() };
        for (i, value) in values.iter_mut().enumerate() {
            let x = EF::from_usize(if i == 0 { 0 } else { i + 1 });
            *value += linear[0] + x * (linear[1] - linear[0]);
            *value += if is_whole { evaluate(&polynomial, x) } else { terms.get(i).copied().unwrap_or(EF::ZERO) };
        }
    }
}

impl<'a> Rounds<'a> {
    pub(super) const fn new(
        tables: &'a [Table<'a>],
        weights: Vec<Weights>,
        folded: Vec<Folded>,
        tau: &'a [EF],
        degree: usize,
        zero: EF,
        claim: EF,
    ) -> Self {
        Self { tables, weights, folded, tau, degree, zero, claim, prefix: EF::ONE, messages: Vec::new(), challenges: Vec::new() }
    }

    /// Plays all rounds.
    #[must_use]
    pub fn play(mut self, transcript: &mut Transcript) -> Played {
        let vector_variables = self.tau.len() - LANE_BITS;
        let lane_weights = pack(&equality::table(&self.tau[vector_variables..]));
        for round in 0..vector_variables {
            let values = self.vector_values(&self.tau[round + 1..vector_variables], &lane_weights);
            let challenge = self.send(values, transcript);
            self.folded.iter_mut().for_each(|folded| folded.bind(challenge));
        }
        let mut lanes: Vec<Vec<Vec<EF>>> = self.folded.iter().map(Folded::lanes).collect();
        for _ in 0..LANE_BITS {
            let values = self.lane_values(&lanes);
            let challenge = self.send(values, transcript);
            for rows in &mut lanes {
                *rows = rows.chunks_exact(2).map(|pair| between(&pair[0], &pair[1], challenge)).collect();
            }
        }
        let mut rest = EF::ZERO;
        let forms = self.tables.iter().zip(lanes).map(|(table, rows)| {
            let cells = table.plan.cells();
            let mut values = rows.into_iter().next().unwrap_or_else(|| EF::zero_vec(cells));
            rest += values.get(cells).copied().unwrap_or_default();
            values.truncate(table.plan.forms().len());
            values
        });
        let forms = forms.collect();
        Played { rounds: self.messages, challenges: self.challenges, forms, rest }
    }

    /// The values of `t` at `0, 2, 3, …`, from what the tables add to it.
    fn values(&self, add: impl Fn(usize, &mut [EF])) -> Vec<EF> {
        let mut values = vec![self.zero; self.degree.max(1)];
        (0..self.tables.len()).for_each(|table| add(table, &mut values));
        values
    }

    /// For the lowest variable of vectors.
    fn vector_values(&self, tau: &[EF], lane_weights: &[PackedExt; PARTS]) -> Vec<EF> {
        let pairs = |folded: &Folded| folded.vectors().div_ceil(2);
        let vector_weights = equality::prefix(tau, self.folded.iter().map(pairs).max().unwrap_or(0));
        self.values(|i, values| {
            let (table, weights, folded) = (&self.tables[i], &self.weights[i], &self.folded[i]);
            let count = pairs(folded);
            let tasks = (0..count.div_ceil(TASK)).into_par_iter().map(|task| {
                let mut kernel = Sums::new(table, weights, self.degree);
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
            if !sums.is_empty() {
                let sums: Vec<EF> = sums.chunks_exact(PARTS).map(|parts| over_lanes(parts, lane_weights)).collect();
                Sums::new(table, weights, self.degree).extend(&sums, values);
            }
        })
    }

    /// For the lowest bit of a lane.
    fn lane_values(&self, lanes: &[Vec<Vec<EF>>]) -> Vec<EF> {
        let lane_weights = equality::table(&self.tau[self.challenges.len() + 1..]);
        self.values(|i, values| {
            let mut kernel = Sums::new(&self.tables[i], &self.weights[i], self.degree);
            let mut sums = PackedExt::zero_vec(kernel.len());
            let pairs: Vec<(&[Vec<EF>], &EF)> = lanes[i].chunks_exact(2).zip(&lane_weights).collect();
            for pairs in pairs.chunks(LANES) {
                let row = |half: usize| -> Vec<PackedExt> {
                    let cell = |column: usize, lane: usize| pairs.get(lane).map_or(EF::ZERO, |(pair, _)| pair[half][column]);
                    (0..self.folded[i].width).map(|column| PackedExt::from_ext_fn(|lane| cell(column, lane))).collect()
                };
                let weight = PackedExt::from_ext_fn(|lane| pairs.get(lane).map_or(EF::ZERO, |(_, weight)| **weight));
                kernel.add([&row(0), &row(1)], &weight, &mut sums, 1);
            }
            let sums: Vec<EF> = sums.into_iter().map(lane_sum).collect();
            kernel.extend(&sums, values);
        })
    }

    /// Sends a round's polynomial, given `t` at `0, 2, 3, …`, and draws the challenge.
    fn send(&mut self, mut values: Vec<EF>, transcript: &mut Transcript) -> EF {
        let tau = self.tau[self.challenges.len()];
        let at_one = (self.claim - (EF::ONE - tau) * values[0]) * tau.inverse();
        values.insert(1, at_one);
        let polynomial = Interpolation::at_numbers(values.len()).coefficients(&values);
        let sent = (0..=self.degree + 1).filter(|node| *node != 1).map(EF::from_usize);
        let message: Vec<EF> = sent.map(|x| self.prefix * factor(tau, x) * evaluate(&polynomial, x)).collect();
        transcript.observe_extension(&message);
        let challenge = transcript.challenge();
        (self.claim, self.prefix) = (evaluate(&polynomial, challenge), self.prefix * factor(tau, challenge));
        self.messages.push(message);
        self.challenges.push(challenge);
        challenge
    }
}

fn between(zero: &[EF], one: &[EF], challenge: EF) -> Vec<EF> {
    zero.iter().zip(one).map(|(zero, one)| *zero + challenge * (*one - *zero)).collect()
}

impl Folded {
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
