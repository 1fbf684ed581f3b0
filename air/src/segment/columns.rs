//! Columns of the segment chip.

use crate::columns;

/// Index of [`SegmentCols::is_real`], the one column that constraints read on the next row.
pub(super) const IS_REAL: usize = 0;

/// A row. Only the first is real; the others are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SegmentCols<T> {
    /// One on the first row, zero on all others.
    pub is_real: T,
    /// Time of the last execution token of a segment that does not halt; nondeterministic, pinned by the execution bus.
    pub end_time: T,
}

columns!(SegmentCols);
