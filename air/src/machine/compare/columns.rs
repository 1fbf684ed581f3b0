//! Columns of the compare chip.

use crate::columns;
use crate::comparison::ComparisonCols;
use crate::gadgets::Limbs;

/// A row: one instruction. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CompareCols<T> {
    /// Whether the row is an instruction: boolean.
    pub is_real: T,
    /// `SLT` or `SLTI`: boolean, zero on padding rows.
    pub is_signed: T,
    /// `SLTI` or `SLTIU`: boolean, zero on padding rows.
    pub is_immediate: T,
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
    /// Value of `rs2`, from the memory bus, or the sign-extended immediate.
    pub b: Limbs<T>,
    /// How `a` compares with `b`; `less` is the result.
    pub comparison: ComparisonCols<T>,
    /// Low half of the immediate, zero in register forms; from the program bus.
    pub imm0: T,
    /// Sign of the immediate, zero in register forms; from the program bus.
    pub imm_sign: T,
    /// Value of `rd` before the write; from the memory bus.
    pub rd_old: Limbs<T>,
    /// Time of the previous access to `rs1`; nondeterministic, pinned by the memory bus.
    pub t_rs1: T,
    /// Time of the previous access to `rs2`; as above.
    pub t_rs2: T,
    /// Time of the previous access to `rd`; as above.
    pub t_rd: T,
}

columns!(CompareCols);
