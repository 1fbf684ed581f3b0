//! One table's part in the skip round, and its forms with the skipped variables bound.

use alloc::vec::Vec;
use core::cmp::Reverse;

use p3_field::PrimeCharacteristicRing;
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::packed::{PARTS, Packed, PackedExt, over_lanes};
use super::super::program::OfBase;
use super::super::quintic::{Scalar, add_scaled};
use super::domain::{Domain, Line, POINTS};
use super::plan::{Coefficients, Weights, summed};
use super::rounds::Folded;
use super::{Plan, Reader, Table};

/// Blocks that one task takes.
const TASK: usize = 16;

/// The table's sums that [`Protocol::skip`](super::Protocol::skip) takes; and the rests on all
/// rows: of each block, of each part of a vector, those of its vectors. None if nothing has a rest.
pub(super) fn sums(
    table: &Table<'_>,
    weights: &Weights,
    domain: &Domain,
    block_weights: &[EF],
    lane_weights: &[PackedExt; PARTS],
) -> (Vec<EF>, Vec<PackedExt>) {
    let cosets = table.plan.term_degree().max(1);
    let blocks = table.blocks();
    let of_block = if weights.columns.is_some() { PARTS * POINTS } else { 0 };
    let mut rests = PackedExt::zero_vec(blocks * of_block);
    let mut slices: Vec<&mut [PackedExt]> = rests.chunks_mut((TASK * of_block).max(1)).collect();
    slices.resize_with(blocks.div_ceil(TASK), Default::default);
    let tasks = slices.into_par_iter().enumerate().map(|(task, rests)| {
        let mut kernel = Kernel::new(table, weights, domain, cosets);
        let mut rests = rests.chunks_exact_mut(POINTS);
        for (block, weight) in block_weights[..blocks].iter().enumerate().skip(task * TASK).take(TASK) {
            for part in 0..PARTS {
                kernel.add(block, part, &(*weight).into(), rests.next().unwrap_or_default());
            }
        }
        kernel.sums
    });
    let sums = summed(tasks.collect::<Vec<_>>());
    (sums.chunks_exact(PARTS).map(|parts| over_lanes(parts, lane_weights)).collect(), rests)
}

/// Sums over blocks, with buffers.
struct Kernel<'a> {
    reader: Reader<'a>,
    plan: &'a Plan,
    weights: &'a Weights,
    domain: &'a Domain,
    cosets: usize,
    /// Of each class of terms the sums on `D` and the cosets after it, as many in all as its
    /// degree; then on `D` the rests. For every point and every part of a vector of rows.
    sums: Vec<PackedExt>,
    /// Cells, vector after vector of a block, `stride` places apart.
    rows: Vec<Packed>,
    stride: usize,
    /// Of the cells that are needed on cosets: how many cosets with `D`, which cell, and what
    /// [`Domain::inverse`] gives. Those that are needed on most come first.
    cells: Vec<(usize, usize, Line)>,
    line: Line,
    /// A vector's cells, constants, and what terms are made with.
    list: Vec<Packed>,
    terms: Vec<Packed>,
    /// A weighted sum.
    value: PackedExt,
}

impl<'a> Kernel<'a> {
    fn new(table: &'a Table<'a>, weights: &'a Weights, domain: &'a Domain, cosets: usize) -> Self {
        let plan = table.plan;
        let cells = plan.reach.iter().enumerate().filter(|(_, reach)| **reach > 1);
        let mut cells: Vec<_> = cells.map(|(cell, reach)| (*reach, cell, [Packed::ZERO; POINTS])).collect();
        cells.sort_by_key(|(reach, ..)| Reverse(*reach));
        Self {
            reader: Reader::new(table),
            plan,
            sums: PackedExt::zero_vec((weights.sets() + 1) * POINTS * PARTS),
            rows: Packed::zero_vec(POINTS * stride(plan.cells())),
            stride: stride(plan.cells()),
            cells,
            line: [Packed::ZERO; POINTS],
            list: plan.polynomials.list::<OfBase>(table.public_values),
            terms: Packed::zero_vec(weights.terms.values.len()),
            value: PackedExt::ZERO,
            weights,
            domain,
            cosets,
        }
    }

    /// Adds one block's rows, of one part of each vector.
    fn add(&mut self, block: usize, part: usize, weight: &Scalar, rests: &mut [PackedExt]) {
        let sets = self.weights.sets();
        let count = self.plan.cells();
        for j in 0..POINTS {
            self.reader.cells(block, part, j, &mut self.rows[j * self.stride..][..count]);
            if let (Some(columns), Some(rest)) = (&self.weights.columns, rests.get_mut(j)) {
                columns.of_base(self.reader.columns(), rest);
                add_scaled(&mut self.sums[(sets * POINTS + j) * PARTS + part], rest, weight);
            }
        }
        if self.weights.classes.iter().any(|class| class.on_rows) {
            self.add_terms(0, part, weight);
        }
        for (_, cell, line) in &mut self.cells {
            self.domain.inverse(&self.rows[*cell..], self.stride, line);
        }
        for coset in 1..self.cosets {
            // Other cells are only in terms that need no more cosets.
            for (_, cell, line) in self.cells.iter().take_while(|(reach, ..)| *reach > coset) {
                self.domain.coset(line, coset, &mut self.line, &mut self.rows[*cell..], self.stride);
            }
            self.add_terms(coset, part, weight);
        }
    }

    /// Adds the terms of the rows as they are, which are those of a coset.
    fn add_terms(&mut self, coset: usize, part: usize, weight: &Scalar) {
        let (program, count) = (&self.plan.polynomials, self.plan.cells());
        for (j, row) in self.rows.chunks_exact(self.stride).enumerate() {
            self.list[..count].copy_from_slice(&row[..count]);
            program.run::<OfBase>(&mut self.list);
            program.wanted(&self.list, &mut self.terms);
            let mut set = coset;
            for class in self.weights.classes.iter().take_while(|class| class.degree > coset) {
                if coset > 0 || class.on_rows {
                    class.weights.of_base(&self.terms[class.terms.clone()], &mut self.value);
                    add_scaled(&mut self.sums[(set * POINTS + j) * PARTS + part], &self.value, weight);
                }
                set += class.degree;
            }
        }
    }
}

/// How far rows of so many cells are apart: a number of vectors that is odd, for a cell's values to
/// differ in their place in the cache.
const fn stride(cells: usize) -> usize {
    cells | 1
}

/// Binds the skipped variables: of each block one vector of rows is left. The rests follow the cells.
pub(super) fn fold(table: &Table<'_>, rests: &[PackedExt], lagrange: &Coefficients) -> Folded {
    let cells = table.plan.cells();
    let width = cells + usize::from(!rests.is_empty());
    let mut folded = PackedExt::zero_vec(table.blocks() * PARTS * width);
    folded.par_chunks_mut(TASK * PARTS * width.max(1)).enumerate().for_each(|(task, folded)| {
        let stride = stride(cells);
        let mut reader = Reader::new(table);
        let mut rows = Packed::zero_vec(POINTS * stride);
        for (i, vector) in folded.chunks_exact_mut(PARTS * width).enumerate() {
            let block = task * TASK + i;
            for (part, row) in vector.chunks_exact_mut(width).enumerate() {
                for (j, row) in rows.chunks_exact_mut(stride).enumerate() {
                    reader.cells(block, part, j, &mut row[..cells]);
                }
                let (row, rest) = row.split_at_mut(cells);
                for (cell, value) in row.iter_mut().enumerate() {
                    lagrange.of_line(&rows[cell..], stride, value);
                }
                if let [rest] = rest {
                    lagrange.of_ext(&rests[(block * PARTS + part) * POINTS..][..POINTS], rest);
                }
            }
        }
    });
    Folded { width, rows: folded }
}
