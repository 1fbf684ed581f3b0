//! What proving a run costs, known before anything is proved.
//!
//! A cost is counted in *units*: one committed cell of a segment's table takes one. Whatever else
//! takes time is counted in cells that take as long: a message, a call of Keccak, a segment, the
//! steps that combine proofs. So units are deterministic, and the time is theirs divided by a
//! machine's speed ([`UNITS_PER_CORE_SECOND`] is usual).
//!
//! The weights are a least-squares fit to 21 segments of ten programs on two cores with AVX-512;
//! they are part of [`Cost::VERSION`].

use std::ops::ControlFlow;
use std::sync::OnceLock;

use tern_air::machine::{MachineAir, MachineChip, keccak_bits, sha256_rounds};
use tern_air::messages::count_messages;

use super::error::ProveError;
use super::jobs::segment_bytes;
use super::limits::{chip_of, limits_of, record_rows, row_cells, rows};
use super::plan::{Cut, Plan, PlannedSegment};
use super::program::ProvableProgram;
use super::tree::Tree;
use crate::exec::{RecordWeights, Table};
use crate::recursion::{self, ARITY};

/// Units that a core proves in a second, on a machine with vector instructions. Usual.
pub const UNITS_PER_CORE_SECOND: f64 = 2.35e7;

/// Tenths of a unit for each message.
const MESSAGE_TENTHS: u64 = 18;
/// For each permutation that Keccak's own argument is about.
const KECCAK_CALL: u64 = 16_200;
/// For each segment, whatever its size.
const SEGMENT: u64 = 28_000_000;
/// Tenths of a unit for each cell of the first segment's matrix: a process touches its memory for
/// the first time.
const FIRST_TOUCH_TENTHS: u64 = 4;
/// For each lift, and for each segment in it.
pub(super) const LIFT: u64 = 100_000_000;
pub(super) const LIFTED_SEGMENT: u64 = 50_000_000;
/// For each join.
pub(super) const JOIN: u64 = 165_000_000;
/// For the wrap.
pub(super) const WRAP: u64 = 210_000_000;

/// What proving a run costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Instructions.
    pub cycles: u64,
    /// Units of all steps to a final proof.
    pub units: u64,
    /// Those of segments alone.
    pub segment_units: u64,
    /// Committed cells of all segments' tables.
    pub cells: u64,
    /// Cells of the matrices that hold them.
    pub matrix_cells: u64,
    /// Segments.
    pub segments: u32,
    /// Lifts.
    pub lifts: u32,
    /// Joins.
    pub joins: u32,
    /// Memory that the heaviest segment takes, in bytes.
    pub segment_bytes: u64,
    /// By chip, in the order of the proof's tables.
    pub chips: Vec<ChipCost>,
}

/// What a chip's tables cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChipCost {
    /// The chip's name.
    pub name: &'static str,
    /// Rows in all segments.
    pub rows: u64,
    /// Committed cells of these rows.
    pub cells: u64,
    /// Units of these rows: cells, messages, Keccak's argument.
    pub units: u64,
}

impl Cost {
    /// Changes with the weights, and with the machine's chips.
    pub const VERSION: u32 = 1;

    /// The cost of proving a run of `program` on `input`, in segments for a matrix of `2^log_rows` rows.
    ///
    /// It executes the program and hashes its memory: about a hundredth of proving.
    ///
    /// # Errors
    ///
    /// If the run does not end, or a segment cannot be proved.
    pub fn of_run(program: &ProvableProgram, input: &[u8], log_rows: usize, cycle_limit: u64) -> Result<Self, ProveError> {
        let memory = program.memory(input);
        let cut = Cut { program, input, memory: &memory, limits: limits_of(log_rows), cycle_limit };
        let (mut plan, mut chips) = (Plan::default(), vec![0_u64; MachineChip::COUNT]);
        cut.execute(|segment| {
            plan.segments.push(PlannedSegment::of(&segment));
            chips.iter_mut().zip(rows(&segment.events, &segment.tree)).for_each(|(sum, rows)| *sum += rows as u64);
            ControlFlow::Continue(Some(segment))
        })?;
        Ok(Self::of_plan(&plan, &chips))
    }

    fn of_plan(plan: &Plan, rows: &[u64]) -> Self {
        let tree = Tree::new(plan.len(), ARITY).lifting(|span| recursion::lifts_together(plan.segments_of(span)));
        let total = plan.total(Some(&tree));
        let chip = |((air, &rows), weight): ((&MachineAir, &u64), &RowWeight)| ChipCost {
            name: air.name(),
            rows,
            cells: rows * weight.cells,
            units: rows * weight.tenths / 10,
        };
        Self {
            cycles: total.cycles,
            units: total.units,
            segment_units: plan.total(None).units,
            cells: total.cells,
            matrix_cells: total.matrix_cells,
            segments: total.segments,
            lifts: total.lifts,
            joins: total.joins,
            segment_bytes: segment_bytes(plan.most_cells()),
            chips: MachineAir::all().iter().zip(rows).zip(row_weights()).map(chip).collect(),
        }
    }
}

/// Units of a segment whose tables have so many rows.
pub(super) fn segment_units(rows: &[usize]) -> u64 {
    SEGMENT + rows.iter().zip(row_weights()).map(|(&rows, weight)| rows as u64 * weight.tenths).sum::<u64>() / 10
}

/// Units that the first segment takes more than others.
pub(super) const fn first_touch_units(matrix_cells: u64) -> u64 {
    matrix_cells * FIRST_TOUCH_TENTHS / 10
}

/// Cells of a chip's row, and tenths of units for it.
#[derive(Clone, Copy, Debug)]
struct RowWeight {
    cells: u64,
    tenths: u64,
}

/// What rows cost, by chip.
fn row_weights() -> &'static [RowWeight] {
    static WEIGHTS: OnceLock<Vec<RowWeight>> = OnceLock::new();
    let weight = |((&chip, air), cells): ((&MachineChip, &MachineAir), u32)| {
        let cells = u64::from(cells);
        let argument = if chip == MachineChip::Keccak { 10 * KECCAK_CALL } else { 0 };
        RowWeight { cells, tenths: 10 * cells + MESSAGE_TENTHS * count_messages(air) as u64 + argument }
    };
    WEIGHTS.get_or_init(|| MachineChip::ALL.iter().zip(&MachineAir::all()).zip(row_cells()).map(weight).collect())
}

/// Tenths of units for each record of a run, and for each node of the memory tree: what code costs
/// that makes them, segments' own cost aside.
#[must_use]
pub fn record_weights() -> RecordWeights {
    let rows = row_weights();
    let of = |chip: MachineChip, count: usize| rows[chip as usize].tenths * count as u64;
    let others = |table| match table {
        Table::Keccak => of(MachineChip::KeccakBits, keccak_bits::CALL_ROWS).div_ceil(keccak_bits::CALLS as u64),
        Table::Sha256 => of(MachineChip::Sha256Rounds, sha256_rounds::ROWS),
        _ => 0,
    };
    RecordWeights {
        tables: Table::ALL.map(|table| of(chip_of(table), record_rows(table)) + others(table)),
        inner_node: of(MachineChip::Tree, 1),
        compression: of(MachineChip::Poseidon2, 1),
    }
}
