//! Tables of values over instances and positions.

use alloc::vec::Vec;

use p3_field::{Algebra, BasedVectorSpace, PackedFieldExtension, PrimeCharacteristicRing};
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use crate::multilinear::packed::{LANES as VECTOR, Packed, PackedExt};

/// Elements of the challenge field, one or a vector.
pub trait Value: Algebra<EF> + Copy + Send + Sync {}

impl<E: Algebra<EF> + Copy + Send + Sync> Value for E {}

/// How formulas multiply.
pub trait Multiply<E> {
    /// The product.
    fn times(left: &E, right: &E) -> E;
}

/// As the type does.
pub(super) struct Plain;

impl<E: PrimeCharacteristicRing + Copy> Multiply<E> for Plain {
    #[inline(always)]
    fn times(left: &E, right: &E) -> E {
        *left * *right
    }
}

/// Vectors of the challenge field, in place: their own product is a call with copies of the factors.
pub(super) struct Inline;

impl Multiply<PackedExt> for Inline {
    #[inline(always)]
    fn times(left: &PackedExt, right: &PackedExt) -> PackedExt {
        let factors: (&[Packed], &[Packed]) = (left.as_basis_coefficients_slice(), right.as_basis_coefficients_slice());
        let (&[a0, a1, a2, a3, a4], &[b0, b1, b2, b3, b4]) = factors else { return *left * *right };
        // X^5 is 2.
        let (c1, c2, c3, c4) = (b1.double(), b2.double(), b3.double(), b4.double());
        let a = [a0, a1, a2, a3, a4];
        let products = [
            Packed::dot_product(&a, &[b0, c4, c3, c2, c1]),
            Packed::dot_product(&a, &[b1, b0, c4, c3, c2]),
            Packed::dot_product(&a, &[b2, b1, b0, c4, c3]),
            Packed::dot_product(&a, &[b3, b2, b1, b0, c4]),
            Packed::dot_product(&a, &[b4, b3, b2, b1, b0]),
        ];
        PackedExt::from_basis_coefficients_fn(|index| products[index])
    }
}

/// Several columns; the values of all of them at one place are a cell.
///
/// Where cells come in groups, of one instance each, instances beyond the last group are like it.
pub(super) struct Grid<E> {
    width: usize,
    cells: Vec<E>,
}

impl<E: Value> Grid<E> {
    /// A grid of cells one after the other.
    pub(super) const fn new(width: usize, cells: Vec<E>) -> Self {
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

    /// Binds the highest variable of the number of a group of `size` cells; it stands for `half`
    /// groups.
    pub(super) fn bind<P: Multiply<E>>(&mut self, size: usize, half: usize, challenge: EF) {
        let (group, groups) = (size * self.width, self.len() / size);
        let (low, high) = self.cells.split_at_mut(half.min(groups - 1) * group);
        let challenge = E::from(challenge);
        low.par_chunks_mut(group).enumerate().for_each(|(index, low)| {
            let high = &high[index.min(high.len() / group - 1) * group..];
            for (low, high) in low.iter_mut().zip(high) {
                *low += P::times(&(*high - *low), &challenge);
            }
        });
        self.cells.truncate(half.min(groups) * group);
    }
}

impl Grid<PackedExt> {
    /// The sum over instances, which are groups of `cells` cells, with weights.
    pub(super) fn combine(&self, cells: usize, weights: &[EF]) -> Self {
        let mut sums = PackedExt::zero_vec(cells * self.width);
        sums.par_chunks_mut(self.width).enumerate().for_each(|(index, sums)| {
            for (instance, weight) in weights.iter().enumerate() {
                let weight = PackedExt::from(*weight);
                for (sum, value) in sums.iter_mut().zip(self.cell(instance * cells + index)) {
                    *sum += Inline::times(value, &weight);
                }
            }
        });
        Self { width: self.width, cells: sums }
    }

    /// The elements of vectors, each in a cell of its own.
    pub(super) fn unpack(&self) -> Grid<EF> {
        let cells =
            (0..self.len() * VECTOR).flat_map(|index| self.cell(index / VECTOR).iter().map(move |value| value.extract(index % VECTOR)));
        Grid { width: self.width, cells: cells.collect() }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use tern_field::F;

    use super::*;

    /// Groups left out change nothing.
    #[test]
    fn groups_beyond_the_last_are_like_it() {
        let value = |index: usize| EF::from_usize(index * index + 3);
        for groups in 1..=8 {
            let cells: Vec<EF> = (0..6 * groups).map(value).collect();
            let mut all = cells.clone();
            (groups..8).for_each(|_| all.extend_from_within(all.len() - 6..));
            let (mut short, mut full) = (Grid::new(3, cells), Grid::new(3, all));
            for half in [4, 2, 1] {
                short.bind::<Plain>(2, half, value(half));
                full.bind::<Plain>(2, half, value(half));
                assert_eq!(full.len(), 2 * half);
                assert_eq!(short.len(), 2 * half.min(groups));
                for index in 0..full.len() {
                    let group = (index / 2).min(short.len() / 2 - 1);
                    assert_eq!(short.cell(2 * group + index % 2), full.cell(index));
                }
            }
        }
        let table = super::super::weights::merged_eq_table(&[value(1), value(2)], 3);
        assert_eq!(table.len(), 3);
        assert_eq!(table[2], value(2));
        assert_eq!(super::super::weights::merged_eq_table(&[], 3), vec![EF::ONE]);
    }

    #[test]
    fn products_of_vectors_are_products() {
        let number = |index: usize| F::from_usize(index * index * 1_000_003 + 17);
        let vector = |seed: usize| PackedExt::from_ext_fn(|lane| EF::from_basis_coefficients_fn(|index| number(seed + 5 * lane + index)));
        for seed in 0..50 {
            let (a, b) = (vector(seed), vector(1000 + 7 * seed));
            assert!(Inline::times(&a, &b) == a * b);
        }
    }
}
