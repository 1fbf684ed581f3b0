//! The preprocessed tables that the verifier takes for true are those of the chips.

use p3_batch_stark::ProverData;
use tern_air::chip::TernAir;
use tern_air::shape::SHAPES;
use tern_fri::config;
use tern_fri::params::SEGMENT_V1;
use tern_verifier::segments::PREPROCESSED_COMMITMENT;

#[test]
fn the_stored_commitment_is_that_of_the_tables_in_every_shape() {
    let (airs, config) = (TernAir::all(), config(&SEGMENT_V1, [0; 32]));
    for shape in SHAPES {
        let log_heights = shape.log_heights.map(usize::from);
        let data = ProverData::from_airs_and_degrees(&config, &airs, &log_heights).expect("the tables can be committed");
        let preprocessed = data.common.preprocessed.expect("two chips have preprocessed columns");
        assert_eq!(preprocessed.commitment.roots().as_flattened(), PREPROCESSED_COMMITMENT, "{}", shape.name);
    }
}
