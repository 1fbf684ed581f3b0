//! The relation that recursion proofs of one shape prove.

use alloc::vec::Vec;

use tern_air::recursion::{RecursionAir, RecursionChip, RecursionShape};
use tern_air::relation::recursion_digest;
use tern_fri::Params;
use tern_fri::hash::Digest;

use crate::ops::Ops;
use crate::stark::StarkVerifier;
use crate::system::{RelationError, stark_verifier};

/// Context of the seed of a recursion proof's transcript.
const SEED_CONTEXT: &str = "Tern recursion relation, version 1";

/// Constraints, shape and transcript seed of recursion proofs. Which circuit a proof is of is said by the commitment to its preprocessed columns, which is not part of it.
#[derive(Clone, Debug)]
pub struct RecursionRelation {
    /// The verifier for proofs of this shape.
    pub stark: StarkVerifier,
    /// What the transcript starts from, besides the parameters.
    pub seed: Digest,
}

/// What the transcript of recursion proofs starts from, besides the parameters.
#[must_use]
pub fn recursion_seed(shape: &RecursionShape) -> Digest {
    let mut hasher = blake3::Hasher::new_derive_key(SEED_CONTEXT);
    hasher.update(&recursion_digest());
    hasher.update(blake3::hash(&shape.log_heights).as_bytes());
    hasher.finalize().into()
}

impl RecursionRelation {
    /// The relation of proofs with these heights.
    ///
    /// # Errors
    ///
    /// If there are no such proofs.
    pub fn new(params: &Params, shape: &RecursionShape) -> Result<Self, RelationError> {
        let stark = stark_verifier::<RecursionAir>(params, &shape.log_heights)?;
        Ok(Self { stark, seed: recursion_seed(shape) })
    }

    /// The public values of every table, for a proof that states `digest`: the limbs, at the table of constants and public values.
    pub fn public_values<O: Ops>(ops: &mut O, digest: &O::Digest) -> Vec<Vec<O::Ext>> {
        let of = |chip: &RecursionChip| if *chip == RecursionChip::Interface { ops.limbs(digest) } else { Vec::new() };
        RecursionChip::ALL.iter().map(of).collect()
    }
}
