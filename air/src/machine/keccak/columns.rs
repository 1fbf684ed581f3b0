//! Columns of the chip of Keccak calls.

use crate::columns;

/// A row: one call.
#[repr(C)]
#[derive(Debug)]
pub struct KeccakCols<T> {
    /// One if the row is a call; boolean.
    pub real: T,
    /// Tick at which the call begins; from the ecall chip.
    pub time: T,
    /// The pointer's lower limb divided by 8; below 2^13 by a lookup, and pinned by the ecall
    /// chip's message.
    pub dword: T,
    /// The pointer's upper limb: a register's limb, from the ecall chip.
    pub ptr1: T,
    /// Times of the previous accesses to the 25 dwords; nondeterministic, pinned by the memory bus.
    pub t_mem: [T; 25],
    /// Limbs of the dwords before the call, the lowest of a dword first; from the memory bus.
    pub input: [[T; 4]; 25],
    /// Limbs of the dwords after it. What they are is shown outside of the chip's constraints.
    pub output: [[T; 4]; 25],
}

columns!(KeccakCols);
