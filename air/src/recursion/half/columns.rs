//! Columns of the chip of halves.

use crate::columns;

/// Words of a half.
pub const WORDS: usize = 8;

/// A row: 32 bytes as eight words, and a step of a sum over them.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct HalfCols<T> {
    /// The words' limbs: word `i`, little-endian, is `limbs[2 i] + 2^16 limbs[2 i + 1]`. Below 2^16 by lookup. Nondeterministic: pinned by the half or the words that are read;
    /// the bytes of a proof where both are written.
    pub limbs: [T; 2 * WORDS],
    /// For each word the inverse of `high limb - 0x7800`, zero if there is none; nondeterministic, pinned by a constraint where the circuit wants a canonical word and the low limb is not zero, else free.
    pub inverses: [T; WORDS],
    /// Base of the sum; pinned by its wire where `read_reduce` is set, else free.
    pub beta: [T; 5],
    /// The sum so far; pinned by its wire where `read_reduce` is set, else free.
    pub acc_in: [T; 5],
    /// The sum after the words 0 to 3.
    pub acc_mid: [T; 5],
    /// The sum after all words.
    pub acc_out: [T; 5],
}

/// What the circuit fixes of a row. Multiplicities are -1 to read, a fan-out to write, 0 for nothing.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct HalfPreCols<T> {
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
    /// Address of the wire of `beta`.
    pub addr_beta: T,
    /// Address of the wire of `acc_in`.
    pub addr_in: T,
    /// Address of the wire of `acc_out`.
    pub addr_out: T,
    /// One where `beta` and `acc_in` are read; else zero.
    pub read_reduce: T,
    /// Fan-out of `acc_out`.
    pub mult_out: T,
    /// The factor of each word in the sum: one for the words that it takes, zero for others.
    pub mask: [T; WORDS],
}

columns!(HalfCols, HalfPreCols);
