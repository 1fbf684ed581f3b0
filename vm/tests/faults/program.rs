//! A run of two segments, the first with records of every kind.

use tern_air::isa::{Family, Opcode, semantics};
use tern_air::memory::MemoryTree;
use tern_vm::elf::Program;
use tern_vm::exec::{Options, SegmentExecutor, SegmentLimits, ecall, run};
use tern_vm::prove::{ExecutedSegment, ProvableProgram};
use tern_vm::testing::{Asm, ElfFile, ElfSegment, PF_R, PF_W, PF_X};

const TEXT: u32 = 0x1_0000;
const RODATA: u32 = 0x1_2000;
const DATA: u32 = 0x2000_0000;
const INPUT: &[u8] = b"some input";
/// Rounds of two instructions of eight ticks: more than the 2^16 ticks that an access bridges on its own.
const IDLE_ROUNDS: u64 = 4_200;
/// Instructions of the second segment: its `halt` with what stands right before it.
const LAST_CYCLES: u64 = 6;

/// A register that is written, by two loads, and never read.
pub const UNREAD: u8 = 27;
/// Offset in the data of a dword that is stored once, then loaded once into [`UNREAD`].
const STORED: i32 = 0x300;
/// Offset in the data of a dword that is only loaded, once, into [`UNREAD`] again.
const CONSTANT: i32 = 0x500;
/// Its index.
pub const CONSTANT_DWORD: u32 = (DATA + CONSTANT as u32) / 8;
/// Index of the dword at [`STORED`].
pub const STORED_DWORD: u32 = (DATA + STORED as u32) / 8;

/// The lane of the last call of Keccak whose dword nothing else accesses.
pub const PERMUTED_LANE: usize = 24;
/// Index of this dword.
pub const PERMUTED_DWORD: u32 = (DATA + STATE as u32) / 8 + PERMUTED_LANE as u32;
/// Offset in the data of the state that the last call of Keccak permutes.
const STATE: i32 = 0x618;

/// The executed run: its program and its two segments.
pub struct Run {
    pub program: ProvableProgram,
    /// The memory before the run.
    pub memory: MemoryTree,
    pub segments: Vec<ExecutedSegment>,
}

/// Executes the program and moves the memory tree over its segments.
pub fn executed() -> Run {
    let program = ProvableProgram::new(program()).expect("a provable program");
    let cycles = run(&program.program, INPUT, Options::default()).expect("a run without traps").cycles;
    let limits = SegmentLimits::cycles(u32::try_from(cycles - LAST_CYCLES).expect("a short run"));
    let mut executor = SegmentExecutor::new(&program.program, INPUT, Options::default()).expect("an executor");
    let before = program.memory(INPUT);
    let mut memory = before.clone();
    let mut segments = Vec::new();
    while let Some(record) = executor.next_segment(&limits).expect("a run without traps") {
        segments.push(ExecutedSegment::new(record, &mut memory).expect("a segment"));
    }
    Run { program, memory: before, segments }
}

fn program() -> Program {
    let text = ElfSegment::new(TEXT.into(), PF_R | PF_X, code().bytes());
    let rodata = ElfSegment::new(RODATA.into(), PF_R, vec![0xa5; 4096]);
    let data = ElfSegment::new(DATA.into(), PF_R | PF_W, (0..8192).map(|i| (i % 251) as u8).collect());
    let file = ElfFile::new(TEXT.into(), vec![text, rodata, data]);
    Program::from_elf(&file.bytes()).expect("a valid program")
}

/// Every instruction, every call, misaligned accesses in all regions, and gaps that need bridges.
fn code() -> Asm {
    let mut code = Asm::new(TEXT);
    code.li(5, 0x8000_0000_ffff_fffe).li(6, 3).li(21, DATA.into()).li(22, RODATA.into()).li(23, TEXT.into()).li(25, 9);
    code.store(Opcode::Sd, 5, 21, 0x400).li(0, 1);
    idle(&mut code);
    code.immediate(Opcode::Ld, 0, 21, 0x400).register(Opcode::Add, 25, 25, 25).immediate(Opcode::Ld, 8, 23, 0);
    for op in (0..Opcode::COUNT as u8).filter_map(Opcode::from_id) {
        instruction(&mut code, op);
    }
    accesses(&mut code);
    calls(&mut code);
    code.halt(0x1_0002);
    code
}

fn idle(code: &mut Asm) {
    let again = code.label();
    code.li(7, IDLE_ROUNDS);
    code.bind(again).immediate(Opcode::Addi, 7, 7, -1).branch(Opcode::Bne, 7, 0, again);
}

/// Some forms of an instruction.
fn instruction(code: &mut Asm, op: Opcode) {
    match op.family() {
        Family::AddSub | Family::Bitwise | Family::Shift | Family::Compare | Family::Mul | Family::DivRem if op.reads_rs2() => {
            code.register(op, 7, 5, 6).register(op, 8, 6, 5).register(op, 0, 5, 5);
        }
        Family::AddSub | Family::Bitwise | Family::Compare => {
            code.immediate(op, 7, 5, -5).immediate(op, 8, 6, 0x7ff);
        }
        Family::Shift | Family::Mul | Family::DivRem => {
            code.immediate(op, 7, 5, 19).immediate(op, 8, 6, 1);
        }
        Family::Upper => {
            code.immediate(op, 7, 0, 0x1234_5000).immediate(op, 8, 0, -0x1000);
        }
        Family::Jump if op == Opcode::Jal => {
            let behind = code.label();
            code.jal(1, behind).nop().bind(behind);
        }
        Family::Jump => {
            code.immediate(Opcode::Auipc, 9, 0, 0).immediate(op, 1, 9, 9);
        }
        Family::Branch => {
            for (rs1, rs2) in [(5, 6), (6, 5), (5, 5)] {
                let behind = code.label();
                code.branch(op, rs1, rs2, behind).nop().bind(behind);
            }
        }
        Family::Load => {
            code.immediate(op, 8, 21, 16).immediate(op, 8, 22, inner_offset(op));
        }
        Family::Store => {
            code.store(op, 5, 21, 64).store(op, 6, 21, 72 + inner_offset(op));
        }
        Family::Fence => {
            code.op(op, 0, 0, 0, 0);
        }
        Family::Ecall => {}
    }
}

/// Where in a dword its last part of an access's width begins.
fn inner_offset(op: Opcode) -> i32 {
    8 - semantics::access_bytes(op) as i32
}

/// Loads and stores inside a dword and across two, in all regions.
fn accesses(code: &mut Asm) {
    use Opcode::{Ld, Lh, Lhu, Lw, Lwu, Sd, Sh, Sw};
    for (op, offset) in [(Lh, 1), (Lhu, 7), (Lw, 2), (Lwu, 5), (Ld, 1), (Ld, 7)] {
        code.immediate(op, 8, 21, 128 + offset).immediate(op, 8, 22, offset).immediate(op, 8, 23, 0x7f0 + offset);
    }
    for (op, offset) in [(Sh, 1), (Sh, 7), (Sw, 2), (Sw, 6), (Sd, 4)] {
        code.store(op, 5, 21, 160 + offset);
    }
    // a dword of text that is executed, one that is not, and the input
    code.immediate(Ld, 8, 23, 8).immediate(Ld, 8, 23, 0x7f8).li(9, 0x8000_0020).immediate(Ld, 8, 9, 0).immediate(Lw, 8, 9, 3);
    // values that are overwritten without having been read
    code.store(Sd, 5, 21, STORED).immediate(Ld, UNREAD, 21, STORED).immediate(Ld, UNREAD, 21, CONSTANT).immediate(Ld, UNREAD, 21, 32);
}

fn calls(code: &mut Asm) {
    code.immediate(Opcode::Addi, 10, 21, 0x600).li(17, ecall::KECCAK_F1600).ecall();
    // destination, a, b from data, c from read-only data, m from data
    code.immediate(Opcode::Addi, 10, 21, 0x200).immediate(Opcode::Addi, 11, 21, 0x210).immediate(Opcode::Addi, 12, 21, 0x240);
    code.mv(13, 22).immediate(Opcode::Addi, 14, 21, 0x280).li(17, ecall::MULMOD256).ecall();
    code.immediate(Opcode::Addi, 10, 21, STATE).li(17, ecall::KECCAK_F1600).ecall();
    code.mv(10, 21).mv(11, 23).mv(12, 21).immediate(Opcode::Addi, 13, 21, 8).immediate(Opcode::Addi, 14, 21, 0x280);
    code.li(17, ecall::MULMOD256).ecall();
    // the same of six dwords, the destination and an operand each in three leaves
    code.immediate(Opcode::Addi, 10, 21, 0x718).immediate(Opcode::Addi, 11, 21, 0x758).immediate(Opcode::Addi, 12, 21, 0x748);
    code.mv(13, 22).immediate(Opcode::Addi, 14, 21, 0x7a0).li(17, ecall::MULMOD384).ecall();
    code.mv(10, 21).mv(11, 23).mv(12, 21).immediate(Opcode::Addi, 13, 21, 8).immediate(Opcode::Addi, 14, 21, 0x7a0);
    code.li(17, ecall::MULMOD384).ecall();
    // states in data, blocks in read-only data and in the state's place
    code.immediate(Opcode::Addi, 10, 21, 0x2c0).mv(11, 22).li(17, ecall::SHA256_COMPRESS).ecall();
    code.mv(11, 10).ecall();
    // vectors in data, messages in read-only data and across the vector's end
    code.immediate(Opcode::Addi, 10, 21, 0x6e0).mv(11, 22).li(12, 3).li(17, ecall::BLAKE2F_ROUND).ecall();
    code.immediate(Opcode::Addi, 11, 10, 0x40).li(12, 7).ecall();
    code.li(10, 0x8000_0020).li(11, 0).li(17, ecall::PRINT).ecall();
}
