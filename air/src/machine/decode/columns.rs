//! Columns of the decode chip.

use crate::columns;
use crate::gadgets::Limbs;
use crate::isa::Opcode;

/// A row: one executed instruction word. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct DecodeCols<T> {
    /// Selectors of the opcodes, by their number: boolean, at most one set; none on padding rows.
    pub opcodes: [T; Opcode::COUNT],
    /// The word's bits, lowest first: boolean, and together the selected half of `dword`.
    pub bits: [T; 32],
    /// Lower 16 bits of the dword's index; range-checked here.
    pub cell_low: T,
    /// Upper 11 bits of the dword's index; range-checked here.
    pub cell_high: T,
    /// Whether the word is the upper half of its dword; boolean.
    pub second: T,
    /// Time of the dword's previous access: 0, or 1 for the second word that the segment decodes in
    /// it; boolean, pinned by the memory bus.
    pub order: T,
    /// The dword: 16-bit limbs from the memory bus.
    pub dword: Limbs<T>,
    /// Whether bits 7 to 11 of the word are not all zero; determined by them.
    pub rd_nonzero: T,
    /// Destination register, 32 for `x0`, 0 if the format has none; determined by the bits.
    pub rd: T,
    /// First source register, 0 if the format has none; determined by the bits.
    pub rs1: T,
    /// Second source register, 0 if the format has none; determined by the bits.
    pub rs2: T,
    /// Bits 0 to 15 of the immediate; determined by the bits.
    pub imm0: T,
    /// Bits 16 to 31 of the immediate; determined by the bits.
    pub imm1: T,
    /// Whether the immediate is negative; determined by the bits.
    pub sign: T,
    /// How often the instruction is looked up; any value, as a row proves a true statement whatever
    /// it is; zero on padding rows.
    pub multiplicity: T,
}

columns!(DecodeCols);
