//! Columns of the byte table.

use crate::columns;

/// The preprocessed columns of row `a + 256 b`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ByteTableFixed<T> {
    /// A byte.
    pub a: T,
    /// A byte.
    pub b: T,
    /// `a & b`.
    pub and: T,
}

/// The main columns of a row. Any values are sound: they only say how often a true statement is provided.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ByteTableCols<T> {
    /// How often the pair is looked up, in the order of [`crate::lookups::ByteLookup`];
    /// nondeterministic, pinned by the bus.
    pub counts: [T; 4],
}

columns!(ByteTableFixed, ByteTableCols);
