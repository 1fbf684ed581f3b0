//! Every shape that the verifier accepts has the security that is stated.

use tern_air::leaf::Bounds;
use tern_air::shape::SHAPES;
use tern_field::{DIGEST_LEN, F};
use tern_fri::LayerSecurity;
use tern_fri::multilinear::fixed::FixedTable;
use tern_fri::multilinear::params::{FINAL_V2, RECURSION_V2, SEGMENT_V2};
use tern_fri::multilinear::security::Theorem;
use tern_fri::multilinear::{FixedShape, Params};
use tern_fri::params::SEGMENT_V1;
use tern_fri::security::TARGET_BITS;
use tern_verifier::VerifyingKey;
use tern_verifier::multilinear::{circuit, machine};
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

/// Version 2's layers, of their own chips at the largest sizes that the parameters allow: 128 bits without a conjecture, by both theorems.
#[test]
fn every_layer_of_version_2_has_128_proven_bits() {
    let segments = machine::verifier(&SEGMENT_V2).expect("the machine's chips");
    let circuits = |params: &Params| {
        let tables = circuit::committed().into_iter().map(|table| FixedTable { table, height: 1 }).collect();
        // As many fixed columns as the parameters have room for.
        let log_width = params.log_width;
        let shape = FixedShape { log_rows: params.max_log_rows, log_width, tables };
        circuit::verifier(params, params.max_log_rows, shape).expect("recursion's chips")
    };
    for theorem in [Theorem::Bchks25, Theorem::Dkt26] {
        let layers = [
            (SEGMENT_V2.name, segments.accounting(theorem)),
            (RECURSION_V2.name, circuits(&RECURSION_V2).accounting(theorem)),
            (FINAL_V2.name, circuits(&FINAL_V2).accounting(theorem)),
        ];
        for (name, accounting) in &layers {
            println!("{name}: {accounting}");
            assert!(accounting.bits >= TARGET_BITS, "{name}: {accounting}");
        }
    }
}
