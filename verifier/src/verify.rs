//! One proof against one relation.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use p3_air::Air;
use p3_batch_stark::folder::VerifierConstraintFolderWithLookups;
use p3_batch_stark::{CommonData, verify_batch};
use p3_lookup::InteractionSymbolicBuilder;
use tern_field::{EF, F};
use tern_fri::{SegmentConfig, config};
use thiserror::Error;

use crate::decode::{DecodeError, decode};
use crate::expected::ProofShape;
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
    /// The proof is well formed and wrong.
    #[error("the proof does not hold: {0}")]
    Invalid(String),
}

/// Verifies the bytes of one proof.
///
/// # Errors
///
/// When the proof does not show that the relation holds for the public values.
pub fn verify<A>(relation: &Relation<'_, A>, public_values: &[Vec<F>], bytes: &[u8]) -> Result<(), VerifyError>
where
    A: Air<InteractionSymbolicBuilder<F, EF>> + for<'a> Air<VerifierConstraintFolderWithLookups<'a, SegmentConfig>>,
{
    check_relation(relation)?;
    check_public_values(relation.shape, public_values)?;
    let proof = decode(bytes, relation.shape.max_bytes())?;
    relation.shape.check(&proof)?;
    let config = config(relation.shape.params(), relation.seed);
    verify_batch(&config, relation.airs, &proof, public_values, relation.common).map_err(|error| VerifyError::Invalid(error.to_string()))
}

fn check_relation<A>(relation: &Relation<'_, A>) -> Result<(), VerifyError> {
    let expected = relation.shape.relation().tables.len();
    let lists = [("tables", relation.airs.len()), ("lookups", relation.common.lookups.len())];
    for (list, got) in lists {
        if got != expected {
            return Err(VerifyError::Relation { list, expected, got });
        }
    }
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
