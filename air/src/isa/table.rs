//! The instruction table.

use super::row::{Family, Format, InstructionRow, Opcode};

/// Major opcodes (bits 0 to 6 of a word).
mod major {
    pub const LOAD: u8 = 0b000_0011;
    pub const MISC_MEM: u8 = 0b000_1111;
    pub const OP_IMM: u8 = 0b001_0011;
    pub const AUIPC: u8 = 0b001_0111;
    pub const OP_IMM_32: u8 = 0b001_1011;
    pub const STORE: u8 = 0b010_0011;
    pub const OP: u8 = 0b011_0011;
    pub const LUI: u8 = 0b011_0111;
    pub const OP_32: u8 = 0b011_1011;
    pub const BRANCH: u8 = 0b110_0011;
    pub const JALR: u8 = 0b110_0111;
    pub const JAL: u8 = 0b110_1111;
    pub const SYSTEM: u8 = 0b111_0011;
}

const fn row(
    mnemonic: &'static str,
    opcode: Opcode,
    format: Format,
    family: Family,
    opcode7: u8,
    funct3: u8,
    funct7: u8,
) -> InstructionRow {
    InstructionRow { mnemonic, opcode, format, family, opcode7, funct3, funct7 }
}

/// Every instruction of the machine; the row of an [`Opcode`] stands at the index of its discriminant.
#[rustfmt::skip]
pub const INSTRUCTIONS: &[InstructionRow; Opcode::COUNT] = &{
    use Family::{AddSub, Bitwise, Branch, Compare, DivRem, Jump, Load, Shift, Store, Upper};
    use Format::{B, I, J, R, S, Shift32, Shift64, U, System};
    use Opcode::*;
    use major::*;
    [
        //   mnemonic  opcode  format   family   major      f3 f7
        row("add",    Add,    R,       AddSub,  OP,        0, 0x00),
        row("sub",    Sub,    R,       AddSub,  OP,        0, 0x20),
        row("addi",   Addi,   I,       AddSub,  OP_IMM,    0, 0),
        row("addw",   Addw,   R,       AddSub,  OP_32,     0, 0x00),
        row("subw",   Subw,   R,       AddSub,  OP_32,     0, 0x20),
        row("addiw",  Addiw,  I,       AddSub,  OP_IMM_32, 0, 0),
        row("and",    And,    R,       Bitwise, OP,        7, 0x00),
        row("or",     Or,     R,       Bitwise, OP,        6, 0x00),
        row("xor",    Xor,    R,       Bitwise, OP,        4, 0x00),
        row("andi",   Andi,   I,       Bitwise, OP_IMM,    7, 0),
        row("ori",    Ori,    I,       Bitwise, OP_IMM,    6, 0),
        row("xori",   Xori,   I,       Bitwise, OP_IMM,    4, 0),
        row("sll",    Sll,    R,       Shift,   OP,        1, 0x00),
        row("srl",    Srl,    R,       Shift,   OP,        5, 0x00),
        row("sra",    Sra,    R,       Shift,   OP,        5, 0x20),
        row("slli",   Slli,   Shift64, Shift,   OP_IMM,    1, 0x00),
        row("srli",   Srli,   Shift64, Shift,   OP_IMM,    5, 0x00),
        row("srai",   Srai,   Shift64, Shift,   OP_IMM,    5, 0x20),
        row("sllw",   Sllw,   R,       Shift,   OP_32,     1, 0x00),
        row("srlw",   Srlw,   R,       Shift,   OP_32,     5, 0x00),
        row("sraw",   Sraw,   R,       Shift,   OP_32,     5, 0x20),
        row("slliw",  Slliw,  Shift32, Shift,   OP_IMM_32, 1, 0x00),
        row("srliw",  Srliw,  Shift32, Shift,   OP_IMM_32, 5, 0x00),
        row("sraiw",  Sraiw,  Shift32, Shift,   OP_IMM_32, 5, 0x20),
        row("slt",    Slt,    R,       Compare, OP,        2, 0x00),
        row("sltu",   Sltu,   R,       Compare, OP,        3, 0x00),
        row("slti",   Slti,   I,       Compare, OP_IMM,    2, 0),
        row("sltiu",  Sltiu,  I,       Compare, OP_IMM,    3, 0),
        row("mul",    Mul,    R,       Family::Mul, OP,    0, 0x01),
        row("mulh",   Mulh,   R,       Family::Mul, OP,    1, 0x01),
        row("mulhsu", Mulhsu, R,       Family::Mul, OP,    2, 0x01),
        row("mulhu",  Mulhu,  R,       Family::Mul, OP,    3, 0x01),
        row("mulw",   Mulw,   R,       Family::Mul, OP_32, 0, 0x01),
        row("div",    Div,    R,       DivRem,  OP,        4, 0x01),
        row("divu",   Divu,   R,       DivRem,  OP,        5, 0x01),
        row("rem",    Rem,    R,       DivRem,  OP,        6, 0x01),
        row("remu",   Remu,   R,       DivRem,  OP,        7, 0x01),
        row("divw",   Divw,   R,       DivRem,  OP_32,     4, 0x01),
        row("divuw",  Divuw,  R,       DivRem,  OP_32,     5, 0x01),
        row("remw",   Remw,   R,       DivRem,  OP_32,     6, 0x01),
        row("remuw",  Remuw,  R,       DivRem,  OP_32,     7, 0x01),
        row("lui",    Lui,    U,       Upper,   LUI,       0, 0),
        row("auipc",  Auipc,  U,       Upper,   AUIPC,     0, 0),
        row("jal",    Jal,    J,       Jump,    JAL,       0, 0),
        row("jalr",   Jalr,   I,       Jump,    JALR,      0, 0),
        row("beq",    Beq,    B,       Branch,  BRANCH,    0, 0),
        row("bne",    Bne,    B,       Branch,  BRANCH,    1, 0),
        row("blt",    Blt,    B,       Branch,  BRANCH,    4, 0),
        row("bge",    Bge,    B,       Branch,  BRANCH,    5, 0),
        row("bltu",   Bltu,   B,       Branch,  BRANCH,    6, 0),
        row("bgeu",   Bgeu,   B,       Branch,  BRANCH,    7, 0),
        row("lb",     Lb,     I,       Load,    LOAD,      0, 0),
        row("lh",     Lh,     I,       Load,    LOAD,      1, 0),
        row("lw",     Lw,     I,       Load,    LOAD,      2, 0),
        row("ld",     Ld,     I,       Load,    LOAD,      3, 0),
        row("lbu",    Lbu,    I,       Load,    LOAD,      4, 0),
        row("lhu",    Lhu,    I,       Load,    LOAD,      5, 0),
        row("lwu",    Lwu,    I,       Load,    LOAD,      6, 0),
        row("sb",     Sb,     S,       Store,   STORE,     0, 0),
        row("sh",     Sh,     S,       Store,   STORE,     1, 0),
        row("sw",     Sw,     S,       Store,   STORE,     2, 0),
        row("sd",     Sd,     S,       Store,   STORE,     3, 0),
        row("fence",  Opcode::Fence, Format::Fence, Family::Fence, MISC_MEM, 0, 0),
        row("ecall",  Opcode::Ecall, System,        Family::Ecall, SYSTEM,   0, 0),
    ]
};
