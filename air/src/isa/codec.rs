//! Instruction words to instructions and back.

use core::fmt;

use super::row::{Format, Opcode};
use super::table::INSTRUCTIONS;

/// The register number that a destination `x0` decodes to: a dword that no instruction reads.
pub const SINK: u8 = 32;

/// A decoded instruction. Fields that the format lacks are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Instruction {
    pub op: Opcode,
    /// Destination, 1 to 31 or [`SINK`]; 0 if the instruction writes no register.
    pub rd: u8,
    /// First source, 0 to 31.
    pub rs1: u8,
    /// Second source, 0 to 31.
    pub rs2: u8,
    /// The immediate, sign-extended; for shifts the shift amount; for `lui` and `auipc` the 32-bit
    /// value whose low 12 bits are zero; for branches and `jal` the byte offset from the
    /// instruction's own address.
    pub imm: i32,
}

impl Instruction {
    /// The immediate as the 64-bit operand that it stands for.
    #[must_use]
    pub const fn imm64(&self) -> u64 {
        self.imm as i64 as u64
    }
}

/// The instructions that a word can be, by its bits 2 to 6 and, above them, 12 to 14.
const CANDIDATES: [[Option<Opcode>; 4]; 256] = candidates();

const fn candidates() -> [[Option<Opcode>; 4]; 256] {
    let mut table = [[None; 4]; 256];
    let mut index = 0;
    while index < 8 * Opcode::COUNT {
        let (row, funct3) = (&INSTRUCTIONS[index / 8], index % 8);
        if row.mask() & 0x7000 == 0 || row.funct3 as usize == funct3 {
            let list = &mut table[row.opcode7 as usize >> 2 | funct3 << 5];
            let mut length = 0;
            while list[length].is_some() {
                length += 1;
            }
            list[length] = Some(row.opcode);
        }
        index += 1;
    }
    table
}

/// Decodes one instruction word; `None` for a word that is not an instruction of the machine
/// (compressed, CSR, `ebreak`, `fence.i`, atomics, floating point, anything reserved).
#[must_use]
pub fn decode(word: u32) -> Option<Instruction> {
    let candidates = CANDIDATES[(word >> 2 & 31 | (word >> 12 & 7) << 5) as usize];
    let mut rows = candidates.into_iter().flatten().map(Opcode::row);
    let row = rows.find(|row| word & row.mask() == row.match_bits())?;
    let format = row.format;
    Some(Instruction {
        op: row.opcode,
        rd: match (format.has_rd(), register(word, 7)) {
            (false, _) => 0,
            (true, 0) => SINK,
            (true, rd) => rd,
        },
        rs1: if format.has_rs1() { register(word, 15) } else { 0 },
        rs2: if format.has_rs2() { register(word, 20) } else { 0 },
        imm: immediate(format, word),
    })
}

/// Encodes an instruction; the inverse of [`decode`] (a [`SINK`] destination encodes as `x0`).
///
/// Fields are cut to their widths: an immediate out of range loses its upper bits.
#[must_use]
pub fn encode(instruction: &Instruction) -> u32 {
    let row = instruction.op.row();
    let format = row.format;
    let mut word = row.match_bits();
    if format.has_rd() {
        word |= u32::from(instruction.rd & 31) << 7;
    }
    if format.has_rs1() {
        word |= u32::from(instruction.rs1 & 31) << 15;
    }
    if format.has_rs2() {
        word |= u32::from(instruction.rs2 & 31) << 20;
    }
    word | place_immediate(format, instruction.imm as u32)
}

const fn register(word: u32, shift: u32) -> u8 {
    (word >> shift & 31) as u8
}

/// The immediate of `word`, sign-extended.
const fn immediate(format: Format, word: u32) -> i32 {
    let sign = word as i32 >> 31;
    match format {
        Format::R | Format::Fence | Format::System => 0,
        Format::I => word as i32 >> 20,
        Format::Shift64 => (word >> 20 & 63) as i32,
        Format::Shift32 => (word >> 20 & 31) as i32,
        Format::S => (word as i32 >> 25) << 5 | (word >> 7 & 31) as i32,
        Format::B => sign << 12 | ((word >> 7 & 1) << 11 | (word >> 25 & 63) << 5 | (word >> 8 & 15) << 1) as i32,
        Format::U => (word & 0xffff_f000) as i32,
        Format::J => sign << 20 | (word & 0x000f_f000 | (word >> 20 & 1) << 11 | (word >> 21 & 0x3ff) << 1) as i32,
    }
}

/// The bits of a word that hold immediate `imm`.
const fn place_immediate(format: Format, imm: u32) -> u32 {
    match format {
        Format::R | Format::Fence | Format::System => 0,
        Format::I => imm << 20,
        Format::Shift64 => (imm & 63) << 20,
        Format::Shift32 => (imm & 31) << 20,
        Format::S => (imm >> 5 & 0x7f) << 25 | (imm & 31) << 7,
        Format::B => (imm >> 12 & 1) << 31 | (imm >> 5 & 63) << 25 | (imm >> 1 & 15) << 8 | (imm >> 11 & 1) << 7,
        Format::U => imm & 0xffff_f000,
        Format::J => (imm >> 20 & 1) << 31 | (imm >> 1 & 0x3ff) << 21 | (imm >> 11 & 1) << 20 | imm & 0x000f_f000,
    }
}

/// Assembler syntax, with numeric registers and with branch and jump offsets relative to the instruction.
impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.op.row();
        let (name, imm) = (row.mnemonic, self.imm);
        let (rd, rs1, rs2) = (self.rd & 31, self.rs1, self.rs2);
        let memory_operand = matches!(row.family, super::Family::Load) || self.op == Opcode::Jalr;
        match row.format {
            Format::R => write!(f, "{name} x{rd}, x{rs1}, x{rs2}"),
            Format::I if memory_operand => write!(f, "{name} x{rd}, {imm}(x{rs1})"),
            Format::I | Format::Shift64 | Format::Shift32 => {
                write!(f, "{name} x{rd}, x{rs1}, {imm}")
            }
            Format::S => write!(f, "{name} x{rs2}, {imm}(x{rs1})"),
            Format::B => write!(f, "{name} x{rs1}, x{rs2}, pc{imm:+}"),
            Format::U => write!(f, "{name} x{rd}, {:#x}", (imm as u32) >> 12),
            Format::J => write!(f, "{name} x{rd}, pc{imm:+}"),
            Format::Fence | Format::System => f.write_str(name),
        }
    }
}
