//! Columns of the compression chip.

use crate::columns;

/// A row: one compression. A half is 16 limbs: eight little-endian words, each as its low and its high 16-bit limb.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CompressCols<T> {
    /// The chaining value; the half at `addr_cv`.
    pub cv: [T; 16],
    /// One half of the block; the half at `addr_own`.
    pub own: [T; 16],
    /// The other half; the half at `addr_sibling`.
    pub sibling: [T; 16],
    /// Whether `sibling` is the block's first half, else `own` is; boolean, the wire at `addr_bit`, or zero where none is read.
    pub bit: T,
    /// Words 0 to 7 of the state after seven rounds, as bytes; from the rounds' token.
    pub low: [T; 32],
    /// Words 8 to 15, likewise.
    pub high: [T; 32],
    /// The sum of `low` and `high`: the first 32 bytes of output. Bytes, by their lookups.
    pub out: [T; 32],
}

/// What the circuit fixes of a row. All zero on padding rows.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CompressPreCols<T> {
    /// Names the first state of the compression: eight times the row's index. No two rows of a circuit have the same.
    pub key: T,
    /// Whether the row is a compression.
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
    /// Low word of the counter; the high one is zero. Below 2^16.
    pub counter: T,
    /// Bytes of the block.
    pub len: T,
    /// BLAKE3's flags.
    pub flags: T,
    /// Address of the output.
    pub addr_out: T,
    /// How often the output is read.
    pub mult_out: T,
}

columns!(CompressCols, CompressPreCols);
