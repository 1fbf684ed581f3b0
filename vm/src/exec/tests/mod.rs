mod calls;
mod consistency;
mod segments;
mod traps;

use super::{ExecError, Options, RunSummary, Trap, run};
use crate::elf::Program;
use crate::testing::{Asm, ElfFile, ElfSegment, PF_R, PF_W, PF_X};

const TEXT: u32 = 0x1_0000;
const RODATA: u32 = 0x1_2000;
const DATA: u32 = 0x2000_0000;

/// A program of `code`, with a page of read-only data and two of data.
fn program(code: &Asm) -> Program {
    let text = ElfSegment::new(TEXT.into(), PF_R | PF_X, code.bytes());
    let rodata = ElfSegment::new(RODATA.into(), PF_R, vec![0xa5; 4096]);
    let data = ElfSegment::new(DATA.into(), PF_R | PF_W, (0..8192).map(|i| (i % 251) as u8).collect());
    let mut file = ElfFile::new(TEXT.into(), vec![text, rodata, data]);
    file.symbols.push(("main".into(), TEXT.into(), 0));
    Program::from_elf(&file.bytes()).expect("a valid program")
}

fn code() -> Asm {
    Asm::new(TEXT)
}

fn run_code(code: &Asm) -> Result<RunSummary, ExecError> {
    run(&program(code), b"input", Options { cycle_limit: 100_000, ..Options::default() })
}

#[track_caller]
fn trap(code: &Asm) -> Trap {
    match run_code(code) {
        Err(ExecError::Trap(trap)) => *trap,
        other => panic!("expected a trap, got {other:?}"),
    }
}
