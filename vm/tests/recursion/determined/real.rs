//! The circuits that count: all that the verifier's record lists, and the one that wraps.

use std::collections::BTreeMap;
use std::time::Instant;

use tern_air::recursion::NODE_SHAPE;
use tern_fri::params::RECURSION_V1;
use tern_vm::recursion::{CircuitId, blank_run};

use super::programs::Program;
use super::{Recorded, analyse};

fn program(id: CircuitId) -> Program {
    match id {
        CircuitId::Lift(position) => Program::Lift(position),
        CircuitId::Join(children) => Program::Join(children, &RECURSION_V1, NODE_SHAPE),
        CircuitId::Wrap => Program::Wrap(&RECURSION_V1, NODE_SHAPE),
    }
}

/// What is analysed is what is committed to: [`blank_run`] gives the same columns, and another test compares
/// their commitments with the record.
#[test]
fn every_circuit_is_determined() {
    for id in CircuitId::listed().chain([CircuitId::Wrap]) {
        let start = Instant::now();
        let (run, inputs, asserted) = program(id).record(None);
        let tables = run.fixed(&id.shape()).expect("circuits fit their heights");
        assert!(tables == blank_run(id).and_then(|run| Ok(run.fixed(&id.shape())?)).expect("a circuit"), "{id:?}: another circuit");
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
