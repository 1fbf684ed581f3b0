//! Parameters for tests that change proofs.

use tern_fri::Params;
use tern_fri::params::SEGMENT_V1;

/// So few queries that every byte of a proof can be changed in turn; every kind of proof of work; tables of two heights in one folding.
pub const TINY: Params = Params {
    name: "test-tiny",
    num_queries: 3,
    query_pow_bits: 3,
    batch_pow_bits: 2,
    lookup_pow_bits: 2,
    ood_pow_bits: 2,
    commit_pow_bits: 1,
    cap_height: 1,
    ..SEGMENT_V1
};
