//! One table's part in the skip round, and its columns with the skipped variables bound.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::packed::{PARTS, Packed, PackedExt, over_lanes};
use super::Table;
use super::domain::{Domain, Line, POINTS};
use super::folder::{Folder, ZerocheckAir};
use super::plan::{Coefficients, Weights, summed};
use super::rounds::Folded;

/// Blocks that one task takes.
const TASK: usize = 16;

/// The coefficients of the table's part of the polynomial, without what rows of zeros come to.
pub(super) fn polynomial<A: ZerocheckAir>(
    table: &Table<'_, A>,
    weights: &Weights,
    domain: &Domain,
    block_weights: &[EF],
    lane_weights: &[PackedExt; PARTS],
) -> Vec<EF> {
    let cosets = table.plan.term_degree().max(1);
    let blocks = table.blocks();
    let tasks = (0..blocks.div_ceil(TASK)).into_par_iter().map(|task| {
        let mut kernel = Kernel::new(table, weights, domain, cosets);
        for (block, weight) in block_weights[..blocks].iter().enumerate().skip(task * TASK).take(TASK) {
            for part in 0..PARTS {
                kernel.add(block, part, (*weight).into());
            }
        }
        kernel.sums
    });
    let sums = summed(tasks.collect::<Vec<_>>());
    let values: Vec<EF> = sums.chunks_exact(PARTS).map(|parts| over_lanes(parts, lane_weights)).collect();
    if values.is_empty() {
        return Vec::new();
    }
    let (terms, link) = values.split_at(cosets * POINTS);
    let mut polynomial = domain.coefficients(terms);
    let link = domain.coefficients(link);
    polynomial.iter_mut().zip(link).for_each(|(sum, coefficient)| *sum += coefficient);
    polynomial
}

/// Sums over blocks, with buffers.
struct Kernel<'a, A> {
    table: &'a Table<'a, A>,
    weights: &'a Weights,
    domain: &'a Domain,
    cosets: usize,
    /// On `D` and the cosets after it the terms' sums, and on `D` the link's linear part, for every point and every part of a vector of rows.
    sums: Vec<PackedExt>,
    rows: Vec<Packed>,
    coefficients: Vec<Line>,
    terms: Vec<Packed>,
}

impl<'a, A: ZerocheckAir> Kernel<'a, A> {
    fn new(table: &'a Table<'a, A>, weights: &'a Weights, domain: &'a Domain, cosets: usize) -> Self {
        Self {
            sums: PackedExt::zero_vec((cosets + 1) * POINTS * PARTS),
            rows: Packed::zero_vec(POINTS * table.width()),
            coefficients: vec![[Packed::ZERO; POINTS]; if cosets > 1 { table.width() } else { 0 }],
            terms: Vec::with_capacity(weights.terms.values.len()),
            table,
            weights,
            domain,
            cosets,
        }
    }

    /// Adds one block's rows, of one part of each vector.
    fn add(&mut self, block: usize, part: usize, weight: PackedExt) {
        let width = self.table.width();
        self.table.load(block, part, &mut self.rows);
        if let Some(columns) = &self.weights.columns {
            for (j, row) in self.rows.chunks_exact(width).enumerate() {
                self.sums[(self.cosets * POINTS + j) * PARTS + part] += columns.of_base(row) * weight;
            }
        }
        if self.weights.on_rows {
            self.add_terms(0, part, weight);
        }
        for (column, line) in self.coefficients.iter_mut().enumerate() {
            gather(&self.rows[column..], width, line);
            self.domain.inverse(line);
        }
        let mut values = [Packed::ZERO; POINTS];
        for coset in 1..self.cosets {
            for (column, line) in self.coefficients.iter().enumerate() {
                self.domain.coset(line, coset, &mut values);
                self.rows[column..].iter_mut().step_by(width).zip(&values).for_each(|(cell, value)| *cell = *value);
            }
            self.add_terms(coset, part, weight);
        }
    }

    /// Adds the terms of the rows as they are, which are those of a coset.
    fn add_terms(&mut self, coset: usize, part: usize, weight: PackedExt) {
        let (table, weights) = (self.table, self.weights);
        let offset = PackedExt::from(weights.offset);
        for (j, row) in self.rows.chunks_exact(table.width()).enumerate() {
            Folder::run(table.air, row, table.main.width, table.public_values, &weights.places, &mut self.terms);
            let value = weights.terms.of_base(&self.terms) - offset;
            self.sums[(coset * POINTS + j) * PARTS + part] += value * weight;
        }
    }
}

/// One column's value for each point of the domain.
fn gather(rows: &[Packed], width: usize, line: &mut Line) {
    line.iter_mut().zip(rows.iter().step_by(width)).for_each(|(value, cell)| *value = *cell);
}

/// Binds the skipped variables: of each block one vector of rows is left. The link's linear part follows the columns.
pub(super) fn fold<A: ZerocheckAir>(table: &Table<'_, A>, weights: &Weights, lagrange: &Coefficients) -> Folded {
    let columns = table.width();
    let width = columns + usize::from(weights.columns.is_some());
    let mut folded = PackedExt::zero_vec(table.blocks() * PARTS * width);
    folded.par_chunks_mut(TASK * PARTS * width).enumerate().for_each(|(task, folded)| {
        let mut rows = Packed::zero_vec(POINTS * columns);
        let mut line = [Packed::ZERO; POINTS];
        for (i, vector) in folded.chunks_exact_mut(PARTS * width).enumerate() {
            for (part, row) in vector.chunks_exact_mut(width).enumerate() {
                table.load(task * TASK + i, part, &mut rows);
                for (column, value) in row[..columns].iter_mut().enumerate() {
                    gather(&rows[column..], columns, &mut line);
                    *value = lagrange.of_base(&line);
                }
                if let Some(link) = &weights.columns {
                    let (columns, linear) = row.split_at_mut(columns);
                    linear[0] = columns.iter().zip(&link.values).map(|(value, weight)| *value * PackedExt::from(*weight)).sum();
                }
            }
        }
    });
    Folded { width, rows: folded }
}
