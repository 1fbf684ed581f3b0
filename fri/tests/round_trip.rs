//! Proofs under the frozen parameters verify with `p3-batch-stark`'s own verifier, and bind what
//! they should bind.

mod common;

use common::{AIRS, prove};
use p3_batch_stark::verify_batch;
use tern_field::F;
use tern_fri::config;
use tern_fri::params::SEGMENT_V1;

const SEED: [u8; 32] = [3; 32];

#[test]
fn a_proof_verifies_and_is_deterministic() {
    let proved = prove(&SEGMENT_V1, SEED, 17);
    verify_batch(&proved.config, &AIRS, &proved.proof, &proved.public_values, &proved.data.common)
        .expect("a proof of a true statement verifies");

    let again = prove(&SEGMENT_V1, SEED, 17);
    let bytes = |proof| postcard::to_allocvec(proof).expect("proofs serialise");
    assert_eq!(bytes(&proved.proof), bytes(&again.proof));
}

#[test]
fn seed_parameters_and_public_values_are_bound() {
    let proved = prove(&SEGMENT_V1, SEED, 17);
    let verify = |config: &_, public_values: &[Vec<F>]| verify_batch(config, &AIRS, &proved.proof, public_values, &proved.data.common);
    let mut other_version = SEGMENT_V1;
    other_version.version += 1;
    assert!(verify(&config(&SEGMENT_V1, SEED), &proved.public_values).is_ok());
    assert!(verify(&config(&SEGMENT_V1, [4; 32]), &proved.public_values).is_err());
    assert!(verify(&config(&other_version, SEED), &proved.public_values).is_err());
    let other_values = [vec![F::new(18)], vec![]];
    assert!(verify(&config(&SEGMENT_V1, SEED), &other_values).is_err());
}
