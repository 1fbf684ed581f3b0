//! One table's part in the skip round, and its columns with the skipped variables bound.

use alloc::vec::Vec;
use core::cmp::Reverse;

use p3_field::PrimeCharacteristicRing;
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::packed::{PARTS, Packed, PackedExt, over_lanes};
use super::super::quintic::{Scalar, add_scaled};
use super::Table;
use super::domain::{Domain, Line, POINTS};
use super::folder::{Folder, ZerocheckAir};
use super::plan::{Coefficients, Weights, summed};
use super::rounds::Folded;
use super::vector::ExtVector;

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
                kernel.add(block, part, &(*weight).into());
            }
        }
        kernel.sums
    });
    let sums = summed(tasks.collect::<Vec<_>>());
    let mut values: Vec<EF> = sums.chunks_exact(PARTS).map(|parts| over_lanes(parts, lane_weights)).collect();
    if values.is_empty() {
        return Vec::new();
    }
    let mut polynomial = EF::zero_vec(cosets * POINTS);
    let mut add = |values: &[EF]| polynomial.iter_mut().zip(domain.coefficients(values)).for_each(|(sum, coefficient)| *sum += coefficient);
    let mut values = &mut values[..];
    // Lanes' weights add up to one.
    let weight = block_weights[..blocks].iter().copied().sum::<EF>();
    for class in &weights.classes {
        let (class_values, rest) = values.split_at_mut(class.degree * POINTS);
        let evaluated = if weights.on_rows { 0 } else { POINTS };
        class_values[evaluated..].iter_mut().for_each(|value| *value -= class.offset * weight);
        add(class_values);
        values = rest;
    }
    add(values);
    polynomial
}

/// Sums over blocks, with buffers.
struct Kernel<'a, A> {
    table: &'a Table<'a, A>,
    weights: &'a Weights,
    domain: &'a Domain,
    cosets: usize,
    /// Of each class of terms the sums on `D` and the cosets after it, as many in all as its degree; then on `D` the link's linear part. For every point and every part of a vector of rows.
    sums: Vec<PackedExt>,
    /// Row after row, `stride` places apart.
    rows: Vec<Packed>,
    stride: usize,
    /// Of the columns that are needed on cosets: how many cosets with `D`, which column, and what [`Domain::inverse`] gives. Those that are needed on most come first.
    columns: Vec<(usize, usize, Line)>,
    line: Line,
    terms: Vec<Packed>,
    /// A weighted sum.
    value: PackedExt,
}

impl<'a, A: ZerocheckAir> Kernel<'a, A> {
    fn new(table: &'a Table<'a, A>, weights: &'a Weights, domain: &'a Domain, cosets: usize) -> Self {
        let columns = table.plan.reach.iter().enumerate().filter(|(_, reach)| **reach > 1);
        let mut columns: Vec<_> = columns.map(|(column, reach)| (*reach, column, [Packed::ZERO; POINTS])).collect();
        columns.sort_by_key(|(reach, ..)| Reverse(*reach));
        Self {
            sums: PackedExt::zero_vec((sets(weights) + 1) * POINTS * PARTS),
            rows: Packed::zero_vec(POINTS * stride(table.width())),
            stride: stride(table.width()),
            columns,
            line: [Packed::ZERO; POINTS],
            terms: Packed::zero_vec(weights.terms.values.len()),
            value: PackedExt::ZERO,
            table,
            weights,
            domain,
            cosets,
        }
    }

    /// Adds one block's rows, of one part of each vector.
    fn add(&mut self, block: usize, part: usize, weight: &Scalar) {
        self.table.load(block, part, &mut self.rows, self.stride);
        if let Some(columns) = &self.weights.columns {
            let sets = sets(self.weights);
            for (j, row) in self.rows.chunks_exact(self.stride).enumerate() {
                columns.of_base(&row[..self.table.width()], &mut self.value);
                add_scaled(&mut self.sums[(sets * POINTS + j) * PARTS + part], &self.value, weight);
            }
        }
        if self.weights.on_rows {
            self.add_terms(0, part, weight);
        }
        for (_, column, line) in &mut self.columns {
            self.domain.inverse(&self.rows[*column..], self.stride, line);
        }
        for coset in 1..self.cosets {
            // Other columns are only in terms that need no more cosets.
            for (_, column, line) in self.columns.iter().take_while(|(reach, ..)| *reach > coset) {
                self.domain.coset(line, coset, &mut self.line, &mut self.rows[*column..], self.stride);
            }
            self.add_terms(coset, part, weight);
        }
    }

    /// Adds the terms of the rows as they are, which are those of a coset.
    fn add_terms(&mut self, coset: usize, part: usize, weight: &Scalar) {
        let (table, weights) = (self.table, self.weights);
        for (j, row) in self.rows.chunks_exact(self.stride).enumerate() {
            let row = &row[..table.width()];
            Folder::run(table.air, row, table.main.width, table.public_values, &weights.places, &mut self.terms);
            let mut set = coset;
            for class in weights.classes.iter().take_while(|class| class.degree > coset) {
                class.weights.of_base(&self.terms[class.terms.clone()], &mut self.value);
                add_scaled(&mut self.sums[(set * POINTS + j) * PARTS + part], &self.value, weight);
                set += class.degree;
            }
        }
    }
}

/// How often `D` or a coset is taken for a class of terms.
fn sets(weights: &Weights) -> usize {
    weights.classes.iter().map(|class| class.degree).sum()
}

/// How far rows of so many columns are apart: a number of vectors that is odd, for a column's cells to differ in their place in the cache.
const fn stride(columns: usize) -> usize {
    columns | 1
}

/// Binds the skipped variables: of each block one vector of rows is left. The link's linear part follows the columns.
pub(super) fn fold<A: ZerocheckAir>(table: &Table<'_, A>, weights: &Weights, lagrange: &Coefficients) -> Folded {
    let columns = table.width();
    let width = columns + usize::from(weights.columns.is_some());
    let mut folded = ExtVector::zero_vec(table.blocks() * PARTS * width);
    folded.par_chunks_mut(TASK * PARTS * width).enumerate().for_each(|(task, folded)| {
        let stride = stride(columns);
        let mut rows = Packed::zero_vec(POINTS * stride);
        for (i, vector) in folded.chunks_exact_mut(PARTS * width).enumerate() {
            for (part, row) in vector.chunks_exact_mut(width).enumerate() {
                table.load(task * TASK + i, part, &mut rows, stride);
                let (row, linear) = row.split_at_mut(columns);
                for (column, value) in row.iter_mut().enumerate() {
                    lagrange.of_line(&rows[column..], stride, &mut value.0);
                }
                if let (Some(link), [linear]) = (&weights.columns, linear) {
                    link.of_ext(row, &mut linear.0);
                }
            }
        }
    });
    Folded { width, rows: folded }
}
