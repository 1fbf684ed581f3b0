//! A circuit made ready to prove: its preprocessed columns are committed to, once.

use p3_batch_stark::{ProverData, verify_batch};
use tern_air::recursion::{RecursionAir, RecursionShape};
use tern_fri::hash::Digest;
use tern_fri::prover::{BatchProver, ProveError};
use tern_fri::{Commitment, Params, Proof, SegmentConfig, config};
use tern_verifier::native::Native;
use tern_verifier::programs::{leaf, recursion_seed};
use thiserror::Error;

use super::builder::{CircuitError, Run, Unsatisfied, public_values};
use super::circuits::CircuitId;

/// A circuit with its committed columns, under one set of parameters.
pub struct Circuit {
    /// Heights of the tables.
    pub shape: RecursionShape,
    /// The chips with their part of the circuit.
    pub airs: Vec<RecursionAir>,
    /// The parameters.
    pub params: Params,
    /// Parameters and transcript seed.
    pub config: SegmentConfig,
    /// The committed preprocessed columns, and the LogUp columns.
    pub data: ProverData<SegmentConfig>,
}

/// Why a circuit cannot be committed to or proved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecursionError {
    /// The rows do not fit.
    #[error(transparent)]
    Rows(#[from] CircuitError),
    /// There is nothing to prove: an assertion is false.
    #[error(transparent)]
    Unsatisfied(#[from] Unsatisfied),
    /// The proof system refuses the circuit.
    #[error("setup of a circuit: {0}")]
    Setup(String),
    /// The verifier knows another circuit: one of the two is of another version.
    #[error("{circuit:?}: not the circuit that the verifier records; write the record anew with `tern spec`")]
    Unrecorded {
        /// Which circuit.
        circuit: CircuitId,
    },
    /// The proof system refuses the witness.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// A proof does not verify.
    #[error("a recursion proof does not verify: {0}")]
    Verify(String),
}

impl Circuit {
    /// Commits to the circuit of a run.
    ///
    /// # Errors
    ///
    /// If the run does not fit the shape or the proof system cannot commit.
    pub fn new(params: &Params, shape: RecursionShape, run: &Run) -> Result<Self, RecursionError> {
        let airs = RecursionAir::with_preprocessed(run.fixed(&shape)?);
        let config = config(params, recursion_seed(&shape));
        let log_heights = shape.log_heights.map(usize::from);
        let data =
            ProverData::from_airs_and_degrees(&config, &airs, &log_heights).map_err(|error| RecursionError::Setup(format!("{error:?}")))?;
        Ok(Self { shape, params: *params, airs, config, data })
    }

    /// The commitment to the preprocessed columns: what tells circuits of one shape apart.
    ///
    /// # Panics
    ///
    /// Never: the chips have preprocessed columns.
    #[must_use]
    pub fn commitment(&self) -> &Commitment {
        &self.data.common.preprocessed.as_ref().expect("recursion chips have preprocessed columns").commitment
    }

    /// The circuit's leaf in the key list: BLAKE3 of its commitment.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        leaf(&mut Native, self.commitment().roots())
    }

    /// Proves a run of this circuit.
    ///
    /// # Errors
    ///
    /// If an assertion of the run is false, it does not fit the shape or the proof system refuses it.
    pub fn prove(&self, run: &Run) -> Result<Proof, RecursionError> {
        run.check()?;
        self.prove_unchecked(run)
    }

    /// Makes a proof of a run whose assertions may be false; it verifies only if they hold.
    ///
    /// # Errors
    ///
    /// If the run does not fit the shape or the proof system refuses it.
    pub fn prove_unchecked(&self, run: &Run) -> Result<Proof, RecursionError> {
        let witness = tracing::info_span!("fill").in_scope(|| run.witness(&self.shape))?;
        let prover = BatchProver::new(&self.params, &self.config, &self.airs, &self.data)?;
        Ok(tracing::info_span!("prove").in_scope(|| prover.prove(witness, &run.public_values()))?)
    }

    /// Verifies a proof of this circuit with the reference verifier.
    ///
    /// # Errors
    ///
    /// What that verifier says.
    pub fn verify(&self, proof: &Proof, public: &Digest) -> Result<(), RecursionError> {
        verify_batch(&self.config, &self.airs, proof, &public_values(public), &self.data.common)
            .map_err(|error| RecursionError::Verify(format!("{error:?}")))
    }
}
