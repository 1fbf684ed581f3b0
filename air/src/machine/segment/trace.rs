//! Filling the segment chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{SegmentCols, SegmentFixed};
use crate::events::{FIRST_TIME, TICKS_PER_INSTRUCTION};
use crate::layout::Columns;

/// Fills the one row for a segment of `cycles` instructions.
#[must_use]
pub fn fill(cycles: u32) -> RowMajorMatrix<F> {
    let width = <SegmentCols<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(width);
    SegmentCols::of_mut(&mut values).end_time = F::from_u32(FIRST_TIME + cycles * TICKS_PER_INSTRUCTION);
    RowMajorMatrix::new(values, width)
}

/// The fixed column of the first row; it is zero in all others.
pub(super) fn fixed() -> RowMajorMatrix<F> {
    let width = <SegmentFixed<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(width);
    SegmentFixed::of_mut(&mut values).is_first = F::ONE;
    RowMajorMatrix::new(values, width)
}
