//! Columns of the chip of SHA-256's calls.

use crate::columns;
use crate::gadgets::Limbs;

/// A row: one call. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Sha256Cols<T> {
    /// Boolean; zero on padding rows.
    pub is_real: T,
    /// Tick at which the call begins; from the ecall chip.
    pub time: T,
    /// Lower limbs of the pointers to the state and to the block, divided by 8; below 2^13 by
    /// lookups, and pinned by the ecall chip's message.
    pub dwords: [T; 2],
    /// Upper limbs of the same pointers: limbs of registers, from the ecall chip.
    pub ptr1s: [T; 2],
    /// Region of the block: 0, 1 or 2; nondeterministic, pinned by the memory bus: a cell has one region.
    pub region: T,
    /// The state before the call: halves of its eight words, lower first; from the memory bus.
    pub old: [Limbs<T>; 4],
    /// The state after the call, likewise; their range by lookups. Determined by the old state and
    /// what the rounds give back.
    pub new: [Limbs<T>; 4],
    /// Carries out of the halves of the sums that make the new state; boolean.
    pub carries: [Limbs<T>; 4],
    /// Limbs of the block's dwords; from the memory bus.
    pub block: [Limbs<T>; 8],
    /// Times of the previous accesses to the state; nondeterministic, pinned by the memory bus.
    pub t_state: [T; 4],
    /// Times of the previous accesses to the block; likewise.
    pub t_block: [T; 8],
}

columns!(Sha256Cols);
