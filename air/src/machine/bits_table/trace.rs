//! Filling the bits table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{BitsTableCols, BitsTableFixed, HEIGHT};
use crate::layout::Columns;
use crate::lookups::{Lookups, MAX_BITS};

/// Fills the main columns with the lookups that all other tables have counted.
#[must_use]
pub fn fill(lookups: &Lookups) -> RowMajorMatrix<F> {
    let width = <BitsTableCols<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(HEIGHT * width);
    // The counts begin with that of `(0, 0)`, which is in row 1.
    for (row, &count) in values.chunks_exact_mut(width).skip(1).zip(&lookups.bits) {
        BitsTableCols::of_mut(row).bits = F::from_u32(count);
    }
    for (k, &count) in (0..=MAX_BITS).zip(&lookups.power) {
        let at = width << k;
        BitsTableCols::of_mut(&mut values[at..at + width]).power = F::from_u32(count);
    }
    RowMajorMatrix::new(values, width)
}

/// The fixed columns.
pub(super) fn fixed() -> RowMajorMatrix<F> {
    let width = <BitsTableFixed<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(HEIGHT * width);
    for (row, number) in values.chunks_exact_mut(width).zip(0_u32..).skip(1) {
        let k = number.ilog2();
        let power = 1 << k;
        *BitsTableFixed::of_mut(row) =
            BitsTableFixed { k: F::from_u32(k), v: F::from_u32(number - power), largest: F::from_u32(power - 1) };
    }
    RowMajorMatrix::new(values, width)
}
