//! A whole run without segments.

use super::error::ExecError;
use super::host::{Options, ScopeTotal};
use super::machine::{Counters, Halt, Machine, Observer};
use crate::elf::Program;

/// What a finished run leaves behind.
#[derive(Clone, Debug)]
pub struct RunSummary {
    pub halt: Halt,
    /// All bytes that the program wrote, in order.
    pub output: Vec<u8>,
    /// Instructions executed, the final `ecall` included.
    pub cycles: u64,
    pub counters: Counters,
    /// Cycle scopes in order of first opening.
    pub scopes: Vec<ScopeTotal>,
}

/// Runs `program` on `input` to its end, recording nothing.
///
/// # Errors
/// The trap that ended the run otherwise than by `halt`, or a failure to set up the machine.
pub fn run(program: &Program, input: &[u8], options: Options) -> Result<RunSummary, ExecError> {
    run_observed(program, input, options, &mut ())
}

/// Like [`run`], with an observer of every instruction.
///
/// # Errors
/// As [`run`].
pub fn run_observed<O: Observer>(program: &Program, input: &[u8], options: Options, observer: &mut O) -> Result<RunSummary, ExecError> {
    let mut machine = Machine::new(program, input, options)?;
    loop {
        machine.run(observer, u64::MAX)?;
        if let Some(summary) = summary(&machine) {
            return Ok(summary);
        }
    }
}

/// The summary of a machine that has halted.
pub(super) fn summary(machine: &Machine) -> Option<RunSummary> {
    machine.halt().map(|halt| RunSummary {
        halt,
        output: machine.host.output().to_vec(),
        cycles: machine.cycle(),
        counters: *machine.counters(),
        scopes: machine.host.scopes().to_vec(),
    })
}
