//! The instruction set: RV64IM, one row of [`INSTRUCTIONS`] per instruction.
//!
//! Decoding, encoding, disassembly, the executor, trace filling and the generated ISA page all derive
//! from that table and from [`semantics`]; nothing else states what an instruction is or does.
//!
//! Source: *The RISC-V Instruction Set Manual, Volume I*, chapters RV32I, RV64I and "M".

mod codec;
mod row;
pub mod semantics;
mod table;

pub use codec::{Instruction, SINK, decode, encode};
pub use row::{Family, Format, InstructionRow, Opcode};
pub use table::INSTRUCTIONS;

#[cfg(test)]
mod tests;
