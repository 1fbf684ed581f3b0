//! Columns of the segment chip.

use crate::columns;

/// The fixed column of a row.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SegmentFixed<T> {
    /// One on the first row, zero on all others.
    pub is_first: T,
}

/// The main column of a row. What it holds on rows but the first is without effect.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct SegmentCols<T> {
    /// Time of the last execution token of a segment that does not halt; nondeterministic, pinned
    /// by the execution bus.
    pub end_time: T,
}

columns!(SegmentFixed, SegmentCols);
