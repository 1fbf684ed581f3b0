//! The rounds that bind the bits of a cell's column.
//!
//! In a group's cells the lowest bits of the index are the column, and the weight of row `r` in column `c` is a product, `gamma_c eq(point, r)`, or a sum of a few such products where there are further claims. So as
//! long as its own column bits are bound, a group of any height is two short vectors for each of them: its columns' sums over the rows, weighted by `eq(point, r)`, and the columns' weights. When they are bound, its rows are
//! combined into one value each; what is left are vectors of values and weights in the order of the cells.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Algebra, BasedVectorSpace, PackedValue, PrimeCharacteristicRing, PrimeField32};
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::super::equality;
use super::super::packed::{LANES, Packed};
use super::commit::Committed;
use super::rounds;
use crate::hash::element_from_bytes;

/// Rows that are summed up between two additions in the challenge field.
const BLOCK: usize = 32;

/// Rows that one task takes.
const TASK: usize = 1 << 12;

/// One matrix in the sumcheck.
pub(super) struct Part<'a> {
    /// Base-2 logarithm of the matrix's width.
    log_width: usize,
    /// Rounds so far.
    round: usize,
    /// Groups whose column bits are not all bound, in their order.
    groups: Vec<OpenGroup<'a>>,
    /// Values and weights of the others, in the order of the cells.
    values: Vec<EF>,
    weights: Vec<EF>,
}

/// A group while its column bits are bound.
struct OpenGroup<'a> {
    cells: &'a [F],
    log_width: usize,
    products: Vec<Product<'a>>,
}

/// A product of rows' and columns' weights.
struct Product<'a> {
    /// The rows' weights.
    rows: &'a [EF],
    /// The columns' sums over rows.
    sums: Vec<EF>,
    /// The columns' weights.
    weights: Vec<EF>,
}

/// Weights of all columns of a table, and of its rows.
pub(super) struct Weighted<'a> {
    pub(super) table: usize,
    pub(super) columns: Vec<EF>,
    pub(super) rows: &'a [EF],
}

impl<'a> Part<'a> {
    /// Sums up the columns of a matrix.
    pub(super) fn new(matrix: &'a Committed, weights: &[Weighted<'a>]) -> Self {
        let groups = matrix.groups().map(|(group, cells)| {
            let own = weights.iter().filter(|weighted| weighted.table == group.table);
            let product = |weighted: &Weighted<'a>| {
                let mut weights = weighted.columns[group.first..group.first + group.columns].to_vec();
                weights.resize(1 << group.log_width, EF::ZERO);
                Product { rows: weighted.rows, sums: column_sums(cells, group.log_width, weighted.rows), weights }
            };
            OpenGroup { cells, log_width: group.log_width, products: own.map(product).collect() }
        });
        let log_width = matrix.layout().log_width();
        Self { log_width, round: 0, groups: groups.collect(), values: Vec::new(), weights: Vec::new() }
    }

    /// Turns the groups whose bits are bound into values and weights by row.
    pub(super) fn settle(&mut self, challenges: &[EF]) {
        let round = self.round;
        let first = self.groups.iter().position(|group| group.log_width <= round).unwrap_or(self.groups.len());
        let settled = self.groups.split_off(first);
        if settled.is_empty() {
            return;
        }
        let scales = equality::table(&challenges[..round]);
        let rows: usize = settled.iter().map(|group| group.cells.len() >> round).sum();
        let mut values = Vec::with_capacity(rows + self.values.len());
        let mut weights = Vec::with_capacity(rows + self.weights.len());
        for group in settled {
            let first = weights.len();
            let combined = combined_rows(group.cells, round, &scales);
            weights.resize(first + combined.len(), EF::ZERO);
            for Product { rows, weights: scale, .. } in &group.products {
                weights[first..].par_iter_mut().zip(*rows).for_each(|(weight, &row)| *weight += row * scale[0]);
            }
            values.extend(combined);
        }
        values.append(&mut self.values);
        weights.append(&mut self.weights);
        (self.values, self.weights) = (values, weights);
    }

    /// This matrix's part of the round's polynomial. Beyond its own columns the columns' bits are zero.
    pub(super) fn message(&self) -> [EF; 2] {
        if self.round >= self.log_width {
            return [rounds::inner_product(&self.values, &self.weights); 2];
        }
        let products = self.groups.iter().flat_map(|group| &group.products);
        let open = products.map(|product| rounds::message(&product.sums, &product.weights));
        open.fold(rounds::message(&self.values, &self.weights), |[a, b], [c, d]| [a + c, b + d])
    }

    /// Binds the round's bit.
    pub(super) fn fold(&mut self, challenge: EF) {
        self.round += 1;
        if self.round > self.log_width {
            let factor = EF::ONE - challenge;
            self.values.par_iter_mut().chain(self.weights.par_iter_mut()).for_each(|value| *value *= factor);
            return;
        }
        for product in self.groups.iter_mut().flat_map(|group| &mut group.products) {
            product.sums = rounds::folded(&product.sums, challenge);
            product.weights = rounds::folded(&product.weights, challenge);
        }
        self.values = rounds::folded(&self.values, challenge);
        self.weights = rounds::folded(&self.weights, challenge);
    }

    /// Values and weights of the matrix's rows, when all its column bits are bound.
    pub(super) fn into_rows(self) -> (Vec<EF>, Vec<EF>) {
        assert!(self.groups.is_empty(), "every group is settled");
        (self.values, self.weights)
    }
}

/// The sums over rows of each column, weighted by `weights`.
fn column_sums(cells: &[F], log_width: usize, weights: &[EF]) -> Vec<EF> {
    let width = 1 << log_width;
    let tasks = cells.par_chunks(TASK * width).zip(weights.par_chunks(TASK));
    let sums =
        tasks.map(|(cells, weights)| if width < LANES { narrow_sums(cells, width, weights) } else { wide_sums(cells, width, weights) });
    sums.collect::<Vec<_>>().into_iter().fold(vec![EF::ZERO; width], |mut sums, more| {
        sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        sums
    })
}

fn narrow_sums(cells: &[F], width: usize, weights: &[EF]) -> Vec<EF> {
    let mut sums = vec![EF::ZERO; width];
    for (row, &weight) in cells.chunks_exact(width).zip(weights) {
        sums.iter_mut().zip(row).for_each(|(sum, &cell)| *sum += weight * cell);
    }
    sums
}

fn wide_sums(cells: &[F], width: usize, weights: &[EF]) -> Vec<EF> {
    let mut sums = vec![[Packed::ZERO; EXTENSION_DEGREE]; width / LANES];
    let mut column = [Packed::ZERO; BLOCK];
    for (rows, weights) in cells.chunks(BLOCK * width).zip(weights.chunks(BLOCK)) {
        let count = rows.len() / width;
        let coordinates: [[F; BLOCK]; EXTENSION_DEGREE] =
            core::array::from_fn(|d| core::array::from_fn(|i| weights.get(i).map_or(F::ZERO, |weight| coordinate(weight, d))));
        for (place, sum) in sums.iter_mut().enumerate() {
            for (vector, row) in column.iter_mut().zip(rows.chunks_exact(width)) {
                *vector = *Packed::from_slice(&row[place * LANES..(place + 1) * LANES]);
            }
            for (sum, weights) in sum.iter_mut().zip(&coordinates) {
                *sum += Packed::batched_linear_combination(&column[..count], &weights[..count]);
            }
        }
    }
    let columns = sums.iter().flat_map(|sum| (0..LANES).map(|lane| EF::from_basis_coefficients_fn(|d| sum[d].as_slice()[lane])));
    columns.collect()
}

/// The sum of a vector's lanes: of their Montgomery words as integers, which the machine adds up at once.
fn sum_of_lanes(vector: &Packed) -> F {
    let sum: u64 = vector.as_slice().iter().map(|lane| u64::from(lane.to_unique_u32())).sum();
    let word = (sum % u64::from(F::ORDER_U32)) as u32;
    element_from_bytes(word.to_le_bytes()).unwrap_or_default()
}

fn coordinate(value: &EF, index: usize) -> F {
    let coordinates: &[F] = value.as_basis_coefficients_slice();
    coordinates[index]
}

/// Each row's sum of its cells times `scales`.
fn combined_rows(cells: &[F], log_width: usize, scales: &[EF]) -> Vec<EF> {
    let width = 1 << log_width;
    let rows = cells.par_chunks_exact(width);
    if width < LANES {
        return rows.map(|row| row.iter().zip(scales).map(|(&cell, &scale)| scale * cell).sum()).collect();
    }
    let scales: Vec<[Packed; EXTENSION_DEGREE]> = scales
        .chunks_exact(LANES)
        .map(|scales| core::array::from_fn(|d| *Packed::from_slice(&scales.iter().map(|scale| coordinate(scale, d)).collect::<Vec<F>>())))
        .collect();
    rows.map(|row| {
        let mut sums = [Packed::ZERO; EXTENSION_DEGREE];
        for (cells, scales) in row.chunks_exact(LANES).zip(&scales) {
            let cells = *Packed::from_slice(cells);
            sums.iter_mut().zip(scales).for_each(|(sum, &scale)| *sum += cells * scale);
        }
        EF::from_basis_coefficients_fn(|d| sum_of_lanes(&sums[d]))
    })
    .collect()
}
