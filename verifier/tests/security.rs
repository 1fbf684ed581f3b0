//! Every shape that the verifier accepts has the security that is stated.

use tern_air::leaf::Bounds;
use tern_air::shape::SHAPES;
use tern_field::{DIGEST_LEN, F};
use tern_fri::LayerSecurity;
use tern_fri::params::SEGMENT_V1;
use tern_verifier::VerifyingKey;
use tern_verifier::package::security;
use tern_verifier::segments::SegmentRelation;

#[test]
fn every_segment_shape_has_121_conjectured_and_74_proven_bits() {
    // The shape does not depend on the program.
    let bounds = Bounds { ro_start: 1, ro_end: 2, text_start: 1, text_end: 2 };
    let key = VerifyingKey { entry: 0x1000, bounds, image_root: [F::new(0); DIGEST_LEN] };
    for shape in SHAPES {
        let relation = SegmentRelation::new(shape, &key).expect("every shape is provable");
        let security = LayerSecurity::of_segment(&SEGMENT_V1, relation.shape());
        println!("{}, {security}", shape.name);
        let figures = [security.conjectured.bits, security.proven_bits()].map(|bits| format!("{bits:.2}"));
        assert_eq!(figures, ["121.70", "74.96"], "{}: {security}", shape.name);
    }
}

/// What the packages tell their callers, by kind of proof: the figures of the weakest layer.
#[test]
fn both_kinds_of_proofs_have_the_figures_of_segments() {
    for kind in [1, 2] {
        let bits = security(kind).expect("there is such a kind");
        assert_eq!([bits.conjectured, bits.proven].map(|bits| format!("{bits:.2}")), ["121.70", "74.96"]);
    }
    assert_eq!(security(0), None);
}
