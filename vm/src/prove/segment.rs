//! Proving one segment.

use tern_air::events::SegmentEvents;
use tern_air::memory::{MemoryTree, TreeEvents};
use tern_air::segment::{Halt, Statement};
use tern_air::shape::Shape;
use tern_fri::params::SEGMENT_V1;
use tern_fri::prover::BatchProver;
use tern_verifier::VerifyingKey;
use tern_verifier::segments::{Segment, public_values};

use super::error::ProveError;
use super::limits::smallest_shape;
use super::setup::ShapeSetup;
use super::traces;
use crate::exec::SegmentRecord;

/// A segment that has been executed, with what its tables are filled from.
#[derive(Clone, Debug)]
pub struct ExecutedSegment {
    /// Position in the chain.
    pub index: u32,
    /// Instructions in it.
    pub cycles: u32,
    /// Its public values.
    pub statement: Statement,
    /// The executor's records.
    pub events: SegmentEvents,
    /// The memory tree's records.
    pub tree: TreeEvents,
}

/// A segment that waits to be proved.
#[derive(Clone, Debug)]
pub struct SegmentTask {
    /// Position in the chain.
    pub index: u32,
    /// Instructions in it.
    pub cycles: u32,
    /// Its public values.
    pub statement: Statement,
    /// The shape it is proved in.
    pub shape: &'static Shape,
    /// The executor's records.
    pub events: SegmentEvents,
    /// The memory tree's records.
    pub tree: TreeEvents,
}

/// A proved segment.
#[derive(Clone, Debug)]
pub struct ProvedSegment {
    /// The shape it was proved in.
    pub shape: &'static Shape,
    /// Its public values.
    pub statement: Statement,
    /// The encoded batch proof.
    pub proof: Vec<u8>,
}

impl ExecutedSegment {
    /// Moves the memory tree over an executed segment.
    ///
    /// # Errors
    ///
    /// If tree and record disagree.
    pub fn new(record: SegmentRecord, memory: &mut MemoryTree) -> Result<Self, ProveError> {
        let index = u32::try_from(record.index).map_err(|_| ProveError::TooLarge { what: "number of segments" })?;
        let root_in = memory.root();
        let tree = memory.apply(&record.events.leaves).map_err(|error| ProveError::Tree { segment: index, error })?;
        let statement = Statement {
            pc_in: record.pc_in,
            pc_out: record.pc_out,
            root_in,
            root_out: memory.root(),
            halt: record.halt.map(|halt| Halt { exit_code: halt.exit_code, output_digest: halt.output_digest }),
        };
        Ok(Self { index, cycles: record.cycles, statement, events: record.events, tree })
    }
}

impl SegmentTask {
    /// Moves the memory tree over an executed segment and chooses its shape.
    ///
    /// # Errors
    ///
    /// If tree and record disagree, or no shape holds the segment.
    pub fn new(record: SegmentRecord, memory: &mut MemoryTree) -> Result<Self, ProveError> {
        let ExecutedSegment { index, cycles, statement, events, tree } = ExecutedSegment::new(record, memory)?;
        let shape = smallest_shape(&events, &tree).ok_or(ProveError::NoShape { segment: index })?;
        Ok(Self { index, cycles, statement, shape, events, tree })
    }
}

impl ProvedSegment {
    /// As it stands in a proof file.
    #[must_use]
    pub fn as_segment(&self) -> Segment<'_> {
        Segment { shape: self.shape, statement: self.statement.clone(), proof: &self.proof }
    }
}

/// Fills the tables of a segment, proves them, and checks the proof.
///
/// # Errors
///
/// If the proof system refuses the tables or the proof does not verify: either is a fault of the prover.
///
/// # Panics
///
/// If `setup` is of another shape than the task.
pub fn prove_segment(task: SegmentTask, setup: &ShapeSetup, key: &VerifyingKey) -> Result<ProvedSegment, ProveError> {
    assert_eq!(setup.shape, task.shape, "setup of another shape");
    let SegmentTask { index, cycles, statement, shape, events, tree } = task;
    let backend = |reason: String| ProveError::Backend { segment: index, reason };
    let traces = tracing::info_span!("fill", segment = index).in_scope(|| traces::fill(&events, &tree, &key.bounds, cycles, shape));
    drop((events, tree));
    let values = public_values(&statement, &key.bounds);
    let prover = BatchProver::new(&SEGMENT_V1, &setup.config, &setup.airs, &setup.data).map_err(|error| backend(error.to_string()))?;
    let proof = tracing::info_span!("prove", segment = index)
        .in_scope(|| prover.prove(traces, &values))
        .map_err(|error| backend(error.to_string()))?;
    let proof = postcard::to_allocvec(&proof).map_err(|error| backend(error.to_string()))?;
    let proved = ProvedSegment { shape, statement, proof };
    setup.relation.verify(index, &proved.as_segment()).map_err(|rejection| ProveError::SelfCheck { segment: index, rejection })?;
    Ok(proved)
}
