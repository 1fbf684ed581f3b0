//! Short programs that run as long as they are asked to.

use super::{Asm, ElfFile, ElfSegment, PF_R, PF_W, PF_X};
use crate::exec::ecall;
use tern_air::isa::Opcode;
use tern_air::machine::{blake2f, sha256};

const TEXT: u32 = 0x1_0000;
const DATA: u32 = 0x2000_0000;

/// Computes a Fibonacci number modulo 2^64 in a loop, writes its eight bytes and halts.
#[must_use]
pub fn fibonacci(index: u64) -> Vec<u8> {
    let mut code = Asm::new(TEXT);
    code.li(5, 0).li(6, 1).li(7, index);
    let again = code.label();
    code.bind(again).register(Opcode::Add, 8, 5, 6).mv(5, 6).mv(6, 8);
    code.immediate(Opcode::Addi, 7, 7, -1).branch(Opcode::Bne, 7, 0, again);
    code.li(9, DATA.into()).store(Opcode::Sd, 5, 9, 0);
    let (number, _) = (0..index).fold((0_u64, 1_u64), |(a, b), _| (b, a.wrapping_add(b)));
    halt(&mut code, &number.to_le_bytes());
    program(&code)
}

/// Permutes 25 dwords of memory `count` times by Keccak-f\[1600\], the numbers from 1 on at first,
/// writes them and halts.
#[must_use]
pub fn permutations(count: u64) -> Vec<u8> {
    let mut code = Asm::new(TEXT);
    code.li(18, DATA.into());
    for lane in 0..25 {
        code.li(5, lane + 1).store(Opcode::Sd, 5, 18, 8 * lane as i32);
    }
    code.li(7, count).mv(10, 18).li(17, ecall::KECCAK_F1600);
    let again = code.label();
    code.bind(again).ecall().immediate(Opcode::Addi, 7, 7, -1).branch(Opcode::Bne, 7, 0, again);
    let mut state: [u64; 25] = core::array::from_fn(|lane| lane as u64 + 1);
    (0..count).for_each(|_| keccak::f1600(&mut state));
    let output: Vec<u8> = state.iter().flat_map(|lane| lane.to_le_bytes()).collect();
    halt(&mut code, &output);
    program(&code)
}

/// Compresses a block of SHA-256 into a state and takes a work vector of BLAKE2b through a round,
/// `count` times; all is zero at first but the vector's first word, which is `count`. Writes state
/// and vector and halts.
#[must_use]
pub fn compressions(count: u64) -> Vec<u8> {
    let mut code = Asm::new(TEXT);
    code.li(18, DATA.into()).immediate(Opcode::Addi, 19, 18, 32).immediate(Opcode::Addi, 20, 18, 0x400);
    // the schedule stays at 7
    code.li(7, count).store(Opcode::Sd, 7, 19, 0).mv(11, 20).li(12, 7);
    let again = code.label();
    code.bind(again).mv(10, 18).li(17, ecall::SHA256_COMPRESS).ecall();
    code.mv(10, 19).li(17, ecall::BLAKE2F_ROUND).ecall();
    code.immediate(Opcode::Addi, 7, 7, -1).branch(Opcode::Bne, 7, 0, again);
    let (mut state, mut vector) = ([0; 4], [0; 16]);
    vector[0] = count;
    for _ in 0..count {
        state = sha256::compress(state, [0; 8]);
        vector = blake2f::round(vector, &[0; 16], &blake2f::SIGMA[7]);
    }
    let output: Vec<u8> = state.iter().chain(&vector).flat_map(|dword| dword.to_le_bytes()).collect();
    halt(&mut code, &output);
    program(&code)
}

/// Writes what stands at the beginning of the data, which is `output`, and halts with exit code 0.
fn halt(code: &mut Asm, output: &[u8]) {
    let mut call = |number: u64, arguments: &[u64]| {
        for (register, &argument) in (10..).zip(arguments) {
            code.li(register, argument);
        }
        code.li(17, number).ecall();
    };
    call(ecall::WRITE_OUTPUT, &[DATA.into(), output.len() as u64]);
    let digest = *blake3::hash(output).as_bytes();
    let words = digest.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes));
    call(ecall::HALT, &[0].into_iter().chain(words).collect::<Vec<u64>>());
}

fn program(code: &Asm) -> Vec<u8> {
    let text = ElfSegment::new(TEXT.into(), PF_R | PF_X, code.bytes());
    let data = ElfSegment::new(DATA.into(), PF_R | PF_W, vec![0; 4096]);
    ElfFile::new(TEXT.into(), vec![text, data]).bytes()
}
