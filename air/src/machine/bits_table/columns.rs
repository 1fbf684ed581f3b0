//! Columns of the bits table.

use crate::columns;

/// The fixed columns of row `2^k + v`; all zero on row 0 and beyond the table.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BitsTableFixed<T> {
    /// Number of bits, 0 to 16.
    pub k: T,
    /// A value of `k` bits.
    pub v: T,
    /// The largest value of `k` bits, `2^k - 1`.
    pub largest: T,
}

/// The main columns of a row. Any values are sound: they only say how often a true statement is provided.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BitsTableCols<T> {
    /// How often `(k, v)` is looked up; nondeterministic, pinned by the bus.
    pub bits: T,
    /// How often `(k, 2^k)` is looked up; nondeterministic, pinned by the bus. The fill counts it
    /// where `v` is zero.
    pub power: T,
}

columns!(BitsTableFixed, BitsTableCols);
