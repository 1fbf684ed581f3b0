//! Columns of the bits table.

use crate::columns;

/// The preprocessed columns of a row.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BitsTableFixed<T> {
    /// Number of bits, 0 to 16.
    pub k: T,
    /// A value of `k` bits.
    pub v: T,
    /// Whether `v` is the largest value of `k` bits; zero on the row that is left over.
    pub is_top: T,
}

/// The main columns of a row. Any values are sound: they only say how often a true statement is provided.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BitsTableCols<T> {
    /// How often `(k, v)` is looked up; nondeterministic, pinned by the bus.
    pub bits: T,
    /// Where `is_top`: how often `(k, v + 1)` is looked up as a power; nondeterministic, pinned by the bus. Elsewhere without effect.
    pub power: T,
}

columns!(BitsTableFixed, BitsTableCols);
