//! Columns of the add/sub chip.

use crate::columns;
use crate::gadgets::Limbs;

/// A row: one instruction. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct AddSubCols<T> {
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
    /// Selectors of `ADD SUB ADDI ADDW SUBW ADDIW`: boolean, at most one set; none on padding rows.
    pub selectors: [T; 6],
    /// Value of `rs1`: 16-bit limbs from the memory bus.
    pub a: Limbs<T>,
    /// Value of `rs2`, from the memory bus, or the sign-extended immediate.
    pub b: Limbs<T>,
    /// Low half of the immediate, zero in register forms; from the program bus.
    pub imm0: T,
    /// Sign of the immediate, zero in register forms; from the program bus.
    pub imm_sign: T,
    /// Value of `rd` before the write; from the memory bus.
    pub rd_old: Limbs<T>,
    /// The result; limbs range-checked here.
    pub result: Limbs<T>,
    /// Bit 31 of the result in W-forms, else zero; boolean, pinned by the range check of the limb's
    /// other bits.
    pub sign: T,
    /// Time of the previous access to `rs1`; nondeterministic, pinned by the memory bus.
    pub t_rs1: T,
    /// Time of the previous access to `rs2`; as above.
    pub t_rs2: T,
    /// Time of the previous access to `rd`; as above.
    pub t_rd: T,
}

columns!(AddSubCols);
