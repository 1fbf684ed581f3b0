//! Programs that exercise every instruction and leave their results in memory.
//!
//! Each exists twice: as a program of the machine, which halts with exit code 0 and no output, and
//! as a Linux program, which writes the same memory to standard output. Up to there both execute
//! the same words at the same addresses, so what any RISC-V Linux emulator prints is what the
//! machine must hold.

mod control;
mod data;
mod random;

use tern_air::isa::Opcode;

use super::{Asm, ElfFile, ElfSegment, Label, PF_R, PF_W, PF_X};

/// Where the programs keep data: a table of operands, then results, then the final registers.
pub const MEMORY_START: u32 = 0x5000_0000;
/// Bytes from [`MEMORY_START`] that count as the program's result.
pub const MEMORY_BYTES: u32 = 0x2_0000;
/// Where the final registers go, 8 bytes each, the one at [`TestProgram::base_register`] excepted.
const REGISTERS_START: u32 = MEMORY_START + MEMORY_BYTES - 256;
/// Usual address of the first instruction.
const TEXT_START: u32 = 0x1_0000;

/// A program with a result to compare.
#[derive(Clone, Debug)]
pub struct TestProgram {
    pub name: String,
    text_start: u32,
    body: Asm,
    /// Code behind the rest.
    last_words: Option<Asm>,
    memory: Vec<u8>,
}

impl TestProgram {
    /// A program of `body`, after which it stores all registers; `base_register` (1 to 31) is
    /// overwritten for that.
    fn new(name: impl Into<String>, text_start: u32, mut body: Asm, base_register: u8, memory: Vec<u8>) -> Self {
        body.li(base_register, REGISTERS_START.into());
        for register in (0..32).filter(|&register| register != base_register) {
            body.store(Opcode::Sd, register, base_register, 8 * i32::from(register));
        }
        Self { name: name.into(), text_start, body, last_words: None, memory }
    }

    /// Adds code at a higher address, which the body reaches by jumps.
    fn with_last_words(mut self, last_words: Asm) -> Self {
        self.last_words = Some(last_words);
        self
    }

    /// The programs one after the other in one, over the memory of the first; none if there is
    /// none, or if their code stands at different addresses or has several parts.
    #[must_use]
    pub fn joined(programs: &[Self]) -> Option<Self> {
        let (first, rest) = programs.split_first()?;
        let mut joined = first.clone();
        for program in rest {
            joined.name = format!("{}; {}", joined.name, program.name);
            joined.body.append(&program.body);
        }
        let joinable = |program: &Self| program.text_start == first.text_start && program.last_words.is_none();
        programs.iter().all(joinable).then_some(joined)
    }

    /// Address of the first instruction.
    #[must_use]
    pub fn text_start(&self) -> u32 {
        self.text_start
    }

    /// The program for the machine. At its end, the [`MEMORY_BYTES`] at [`MEMORY_START`] are its result.
    #[must_use]
    pub fn elf(&self) -> Vec<u8> {
        let mut code = self.body.clone();
        code.halt(0);
        self.link(&code)
    }

    /// The program for RISC-V Linux, which prints its result.
    #[must_use]
    pub fn linux_elf(&self) -> Vec<u8> {
        const WRITE: u64 = 64;
        const EXIT_GROUP: u64 = 94;
        let mut code = self.body.clone();
        let more = code.label();
        code.li(5, MEMORY_START.into()).li(6, MEMORY_BYTES.into());
        code.bind(more).li(17, WRITE).li(10, 1).mv(11, 5).mv(12, 6).ecall();
        code.register(Opcode::Add, 5, 5, 10).register(Opcode::Sub, 6, 6, 10).branch(Opcode::Bne, 6, 0, more);
        code.li(17, EXIT_GROUP).li(10, 0).ecall();
        self.link(&code)
    }

    fn link(&self, code: &Asm) -> Vec<u8> {
        let mut text = ElfSegment::new(self.text_start.into(), PF_R | PF_X, code.bytes());
        if let Some(last_words) = &self.last_words {
            text.bytes.resize((last_words.start() - self.text_start) as usize, 0);
            text.bytes.extend(last_words.bytes());
            text.memory_size = text.bytes.len() as u64;
        }
        let mut data = ElfSegment::new(MEMORY_START.into(), PF_R | PF_W, self.memory.clone());
        data.memory_size = MEMORY_BYTES.into();
        let mut elf = ElfFile::new(self.text_start.into(), vec![text, data]);
        elf.symbols.push((self.name.clone(), self.text_start.into(), 0));
        elf.bytes()
    }
}

/// All directed programs.
#[must_use]
pub fn directed() -> Vec<TestProgram> {
    let mut programs = data::programs();
    programs.extend(control::programs());
    programs
}

/// `count` random programs of about 300 instructions each; the same for the same `seed`.
#[must_use]
pub fn random(seed: u64, count: usize) -> Vec<TestProgram> {
    (0..count as u64).map(|index| random::program(seed.wrapping_add(index))).collect()
}
