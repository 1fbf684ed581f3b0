//! Every layer that the verifier accepts has the security that is stated.

use tern_fri::multilinear::FixedShape;
use tern_fri::multilinear::fixed::FixedTable;
use tern_fri::multilinear::params::{FINAL_V2, RECURSION_V2};
use tern_fri::multilinear::security::Bound;
use tern_fri::security::TARGET_BITS;
use tern_verifier::multilinear::circuit;
use tern_verifier::package::security;
use tern_verifier::security::layers;

/// 128 bits without a conjecture, by both theorems, and nothing that is worse by the conjecture.
#[test]
fn every_layer_has_128_proven_bits() {
    for layer in layers().expect("a record of circuits") {
        for accounting in &layer.proven {
            println!("{}: {accounting}", layer.params.name);
            assert!(accounting.bits >= TARGET_BITS, "{}: {accounting}", layer.params.name);
        }
        println!("{}: {}", layer.params.name, layer.conjectured);
        assert!(layer.conjectured.bits > layer.proven_bits());
    }
}

/// Circuits as large as the parameters allow have them too, whatever the record says.
#[test]
fn the_largest_circuits_have_128_proven_bits() {
    for params in [&RECURSION_V2, &FINAL_V2] {
        let tables = circuit::committed().into_iter().map(|table| FixedTable { table, height: 1 }).collect();
        // As many fixed columns as the parameters have room for.
        let shape = FixedShape { log_rows: params.max_log_rows, log_width: params.log_width, tables };
        let verifier = circuit::verifier(params, params.max_log_rows, shape).expect("recursion's chips");
        for bound in Bound::PROVEN {
            let accounting = verifier.accounting(bound);
            assert!(accounting.bits >= TARGET_BITS, "{}: {accounting}", params.name);
        }
    }
}

/// What the packages tell their callers, by kind of proof: the figures of the weakest layer.
#[test]
fn both_kinds_of_proofs_have_their_figures() {
    for kind in [1, 2] {
        let bits = security(kind).expect("there is such a kind");
        assert!(bits.proven >= TARGET_BITS && bits.conjectured > bits.proven, "{bits:?}");
    }
    assert_eq!(security(0), None);
}
