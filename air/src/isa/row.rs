//! What one row of the instruction table says.

use super::table::INSTRUCTIONS;

/// An instruction's identity. The discriminant travels on the program bus, so it never changes; it is
/// also the row's index in [`INSTRUCTIONS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Opcode {
    Add = 0,
    Sub = 1,
    Addi = 2,
    Addw = 3,
    Subw = 4,
    Addiw = 5,
    And = 6,
    Or = 7,
    Xor = 8,
    Andi = 9,
    Ori = 10,
    Xori = 11,
    Sll = 12,
    Srl = 13,
    Sra = 14,
    Slli = 15,
    Srli = 16,
    Srai = 17,
    Sllw = 18,
    Srlw = 19,
    Sraw = 20,
    Slliw = 21,
    Srliw = 22,
    Sraiw = 23,
    Slt = 24,
    Sltu = 25,
    Slti = 26,
    Sltiu = 27,
    Mul = 28,
    Mulh = 29,
    Mulhsu = 30,
    Mulhu = 31,
    Mulw = 32,
    Div = 33,
    Divu = 34,
    Rem = 35,
    Remu = 36,
    Divw = 37,
    Divuw = 38,
    Remw = 39,
    Remuw = 40,
    Lui = 41,
    Auipc = 42,
    Jal = 43,
    Jalr = 44,
    Beq = 45,
    Bne = 46,
    Blt = 47,
    Bge = 48,
    Bltu = 49,
    Bgeu = 50,
    Lb = 51,
    Lh = 52,
    Lw = 53,
    Ld = 54,
    Lbu = 55,
    Lhu = 56,
    Lwu = 57,
    Sb = 58,
    Sh = 59,
    Sw = 60,
    Sd = 61,
    Fence = 62,
    Ecall = 63,
}

impl Opcode {
    /// Number of instructions.
    pub const COUNT: usize = 64;

    /// This instruction's row of the table.
    #[must_use]
    pub const fn row(self) -> &'static InstructionRow {
        &INSTRUCTIONS[self as usize]
    }

    /// The opcode with this discriminant, if there is one.
    #[must_use]
    pub fn from_id(id: u8) -> Option<Self> {
        INSTRUCTIONS.get(usize::from(id)).map(|row| row.opcode)
    }

    #[must_use]
    pub const fn family(self) -> Family {
        self.row().family
    }

    #[must_use]
    pub const fn format(self) -> Format {
        self.row().format
    }

    #[must_use]
    pub const fn mnemonic(self) -> &'static str {
        self.row().mnemonic
    }

    /// Whether the instruction reads the register that `rs1` names. (`ecall` reads its six argument
    /// registers, which no field names.)
    #[must_use]
    pub const fn reads_rs1(self) -> bool {
        self.format().has_rs1()
    }

    /// Whether the instruction reads the register that `rs2` names.
    #[must_use]
    pub const fn reads_rs2(self) -> bool {
        self.format().has_rs2()
    }

    /// Whether the instruction writes the register that `rd` names.
    #[must_use]
    pub const fn writes_rd(self) -> bool {
        self.format().has_rd()
    }
}

/// The families of instructions: the members of one share a chip, or at least their semantics' shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Family {
    AddSub = 0,
    Bitwise = 1,
    Shift = 2,
    Compare = 3,
    Mul = 4,
    DivRem = 5,
    Upper = 6,
    Jump = 7,
    Branch = 8,
    Load = 9,
    Store = 10,
    Fence = 11,
    Ecall = 12,
}

impl Family {
    pub const COUNT: usize = 13;

    /// All families, in the order of their discriminants.
    pub const ALL: [Self; Self::COUNT] = [
        Self::AddSub,
        Self::Bitwise,
        Self::Shift,
        Self::Compare,
        Self::Mul,
        Self::DivRem,
        Self::Upper,
        Self::Jump,
        Self::Branch,
        Self::Load,
        Self::Store,
        Self::Fence,
        Self::Ecall,
    ];
}

/// Where an instruction word keeps its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Format {
    /// `rd, rs1, rs2`.
    R = 0,
    /// `rd, rs1, imm[11:0]`.
    I = 1,
    /// `rd, rs1, shamt[5:0]`, with `funct6` in bits 26 to 31.
    Shift64 = 2,
    /// `rd, rs1, shamt[4:0]`, with `funct7` in bits 25 to 31.
    Shift32 = 3,
    /// `rs1, rs2, imm[11:0]`: stores.
    S = 4,
    /// `rs1, rs2, imm[12:1]`: branches.
    B = 5,
    /// `rd, imm[31:12]`.
    U = 6,
    /// `rd, imm[20:1]`.
    J = 7,
    /// `fence`: every bit but opcode and `funct3` is ignored.
    Fence = 8,
    /// `ecall`: all 32 bits are fixed.
    System = 9,
}

impl Format {
    #[must_use]
    pub const fn has_rd(self) -> bool {
        matches!(self, Self::R | Self::I | Self::Shift64 | Self::Shift32 | Self::U | Self::J)
    }

    #[must_use]
    pub const fn has_rs1(self) -> bool {
        matches!(self, Self::R | Self::I | Self::Shift64 | Self::Shift32 | Self::S | Self::B)
    }

    #[must_use]
    pub const fn has_rs2(self) -> bool {
        matches!(self, Self::R | Self::S | Self::B)
    }

    /// The bits of an instruction word that identify the instruction.
    #[must_use]
    pub const fn mask(self) -> u32 {
        match self {
            Self::R | Self::Shift32 => 0xfe00_707f,
            Self::Shift64 => 0xfc00_707f,
            Self::I | Self::S | Self::B | Self::Fence => 0x0000_707f,
            Self::U | Self::J => 0x0000_007f,
            Self::System => 0xffff_ffff,
        }
    }
}

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstructionRow {
    /// Assembler name.
    pub mnemonic: &'static str,
    pub opcode: Opcode,
    pub format: Format,
    pub family: Family,
    /// Bits 0 to 6 of the word.
    pub opcode7: u8,
    /// Bits 12 to 14, where the format fixes them, else 0.
    pub funct3: u8,
    /// Bits 25 to 31 (26 to 31, shifted by one, for [`Format::Shift64`]), where the format fixes
    /// them, else 0.
    pub funct7: u8,
}

impl InstructionRow {
    /// The bits of a word that identify this instruction; see [`Self::match_bits`].
    #[must_use]
    pub const fn mask(&self) -> u32 {
        self.format.mask()
    }

    /// `word & mask == match_bits` holds for exactly the words that encode this instruction.
    #[must_use]
    pub const fn match_bits(&self) -> u32 {
        self.opcode7 as u32 | (self.funct3 as u32) << 12 | (self.funct7 as u32) << 25
    }
}
