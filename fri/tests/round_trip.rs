//! Proofs under the frozen parameters verify with `p3-batch-stark`'s own verifier, and bind what
//! they should bind.

mod common;

use common::{AIRS, LOG_HEIGHTS, prove};
use p3_batch_stark::common::PreprocessedInstanceMeta;
use p3_batch_stark::verify_batch;
use tern_field::F;
use tern_fri::params::SEGMENT_V1;
use tern_fri::{LayerSecurity, RelationShape, common_data, config};

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

#[test]
fn shapes_come_from_the_airs() {
    let proved = prove(&SEGMENT_V1, SEED, 17);
    let shape = RelationShape::from_airs(&["counter", "bytes"], &AIRS, &LOG_HEIGHTS, &proved.data.common.lookups).expect("the lists match");
    let [counter, bytes] = shape.tables.as_slice() else {
        panic!("two tables: {shape:?}");
    };
    assert_eq!((counter.main_width, bytes.main_width), (2, 1));
    assert_eq!((counter.interactions, bytes.interactions), (2, 1));
    assert_eq!((counter.message_width, bytes.message_width), (1, 1));
    assert_eq!((counter.preprocessed_width, bytes.preprocessed_width), (0, 1));
    assert_eq!((counter.reads_next_main, bytes.reads_next_main), (true, false));
    for (table, proof) in shape.tables.iter().zip(&proved.proof.opened_values.instances) {
        assert_eq!(table.permutation_width(), proof.permutation_local.len());
        let chunks = proof.base_opened_values.quotient_chunks.len();
        assert_eq!(table.quotient_chunks(), chunks);
    }
    assert_eq!(format!("{:.2}", LayerSecurity::new(&SEGMENT_V1, &shape).conjectured.bits), "121.70");
    assert!(shape.at_heights(&[6]).is_err());
    assert!(shape.at_heights(&[6, 28]).is_err());
    assert!(RelationShape::from_airs(&["counter"], &AIRS, &LOG_HEIGHTS, &[]).is_err());
}

#[test]
fn the_verifier_makes_the_provers_common_data() {
    let proved = prove(&SEGMENT_V1, SEED, 17);
    let expected = &proved.data.common;
    let global = expected.preprocessed.as_ref().expect("bytes are preprocessed");
    let made = common_data(&AIRS, &LOG_HEIGHTS, Some(global.commitment.clone())).expect("heights and commitment match");
    let bytes = |lookups| postcard::to_allocvec(lookups).expect("lookups serialise");
    assert_eq!(bytes(&made.lookups), bytes(&expected.lookups));
    let made_global = made.preprocessed.as_ref().expect("bytes are preprocessed");
    assert_eq!(made_global.matrix_to_instance, global.matrix_to_instance);
    for (ours, theirs) in made_global.instances.iter().zip(&global.instances) {
        let fields = |meta: &PreprocessedInstanceMeta| (meta.matrix_index, meta.width, meta.degree_bits);
        assert_eq!(ours.as_ref().map(fields), theirs.as_ref().map(fields));
    }
    verify_batch(&proved.config, &AIRS, &proved.proof, &proved.public_values, &made).expect("the proof verifies against it");
    assert!(common_data(&AIRS, &LOG_HEIGHTS, None).is_err());
    assert!(common_data(&AIRS, &[6], Some(global.commitment.clone())).is_err());
}
