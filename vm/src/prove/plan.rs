//! The planning pass: what the segments of a run are, before any of them is proved.
//!
//! It costs an execution and the memory tree's hashes, about a hundredth of proving, and tells how much there is to do and what a part left by an earlier run
//! must state to be taken over.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use tern_air::machine::segment::Statement;
use tern_air::memory::MemoryTree;

use super::error::ProveError;
use super::limits::SegmentSize;
use super::program::ProvableProgram;
use super::segment::ExecutedSegment;
use super::step::Amount;
use super::tree::{Span, Tree};
use crate::exec::{Options, SegmentExecutor, SegmentLimits};

/// A segment that is to be proved.
#[derive(Clone, Debug)]
pub struct PlannedSegment {
    /// Its public values.
    pub statement: Statement,
    /// Instructions in it.
    pub cycles: u32,
    /// What its proof commits to.
    pub size: SegmentSize,
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
    /// Executes segment after segment and hands each to `take`, until that breaks. A segment that it does not keep it gives back, to be filled again.
    ///
    /// # Errors
    ///
    /// If the program does not run to its end, or a segment cannot be proved.
    pub fn execute(&self, mut take: impl FnMut(ExecutedSegment) -> ControlFlow<(), Option<ExecutedSegment>>) -> Result<(), ProveError> {
        let options = Options { cycle_limit: self.cycle_limit, ..Default::default() };
        let mut memory = self.memory.clone();
        let mut executor = SegmentExecutor::new(&self.program.program, self.input, options)?;
        while let Some(record) = executor.next_segment(&self.limits)? {
            match take(ExecutedSegment::new(record, &mut memory)?) {
                ControlFlow::Continue(None) => {}
                ControlFlow::Continue(Some(task)) => executor.recycle(task.events),
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
            plan.segments.push(PlannedSegment {
                statement: segment.statement.clone(),
                cycles: segment.cycles,
                size: SegmentSize::of(&segment.events, &segment.tree),
                has_calls: !segment.events.keccak.is_empty(),
            });
            ControlFlow::Continue(Some(segment))
        })?;
        Ok(plan)
    }
}

impl Plan {
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
            amount += Amount { wraps: 1, ..Amount::of_node(tree, whole) };
        }
        amount
    }
}
