//! The circuits that count: all that the verifier's record lists, and the one that wraps.

use std::collections::BTreeMap;
use std::time::Instant;

use tern_fri::multilinear::params::{RECURSION_V2, SEGMENT_V2};
use tern_verifier::final_proof::Circuits;
use tern_verifier::multilinear::programs::SegmentRelation;
use tern_vm::recursion::{CircuitId, blank_run};

use super::programs::Program;
use super::{Recorded, analyse};

/// What is analysed is what is committed to: [`blank_run`] gives the same columns, and another test
/// compares their commitments with the record.
#[test]
fn every_circuit_is_determined() {
    let node = Circuits::recorded().expect("a record").node;
    let segments = SegmentRelation::new(&SEGMENT_V2).expect("the machine's chips");
    let nodes = node.relation(&RECURSION_V2).expect("a usable shape");
    for id in CircuitId::listed().chain([CircuitId::Wrap]) {
        let start = Instant::now();
        let program = match id {
            CircuitId::Lift { log_rows, has_calls } => Program::Lift { params: &SEGMENT_V2, log_rows, has_calls: vec![has_calls] },
            CircuitId::LiftPair { log_rows, has_calls } => Program::Lift { params: &SEGMENT_V2, log_rows, has_calls: has_calls.to_vec() },
            CircuitId::Join { children } => Program::Join(children, &RECURSION_V2, node.clone()),
            CircuitId::Wrap => Program::Wrap(&RECURSION_V2, node.clone()),
        };
        let (run, inputs, asserted) = program.record(None);
        let tables = run.fixed();
        drop(run);
        assert!(tables == blank_run(id, &segments, &nodes).expect("a circuit").fixed(), "{id:?}: another circuit");
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
