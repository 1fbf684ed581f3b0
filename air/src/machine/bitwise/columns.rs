//! Columns of the bitwise chip.

use crate::columns;
use crate::gadgets::Limbs;

/// A row: one instruction. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct BitwiseCols<T> {
    /// Whether the row is an instruction: boolean.
    pub is_real: T,
    /// Whether it is an immediate form: boolean, zero on padding rows.
    pub is_immediate: T,
    /// The operation's tag on the bus: [`crate::bus::AND`], [`crate::bus::OR`] or
    /// [`crate::bus::XOR`] on real rows.
    pub operation: T,
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
    /// Value of `rs1` as bytes; pinned by the memory bus and their range, which the lookups prove.
    pub a: [T; 8],
    /// Value of `rs2`, from the memory bus, or the sign-extended immediate, as bytes; ranges as above.
    pub b: [T; 8],
    /// The result as bytes; pinned by the lookups.
    pub result: [T; 8],
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

columns!(BitwiseCols);
