//! A program of corner cases: what provers of other machines got wrong.

use tern_air::isa::Opcode;

use crate::testing::workload::halt_with;
use crate::testing::{Asm, ElfFile, ElfSegment, PF_R, PF_W, PF_X};

/// Bit 12 of every address of the text is set.
const TEXT: u32 = 0x1_1000;
const DATA: u32 = 0x2000_0000;

/// Divisions by zero and of the smallest number by -1, remainders of words, both operands in one
/// register, addresses where a bit is set that other machines dropped, misaligned accesses, and
/// writes to `x0`.
pub fn elf() -> Vec<u8> {
    let mut code = Asm::new(TEXT);
    code.li(5, 1 << 63).immediate(Opcode::Addi, 6, 0, -1).immediate(Opcode::Addi, 7, 0, 0).immediate(Opcode::Addi, 8, 0, 100);
    code.immediate(Opcode::Addi, 9, 0, -7).li(21, DATA.into());
    for op in [Opcode::Div, Opcode::Rem] {
        code.register(op, 10, 5, 6);
    }
    for op in [Opcode::Div, Opcode::Divu, Opcode::Rem, Opcode::Remu, Opcode::Divw, Opcode::Remw] {
        code.register(op, 11, 8, 7);
    }
    for op in [Opcode::Div, Opcode::Rem, Opcode::Divw, Opcode::Remw, Opcode::Divuw, Opcode::Remuw] {
        code.register(op, 12, 8, 9);
    }
    for op in [Opcode::Add, Opcode::Sub, Opcode::Mulhu, Opcode::Divu, Opcode::Remu, Opcode::Sltu] {
        code.register(op, 13, 8, 8);
    }
    code.immediate(Opcode::Auipc, 14, 0, 0x1000).immediate(Opcode::Lui, 15, 0, -0x1000).op(Opcode::Fence, 0, 0, 0, 0);
    code.store(Opcode::Sd, 9, 21, 0).store(Opcode::Sw, 8, 21, 6).immediate(Opcode::Lw, 16, 21, 1).immediate(Opcode::Ld, 18, 21, 3);
    code.immediate(Opcode::Lh, 19, 21, 7).immediate(Opcode::Addi, 0, 8, 1).register(Opcode::Mulhsu, 20, 9, 8);
    let (behind, end) = (code.label(), code.label());
    code.branch(Opcode::Beq, 8, 8, behind).nop().bind(behind).branch(Opcode::Blt, 9, 8, end).nop().bind(end);
    halt_with(&mut code, 0, &[]);
    let text = ElfSegment::new(TEXT.into(), PF_R | PF_X, code.bytes());
    let data = ElfSegment::new(DATA.into(), PF_R | PF_W, vec![0x5a; 64]);
    ElfFile::new(TEXT.into(), vec![text, data]).bytes()
}
