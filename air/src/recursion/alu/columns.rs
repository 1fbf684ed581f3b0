//! Columns of the arithmetic chip.

use crate::columns;

/// Operations on a row.
pub const LANES: usize = 4;

/// A row: independent operations.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AluCols<T> {
    /// The operations.
    pub ops: [AluOpCols<T>; LANES],
}

/// One operation `a * b + c = d` on elements of the challenge field, by their coordinates, the constant one first. Nondeterministic: each operand is pinned by its wire where it
/// is read, and by the constraint where it is the one that is written.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AluOpCols<T> {
    /// A factor.
    pub a: [T; 5],
    /// A factor.
    pub b: [T; 5],
    /// A summand.
    pub c: [T; 5],
    /// The result.
    pub d: [T; 5],
}

/// What the circuit fixes of a row.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AluPreCols<T> {
    /// The wires of the operations, in the order of [`AluCols::ops`].
    pub ops: [AluOpPreCols<T>; LANES],
}

/// The wires of one operation. A lane without an operation is all zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AluOpPreCols<T> {
    /// Addresses of the wires of `a`, `b`, `c`, `d`.
    pub addr: [T; 4],
    /// What each operand does to its wire: -1 reads it, a fan-out writes it, 0 is no wire.
    pub mult: [T; 4],
}

columns!(AluCols, AluOpCols, AluPreCols, AluOpPreCols);
