//! Columns of the ecall chip.

use crate::columns;
use crate::gadgets::Limbs;

/// A row: one `ecall` or `fence`. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct EcallCols<T> {
    /// Program counter; from the execution token.
    pub pc: T,
    /// Tick at which the instruction begins; from the execution token.
    pub time: T,
    /// A `fence`. This and the next seven are boolean, at most one of them is set, and none on
    /// padding rows.
    pub is_fence: T,
    /// The call that ends the run.
    pub is_halt: T,
    /// A call that changes nothing in the machine.
    pub is_no_op: T,
    /// A Keccak permutation.
    pub is_keccak: T,
    /// A 256-bit modular multiplication.
    pub is_mulmod: T,
    /// A 384-bit modular multiplication.
    pub is_mulmod384: T,
    /// A compression of SHA-256.
    pub is_sha256: T,
    /// A round of BLAKE2b.
    pub is_blake2f: T,
    /// Lowest limb of `x17`, the number of the call; from the memory bus. The other three limbs are
    /// zero. Unused for a `fence`.
    pub number: T,
    /// Values of `x10` to `x14`: 16-bit limbs from the memory bus. Unused for a `fence`.
    pub args: [Limbs<T>; 5],
    /// Times of the previous accesses to `x17` and `x10` to `x14`; nondeterministic, pinned by the
    /// memory bus. Unused for a `fence`.
    pub t_regs: [T; 6],
}

columns!(EcallCols);
