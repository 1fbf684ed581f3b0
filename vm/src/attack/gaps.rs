//! A program whose cells rest for long: what bridges are for.

use tern_air::isa::Opcode;

use crate::testing::workload::halt_with;
use crate::testing::{Asm, ElfFile, ElfSegment, PF_R, PF_W, PF_X};

const TEXT: u32 = 0x1_0000;
const DATA: u32 = 0x2000_0000;

/// Turns of a loop of two instructions, of eight ticks each. An access sees 2^16 ticks back.
const TURNS: u64 = 5000;

/// A register and a dword are written, and read again after a loop that touches neither.
pub fn elf() -> Vec<u8> {
    let mut code = Asm::new(TEXT);
    code.li(21, DATA.into()).li(8, 0x1122_3344_5566_7788).store(Opcode::Sd, 8, 21, 0).li(5, TURNS);
    let again = code.label();
    code.bind(again).immediate(Opcode::Addi, 5, 5, -1).branch(Opcode::Bne, 5, 0, again);
    code.immediate(Opcode::Ld, 9, 21, 0).register(Opcode::Sub, 10, 9, 8);
    halt_with(&mut code, 0, &[]);
    let text = ElfSegment::new(TEXT.into(), PF_R | PF_X, code.bytes());
    let data = ElfSegment::new(DATA.into(), PF_R | PF_W, vec![0; 64]);
    ElfFile::new(TEXT.into(), vec![text, data]).bytes()
}
