//! Filling the byte table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{ByteTableCols, ByteTableFixed, HEIGHT};
use crate::layout::Columns;
use crate::lookups::Lookups;

/// Fills the main columns with the lookups that all other tables have counted.
#[must_use]
pub fn fill(lookups: &Lookups) -> RowMajorMatrix<F> {
    let width = <ByteTableCols<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(HEIGHT * width);
    for (index, row) in values.chunks_exact_mut(width).enumerate() {
        let row = ByteTableCols::of_mut(row);
        for (cell, counts) in row.counts.iter_mut().zip(&lookups.bytes) {
            *cell = F::from_u32(counts[index]);
        }
    }
    RowMajorMatrix::new(values, width)
}

pub(super) fn preprocessed() -> RowMajorMatrix<F> {
    let width = <ByteTableFixed<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(HEIGHT * width);
    let pairs = (0..=u8::MAX).flat_map(|b| (0..=u8::MAX).map(move |a| (a, b)));
    for (row, (a, b)) in values.chunks_exact_mut(width).zip(pairs) {
        *ByteTableFixed::of_mut(row) = ByteTableFixed { a: F::from_u8(a), b: F::from_u8(b), and: F::from_u8(a & b) };
    }
    RowMajorMatrix::new(values, width)
}
