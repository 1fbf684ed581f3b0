//! Columns of the packing chip.

use crate::columns;

/// A row: an element of the challenge field by its five coordinates, the constant one first.
/// Nondeterministic, pinned by the wires that are read.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PackCols<T> {
    /// The element.
    pub element: [T; 5],
}

/// What the circuit fixes of a row: the element's wires. A row without an element is all zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct PackPreCols<T> {
    /// Address of the element's wire.
    pub addr_ext: T,
    /// What happens to the element's wire: -1 reads it, a fan-out writes it, 0 is no wire.
    pub mult_ext: T,
    /// Address of the wire of coordinate 0; coordinate `i` is `i` further.
    pub addr_base: T,
    /// What happens to each of the five wires of the coordinates, likewise.
    pub mult_base: T,
}

columns!(PackCols, PackPreCols);
