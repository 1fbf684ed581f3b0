//! Columns of the shift chip.

use crate::columns;
use crate::gadgets::Limbs;

/// A row: one instruction. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ShiftCols<T> {
    /// Whether the row is an instruction: boolean.
    pub is_real: T,
    /// A logical right shift: boolean, zero on padding rows.
    pub is_logical: T,
    /// An arithmetic right shift: boolean, zero on padding rows and where `is_logical`.
    pub is_arithmetic: T,
    /// An immediate form: boolean, zero on padding rows.
    pub is_immediate: T,
    /// A W-form: boolean, zero on padding rows.
    pub is_word: T,
    /// Program counter; from the execution token.
    pub pc: T,
    /// Tick at which the instruction begins; from the execution token.
    pub time: T,
    /// Destination register; from the program bus.
    pub rd: T,
    /// First source register; from the program bus.
    pub rs1: T,
    /// Second source register, zero in immediate forms; from the program bus.
    pub rs2: T,
    /// Value of `rs1`: 16-bit limbs from the memory bus.
    pub a: Limbs<T>,
    /// Value of `rs2`: 16-bit limbs from the memory bus; zero in immediate forms, without effect there.
    pub b: Limbs<T>,
    /// The immediate, zero in register forms; from the program bus.
    pub imm0: T,
    /// Whether the amount's whole limbs `q` are 1, 2, 3: boolean, at most one set.
    /// Nondeterministic, pinned with `bits` by the amount.
    pub limbs: [T; 3],
    /// The amount's bits `r` below a limb: 0 to 15, range-checked here.
    pub bits: T,
    /// `2^r`; pinned by the lookup.
    pub power: T,
    /// The `r` bits of each input limb that move on: its upper bits in left shifts, else its lower.
    /// Range-checked here.
    pub moving: Limbs<T>,
    /// The other `16 - r` bits of each input limb; range-checked here.
    pub staying: Limbs<T>,
    /// The result; its limbs are below 2^16 because its pieces are in range.
    pub result: Limbs<T>,
    /// Bit 63 of `a` in `SRA` and `SRAI`, bit 31 of the result in W-forms (in `SRAW` and `SRAIW`
    /// that is bit 31 of `a`), else zero; pinned by the range of `below_sign`.
    pub sign: T,
    /// The 15 bits below the sign in its limb, zero where there is no sign; range-checked here.
    pub below_sign: T,
    /// Value of `rd` before the write; from the memory bus.
    pub rd_old: Limbs<T>,
    /// Time of the previous access to `rs1`; nondeterministic, pinned by the memory bus.
    pub t_rs1: T,
    /// Time of the previous access to `rs2`; as above.
    pub t_rs2: T,
    /// Time of the previous access to `rd`; as above.
    pub t_rd: T,
}

columns!(ShiftCols);
