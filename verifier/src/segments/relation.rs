//! The relation that a segment proof of one shape proves, for one program.

use alloc::format;
use alloc::vec::Vec;

use tern_air::chip::{ChipId, TernAir};
use tern_air::leaf::Bounds;
use tern_air::segment::Statement;
use tern_air::shape::Shape;
use tern_field::F;
use tern_fri::RelationShape;
use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_fri::params::SEGMENT_V1;

use super::{Rejection, Segment};
use crate::key::VerifyingKey;
use crate::stark::StarkVerifier;
use crate::system::stark_verifier;
use crate::verify::{VerifyError, verify_prepared};

/// The commitment to the preprocessed tables, whose heights are the same in every shape: the digests of its Merkle cap, one after the other. A test
/// computes it anew.
pub const PREPROCESSED_COMMITMENT: &[u8] = include_bytes!("preprocessed.bin");

/// Context of the seed of a segment proof's transcript.
pub const SEED_CONTEXT: &str = "Tern segment relation, version 2";

/// Constraints, lookups, parameters and transcript seed of one shape.
pub struct SegmentRelation {
    name: &'static str,
    verifier: StarkVerifier,
    seed: [u8; 32],
    bounds: Bounds,
}

/// What the transcript starts from, besides the parameters: the constraint system, the program and the shape.
#[must_use]
pub fn seed(shape: &Shape, key: &VerifyingKey) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key(SEED_CONTEXT);
    hasher.update(&tern_air::relation::digest());
    hasher.update(&key.digest());
    hasher.update(blake3::hash(&shape.log_heights).as_bytes());
    *hasher.finalize().as_bytes()
}

impl SegmentRelation {
    /// The relation of `shape` for the program `key`.
    ///
    /// # Errors
    ///
    /// If the tables do not fit the parameters: a fault of this crate, which its tests exclude for every shape.
    pub fn new(shape: &Shape, key: &VerifyingKey) -> Result<Self, Rejection> {
        let verifier = stark_verifier::<TernAir>(&SEGMENT_V1, &shape.log_heights)
            .map_err(|error| Rejection::Relation { shape: shape.name, reason: format!("{error}") })?;
        Ok(Self { name: shape.name, verifier, seed: seed(shape, key), bounds: key.bounds })
    }

    /// Sizes of the tables.
    #[must_use]
    pub fn shape(&self) -> &RelationShape {
        self.verifier.shape().relation()
    }

    /// The verifier of the batch proofs.
    #[must_use]
    pub const fn verifier(&self) -> &StarkVerifier {
        &self.verifier
    }

    /// Checks one segment's batch proof against its statement.
    ///
    /// # Errors
    ///
    /// If it cannot be decoded, has the wrong structure or is false.
    pub fn verify(&self, index: u32, segment: &Segment<'_>) -> Result<(), Rejection> {
        let values = public_values(&segment.statement, &self.bounds);
        let result = verify_prepared(&self.verifier, preprocessed_digests(), &self.seed, &values, segment.proof);
        result.map_err(|error| match error {
            VerifyError::Decode(error) => Rejection::Decode { segment: index, error },
            VerifyError::Structure(error) => Rejection::Structure { segment: index, error },
            VerifyError::Invalid(error) => Rejection::Proof { segment: index, error },
            fault => Rejection::Relation { shape: self.name, reason: format!("{fault}") },
        })
    }
}

/// The public values of every table.
#[must_use]
pub fn public_values(statement: &Statement, bounds: &Bounds) -> Vec<Vec<F>> {
    let of = |chip: &ChipId| match chip {
        ChipId::Leaf => bounds.to_values().to_vec(),
        ChipId::Segment => statement.to_values(),
        _ => Vec::new(),
    };
    ChipId::ALL.iter().map(of).collect()
}

/// The digests of the commitment to the preprocessed tables.
#[must_use]
pub const fn preprocessed_digests() -> &'static [Digest] {
    PREPROCESSED_COMMITMENT.as_chunks::<DIGEST_BYTES>().0
}
