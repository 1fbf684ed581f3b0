//! The hart: registers, memory, and one step, which fast and logging runs share.

use tern_air::isa::{self, Instruction, Opcode, semantics};
use tern_air::machine::{blake2f, sha256};

use super::accelerators::{self, Blake2f};
use super::error::ExecError;
use super::foreign;
use super::host::{Host, Options};
use super::layout::MAX_INPUT_BYTES;
use super::memory::Memory;
use super::trap::{Place, Trap, TrapReason};
use crate::elf::{Program, Symbols};

/// Watches a run, one call per instruction, before the instruction takes effect.
pub trait Observer {
    /// `instruction`, at `pc`, is about to execute in the state that `machine` shows.
    ///
    /// It may still trap, in which case nothing follows this call.
    fn before(&mut self, machine: &Machine, pc: u32, instruction: Instruction);
}

/// Watches nothing, at no cost.
impl Observer for () {
    #[inline(always)]
    fn before(&mut self, _: &Machine, _: u32, _: Instruction) {}
}

/// How often the environment was called, and how often memory was accessed across its natural alignment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Loads and stores at an address that is no multiple of their width.
    pub unaligned_accesses: u64,
    pub keccak_calls: u64,
    pub mulmod_calls: u64,
    pub mulmod384_calls: u64,
    pub sha256_calls: u64,
    pub blake2f_calls: u64,
    pub write_output_calls: u64,
    pub print_calls: u64,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Halt {
    pub exit_code: u32,
    /// BLAKE3-256 of the output, as the program stated it and the output bears out.
    pub output_digest: [u8; 32],
}

/// Why the step loop left off.
pub(super) enum Stop {
    Halt(Halt),
    Trap(TrapReason),
}

impl From<TrapReason> for Stop {
    fn from(reason: TrapReason) -> Self {
        Self::Trap(reason)
    }
}

/// The whole state of a run.
pub struct Machine {
    pc: u32,
    /// Address of the instruction executed last; at the start, of the first.
    previous: u32,
    /// `x0` to `x31`, the sink, and padding that lets six-bit indices go unchecked.
    registers: [u64; 64],
    memory: Memory,
    text_start: u32,
    /// The text, decoded; `None` where a word is no instruction.
    text: Box<[Option<Instruction>]>,
    cycle: u64,
    halt: Option<Halt>,
    counters: Counters,
    pub(super) host: Host,
    cycle_limit: u64,
    symbols: Symbols,
}

impl Machine {
    /// A machine at the entry of `program`, with `input` in place.
    ///
    /// # Errors
    /// [`ExecError::InputTooLarge`], or [`ExecError::Reservation`] if the host refuses the address space.
    pub fn new(program: &Program, input: &[u8], options: Options) -> Result<Self, ExecError> {
        if input.len() as u64 > MAX_INPUT_BYTES {
            return Err(ExecError::InputTooLarge { bytes: input.len() as u64 });
        }
        Ok(Self {
            pc: program.entry,
            previous: program.entry,
            registers: [0; 64],
            memory: Memory::new(program, input).map_err(ExecError::Reservation)?,
            text_start: program.text_start,
            text: program.text_words().map(isa::decode).collect(),
            cycle: 0,
            halt: None,
            counters: Counters::default(),
            cycle_limit: options.cycle_limit,
            host: Host::new(options),
            symbols: program.symbols.clone(),
        })
    }

    /// Address of the next instruction; after `halt`, of the `ecall`.
    #[must_use]
    pub fn pc(&self) -> u32 {
        self.pc
    }

    /// Instructions completed.
    #[must_use]
    pub fn cycle(&self) -> u64 {
        self.cycle
    }

    /// Value of register `index` (0 to 31, or 32 for the sink).
    #[inline(always)]
    #[must_use]
    pub fn register(&self, index: u8) -> u64 {
        self.registers[usize::from(index & 63)]
    }

    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Set once the program has halted.
    #[must_use]
    pub fn halt(&self) -> Option<Halt> {
        self.halt
    }

    #[must_use]
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// The instruction at `pc`, if `pc` lies in the text and its word is an instruction.
    #[must_use]
    pub fn instruction_at(&self, pc: u32) -> Option<Instruction> {
        self.fetch(pc).ok()
    }

    /// Puts another value into a register (0 to 31, or 32 for the sink).
    #[cfg(feature = "attack")]
    pub(crate) fn set_register(&mut self, index: u8, value: u64) {
        self.write(index, value);
    }

    /// Goes on at another address.
    #[cfg(feature = "attack")]
    pub(crate) fn set_pc(&mut self, pc: u32) {
        self.pc = pc;
    }

    /// Puts another value into a dword of memory (its index is its address / 8).
    #[cfg(feature = "attack")]
    pub(crate) fn set_dword(&mut self, index: u32, value: u64) {
        self.memory.set_dword(index, value);
    }

    /// Executes another instruction at an address of the text from now on, whatever memory holds,
    /// and returns the one before.
    #[cfg(feature = "attack")]
    pub(crate) fn set_instruction(&mut self, pc: u32, instruction: Option<Instruction>) -> Option<Instruction> {
        let index = (pc.wrapping_sub(self.text_start) / 4) as usize;
        self.text.get_mut(index).and_then(|place| core::mem::replace(place, instruction))
    }

    /// Number of instruction words in the text range.
    pub(super) fn text_len(&self) -> usize {
        self.text.len()
    }

    /// Runs at most `steps` instructions, fewer if the program halts, which [`Self::halt`] then tells.
    ///
    /// # Errors
    /// The trap that stopped the run; the machine must not be run on.
    pub fn run<O: Observer>(&mut self, observer: &mut O, steps: u64) -> Result<(), Box<Trap>> {
        if self.halt.is_some() {
            return Ok(());
        }
        let allowed = steps.min(self.cycle_limit.saturating_sub(self.cycle));
        let (mut pc, mut previous) = (self.pc, self.previous);
        for _ in 0..allowed {
            match self.step(pc, observer) {
                Ok(next) => {
                    previous = pc;
                    pc = next;
                }
                Err(stop) => {
                    (self.pc, self.previous) = (pc, previous);
                    return self.stop(stop);
                }
            }
            self.cycle += 1;
        }
        (self.pc, self.previous) = (pc, previous);
        if allowed < steps {
            return Err(self.trap(TrapReason::CycleLimit { limit: self.cycle_limit }));
        }
        Ok(())
    }

    #[cold]
    fn stop(&mut self, stop: Stop) -> Result<(), Box<Trap>> {
        match stop {
            Stop::Halt(halt) => {
                self.cycle += 1;
                self.halt = Some(halt);
                Ok(())
            }
            Stop::Trap(reason) => Err(self.trap(reason)),
        }
    }

    fn trap(&self, reason: TrapReason) -> Box<Trap> {
        // Who left the text is to blame, not the place it went to.
        let (pc, cycle) = match reason {
            TrapReason::FetchOutsideText { .. } => (self.previous, self.cycle.saturating_sub(1)),
            _ => (self.pc, self.cycle),
        };
        let jumped_here = self.cycle > 0 && self.previous.wrapping_add(4) != pc;
        let source = (reason.is_undecodable() && jumped_here).then_some(self.previous);
        Box::new(Trap { place: self.place(pc), source: source.map(|pc| self.place(pc)), cycle, reason })
    }

    fn place(&self, pc: u32) -> Place {
        Place { pc, symbol: self.symbols.name_at(pc).map(str::to_owned), nameless: self.symbols.missing() }
    }

    /// Executes the instruction at `pc` and returns the next one's address.
    #[inline(always)]
    fn step<O: Observer>(&mut self, pc: u32, observer: &mut O) -> Result<u32, Stop> {
        use Opcode::*;
        let instruction = self.fetch(pc)?;
        observer.before(self, pc, instruction);
        let i = instruction;
        match i.op {
            Add => self.alu_register(Add, i),
            Sub => self.alu_register(Sub, i),
            Addi => self.alu_immediate(Addi, i),
            Addw => self.alu_register(Addw, i),
            Subw => self.alu_register(Subw, i),
            Addiw => self.alu_immediate(Addiw, i),
            And => self.alu_register(And, i),
            Or => self.alu_register(Or, i),
            Xor => self.alu_register(Xor, i),
            Andi => self.alu_immediate(Andi, i),
            Ori => self.alu_immediate(Ori, i),
            Xori => self.alu_immediate(Xori, i),
            Sll => self.alu_register(Sll, i),
            Srl => self.alu_register(Srl, i),
            Sra => self.alu_register(Sra, i),
            Slli => self.alu_immediate(Slli, i),
            Srli => self.alu_immediate(Srli, i),
            Srai => self.alu_immediate(Srai, i),
            Sllw => self.alu_register(Sllw, i),
            Srlw => self.alu_register(Srlw, i),
            Sraw => self.alu_register(Sraw, i),
            Slliw => self.alu_immediate(Slliw, i),
            Srliw => self.alu_immediate(Srliw, i),
            Sraiw => self.alu_immediate(Sraiw, i),
            Slt => self.alu_register(Slt, i),
            Sltu => self.alu_register(Sltu, i),
            Slti => self.alu_immediate(Slti, i),
            Sltiu => self.alu_immediate(Sltiu, i),
            Mul => self.alu_register(Mul, i),
            Mulh => self.alu_register(Mulh, i),
            Mulhsu => self.alu_register(Mulhsu, i),
            Mulhu => self.alu_register(Mulhu, i),
            Mulw => self.alu_register(Mulw, i),
            Div => self.alu_register(Div, i),
            Divu => self.alu_register(Divu, i),
            Rem => self.alu_register(Rem, i),
            Remu => self.alu_register(Remu, i),
            Divw => self.alu_register(Divw, i),
            Divuw => self.alu_register(Divuw, i),
            Remw => self.alu_register(Remw, i),
            Remuw => self.alu_register(Remuw, i),
            Lui | Auipc => self.write(i.rd, semantics::upper(i.op, pc, i.imm)),
            Jal => return self.jump(Jal, pc, i),
            Jalr => return self.jump(Jalr, pc, i),
            Beq => return self.branch(Beq, pc, i),
            Bne => return self.branch(Bne, pc, i),
            Blt => return self.branch(Blt, pc, i),
            Bge => return self.branch(Bge, pc, i),
            Bltu => return self.branch(Bltu, pc, i),
            Bgeu => return self.branch(Bgeu, pc, i),
            Lb => self.load::<1>(Lb, i)?,
            Lh => self.load::<2>(Lh, i)?,
            Lw => self.load::<4>(Lw, i)?,
            Ld => self.load::<8>(Ld, i)?,
            Lbu => self.load::<1>(Lbu, i)?,
            Lhu => self.load::<2>(Lhu, i)?,
            Lwu => self.load::<4>(Lwu, i)?,
            Sb => self.store::<1>(i)?,
            Sh => self.store::<2>(i)?,
            Sw => self.store::<4>(i)?,
            Sd => self.store::<8>(i)?,
            Fence => {}
            Ecall => self.environment_call()?,
        }
        Ok(pc.wrapping_add(4))
    }

    #[inline(always)]
    fn fetch(&self, pc: u32) -> Result<Instruction, TrapReason> {
        let index = (pc.wrapping_sub(self.text_start) / 4) as usize;
        match self.text.get(index) {
            Some(Some(instruction)) => Ok(*instruction),
            _ => Err(self.fetch_failure(pc)),
        }
    }

    #[cold]
    fn fetch_failure(&self, pc: u32) -> TrapReason {
        const EBREAK: u32 = 0x0010_0073;
        if (pc.wrapping_sub(self.text_start) / 4) as usize >= self.text.len() {
            return TrapReason::FetchOutsideText { target: pc };
        }
        let dword = self.memory.dword(pc / 8);
        match (dword >> (8 * (pc & 4))) as u32 {
            EBREAK => TrapReason::Breakpoint,
            word => match foreign::name(word) {
                Some(name) => TrapReason::UnsupportedInstruction { name, word },
                None => TrapReason::IllegalInstruction { word },
            },
        }
    }

    #[inline(always)]
    fn write(&mut self, rd: u8, value: u64) {
        self.registers[usize::from(rd & 63)] = value;
    }

    #[inline(always)]
    fn alu_register(&mut self, op: Opcode, i: Instruction) {
        self.write(i.rd, semantics::alu(op, self.register(i.rs1), self.register(i.rs2)));
    }

    #[inline(always)]
    fn alu_immediate(&mut self, op: Opcode, i: Instruction) {
        self.write(i.rd, semantics::alu(op, self.register(i.rs1), i.imm64()));
    }

    #[inline(always)]
    fn branch(&self, op: Opcode, pc: u32, i: Instruction) -> Result<u32, Stop> {
        if !semantics::branch_taken(op, self.register(i.rs1), self.register(i.rs2)) {
            return Ok(pc.wrapping_add(4));
        }
        aligned_target(u64::from(pc.wrapping_add_signed(i.imm)))
    }

    #[inline(always)]
    fn jump(&mut self, op: Opcode, pc: u32, i: Instruction) -> Result<u32, Stop> {
        let target = semantics::jump_target(op, pc, self.register(i.rs1), i.imm);
        let next = aligned_target(target)?;
        self.write(i.rd, u64::from(pc) + 4);
        Ok(next)
    }

    #[inline(always)]
    fn load<const N: usize>(&mut self, op: Opcode, i: Instruction) -> Result<(), Stop> {
        let address = semantics::effective_address(self.register(i.rs1), i.imm);
        let raw = self.memory.load::<N>(address)?;
        self.counters.unaligned_accesses += u64::from(!address.is_multiple_of(N as u64));
        self.write(i.rd, semantics::extend_load(op, raw));
        Ok(())
    }

    #[inline(always)]
    fn store<const N: usize>(&mut self, i: Instruction) -> Result<(), Stop> {
        let address = semantics::effective_address(self.register(i.rs1), i.imm);
        self.memory.store::<N>(address, self.register(i.rs2))?;
        self.counters.unaligned_accesses += u64::from(!address.is_multiple_of(N as u64));
        Ok(())
    }

    /// The environment call that the registers ask for: `a7` the number, `a0` to `a4` the arguments.
    #[inline(never)]
    fn environment_call(&mut self) -> Result<(), Stop> {
        let [number, a0, a1, a2, a3, a4] = self.ecall_registers();
        match number {
            ecall::HALT => return Err(self.host.halt(a0, [a1, a2, a3, a4])?),
            ecall::WRITE_OUTPUT => {
                self.counters.write_output_calls += 1;
                self.host.write_output(self.memory.bytes(a0, a1)?)?;
            }
            ecall::PRINT => {
                self.counters.print_calls += 1;
                self.host.print(self.memory.bytes(a0, a1)?)?;
            }
            ecall::CYCLE_SCOPE_BEGIN => self.host.begin_scope(self.memory.bytes(a0, a1)?, self.cycle)?,
            ecall::CYCLE_SCOPE_END => self.host.end_scope(self.cycle)?,
            ecall::KECCAK_F1600 => {
                self.counters.keccak_calls += 1;
                let mut state = accelerators::keccak_state(&self.memory, a0)?;
                keccak::f1600(&mut state);
                self.memory.store_dwords(a0, &state)?;
            }
            ecall::MULMOD256 => {
                self.counters.mulmod_calls += 1;
                self.mulmod::<4>([a0, a1, a2, a3, a4])?;
            }
            ecall::MULMOD384 => {
                self.counters.mulmod384_calls += 1;
                self.mulmod::<6>([a0, a1, a2, a3, a4])?;
            }
            ecall::SHA256_COMPRESS => {
                self.counters.sha256_calls += 1;
                let (state, block) = accelerators::sha256_operands(&self.memory, [a0, a1])?;
                self.memory.store_dwords(a0, &sha256::compress(state, block))?;
            }
            ecall::BLAKE2F_ROUND => {
                self.counters.blake2f_calls += 1;
                let Blake2f { vector, message, row } = accelerators::blake2f_operands(&self.memory, [a0, a1, a2])?;
                self.memory.store_dwords(a0, &blake2f::round(vector, &message, row))?;
            }
            _ => return Err(TrapReason::UnknownEcall { number }.into()),
        }
        Ok(())
    }

    /// Stores a modular product, given the pointers to destination, a, b, c and m, of so many dwords each.
    fn mulmod<const DWORDS: usize>(&mut self, pointers: [u64; 5]) -> Result<(), TrapReason> {
        let operands = accelerators::mulmod_operands::<DWORDS>(&self.memory, pointers)?;
        let division = accelerators::mulmod(operands)?;
        self.memory.store_dwords(pointers[0], &division.remainder)
    }

    /// `x17`, then `x10` to `x14`.
    pub(super) fn ecall_registers(&self) -> [u64; 6] {
        ecall::REGISTERS.map(|index| self.register(index))
    }
}

/// Numbers of the environment calls, and the registers that they read.
pub mod ecall {
    pub const HALT: u64 = 0;
    pub const WRITE_OUTPUT: u64 = 1;
    pub const PRINT: u64 = 2;
    pub const CYCLE_SCOPE_BEGIN: u64 = 3;
    pub const CYCLE_SCOPE_END: u64 = 4;
    pub const KECCAK_F1600: u64 = 0x100;
    pub const MULMOD256: u64 = 0x101;
    pub const MULMOD384: u64 = 0x102;
    pub const SHA256_COMPRESS: u64 = 0x103;
    pub const BLAKE2F_ROUND: u64 = 0x104;
    /// The number's register, then the arguments'.
    pub const REGISTERS: [u8; 6] = [17, 10, 11, 12, 13, 14];
}

#[inline(always)]
fn aligned_target(target: u64) -> Result<u32, Stop> {
    match u32::try_from(target) {
        Ok(pc) if pc.is_multiple_of(4) => Ok(pc),
        _ => Err(TrapReason::MisalignedJump { target }.into()),
    }
}
