//! Proving one segment.

use core::cell::OnceCell;
use std::sync::Arc;

use p3_matrix::dense::RowMajorMatrix;
use tern_air::events::SegmentEvents;
use tern_air::lookups::Lookups;
use tern_air::machine::segment::{Halt, Statement};
use tern_air::machine::{self, MachineAir};
use tern_air::memory::{MemoryTree, TreeEvents};
use tern_field::F;
use tern_fri::multilinear::Proof;
use tern_fri::multilinear::backend::Place;
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::prove::{self, Prover};
use tern_verifier::VerifyingKey;
use tern_verifier::multilinear::machine::{KECCAK, ROW_VARIABLES, public_values};
use tern_verifier::multilinear::programs::SegmentRelation;
use tern_verifier::segments::Segment;

use super::device::{Device, Use};
use super::error::ProveError;
use crate::exec::SegmentRecord;
use crate::sources::{segment_tables, sources};

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

/// A proved segment.
#[derive(Clone, Debug)]
pub struct ProvedSegment {
    /// Its public values.
    pub statement: Statement,
    /// The encoded proof.
    pub proof: Vec<u8>,
}

/// Proves and verifies the segments of one program.
pub struct SegmentProver {
    place: Use,
    key: VerifyingKey,
    seed: [u8; 32],
    prover: Prover<MachineAir>,
    relation: SegmentRelation,
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

impl ProvedSegment {
    /// As it stands in a proof file.
    #[must_use]
    pub fn as_segment(&self) -> Segment<'_> {
        Segment { statement: self.statement.clone(), proof: &self.proof }
    }
}

impl SegmentProver {
    /// Prepares to prove segments of the program of this key, on a device if there is one.
    ///
    /// # Errors
    ///
    /// What does not fit the parameters: a fault of this program, which its tests exclude.
    pub fn new(key: &VerifyingKey, device: Option<Arc<Device>>) -> Result<Self, ProveError> {
        let unusable = |error: &dyn core::fmt::Display| ProveError::Setup(error.to_string());
        let prover = Prover::new(&SEGMENT_V2, MachineAir::all(), ROW_VARIABLES).with_keccak(KECCAK);
        let mut prover = prover.map_err(|error| unusable(&error))?;
        let place = Use::of(device, &mut prover);
        let relation = SegmentRelation::new(&SEGMENT_V2).map_err(|error| unusable(&error))?;
        Ok(Self { place, key: key.clone(), seed: SegmentRelation::seed(&key.digest()), prover, relation })
    }

    /// What its proofs prove.
    #[must_use]
    pub const fn relation(&self) -> &SegmentRelation {
        &self.relation
    }

    /// Fills the tables of a segment, on the host or the device that proves them, and checks the proof.
    ///
    /// # Errors
    ///
    /// If the proof system refuses the tables or the proof does not verify: either is a fault of
    /// the prover.
    pub fn prove(&self, segment: ExecutedSegment) -> Result<ProvedSegment, ProveError> {
        let index = segment.index;
        let statement = segment.statement.clone();
        let values = public_values(&statement, &self.key.bounds);
        let fill = |segment: &ExecutedSegment| {
            let ExecutedSegment { cycles, events, tree, .. } = segment;
            let fill = || machine::fill(events, tree, &self.key.bounds, *cycles, Lookups::default());
            tracing::info_span!("fill", segment = index).in_scope(fill)
        };
        let proving = || tracing::info_span!("prove", segment = index);
        let of_cells = |tables: &[RowMajorMatrix<F>]| {
            let proof = proving().in_scope(|| self.prover.prove_on(Place::Host, &self.seed, tables, &values));
            self.keep(index, &statement, proof)
        };
        if !self.place.has_device() {
            let tables = fill(&segment);
            drop(segment);
            return of_cells(&tables);
        }
        let tables = OnceCell::new();
        let of_device = || tracing::info_span!("fill", segment = index).in_scope(|| segment_tables(&segment, &self.key.bounds));
        self.place.prove(|place| match place {
            Place::Host => of_cells(&fill(&segment)),
            Place::Device => {
                let tables = tables.get_or_init(of_device);
                let proof = proving().in_scope(|| self.prover.prove_from(&self.seed, &sources(tables), &values));
                self.keep(index, &statement, proof)
            }
        })
    }

    /// Encodes a proof that verifies.
    fn keep(&self, index: u32, statement: &Statement, proof: Result<Proof, prove::ProveError>) -> Result<ProvedSegment, ProveError> {
        let backend = |reason: String| ProveError::Backend { segment: index, reason };
        let proof = proof.map_err(|error| backend(error.to_string()))?;
        let proof = self.relation.verifier.encode(&proof).map_err(|error| backend(error.to_string()))?;
        let proved = ProvedSegment { statement: statement.clone(), proof };
        self.verify(index, &proved.as_segment()).map_err(|rejection| ProveError::SelfCheck { segment: index, rejection })?;
        Ok(proved)
    }

    /// Verifies a segment's proof.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn verify(&self, index: u32, segment: &Segment<'_>) -> Result<(), tern_verifier::Rejection> {
        segment.verify(index, &self.relation, &self.key)
    }
}
