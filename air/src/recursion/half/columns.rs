//! Columns of the chip of halves.

use crate::columns;

/// Words of a half.
pub const WORDS: usize = 8;

/// A row: 32 bytes as eight words.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct HalfCols<T> {
    /// The words' limbs: word `i`, little-endian, is `limbs[2 i] + 2^16 limbs[2 i + 1]`. Below 2^16
    /// by lookup. Nondeterministic: pinned by the half or the words that are read; the bytes of a
    /// proof where both are written.
    pub limbs: [T; 2 * WORDS],
    /// For each word the inverse of `high limb - 0x7800`, zero if there is none; nondeterministic,
    /// pinned by a constraint where the circuit wants a canonical word and the low limb is not
    /// zero, else free.
    pub inverses: [T; WORDS],
}

/// What the circuit fixes of a row, all zero on padding rows. Multiplicities are -1 to read, a
/// fan-out to write, 0 for nothing.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct HalfPreCols<T> {
    /// Whether the circuit uses the row: 0 or 1.
    pub real: T,
    /// Address of the half.
    pub addr_half: T,
    /// What happens to the half.
    pub mult_half: T,
    /// Address of the wire of word 0; that of word `i` is `i` further.
    pub addr_word: T,
    /// What happens to each of the eight wires.
    pub mult_word: T,
    /// One where every word must be below `p`, so that element and bytes determine each other; else zero.
    pub canonical: T,
}

columns!(HalfCols, HalfPreCols);
