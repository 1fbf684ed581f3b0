//! The planning pass: what the segments of a run are, before any of them is proved.
//!
//! It costs an execution and the memory tree's hashes, about a hundredth of proving, and tells how
//! much there is to do and what a part left by an earlier run must state to be taken over.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use tern_air::machine::segment::Statement;
use tern_air::memory::MemoryTree;

use super::cost;
use super::error::ProveError;
use super::limits::{SegmentSize, rows};
use super::program::ProvableProgram;
use super::segment::ExecutedSegment;
use super::step::Amount;
use super::tree::{Span, Tree};
use crate::exec::{ExecError, Options, SegmentExecutor, SegmentLimits};

/// A segment that is to be proved.
#[derive(Clone, Debug)]
pub struct PlannedSegment {
    /// Its public values.
    pub statement: Statement,
    /// Instructions in it.
    pub cycles: u32,
    /// What its proof commits to.
    pub size: SegmentSize,
    /// Units of [cost](super::Cost).
    pub units: u64,
    /// Whether it has calls of Keccak.
    pub has_calls: bool,
}

/// The segments of a run, in order.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// At least one.
    pub segments: Vec<PlannedSegment>,
}

/// A program and its input, cut in a certain way.
pub struct Cut<'a> {
    /// The program.
    pub program: &'a ProvableProgram,
    /// Its input.
    pub input: &'a [u8],
    /// The memory at the start.
    pub memory: &'a MemoryTree,
    /// What a segment may hold.
    pub limits: SegmentLimits,
    /// Most instructions of the run.
    pub cycle_limit: u64,
}

impl Cut<'_> {
    /// Executes segment after segment and hands each to `take`, until that breaks. A segment that
    /// it does not keep it gives back, to be filled again.
    ///
    /// # Errors
    ///
    /// If the program does not run to its end, or a segment cannot be proved.
    pub fn execute(&self, mut take: impl FnMut(ExecutedSegment) -> ControlFlow<(), Option<ExecutedSegment>>) -> Result<(), ProveError> {
        let mut run = SegmentRun::new(self.program, self.input, self.memory.clone(), self.limits, self.cycle_limit)?;
        while let Some(segment) = run.next_segment()? {
            match take(segment) {
                ControlFlow::Continue(None) => {}
                ControlFlow::Continue(Some(segment)) => run.recycle(segment),
                ControlFlow::Break(()) => break,
            }
        }
        Ok(())
    }

    /// Plans all segments of the run.
    ///
    /// # Errors
    ///
    /// As [`execute`](Self::execute), or if there are too many segments.
    pub fn plan(&self) -> Result<Plan, ProveError> {
        let mut plan = Plan::default();
        self.execute(|segment| {
            plan.segments.push(PlannedSegment::of(&segment));
            ControlFlow::Continue(Some(segment))
        })?;
        Ok(plan)
    }
}

/// A run that is executed segment by segment, with its memory tree.
pub struct SegmentRun {
    executor: SegmentExecutor,
    memory: MemoryTree,
    limits: SegmentLimits,
}

impl SegmentRun {
    /// A run at its start. `memory` is the program's [with this input](ProvableProgram::memory).
    ///
    /// # Errors
    ///
    /// If the input is too large, or the system refuses the address space.
    pub fn new(
        program: &ProvableProgram,
        input: &[u8],
        memory: MemoryTree,
        limits: SegmentLimits,
        cycle_limit: u64,
    ) -> Result<Self, ExecError> {
        let options = Options { cycle_limit, ..Default::default() };
        Ok(Self { executor: SegmentExecutor::new(&program.program, input, options)?, memory, limits })
    }

    /// The next segment; none after the one that halts.
    ///
    /// # Errors
    ///
    /// If the program does not run to its end, or the segment cannot be proved. After an error no
    /// further segment may be asked for.
    pub fn next_segment(&mut self) -> Result<Option<ExecutedSegment>, ProveError> {
        self.executor.next_segment(&self.limits)?.map(|record| ExecutedSegment::new(record, &mut self.memory)).transpose()
    }

    /// Takes back a segment that nobody needs, so that the next one reuses its memory.
    pub fn recycle(&mut self, segment: ExecutedSegment) {
        self.executor.recycle(segment.events);
    }
}

impl PlannedSegment {
    /// What is planned once a segment is executed.
    #[must_use]
    pub fn of(segment: &ExecutedSegment) -> Self {
        Self {
            statement: segment.statement.clone(),
            cycles: segment.cycles,
            size: SegmentSize::of(&segment.events, &segment.tree),
            units: cost::segment_units(&rows(&segment.events, &segment.tree)),
            has_calls: !segment.events.keccak.is_empty(),
        }
    }
}

impl Plan {
    /// Whether it has no segments, which no plan of a run is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Number of segments.
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.segments.len()).unwrap_or(u32::MAX)
    }

    /// Cells of the largest segment's matrix.
    #[must_use]
    pub fn most_cells(&self) -> u64 {
        self.segments.iter().map(|segment| segment.size.matrix_cells()).max().unwrap_or(0)
    }

    /// Number of circuits that lift its segments.
    #[must_use]
    pub fn lifts(&self, tree: &Tree) -> usize {
        let kind = |index: u32| {
            let segment = &self.segments[index as usize];
            (segment.size.log_rows, segment.has_calls)
        };
        let kinds: BTreeSet<Vec<_>> =
            (0..self.len()).map(|index| tree.leaf(index)).map(|leaf| (leaf.first..leaf.end).map(kind).collect()).collect();
        kinds.len()
    }

    /// The segments of a part.
    #[must_use]
    pub fn segments_of(&self, part: Span) -> &[PlannedSegment] {
        &self.segments[part.first as usize..part.end as usize]
    }

    /// The statement about a part of the chain: from the start of its first segment to the end of its last.
    #[must_use]
    pub fn statement(&self, part: Span) -> Statement {
        let first = &self.segments[part.first as usize].statement;
        let last = &self.segments[part.end as usize - 1].statement;
        Statement { pc_in: first.pc_in, root_in: first.root_in, ..last.clone() }
    }

    /// The work of proving one segment.
    #[must_use]
    pub fn segment(&self, index: u32) -> Amount {
        let segment = &self.segments[index as usize];
        Amount {
            segments: 1,
            cycles: segment.cycles.into(),
            cells: segment.size.cells,
            matrix_cells: segment.size.matrix_cells(),
            units: segment.units + if index == 0 { cost::first_touch_units(segment.size.matrix_cells()) } else { 0 },
            ..Amount::default()
        }
    }

    /// The work of proving these segments.
    #[must_use]
    pub fn part(&self, part: Span) -> Amount {
        let mut amount = Amount::default();
        (part.first..part.end).for_each(|index| amount += self.segment(index));
        amount
    }

    /// All work: to a final proof if there is a tree, else to a chain of segments.
    #[must_use]
    pub fn total(&self, tree: Option<&Tree>) -> Amount {
        let whole = Span { first: 0, end: self.len() };
        let mut amount = self.part(whole);
        if let Some(tree) = tree {
            amount += Amount::of_node(tree, whole);
            amount += Amount::WRAP;
        }
        amount
    }
}
