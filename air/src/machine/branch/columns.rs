//! Columns of the branch chip.

use crate::columns;
use crate::comparison::ComparisonCols;
use crate::gadgets::Limbs;

/// A row: one instruction. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BranchCols<T> {
    /// Whether the row is an instruction: boolean.
    pub is_real: T,
    /// `BLT` or `BGE`: boolean, zero on padding rows.
    pub is_signed: T,
    /// `BLTU` or `BGEU`: boolean, zero on padding rows and where `is_signed`.
    pub is_unsigned: T,
    /// `BNE`, `BGE` or `BGEU`: boolean, zero on padding rows.
    pub is_negated: T,
    /// Program counter; from the execution token.
    pub pc: T,
    /// Tick at which the instruction begins; from the execution token.
    pub time: T,
    /// Program counter of the next instruction.
    pub next_pc: T,
    /// First source register; from the program bus.
    pub rs1: T,
    /// Second source register; from the program bus.
    pub rs2: T,
    /// Low half of the immediate; from the program bus.
    pub imm0: T,
    /// Sign of the immediate; from the program bus.
    pub imm_sign: T,
    /// Value of `rs1`: 16-bit limbs from the memory bus.
    pub a: Limbs<T>,
    /// Value of `rs2`: 16-bit limbs from the memory bus.
    pub b: Limbs<T>,
    /// How `a` compares with `b`.
    pub comparison: ComparisonCols<T>,
    /// Time of the previous access to `rs1`; nondeterministic, pinned by the memory bus.
    pub t_rs1: T,
    /// Time of the previous access to `rs2`; as above.
    pub t_rs2: T,
}

columns!(BranchCols);
