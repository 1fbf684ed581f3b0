//! A program that uses every table: all instruction families, all accelerators, input and output.

use tern_air::isa::Opcode;

use super::{Asm, ElfFile, ElfSegment, PF_R, PF_W, PF_X};
use crate::exec::ecall;

/// The input that [`elf`] expects, and writes as its output.
pub const INPUT: &[u8] = b"what goes in comes out";
/// Rounds that make three segments of [`SEGMENT_CYCLES`].
pub const ROUNDS: u32 = 30;
/// A third of the program's run of [`ROUNDS`], and a little more.
pub const SEGMENT_CYCLES: u32 = 270;

const TEXT: u32 = 0x1_0000;
const RODATA: u32 = 0x1_8000;
const DATA: u32 = 0x2000_0000;

/// The program with another number of rounds or exit code; `rodata` may have several pages.
#[must_use]
pub fn elf_with(rounds: u32, exit_code: u32, rodata_pages: usize) -> Vec<u8> {
    let code = code(rounds, exit_code);
    let text = ElfSegment::new(TEXT.into(), PF_R | PF_X, code.bytes());
    let rodata = ElfSegment::new(RODATA.into(), PF_R, (0..4096 * rodata_pages).map(|i| (i % 241) as u8 * u8::from(i < 4096)).collect());
    let data = ElfSegment::new(DATA.into(), PF_R | PF_W, (0..4096).map(|i| (i % 251) as u8).collect());
    let mut file = ElfFile::new(TEXT.into(), vec![text, rodata, data]);
    file.symbols.push(("workload".into(), TEXT.into(), 4 * code.words().len() as u64));
    file.bytes()
}

/// The program with exit code 0.
#[must_use]
pub fn elf() -> Vec<u8> {
    elf_with(ROUNDS, 0, 1)
}

/// A program that prints `text`, as a panic does, and halts with `exit_code`.
#[must_use]
pub fn printing_elf(text: &str, exit_code: u32) -> Vec<u8> {
    let mut code = Asm::new(TEXT);
    call(&mut code, ecall::PRINT, &[RODATA.into(), text.len() as u64]);
    halt_with(&mut code, exit_code, &[]);
    let segment = ElfSegment::new(TEXT.into(), PF_R | PF_X, code.bytes());
    let rodata = ElfSegment::new(RODATA.into(), PF_R, text.as_bytes().to_vec());
    ElfFile::new(TEXT.into(), vec![segment, rodata]).bytes()
}

fn code(rounds: u32, exit_code: u32) -> Asm {
    let mut code = Asm::new(TEXT);
    call(&mut code, ecall::CYCLE_SCOPE_BEGIN, &[(RODATA + 0x61).into(), 4]);
    call(&mut code, ecall::KECCAK_F1600, &[(DATA + 0x100).into()]);
    // small * small + small modulo large
    call(&mut code, ecall::MULMOD256, &[DATA, DATA, DATA + 32, DATA + 64, DATA + 96].map(u64::from));
    call(&mut code, ecall::MULMOD384, &[DATA, DATA, DATA + 48, RODATA, DATA + 192].map(u64::from));
    call(&mut code, ecall::SHA256_COMPRESS, &[(DATA + 0x400).into(), (RODATA + 8).into()]);
    call(&mut code, ecall::BLAKE2F_ROUND, &[(DATA + 0x440).into(), (RODATA + 8).into(), 4]);
    code.li(5, DATA.into()).li(6, u64::from(rounds)).li(7, 0x9e37_79b9_7f4a_7c15).li(9, RODATA.into());
    let (again, skipped) = (code.label(), code.label());
    code.bind(again);
    round(&mut code);
    code.branch(Opcode::Bltu, 13, 7, skipped).immediate(Opcode::Xori, 7, 7, 0x155).bind(skipped);
    code.immediate(Opcode::Addi, 6, 6, -1).branch(Opcode::Bne, 6, 0, again);
    call(&mut code, ecall::CYCLE_SCOPE_END, &[]);
    call(&mut code, ecall::WRITE_OUTPUT, &[0x8000_0020, INPUT.len() as u64]);
    halt_with(&mut code, exit_code, INPUT);
    code
}

/// One instruction of every other family, with results that depend on each other and on memory.
fn round(code: &mut Asm) {
    let after = code.label();
    code.immediate(Opcode::Ld, 8, 5, 0).register(Opcode::Xor, 7, 7, 8).register(Opcode::Mulhu, 11, 7, 8).register(Opcode::Or, 11, 11, 6);
    code.register(Opcode::Divu, 12, 7, 11).register(Opcode::Sra, 12, 12, 6).register(Opcode::And, 13, 12, 7);
    code.register(Opcode::Sltu, 14, 13, 12).register(Opcode::Addw, 7, 7, 14).immediate(Opcode::Auipc, 14, 0, 0x3000);
    code.jal(1, after).word(0).bind(after);
    code.store(Opcode::Sd, 7, 5, 0).store(Opcode::Sw, 12, 5, 13).immediate(Opcode::Lh, 13, 5, 15).immediate(Opcode::Lbu, 14, 9, 5);
    code.register(Opcode::Add, 7, 7, 13).immediate(Opcode::Addi, 5, 5, 24).op(Opcode::Fence, 0, 0, 0, 0);
}

/// An environment call.
pub fn call(code: &mut Asm, number: u64, arguments: &[u64]) {
    for (register, &argument) in (10..).zip(arguments) {
        code.li(register, argument);
    }
    code.li(17, number).ecall();
}

/// Ends a program that has written `output`.
pub fn halt_with(code: &mut Asm, exit_code: u32, output: &[u8]) {
    let digest = *blake3::hash(output).as_bytes();
    let mut arguments = vec![u64::from(exit_code)];
    arguments.extend(digest.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes)));
    call(code, ecall::HALT, &arguments);
}
