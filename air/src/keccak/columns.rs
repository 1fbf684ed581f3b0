//! Columns of the Keccak chip.

use crate::columns;

/// A row: one round of a permutation.
///
/// Every row belongs to a permutation, the last ones of the table to one that may be cut short. Permutations that no call
/// asks for (padding) are of the zero state and not exported. All columns but `permutation` matter only on the last row of an
/// exported permutation, and are zero elsewhere.
#[repr(C)]
#[derive(Debug)]
pub struct KeccakCols<T> {
    /// Plonky3's columns: round flags, the state before the permutation (`preimage`), the round's input, intermediate
    /// values and output; `export`, boolean and zero but on last rows, says that the permutation is a call's.
    pub permutation: p3_keccak_air::KeccakCols<T>,
    /// Tick at which the call begins; from the ecall chip.
    pub time: T,
    /// The pointer's lower limb divided by 8; below 2^13 by a lookup, and pinned by the ecall chip's message.
    pub dword: T,
    /// The pointer's upper limb: a register's limb, from the ecall chip.
    pub ptr1: T,
    /// Times of the previous accesses to the 25 dwords; nondeterministic, pinned by the memory bus.
    pub t_mem: [T; 25],
}

columns!(KeccakCols);
