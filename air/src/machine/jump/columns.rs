//! Columns of the jump chip.

use crate::columns;
use crate::gadgets::Limbs;

/// A row: one instruction. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct JumpCols<T> {
    /// Selectors of `LUI AUIPC JAL JALR`: boolean, at most one set; none on padding rows.
    pub selectors: [T; 4],
    /// Program counter; from the execution token.
    pub pc: T,
    /// Tick at which the instruction begins; from the execution token.
    pub time: T,
    /// Program counter of the next instruction.
    pub next_pc: T,
    /// Destination register; from the program bus.
    pub rd: T,
    /// First source register, zero but in `JALR`; from the program bus.
    pub rs1: T,
    /// Low half of the immediate; from the program bus.
    pub imm0: T,
    /// High half of the immediate; from the program bus.
    pub imm1: T,
    /// Sign of the immediate; from the program bus.
    pub imm_sign: T,
    /// In `JALR` the value of `rs1`: 16-bit limbs from the memory bus. Else zero, without effect.
    pub a: Limbs<T>,
    /// The lower limb of `pc`; the upper is linear in it. Nondeterministic, pinned by the ranges of both.
    pub pc_low: T,
    /// The two lower limbs of the value written to `rd`; range-checked here.
    pub result: [T; 2],
    /// Whether the two upper limbs of that value are all ones, else they are zero.
    pub is_negative: T,
    /// In `JALR` the lowest limb of the sum of `rs1` and the immediate; the next limb is linear in
    /// it. Nondeterministic, pinned by the ranges of both. Else zero, without effect.
    pub target_low: T,
    /// In `JALR` the lowest bit of that sum, else zero. Nondeterministic: boolean, and pinned by
    /// the decode chip, since of the two addresses that it leaves to choose from at most one is a
    /// multiple of 4.
    pub cleared_bit: T,
    /// Value of `rd` before the write; from the memory bus.
    pub rd_old: Limbs<T>,
    /// Time of the previous access to `rs1`; nondeterministic, pinned by the memory bus.
    pub t_rs1: T,
    /// Time of the previous access to `rd`; as above.
    pub t_rd: T,
}

columns!(JumpCols);
