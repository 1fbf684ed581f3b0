//! Columns of the chip of rounds.

use crate::columns;

/// A row: one round of BLAKE3, eight quarter rounds G: four on the columns of the state, then four on its diagonals. A zero row is padding.
///
/// Words are 16-bit limbs (low, high) where they are only added to, and bytes, lowest first, where they are added bit by bit.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct RoundsCols<T> {
    /// Names the state before the round: the call's key and the round; from the tokens.
    pub key: T,
    /// Whether the row is a round; boolean.
    pub real: T,
    /// Whether the round is the seventh, after which the block is not wanted any more; boolean, zero on padding rows, pinned by the message tokens.
    pub last: T,
    /// Words 0 to 3 of the state before the round, as limbs; from the token.
    pub a: [[T; 2]; 4],
    /// Words 4 to 7, as bytes; from the token, bytes by their lookups.
    pub b: [[T; 4]; 4],
    /// Words 8 to 11, as limbs; from the token.
    pub c: [[T; 2]; 4],
    /// Words 12 to 15, as bytes; from the token, bytes by their lookups.
    pub d: [[T; 4]; 4],
    /// The block in the order of the round, as limbs; from the tokens.
    pub m: [[T; 2]; 16],
    /// The quarter rounds: columns 0 to 3, then diagonals 0 to 3.
    pub quarters: [QuarterCols<T>; 8],
}

/// One quarter round G: every new value of the words a, b, c and d, in the order of computation. All cells are bytes or parts of bytes by their lookups.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct QuarterCols<T> {
    /// `a + b + m`.
    pub a1: [T; 4],
    /// `(d ^ a1) >>> 16`.
    pub d1: [T; 4],
    /// `c + d1`.
    pub c1: [T; 4],
    /// `b ^ c1` before its rotation by 12: each byte's high and low nibble.
    pub b1: [[T; 2]; 4],
    /// `a1 + (b ^ c1 >>> 12) + m'`.
    pub a2: [T; 4],
    /// `(d1 ^ a2) >>> 8`.
    pub d2: [T; 4],
    /// `c1 + d2`.
    pub c2: [T; 4],
    /// `(b ^ c1 >>> 12) ^ c2` before its rotation by 7: each byte's highest bit and the other seven.
    pub b2: [[T; 2]; 4],
}

columns!(RoundsCols, QuarterCols);
