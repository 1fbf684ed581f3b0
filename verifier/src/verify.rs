//! One proof against one relation.

use alloc::vec::Vec;

use p3_air::Air;
use p3_batch_stark::CommonData;
use p3_lookup::InteractionSymbolicBuilder;
use tern_field::{EF, F};
use tern_fri::SegmentConfig;
use tern_fri::hash::Digest;
use thiserror::Error;

use crate::decode::{DecodeError, decode};
use crate::expected::ProofShape;
use crate::native::Native;
use crate::stark::{Invalid, StarkVerifier, UnusableTables};
use crate::structure::StructureError;

/// What a proof is checked against. Nothing in it comes from the proof.
pub struct Relation<'a, A> {
    /// The tables, in batch order.
    pub airs: &'a [A],
    /// The shape of the tables and of their proof.
    pub shape: &'a ProofShape,
    /// Packed interactions and the preprocessed commitment.
    pub common: &'a CommonData<SegmentConfig>,
    /// The digest of the constraint system and the verifying key, which starts the transcript.
    pub seed: [u8; 32],
}

/// Why a proof is rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// The relation itself is inconsistent: a fault of the caller, not of the proof.
    #[error("relation: expected {expected} entries of {list}, got {got}")]
    Relation {
        /// What has the wrong length.
        list: &'static str,
        /// Entries expected.
        expected: usize,
        /// Entries given.
        got: usize,
    },
    /// The wrong number of public values for a table.
    #[error("table {table}: expected {expected} public values, got {got}")]
    PublicValues {
        /// Position of the table.
        table: usize,
        /// Values expected.
        expected: usize,
        /// Values given.
        got: usize,
    },
    /// The bytes are no proof.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The proof has another shape.
    #[error(transparent)]
    Structure(#[from] StructureError),
    /// The tables cannot be verified: a fault of the caller, not of the proof.
    #[error(transparent)]
    Tables(#[from] UnusableTables),
    /// The proof is well formed and wrong.
    #[error("the proof does not hold: {0}")]
    Invalid(#[from] Invalid),
}

/// Verifies the bytes of one proof.
///
/// # Errors
///
/// When the proof does not show that the relation holds for the public values.
pub fn verify<A>(relation: &Relation<'_, A>, public_values: &[Vec<F>], bytes: &[u8]) -> Result<(), VerifyError>
where
    A: Air<InteractionSymbolicBuilder<F, EF>>,
{
    let verifier = StarkVerifier::new(relation.airs, &relation.common.lookups, relation.shape)?;
    let preprocessed = relation.common.preprocessed.as_ref().map(|global| global.commitment.roots());
    verify_prepared(&verifier, preprocessed.unwrap_or(&[]), &relation.seed, public_values, bytes)
}

/// Verifies the bytes of one proof; `preprocessed` are the digests of the commitment to the preprocessed columns, `seed` is what the transcript starts from.
///
/// # Errors
///
/// When the proof does not show that the relation holds for the public values.
pub fn verify_prepared(
    verifier: &StarkVerifier,
    preprocessed: &[Digest],
    seed: &Digest,
    public_values: &[Vec<F>],
    bytes: &[u8],
) -> Result<(), VerifyError> {
    let shape = verifier.shape();
    check_public_values(shape, public_values)?;
    let expected = shape.preprocessed_digests();
    if preprocessed.len() != expected {
        return Err(VerifyError::Relation { list: "digests of the preprocessed commitment", expected, got: preprocessed.len() });
    }
    let proof = decode(bytes, shape.max_bytes())?;
    shape.check(&proof)?;
    let public_values: Vec<Vec<EF>> = public_values.iter().map(|values| values.iter().map(|value| EF::from(*value)).collect()).collect();
    let (expanded, challenges) = verifier.expand(preprocessed, seed, &public_values, &proof)?;
    verifier.check(&mut Native, preprocessed, &public_values, &expanded, &challenges).map_err(Invalid::Claim)?;
    Ok(())
}

fn check_public_values(shape: &ProofShape, public_values: &[Vec<F>]) -> Result<(), VerifyError> {
    let tables = &shape.relation().tables;
    if public_values.len() != tables.len() {
        return Err(VerifyError::Relation { list: "public values", expected: tables.len(), got: public_values.len() });
    }
    for (table, (shape, values)) in tables.iter().zip(public_values).enumerate() {
        if values.len() != shape.public_values {
            return Err(VerifyError::PublicValues { table, expected: shape.public_values, got: values.len() });
        }
    }
    Ok(())
}
