//! Filling the bits table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{BitsTableCols, BitsTableFixed, HEIGHT};
use crate::layout::Columns;
use crate::lookups::{Lookups, MAX_BITS};

/// The row of `(k, 2^k - 1)`.
const fn top_row(k: u32) -> usize {
    (1 << (k + 1)) - 2
}

/// Fills the main columns with the lookups that all other tables have counted.
#[must_use]
pub fn fill(lookups: &Lookups) -> RowMajorMatrix<F> {
    let width = <BitsTableCols<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(HEIGHT * width);
    for (row, &count) in values.chunks_exact_mut(width).zip(&lookups.bits) {
        BitsTableCols::of_mut(row).bits = F::from_u32(count);
    }
    for (k, &count) in (0..=MAX_BITS).zip(&lookups.power) {
        let at = top_row(k) * width;
        BitsTableCols::of_mut(&mut values[at..at + width]).power = F::from_u32(count);
    }
    RowMajorMatrix::new(values, width)
}

/// The preprocessed columns; the row behind the last is left at `(0, 0)`.
pub(super) fn preprocessed() -> RowMajorMatrix<F> {
    let width = <BitsTableFixed<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(HEIGHT * width);
    let entries = (0..=MAX_BITS).flat_map(|k| (0..1_u32 << k).map(move |v| (k, v)));
    for (row, (k, v)) in values.chunks_exact_mut(width).zip(entries) {
        *BitsTableFixed::of_mut(row) = BitsTableFixed { k: F::from_u32(k), v: F::from_u32(v), is_top: F::from_bool(v + 1 == 1 << k) };
    }
    RowMajorMatrix::new(values, width)
}
