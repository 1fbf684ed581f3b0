//! A run cut into segments, one record at a time.

use tern_air::events::SegmentEvents;
use tern_air::isa::{Family, Instruction, semantics};

use super::error::ExecError;
use super::host::Options;
use super::limits::{CellLimit, RecordWeights, SegmentLimits, Table, TreeNodes};
use super::logger::Logger;
use super::machine::{Halt, Machine, Observer, ecall};
use super::run::{self, RunSummary};
use super::tree::NODES_PER_LEAF;
use crate::elf::Program;

/// Most bridges that one instruction adds: six registers, and the sixteen dwords of both a work
/// vector of BLAKE2b and its message.
const MAX_BRIDGES: u32 = 38;
/// Most leaves that one instruction touches: three for each operand of `mulmod384` and its
/// destination, and its own.
const MAX_LEAVES: u32 = 16;
/// Most nodes of the memory tree that one instruction visits first.
const MAX_NODES: u32 = MAX_LEAVES * NODES_PER_LEAF;
/// The same, all of them written.
const MOST_NODES: TreeNodes = TreeNodes { visited: MAX_NODES, written: MAX_NODES };
/// Most records of each table that one instruction adds.
const MAX_RECORDS: [u32; Table::COUNT] = {
    let mut records = [1; Table::COUNT];
    records[Table::Bridge as usize] = MAX_BRIDGES;
    records[Table::Leaf as usize] = MAX_LEAVES;
    records
};

/// One segment of a run.
#[derive(Clone, Debug)]
pub struct SegmentRecord {
    /// Position in the run, from 0.
    pub index: u64,
    /// Address of the first instruction.
    pub pc_in: u32,
    /// Address of the instruction that the next segment begins with; 0 if this segment halts.
    pub pc_out: u32,
    /// Instructions that earlier segments executed.
    pub start_cycle: u64,
    /// Instructions of this segment.
    pub cycles: u32,
    /// Set in the last segment, and in no other.
    pub halt: Option<Halt>,
    /// Nodes of the memory tree that the segment visits and writes (upper bounds: all register
    /// leaves are counted).
    pub nodes: TreeNodes,
    pub events: SegmentEvents,
}

/// Sees every instruction of a segment before it is executed and after its records are made.
pub trait Meter {
    /// Sees an instruction.
    fn before(&mut self, machine: &Machine, pc: u32, instruction: Instruction, records: Records<'_>);
    /// The segment ends; the next one's records begin anew.
    fn end_of_segment(&mut self, _records: Records<'_>) {}
}

impl Meter for () {
    #[inline(always)]
    fn before(&mut self, _: &Machine, _: u32, _: Instruction, _: Records<'_>) {}
}

/// The records of a segment so far.
#[derive(Clone, Copy)]
pub struct Records<'a>(&'a Logger);

impl Records<'_> {
    /// What they weigh, and the nodes of the memory tree with them.
    #[must_use]
    pub fn weight(self, weights: &RecordWeights) -> u64 {
        weights.of(&Table::ALL.map(|table| self.0.rows(table)), self.0.nodes())
    }
}

struct Metered<'a, M> {
    logger: &'a mut Logger,
    meter: &'a mut M,
}

impl<M: Meter> Observer for Metered<'_, M> {
    #[inline(always)]
    fn before(&mut self, machine: &Machine, pc: u32, instruction: Instruction) {
        self.logger.before(machine, pc, instruction);
        self.meter.before(machine, pc, instruction, Records(self.logger));
    }
}

/// Runs a program segment by segment, keeping only the current state and the segment under construction.
pub struct SegmentExecutor {
    machine: Machine,
    logger: Logger,
    index: u64,
    /// What is still to be done to the machine's state, the next last.
    #[cfg(feature = "attack")]
    tamperings: Vec<Tampering>,
}

/// What a dishonest executor does to the machine's state.
#[cfg(feature = "attack")]
pub struct Tampering {
    /// When: after so many instructions of the run.
    pub cycle: u64,
    /// What.
    pub change: Box<dyn FnOnce(&mut Machine) + Send>,
}

#[cfg(feature = "attack")]
impl SegmentExecutor {
    /// Changes the machine's state in the middle of the run, which goes on from there.
    pub fn tamper_with(&mut self, mut tamperings: Vec<Tampering>) {
        tamperings.sort_by_key(|tampering| core::cmp::Reverse(tampering.cycle));
        self.tamperings = tamperings;
    }

    fn tamper(&mut self) {
        while let Some(tampering) = self.tamperings.pop_if(|tampering| tampering.cycle <= self.machine.cycle()) {
            (tampering.change)(&mut self.machine);
        }
    }

    fn steps_to_tampering(&self, steps: u32) -> u32 {
        let left = |tampering: &Tampering| u32::try_from(tampering.cycle - self.machine.cycle()).unwrap_or(u32::MAX);
        self.tamperings.last().map_or(steps, |tampering| left(tampering).min(steps))
    }
}

impl SegmentExecutor {
    /// An executor at the start of `program` on `input`.
    ///
    /// # Errors
    /// As [`Machine::new`].
    pub fn new(program: &Program, input: &[u8], options: Options) -> Result<Self, ExecError> {
        let machine = Machine::new(program, input, options)?;
        let logger = Logger::new(program.text_start, machine.text_len()).map_err(ExecError::Reservation)?;
        Ok(Self {
            machine,
            logger,
            index: 0,
            #[cfg(feature = "attack")]
            tamperings: Vec::new(),
        })
    }

    /// The state between two segments.
    #[must_use]
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Takes a segment's records back once nobody needs them, so that the next segment reuses their memory.
    pub fn recycle(&mut self, events: SegmentEvents) {
        self.logger.recycle(events);
    }

    /// The summary of the run, once the last segment is out.
    #[must_use]
    pub fn summary(&self) -> Option<RunSummary> {
        run::summary(&self.machine)
    }

    /// The next segment, or `None` after the one that halts.
    ///
    /// # Errors
    /// [`ExecError::LimitsTooSmall`] if the limits do not hold the next instruction, or the trap
    /// that ended the run. After an error no further segment may be asked for.
    pub fn next_segment(&mut self, limits: &SegmentLimits) -> Result<Option<SegmentRecord>, ExecError> {
        self.next_segment_metered(limits, &mut ())
    }

    /// [`next_segment`](Self::next_segment), with a meter of its records.
    ///
    /// # Errors
    /// The same.
    pub fn next_segment_metered<M: Meter>(&mut self, limits: &SegmentLimits, meter: &mut M) -> Result<Option<SegmentRecord>, ExecError> {
        if self.machine.halt().is_some() {
            return Ok(None);
        }
        let (pc_in, start_cycle) = (self.machine.pc(), self.machine.cycle());
        self.logger.begin(&self.machine);
        #[cfg(feature = "attack")]
        self.tamper();
        loop {
            let steps = match self.safe_steps(limits) {
                0 if self.next_instruction_fits(limits) => 1,
                steps => steps,
            };
            if steps == 0 {
                break;
            }
            #[cfg(feature = "attack")]
            let steps = self.steps_to_tampering(steps);
            self.machine.run(&mut Metered { logger: &mut self.logger, meter }, steps.into())?;
            #[cfg(feature = "attack")]
            self.tamper();
            if self.machine.halt().is_some() {
                break;
            }
        }
        meter.end_of_segment(Records(&self.logger));
        let cycles = self.logger.cycles();
        if cycles == 0 {
            return Err(ExecError::LimitsTooSmall { pc: pc_in });
        }
        let halt = self.machine.halt();
        let index = self.index;
        self.index += 1;
        Ok(Some(SegmentRecord {
            index,
            pc_in,
            pc_out: if halt.is_some() { 0 } else { self.machine.pc() },
            start_cycle,
            cycles,
            halt,
            nodes: self.logger.nodes(),
            events: self.logger.finish(&self.machine),
        }))
    }

    /// A number of instructions that cannot exceed the limits, whatever they are.
    fn safe_steps(&self, limits: &SegmentLimits) -> u32 {
        let tables = Table::ALL.into_iter().map(|table| self.room(limits, table) / MAX_RECORDS[table as usize]);
        let nodes = limits.max_tree_nodes.saturating_sub(self.logger.nodes().visited) / MAX_NODES;
        let cells = self.steps_within_cells(&limits.cells);
        tables.fold(nodes.min(cells).min(self.cycles_left(limits)), u32::min)
    }

    /// A number of instructions that cannot exceed the cells. Records that come in many steps take
    /// no more blocks than in a table of their own.
    fn steps_within_cells(&self, cells: &CellLimit) -> u32 {
        let taken = cells.of(&self.records(), self.logger.nodes());
        let begun = cells.sum(&MAX_RECORDS, MOST_NODES, |block, _| block.cells.into());
        let per_step = cells.sum(&MAX_RECORDS, MOST_NODES, |block, records| block.of_one() * u64::from(records));
        let steps = cells.most.saturating_sub(taken + begun).checked_div(per_step);
        steps.map_or(u32::MAX, |steps| u32::try_from(steps).unwrap_or(u32::MAX))
    }

    fn records(&self) -> [u32; Table::COUNT] {
        Table::ALL.map(|table| self.logger.rows(table))
    }

    fn room(&self, limits: &SegmentLimits, table: Table) -> u32 {
        limits.max_rows[table as usize].saturating_sub(self.logger.rows(table))
    }

    fn cycles_left(&self, limits: &SegmentLimits) -> u32 {
        limits.max_cycles.min(SegmentLimits::MAX_CYCLES).saturating_sub(self.logger.cycles())
    }

    /// Whether the next instruction cannot exceed the limits. (One that is about to trap fits.)
    fn next_instruction_fits(&self, limits: &SegmentLimits) -> bool {
        let pc = self.machine.pc();
        let Some(instruction) = self.machine.instruction_at(pc) else {
            return self.cycles_left(limits) > 0;
        };
        let needs = self.needs(instruction);
        let (new_words, new_text_leaves) = if self.logger.has_executed(pc) { (0, 0) } else { (1, 1) };
        let leaves = needs.leaves + new_text_leaves;
        let nodes = leaves * NODES_PER_LEAF;
        let TreeNodes { visited, written } = self.logger.nodes();
        let all_written = TreeNodes { visited: visited + nodes, written: written + nodes };
        let mut records = self.records();
        needs.tables.into_iter().flatten().for_each(|table| records[table as usize] += 1);
        for (table, added) in [(Table::Bridge, needs.bridges), (Table::Decode, new_words), (Table::Leaf, leaves)] {
            records[table as usize] += added;
        }
        self.cycles_left(limits) > 0
            && limits.cells.of(&records, all_written) <= limits.cells.most
            && needs.tables.iter().flatten().all(|&table| self.room(limits, table) > 0)
            && self.room(limits, Table::Bridge) >= needs.bridges
            && self.room(limits, Table::Decode) >= new_words
            && self.room(limits, Table::Leaf) >= leaves
            && limits.max_tree_nodes.saturating_sub(self.logger.nodes().visited) >= nodes
    }

    /// Records that the next instruction may add.
    fn needs(&self, i: Instruction) -> Needs {
        let simple = |table| Needs { tables: [Some(table), None], bridges: 3, leaves: 0 };
        match i.op.family() {
            Family::AddSub => simple(Table::AddSub),
            Family::Bitwise => simple(Table::Bitwise),
            Family::Shift => simple(Table::Shift),
            Family::Compare => simple(Table::Compare),
            Family::Mul => simple(Table::Mul),
            Family::DivRem => simple(Table::DivRem),
            Family::Upper | Family::Jump => simple(Table::Jump),
            Family::Branch => simple(Table::Branch),
            Family::Fence => simple(Table::Ecall),
            Family::Load | Family::Store => {
                let address = semantics::effective_address(self.machine.register(i.rs1), i.imm);
                let table = match i.op.family() {
                    _ if !address.is_multiple_of(semantics::access_bytes(i.op).into()) => Table::Misaligned,
                    Family::Load => Table::Load,
                    _ => Table::Store,
                };
                Needs { tables: [Some(table), None], bridges: 4, leaves: 2 }
            }
            Family::Ecall => match self.machine.ecall_registers()[0] {
                ecall::KECCAK_F1600 => Needs { tables: [Some(Table::Ecall), Some(Table::Keccak)], bridges: 31, leaves: 8 },
                ecall::MULMOD256 => Needs { tables: [Some(Table::Ecall), Some(Table::MulMod)], bridges: 26, leaves: 10 },
                ecall::MULMOD384 => Needs { tables: [Some(Table::Ecall), Some(Table::MulMod384)], bridges: 36, leaves: 15 },
                ecall::SHA256_COMPRESS => Needs { tables: [Some(Table::Ecall), Some(Table::Sha256)], bridges: 18, leaves: 5 },
                ecall::BLAKE2F_ROUND => Needs { tables: [Some(Table::Ecall), Some(Table::Blake2f)], bridges: 38, leaves: 10 },
                _ => Needs { tables: [Some(Table::Ecall), None], bridges: 6, leaves: 0 },
            },
        }
    }
}

/// What an instruction may add to a segment.
struct Needs {
    /// Tables that it adds a row to.
    tables: [Option<Table>; 2],
    bridges: u32,
    leaves: u32,
}
