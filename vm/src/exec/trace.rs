//! A run, instruction by instruction, as text: for fuzzers that choose where to inject a fault, and
//! for whoever reads along.
//!
//! A line for each instruction in the order of execution, its parts separated by one space:
//!
//! ```text
//! 17 0x00010048 0x00b50533 add x10=0x000000000000002a
//! 18 0x0001004c 0x00a2b423 sd [0x20000008]8=0x000000000000002a
//! ```
//!
//! the step, counted from 0; the instruction's address; its word; its mnemonic; then what it
//! writes: a register with its new value, or the bytes of memory that a store writes, how many, and
//! their value. An instruction that writes to `x0`, a branch, a fence and an environment call have
//! nothing there; what an accelerator writes to memory is not shown. The last line of a run that
//! traps is the instruction that did.

use std::io::{self, Write};

use tern_air::isa::{Family, Instruction, SINK, semantics};

use super::machine::{Machine, Observer};

/// Writes a line for every instruction.
pub struct Tracer<W> {
    to: W,
    step: u64,
    /// The destination of the instruction whose line is not finished.
    pending: Option<Option<u8>>,
    failed: Option<io::Error>,
}

impl<W: Write> Tracer<W> {
    /// A tracer that writes to this.
    pub const fn new(to: W) -> Self {
        Self { to, step: 0, pending: None, failed: None }
    }

    /// Ends the last line, and gives back what was written to.
    ///
    /// # Errors
    /// The first error of a write.
    pub fn finish(mut self) -> io::Result<W> {
        if self.pending.is_some() {
            self.write(|to| writeln!(to));
        }
        self.failed.map_or(Ok(self.to), Err)
    }

    fn write(&mut self, write: impl FnOnce(&mut W) -> io::Result<()>) {
        if self.failed.is_none() {
            self.failed = write(&mut self.to).err();
        }
    }
}

impl<W: Write> Observer for Tracer<W> {
    fn before(&mut self, machine: &Machine, pc: u32, i: Instruction) {
        if let Some(written) = self.pending.take() {
            self.write(|to| match written {
                Some(register) => writeln!(to, " x{register}={:#018x}", machine.register(register)),
                None => writeln!(to),
            });
        }
        let word = (machine.memory().dword(pc / 8) >> (8 * (pc & 4))) as u32;
        let step = self.step;
        self.write(|to| write!(to, "{step} {pc:#010x} {word:#010x} {}", i.op.mnemonic()));
        if i.op.family() == Family::Store {
            let address = semantics::effective_address(machine.register(i.rs1), i.imm);
            let bytes = semantics::access_bytes(i.op);
            let value = machine.register(i.rs2) & (u64::MAX >> (64 - 8 * bytes));
            let digits = 2 + 2 * bytes as usize;
            self.write(|to| write!(to, " [{address:#010x}]{bytes}={value:#0digits$x}"));
        }
        self.step += 1;
        self.pending = Some((i.op.writes_rd() && i.rd != SINK).then_some(i.rd));
    }
}
