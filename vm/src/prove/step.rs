//! The steps from segments to one proof, and how much of them there is.

use core::fmt;
use std::time::Duration;

use super::cost;
use super::tree::{Span, Tree};
use crate::exec::RunSummary;

/// One step of proving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Proves a segment.
    Segment(u32),
    /// Proves in a recursion proof that the proofs of a segment, or of neighbours, verify.
    Lift(Span),
    /// Joins the recursion proofs of neighbours.
    Join(Span),
    /// Makes the final proof.
    Wrap,
}

impl Step {
    /// The step that makes a node of the tree, if only single segments are lifted: it has the
    /// node's name on disk.
    #[must_use]
    pub const fn of_node(node: Span) -> Self {
        if node.len() == 1 { Self::Lift(node) } else { Self::Join(node) }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Segment(index) => write!(f, "segment {index}"),
            Self::Lift(span) if span.len() == 1 => write!(f, "lift of segment {}", span.first),
            Self::Lift(span) => write!(f, "lift of segments {} to {}", span.first, span.end - 1),
            Self::Join(span) => write!(f, "join of segments {} to {}", span.first, span.end - 1),
            Self::Wrap => write!(f, "wrap"),
        }
    }
}

/// An amount of work: numbers of steps, and the size of the segments among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Segments.
    pub segments: u32,
    /// Instructions in these segments.
    pub cycles: u64,
    /// Committed base-field cells of these segments' tables.
    pub cells: u64,
    /// Cells of the matrices that hold them.
    pub matrix_cells: u64,
    /// Lifts.
    pub lifts: u32,
    /// Joins.
    pub joins: u32,
    /// Wraps.
    pub wraps: u32,
    /// Units of [cost](super::Cost) of all of these.
    pub units: u64,
}

impl Amount {
    /// The lifts and joins that make a node.
    #[must_use]
    pub fn of_node(tree: &Tree, node: Span) -> Self {
        let (lifts, joins) = (tree.lifts(node).0, tree.joins(node));
        let units = u64::from(lifts) * cost::LIFT + u64::from(node.len()) * cost::LIFTED_SEGMENT + u64::from(joins) * cost::JOIN;
        Self { lifts, joins, units, ..Self::default() }
    }

    /// One lift of so many segments.
    #[must_use]
    pub fn lift(segments: u32) -> Self {
        Self { lifts: 1, units: cost::LIFT + u64::from(segments) * cost::LIFTED_SEGMENT, ..Self::default() }
    }

    /// One join.
    pub const JOIN: Self = Self { joins: 1, units: cost::JOIN, ..Self::NONE };

    /// The wrap.
    pub const WRAP: Self = Self { wraps: 1, units: cost::WRAP, ..Self::NONE };

    const NONE: Self = Self { segments: 0, cycles: 0, cells: 0, matrix_cells: 0, lifts: 0, joins: 0, wraps: 0, units: 0 };
}

impl core::ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.segments += other.segments;
        self.cycles += other.cycles;
        self.cells += other.cells;
        self.matrix_cells += other.matrix_cells;
        self.lifts += other.lifts;
        self.joins += other.joins;
        self.wraps += other.wraps;
        self.units += other.units;
    }
}

/// Time spent in steps, by kind: the sum over all steps, however many ran at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StageTimes {
    /// Executing the program and cutting it into segments, before anything is proved.
    pub execute: Duration,
    /// Proving segments.
    pub segments: Duration,
    /// Lifting.
    pub lift: Duration,
    /// Joining.
    pub join: Duration,
    /// Wrapping.
    pub wrap: Duration,
}

impl StageTimes {
    /// Counts a step.
    pub fn add(&mut self, step: Step, took: Duration) {
        *match step {
            Step::Segment(_) => &mut self.segments,
            Step::Lift(_) => &mut self.lift,
            Step::Join(_) => &mut self.join,
            Step::Wrap => &mut self.wrap,
        } += took;
    }
}

/// Hears how the work goes on. Called from several threads.
pub trait Progress: Sync {
    /// The fast run is over: the program halts.
    fn executed(&self, _summary: &RunSummary) {}
    /// The run is cut into segments: `total` is all work there is.
    fn planned(&self, _total: &Amount) {}
    /// An earlier run left what `step` makes, so that `saved` need not be done.
    fn taken_over(&self, _step: Step, _saved: &Amount) {}
    /// What earlier runs left is counted; the first step of this run begins.
    fn started(&self) {}
    /// This run begins a step, which is `amount` of all work.
    fn begun(&self, _step: Step, _amount: &Amount) {}
    /// This run has done a step, which is `done` of all work.
    fn done(&self, _step: Step, _done: &Amount, _took: Duration) {}
}

impl Progress for () {}
