//! Tables of values over instances and positions.

use alloc::vec::Vec;

use p3_field::{Algebra, PackedFieldExtension};
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, F};

use crate::prover::messages::{LANES as VECTOR, PackedExt};

/// Elements of the challenge field, one or a vector.
pub(super) trait Value: Algebra<EF> + Copy + Send + Sync {}

impl<E: Algebra<EF> + Copy + Send + Sync> Value for E {}

/// The sum of a vector's elements.
pub(super) fn total(vector: PackedExt) -> EF {
    <PackedExt as PackedFieldExtension<F, EF>>::to_ext_iter([vector]).sum()
}

/// Several columns; the values of all of them at one place are a cell.
pub(super) struct Grid<E> {
    width: usize,
    cells: Vec<E>,
}

impl<E: Value> Grid<E> {
    /// A grid of cells one after the other.
    pub(super) fn new(width: usize, cells: Vec<E>) -> Self {
        debug_assert!(cells.len().is_multiple_of(width));
        Self { width, cells }
    }

    /// Number of cells.
    pub(super) fn len(&self) -> usize {
        self.cells.len() / self.width
    }

    /// A cell.
    pub(super) fn cell(&self, index: usize) -> &[E] {
        &self.cells[index * self.width..][..self.width]
    }

    /// Columns made from each cell; `row` fills those of the cell with the given index.
    pub(super) fn map(&self, width: usize, row: impl Fn(usize, &[E], &mut [E]) + Sync) -> Self {
        let mut cells = E::zero_vec(self.len() * width);
        cells.par_chunks_mut(width).zip(self.cells.par_chunks(self.width)).enumerate().for_each(|(index, (to, from))| row(index, from, to));
        Self { width, cells }
    }

    /// The columns of two grids side by side.
    pub(super) fn beside(&self, other: &Self) -> Self {
        self.map(self.width + other.width, |index, cell, place| {
            place[..self.width].copy_from_slice(cell);
            place[self.width..].copy_from_slice(other.cell(index));
        })
    }

    /// Binds the highest variable.
    pub(super) fn bind(&mut self, challenge: EF) {
        let half = self.cells.len() / 2;
        let (low, high) = self.cells.split_at_mut(half);
        let challenge = E::from(challenge);
        low.par_chunks_mut(self.width).zip(high.par_chunks(self.width)).for_each(|(low, high)| {
            for (low, high) in low.iter_mut().zip(high) {
                *low += (*high - *low) * challenge;
            }
        });
        self.cells.truncate(half);
    }

    /// The sum over instances, which are groups of `cells` cells, with weights.
    pub(super) fn combine(&self, cells: usize, weights: &[EF]) -> Self {
        let mut sums = E::zero_vec(cells * self.width);
        sums.par_chunks_mut(self.width).enumerate().for_each(|(index, sums)| {
            for (instance, weight) in weights.iter().enumerate() {
                let weight = E::from(*weight);
                for (sum, value) in sums.iter_mut().zip(self.cell(instance * cells + index)) {
                    *sum += *value * weight;
                }
            }
        });
        Self { width: self.width, cells: sums }
    }
}

impl Grid<PackedExt> {
    /// The elements of vectors, each in a cell of its own.
    pub(super) fn unpack(&self) -> Grid<EF> {
        let cells =
            (0..self.len() * VECTOR).flat_map(|index| self.cell(index / VECTOR).iter().map(move |value| value.extract(index % VECTOR)));
        Grid { width: self.width, cells: cells.collect() }
    }
}
