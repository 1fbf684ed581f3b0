//! Filling the segment chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::SegmentCols;
use crate::events::{FIRST_TIME, TICKS_PER_INSTRUCTION};
use crate::layout::Columns;

/// Fills a table of `height` rows for a segment of `cycles` instructions.
pub fn fill(cycles: u32, height: usize) -> RowMajorMatrix<F> {
    let width = <SegmentCols<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(height * width);
    let row = SegmentCols::of_mut(&mut values[..width]);
    row.is_real = F::ONE;
    row.end_time = F::from_u32(FIRST_TIME + cycles * TICKS_PER_INSTRUCTION);
    RowMajorMatrix::new(values, width)
}
