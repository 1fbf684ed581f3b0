//! Executing a run, honestly or with faults in the machine's state.

use tern_air::isa::{self, Instruction};

use super::change::{CellChange, Change, Fault, Number, RecordChange};
use super::target::{MOST_CYCLES, Target, TargetError};
use super::{AttackError, cells, records};
use crate::exec::{ExecError, Machine, Options, SegmentExecutor, SegmentLimits, Tampering, TrapReason};
use crate::prove::{ExecutedSegment, ProvableProgram};

/// A run, with what its tables are filled from.
#[derive(Clone)]
pub struct Executed {
    /// Its segments.
    pub segments: Vec<ExecutedSegment>,
    /// Its output.
    pub output: Vec<u8>,
    /// Its exit code.
    pub exit_code: u32,
}

/// A fault that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// There is no such step.
    #[error("the run has {steps} steps, counted from 0; there is no step {got}")]
    Step {
        /// Instructions of the run.
        steps: u64,
        /// The step that was named.
        got: u64,
    },
    /// There is no such field.
    #[error("a fault has no field {0:?}: it is rd, next_pc, word, register.N, memory, record.FIELD or cell.COLUMN")]
    Field(String),
    /// The instruction of the step has no destination.
    #[error("the instruction of step {0} writes no register")]
    NoDestination(u64),
    /// The value is none of the field's.
    #[error("{field} cannot become {value:#x}: {needed}")]
    Value {
        /// The field.
        field: String,
        /// The value.
        value: u64,
        /// What it has to be.
        needed: &'static str,
    },
    /// A fault in memory without its place.
    #[error("a fault in memory needs an address: that of a dword, a multiple of 8")]
    NoAddress,
}

/// Executes a program with changes of the machine's state.
pub fn execute(
    program: &ProvableProgram,
    input: &[u8],
    limits: &SegmentLimits,
    cycle_limit: u64,
    tamperings: Vec<Tampering>,
) -> Result<Executed, TargetError> {
    let options = Options { cycle_limit, ..Options::default() };
    let mut executor = SegmentExecutor::new(&program.program, input, options)?;
    executor.tamper_with(tamperings);
    let mut memory = program.memory(input);
    let mut segments = Vec::new();
    while let Some(record) = executor.next_segment(limits).map_err(|error| too_long(error, cycle_limit))? {
        segments.push(ExecutedSegment::new(record, &mut memory)?);
    }
    let Some(summary) = executor.summary() else { unreachable!("a run without more segments has halted") };
    Ok(Executed { segments, output: summary.output, exit_code: summary.halt.exit_code })
}

fn too_long(error: ExecError, cycle_limit: u64) -> TargetError {
    match &error {
        ExecError::Trap(trap) if matches!(trap.reason, TrapReason::CycleLimit { .. }) => TargetError::TooLong(cycle_limit),
        _ => TargetError::Execute(error),
    }
}

/// Instructions that a run with a fault may take beyond twice those of the honest one.
const SLACK: u64 = 4096;

/// What an instruction is, and where.
struct Place {
    pc: u32,
    instruction: Instruction,
}

/// The instruction that the honest run executes at a step.
fn place(target: &Target, step: u64) -> Result<Place, AttackError> {
    let steps = target.cycles();
    let missing = || FaultError::Step { steps, got: step };
    let machine = Machine::new(&target.program.program, &target.input, Options::default());
    let mut machine = machine.map_err(|error| AttackError::Honest(error.to_string()))?;
    if step >= steps {
        return Err(missing().into());
    }
    machine.run(&mut (), step).map_err(|trap| AttackError::Honest(trap.to_string()))?;
    let pc = machine.pc();
    Ok(Place { pc, instruction: machine.instruction_at(pc).ok_or_else(missing)? })
}

/// The run with faults in the machine's state; those of a row alone are no part of it.
pub fn with_faults(target: &Target, faults: &[&Fault]) -> Result<Result<Executed, TargetError>, AttackError> {
    let mut tamperings = Vec::new();
    for fault in faults {
        tamperings.extend(tamper(target, fault)?);
    }
    // Each segment of a run that goes astray would be proved.
    let cycle_limit = MOST_CYCLES.min(2 * target.cycles() + SLACK);
    Ok(execute(&target.program, &target.input, &target.limits, cycle_limit, tamperings))
}

fn tamper(target: &Target, fault: &Fault) -> Result<Vec<Tampering>, AttackError> {
    let Fault { step, field, value: Number(value), address } = fault;
    let (step, value) = (*step, *value);
    let place = place(target, step)?;
    let needs = |needed| FaultError::Value { field: field.clone(), value, needed };
    let at = |cycle: u64, change: Box<dyn FnOnce(&mut Machine) + Send>| Tampering { cycle, change };
    match field.as_str() {
        "rd" => {
            let rd = destination(&place.instruction).ok_or(FaultError::NoDestination(step))?;
            Ok(vec![at(step + 1, Box::new(move |machine| machine.set_register(rd, value)))])
        }
        "next_pc" => {
            let pc = u32::try_from(value).ok().filter(|pc| pc.is_multiple_of(4)).ok_or_else(|| needs("an address, a multiple of 4"))?;
            Ok(vec![at(step + 1, Box::new(move |machine| machine.set_pc(pc)))])
        }
        "word" => {
            let word = u32::try_from(value).map_err(|_| needs("an instruction word of 32 bits"))?;
            let (pc, own) = (place.pc, place.instruction);
            let replace = move |machine: &mut Machine| _ = machine.set_instruction(pc, isa::decode(word));
            let restore = move |machine: &mut Machine| _ = machine.set_instruction(pc, Some(own));
            Ok(vec![at(step, Box::new(replace)), at(step + 1, Box::new(restore))])
        }
        "memory" => {
            let address = address.ok_or(FaultError::NoAddress)?.0;
            let address = u32::try_from(address).ok().filter(|address| address.is_multiple_of(8)).ok_or(FaultError::NoAddress)?;
            Ok(vec![at(step + 1, Box::new(move |machine| machine.set_dword(address / 8, value)))])
        }
        _ => {
            let register = field.strip_prefix("register.").and_then(|number| number.parse::<u8>().ok()).filter(|number| *number < 32);
            let register = register.ok_or_else(|| FaultError::Field(field.clone()))?;
            Ok(vec![at(step, Box::new(move |machine| machine.set_register(register, value)))])
        }
    }
}

/// The register that an instruction writes: the sink for `x0`.
fn destination(instruction: &Instruction) -> Option<u8> {
    instruction.op.writes_rd().then_some(instruction.rd)
}

/// A fault of a step's own row, as changes of its record or of its cells. That of its destination
/// is one of the row as well: it says the same that the run goes on with.
pub fn of_row(target: &Target, fault: &Fault) -> Result<Vec<Change>, AttackError> {
    let index = target.segment_of(fault.step);
    let steps = target.cycles();
    let missing = || FaultError::Step { steps, got: fault.step };
    let mut segment = target.honest.segments.get(index).ok_or_else(missing)?.clone();
    let (list, row) = records::row_of(&mut segment, fault.step - target.first_step(index)).ok_or_else(missing)?;
    let cell = |column: String, value: u64| {
        let (chip, column, row, set) = (list.to_owned(), Some(column), Some(row), Some(Number(value)));
        Change::Cell(CellChange { chip, column, segment: index, row, set, add: None, flip: None, seed: None, uncounted: false })
    };
    if let Some(column) = fault.field.strip_prefix("cell.") {
        return Ok(vec![cell(column.to_owned(), fault.value.0)]);
    }
    if let Some(field) = fault.field.strip_prefix("record.") {
        let (field, part) = field.split_once('.').map_or((field, 0), |(field, part)| (field, part.parse().unwrap_or(usize::MAX)));
        let record = RecordChange {
            list: list.to_owned(),
            segment: index,
            index: Some(row),
            step: None,
            field: Some(field.to_owned()),
            part,
            set: Some(fault.value),
            add: None,
            flip: None,
            whole: None,
        };
        return Ok(vec![Change::Record(record)]);
    }
    if fault.field != "rd" {
        return Ok(Vec::new());
    }
    let column = if list == "misaligned" { "value" } else { "result" };
    let parts = cells::columns_of(cells::chip(list)?, column).map_or(0, |columns| columns.len());
    // Dwords are four limbs or eight bytes; of an address there are two limbs. A comparison's
    // result is no column of its own.
    let bits = if parts == 8 { 8 } else { 16 };
    let part = |i: usize| cell(format!("{column}[{i}]"), fault.value.0 >> (bits * i) & ((1 << bits) - 1));
    Ok((0..parts).map(part).collect())
}
