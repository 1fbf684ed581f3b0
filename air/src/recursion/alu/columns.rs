//! Columns of the arithmetic chip.

use crate::columns;

/// A row: one operation `a * b + c = d` on elements of the challenge field, by their coordinates,
/// the constant one first. Nondeterministic: each operand is pinned by its wire where it is read,
/// and by the constraint where it is the one that is written.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AluCols<T> {
    /// A factor.
    pub a: [T; 5],
    /// A factor.
    pub b: [T; 5],
    /// A summand.
    pub c: [T; 5],
    /// The result.
    pub d: [T; 5],
}

/// What the circuit fixes of a row: the wires of the operation. A row without an operation is all zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AluPreCols<T> {
    /// Addresses of the wires of `a`, `b`, `c`, `d`.
    pub addr: [T; 4],
    /// What each operand does to its wire: -1 reads it, a fan-out writes it, 0 is no wire.
    pub mult: [T; 4],
}

columns!(AluCols, AluPreCols);
