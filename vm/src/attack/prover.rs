//! A prover of segments that does not check itself.

use tern_air::lookups::Lookups;
use tern_air::machine::segment::Statement;
use tern_air::machine::{self, MachineAir};
use tern_field::F;
use tern_fri::multilinear::Proof;
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::prove::{Lies, Prover};
use tern_verifier::VerifyingKey;
use tern_verifier::multilinear::batch::Rejected;
use tern_verifier::multilinear::machine::{KECCAK, ROW_VARIABLES, public_values};
use tern_verifier::multilinear::programs::SegmentRelation;

use super::cells::Tables;
use crate::prove::{ExecutedSegment, ProveError};

/// Proves segments under the parameters that the verifier has, whatever their tables hold.
pub struct LyingProver {
    pub key: VerifyingKey,
    pub prover: Prover<MachineAir>,
    pub relation: SegmentRelation,
}

impl LyingProver {
    /// A prover for the program of this key.
    pub fn new(key: &VerifyingKey) -> Result<Self, ProveError> {
        let unusable = |error: &dyn core::fmt::Display| ProveError::Setup(error.to_string());
        let prover = Prover::new(&SEGMENT_V2, MachineAir::all(), ROW_VARIABLES).with_keccak(KECCAK).map_err(|error| unusable(&error))?;
        let relation = SegmentRelation::new(&SEGMENT_V2).map_err(|error| unusable(&error))?;
        Ok(Self { key: key.clone(), prover, relation })
    }

    /// The tables of a segment.
    pub fn tables(&self, segment: &ExecutedSegment) -> Tables {
        machine::fill(&segment.events, &segment.tree, &self.key.bounds, segment.cycles, Lookups::default())
    }

    /// The tables' public values under a statement.
    pub fn values(&self, statement: &Statement) -> Vec<Vec<F>> {
        public_values(statement, &self.key.bounds)
    }

    /// The encoded proof of a segment as it was executed.
    pub fn honest(&self, segment: &ExecutedSegment) -> Result<Vec<u8>, ProveError> {
        let backend = |reason: String| ProveError::Backend { segment: segment.index, reason };
        let seed = SegmentRelation::seed(&self.key.digest());
        let proof = self.prover.prove(&seed, &self.tables(segment), &self.values(&segment.statement));
        let proof = proof.map_err(|error| backend(error.to_string()))?;
        self.relation.verifier.encode(&proof).map_err(|error| backend(error.to_string()))
    }

    /// A proof of tables that may be false, under the transcript of any key.
    pub fn prove(&self, key: &VerifyingKey, tables: &Tables, values: &[Vec<F>], lies: &Lies<'_>) -> Result<Proof, String> {
        // Messages that do not cancel are no obstacle for a forger: he claims that they do.
        let lies = Lies { forged_layers: lies.forged_layers.or(Some(0)), ..*lies };
        self.prover.prove_lying(&SegmentRelation::seed(&key.digest()), tables, values, &lies).map_err(|error| error.to_string())
    }

    /// Judges a proof that has no encoding.
    pub fn judge(&self, statement: &Statement, proof: &Proof) -> Result<(), Rejected> {
        self.relation.verify_statement(self.key.digest(), &self.key.bounds, statement, proof)
    }
}
