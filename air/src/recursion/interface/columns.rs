//! Columns of the chip of constants and public values.

use crate::columns;

/// A row. Everything is fixed by the circuit or public; a table wants a column all the same.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct InterfaceCols<T> {
    /// Zero by constraint.
    pub unused: T,
}

/// What the circuit fixes of a row.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct InterfacePreCols<T> {
    /// Address of a constant's wire.
    pub addr: T,
    /// Its fan-out.
    pub mult: T,
    /// The constant's coordinates, the constant one first.
    pub value: [T; 5],
    /// Address of a constant half.
    pub addr_half: T,
    /// Its fan-out.
    pub mult_half: T,
    /// The constant half's limbs, below 2^16.
    pub limbs: [T; 16],
    /// Address of the half that is the public values.
    pub addr_public: T,
    /// One where that half is read: on one row.
    pub is_public: T,
}

columns!(InterfaceCols, InterfacePreCols);
