//! Columns of the recursion's byte table.

use crate::columns;

/// The preprocessed columns of row `a + 256 b`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ByteTablePreCols<T> {
    /// A byte.
    pub a: T,
    /// A byte.
    pub b: T,
    /// High nibble of `a ^ b`.
    pub hi: T,
    /// Low nibble of `a ^ b`.
    pub lo: T,
    /// Highest bit of `a ^ b`.
    pub top: T,
    /// Whether `a + 256 b` is at most [`crate::recursion::bus::MAX_TOP`].
    pub small: T,
}

/// The main columns of a row. Any values are sound: they only say how often a true statement is provided.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ByteTableCols<T> {
    /// How often the row is looked up, in the order of [`super::ByteLookup`]; nondeterministic,
    /// pinned by the bus.
    pub counts: [T; 5],
}

columns!(ByteTablePreCols, ByteTableCols);
