//! Filling the byte table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{ByteLookups, ByteTableCols, ByteTablePreCols, HEIGHT};
use crate::layout::Columns;
use crate::recursion::bus::MAX_TOP;

/// Fills the main columns with the lookups that all other tables have counted.
#[must_use]
pub fn fill(lookups: &ByteLookups) -> RowMajorMatrix<F> {
    let width = <ByteTableCols<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(HEIGHT * width);
    for (index, row) in values.chunks_exact_mut(width).enumerate() {
        let row = ByteTableCols::of_mut(row);
        for (cell, counts) in row.counts.iter_mut().zip(&lookups.counts) {
            *cell = F::from_u32(counts[index]);
        }
    }
    RowMajorMatrix::new(values, width)
}

/// The preprocessed columns, [`HEIGHT`] rows.
#[must_use]
pub fn preprocessed() -> RowMajorMatrix<F> {
    let width = <ByteTablePreCols<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(HEIGHT * width);
    for (row, value) in values.chunks_exact_mut(width).zip(0..=u16::MAX) {
        let [a, b] = value.to_le_bytes();
        let sum = a ^ b;
        *ByteTablePreCols::of_mut(row) = ByteTablePreCols {
            a: F::from_u8(a),
            b: F::from_u8(b),
            hi: F::from_u8(sum >> 4),
            lo: F::from_u8(sum & 15),
            top: F::from_u8(sum >> 7),
            small: F::from_bool(u32::from(value) <= MAX_TOP),
        };
    }
    RowMajorMatrix::new(values, width)
}
