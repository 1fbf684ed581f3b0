//! Every shape that the verifier accepts has the security it claims.

use tern_air::leaf::Bounds;
use tern_air::shape::SHAPES;
use tern_field::{DIGEST_LEN, F};
use tern_fri::LayerSecurity;
use tern_fri::params::SEGMENT_V1;
use tern_verifier::VerifyingKey;
use tern_verifier::segments::SegmentRelation;

#[test]
fn every_segment_shape_has_128_conjectured_bits() {
    // The shape does not depend on the program.
    let bounds = Bounds { ro_start: 1, ro_end: 2, text_start: 1, text_end: 2 };
    let key = VerifyingKey { entry: 0x1000, bounds, image_root: [F::new(0); DIGEST_LEN] };
    for shape in SHAPES {
        let relation = SegmentRelation::new(shape, &key).expect("every shape is provable");
        let security = LayerSecurity::of_segment(&SEGMENT_V1, relation.shape());
        println!("{}, {security}", shape.name);
        assert!(security.is_sufficient(), "{}: {security}", shape.name);
    }
}
