//! The circuits that count: all that the verifier's record lists, and the one that wraps.

use std::collections::BTreeMap;
use std::time::Instant;

use tern_fri::multilinear::params::{RECURSION_V2, SEGMENT_V2};
use tern_verifier::final_proof::Circuits;
use tern_verifier::multilinear::programs::SegmentRelation;
use tern_vm::recursion::{ARITY, CircuitId, SEGMENT_SIZES, blank_run};

use super::programs::Program;
use super::{Recorded, analyse};

/// What is analysed is what is committed to: [`blank_run`] gives the same columns, and another test compares
/// their commitments with the record.
fn assert_determined(ids: impl Iterator<Item = CircuitId>) {
    let node = Circuits::recorded().expect("a record").node;
    let segments = SegmentRelation::new(&SEGMENT_V2).expect("the machine's chips");
    let nodes = node.relation(&RECURSION_V2).expect("a usable shape");
    for id in ids {
        let start = Instant::now();
        let program = match id {
            CircuitId::Lift { log_rows, has_calls } => Program::Lift { params: &SEGMENT_V2, log_rows, has_calls },
            CircuitId::Join => Program::Join(ARITY, &RECURSION_V2, node.clone()),
            CircuitId::Wrap => Program::Wrap(&RECURSION_V2, node.clone()),
        };
        let (run, inputs, asserted) = program.record(None);
        let tables = run.flagged_fixed();
        drop(run);
        assert!(tables == blank_run(id, &segments, &nodes).expect("a circuit").flagged_fixed(), "{id:?}: another circuit");
        let circuit = Recorded { tables, inputs, asserted };
        let report = analyse(&circuit);
        let kinds = |kinds: &BTreeMap<&'static str, Vec<_>>| {
            kinds.iter().map(|(kind, values)| format!("{kind} {}", values.len())).collect::<Vec<_>>().join(", ")
        };
        println!("{id:?}, {:.1?}: {}; {asserted:?}", start.elapsed(), report.summary());
        println!("  choices: {}", kinds(&circuit.inputs.choices));
        println!("  determined: {}", kinds(&circuit.inputs.bound));
        assert!(report.failed().is_empty(), "{id:?}: {}", report.summary());
    }
}

/// Whether a circuit lifts segments of the sizes between.
fn is_between(id: &CircuitId) -> bool {
    let ends = [SEGMENT_SIZES.start(), SEGMENT_SIZES.end()].map(|log_rows| *log_rows);
    matches!(id, CircuitId::Lift { log_rows, .. } if !ends.contains(log_rows))
}

fn all() -> impl Iterator<Item = CircuitId> {
    CircuitId::listed().chain([CircuitId::Wrap])
}

/// The lifts of the smallest and of the largest segments, the join, and the wrap.
#[test]
fn circuits_are_determined() {
    assert_determined(all().filter(|id| !is_between(id)));
}

#[test]
#[ignore = "takes minutes"]
fn every_circuit_is_determined() {
    assert_determined(all());
}
