//! Columns of the chip of digests at an index.

use crate::columns;

/// A row: one digest.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CapCols<T> {
    /// The digest as 16-bit limbs; nondeterministic, pinned by the half or the entry that is read.
    pub limbs: [T; 16],
    /// Which entry is read; pinned by its wire, zero on rows that read none.
    pub index: T,
    /// How often the entry that a row provides is read; nondeterministic, any value is sound.
    pub uses: T,
}

/// What the circuit fixes of a row. No row has both `provides` and `read_index`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CapPreCols<T> {
    /// Address of a half.
    pub addr_one: T,
    /// What happens to it: -1 reads it, a fan-out writes it, 0 is nothing.
    pub mult_one: T,
    /// Address of another half.
    pub addr_two: T,
    /// What happens to it.
    pub mult_two: T,
    /// Address of the wire of the index.
    pub addr_index: T,
    /// One where the index, and with it an entry, is read; else zero.
    pub read_index: T,
    /// The entry that is provided, or the one that index zero stands for.
    pub cap: T,
    /// One where the digest is provided as entry `cap`; else zero.
    pub provides: T,
    /// The first of 16 wires that are written with the digest's limbs.
    pub addr_limbs: T,
    /// How often each of them is read.
    pub mult_limbs: T,
}

columns!(CapCols, CapPreCols);
