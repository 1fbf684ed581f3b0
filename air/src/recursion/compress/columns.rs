//! Columns of the compression chip.

use super::ROUNDS;
use crate::columns;

/// Quarter rounds of a round: four on the columns of the state, then four on its diagonals.
pub const QUARTERS: usize = 8;

/// Quarter rounds whose words `d1` are cells: all but the four on the columns of the first state.
pub(super) const WHOLE: usize = ROUNDS * QUARTERS - 4;

/// A row: one compression. Words are 16-bit limbs (low, high) where they are only added to, and
/// bytes, lowest first, where they are added bit by bit. A half is 16 limbs: eight little-endian
/// words.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CompressCols<T> {
    /// Words 0 to 3 of the chaining value, as limbs; with `cv_high` the half at `addr_cv`.
    pub cv_low: [[T; 2]; 4],
    /// Words 4 to 7, as bytes: bytes by their lookups.
    pub cv_high: [[T; 4]; 4],
    /// The block's first half; the half at `addr_own`, or at `addr_sibling` where `bit` is set.
    pub left: [T; 16],
    /// The block's second half; the other one.
    pub right: [T; 16],
    /// Whether the half at `addr_sibling` is the block's first, else that at `addr_own` is;
    /// boolean, the wire at `addr_bit`, or zero where none is read.
    pub bit: T,
    /// The bytes of the first four `d1` that are not those of `a1`: of the counter's two bytes, the
    /// length and the flags with `a1`. Bytes, by their lookups.
    pub start: [T; 4],
    /// `(d ^ a1) >>> 16` of every other quarter round, in their order. Bytes, by their lookups.
    pub d1: [[T; 4]; WHOLE],
    /// The other words of the quarter rounds: of each round the columns 0 to 3, then the diagonals 0 to 3.
    pub rounds: [[QuarterCols<T>; QUARTERS]; ROUNDS],
    /// The sum of the last state's halves: the first 32 bytes of output. Bytes, by their lookups.
    pub out: [[T; 4]; 8],
}

/// One quarter round G: every new value of the words a, b, c and d but `d1`, in the order of
/// computation. All cells are bytes or parts of bytes by their lookups.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct QuarterCols<T> {
    /// `a + b + m`.
    pub a1: [T; 4],
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

/// What the circuit fixes of a row. All zero on padding rows.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CompressPreCols<T> {
    /// Whether the row is a compression: 0 or 1.
    pub real: T,
    /// Address of the chaining value.
    pub addr_cv: T,
    /// Address of one half of the block.
    pub addr_own: T,
    /// Address of the other half.
    pub addr_sibling: T,
    /// Address of the bit that tells their order.
    pub addr_bit: T,
    /// Whether there is such a bit.
    pub read_bit: T,
    /// The two lowest bytes of the counter; the others are zero.
    pub counter: [T; 2],
    /// Bytes of the block.
    pub len: T,
    /// BLAKE3's flags, below 256.
    pub flags: T,
    /// Address of the output.
    pub addr_out: T,
    /// How often the output is read.
    pub mult_out: T,
}

columns!(CompressCols, CompressPreCols, QuarterCols);
