//! The `p3-batch-stark` configuration: fields, transforms, commitments, transcript.

use p3_batch_stark::BatchProof;
use p3_commit::ExtensionMmcs;
use p3_fri::{FriParameters, TwoAdicFriPcs};
use p3_merkle_tree::{MerkleTreeMmcs, PrunedMerklePaths};
use p3_symmetric::MerkleCap;
use p3_uni_stark::StarkConfig;
use tern_field::{EF, F};

use crate::challenger::Blake3Challenger;
use crate::dft::WidthDft;
use crate::hash::{DIGEST_BYTES, Digest, LeafHasher, NodeHasher};
use crate::params::Params;

/// Commits to matrices over the base field.
pub type ValMmcs = MerkleTreeMmcs<F, u8, LeafHasher, NodeHasher, 2, DIGEST_BYTES>;

/// Commits to FRI's folded codewords.
pub type ChallengeMmcs = ExtensionMmcs<F, EF, ValMmcs>;

/// The polynomial commitment scheme.
pub type Pcs = TwoAdicFriPcs<F, WidthDft, ValMmcs, ChallengeMmcs>;

/// What `prove_batch` and `verify_batch` are generic over.
pub type SegmentConfig = StarkConfig<Pcs, EF, Blake3Challenger>;

/// A commitment: one level of a Merkle tree.
pub type Commitment = MerkleCap<F, Digest>;

/// The digests that authenticate the openings of one commitment at all queries.
pub type Paths = PrunedMerklePaths<u8, DIGEST_BYTES>;

/// A proof of one batch of tables.
pub type Proof = BatchProof<SegmentConfig>;

/// Context of the key that starts a transcript.
pub const TRANSCRIPT_CONTEXT: &str = "Tern proof system, transcript, version 2";

/// The configuration for one relation.
///
/// `seed` is the digest of everything that the proof format itself does not bind: the constraint
/// system and the verifying key. The transcript starts from it and from every parameter.
#[must_use]
pub fn config(params: &Params, seed: [u8; 32]) -> SegmentConfig {
    let pcs = Pcs::new(WidthDft::default(), val_mmcs(params), fri_parameters(params));
    let challenger = Blake3Challenger::new(initial_state(params, seed));
    SegmentConfig::new(pcs, challenger)
        .with_lookup_proof_of_work_bits(params.lookup_pow_bits)
        .with_ood_proof_of_work_bits(params.ood_pow_bits)
}

pub(crate) const fn val_mmcs(params: &Params) -> ValMmcs {
    ValMmcs::new(LeafHasher, NodeHasher, params.cap_height)
}

pub(crate) fn fri_parameters(params: &Params) -> FriParameters<ChallengeMmcs> {
    FriParameters {
        log_blowup: params.log_blowup,
        log_final_poly_len: params.log_final_poly_len,
        max_log_arity: params.max_log_arity,
        num_queries: params.num_queries,
        batch_proof_of_work_bits: params.batch_pow_bits,
        commit_proof_of_work_bits: params.commit_pow_bits,
        query_proof_of_work_bits: params.query_pow_bits,
        mmcs: ChallengeMmcs::new(val_mmcs(params)),
    }
}

fn initial_state(params: &Params, seed: [u8; 32]) -> Digest {
    let mut hasher = blake3::Hasher::new_derive_key(TRANSCRIPT_CONTEXT);
    hasher.update(blake3::hash(&params.to_bytes()).as_bytes());
    hasher.update(&seed);
    hasher.finalize().into()
}
