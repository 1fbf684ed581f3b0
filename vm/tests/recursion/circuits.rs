//! The circuits: their record, and that they do not depend on the proofs that they were made with.

use tern_air::recursion::RecursionAir;
use tern_field::F;
use tern_fri::common::packed_lookups;
use tern_fri::hash::Digest;
use tern_verifier::final_proof::RECORD;
use tern_verifier::programs::KEY_LIST_DEPTH;
use tern_vm::recursion::{CircuitId, blank_run, build, record};

/// The verifier accepts proofs of the circuits that this source describes, and of no others.
#[test]
fn the_record_is_that_of_the_circuits() {
    let mut built = Vec::new();
    let record = record(&mut |id| built.push(id)).expect("circuits that fit their heights");
    assert!(record == RECORD, "write the record anew with `tern spec`");
    assert_eq!(built.len(), CircuitId::listed().count() + 1);
}

/// A sample of the record, which is sooner built: a circuit of each kind.
#[test]
fn a_circuit_of_each_kind_is_recorded() {
    let leaves: Vec<Digest> = RECORD.as_chunks().0.to_vec();
    for (position, id) in CircuitId::listed().enumerate().filter(|(_, id)| matches!(id, CircuitId::Lift(0) | CircuitId::Join(2))) {
        assert_eq!(build(id).expect("a circuit that fits").leaf(), leaves[position], "{id:?}");
    }
    let wrap = build(CircuitId::Wrap).expect("a circuit that fits");
    assert_eq!(wrap.commitment().roots(), &leaves[1 << KEY_LIST_DEPTH..]);
}

#[test]
fn building_twice_gives_the_same_circuit() {
    for id in [CircuitId::Lift(0), CircuitId::Join(2), CircuitId::Wrap] {
        let leaves = [0, 1].map(|_| build(id).expect("a circuit that fits").leaf());
        assert_eq!(leaves[0], leaves[1], "{id:?}");
    }
}

#[test]
fn every_circuit_fits_its_heights() {
    for id in CircuitId::listed().chain([CircuitId::Wrap]) {
        let run = blank_run(id).expect("a relation");
        run.counts().check(&id.shape()).unwrap_or_else(|error| panic!("{id:?}: {error}"));
    }
}

/// A reader counts -1 on a row; all messages of all tables together are fewer than `p`, so that no number of readers vanishes.
#[test]
fn readers_cannot_vanish() {
    for id in [CircuitId::Join(2), CircuitId::Wrap] {
        let airs = RecursionAir::all();
        let messages = airs.iter().zip(id.shape().log_heights).map(|(air, log_height)| {
            let in_a_row: usize = packed_lookups::<RecursionAir>(air).iter().map(|lookup| lookup.elements.len()).sum();
            (in_a_row as u64) << log_height
        });
        assert!(messages.sum::<u64>() < u64::from(<F as p3_field::PrimeField32>::ORDER_U32), "{id:?}");
    }
}
