//! The circuits: their record, and that they do not depend on the proofs that they were made with.

use std::collections::BTreeSet;

use p3_field::PrimeField32;
use tern_field::F;
use tern_fri::hash::Digest;
use tern_fri::multilinear::Params;
use tern_fri::multilinear::params::{FINAL_V2, RECURSION_V2, SEGMENT_V2};
use tern_verifier::final_proof::{Circuits, RECORD};
use tern_verifier::multilinear::programs::{NodeRelation, NodeShape, SegmentRelation};
use tern_verifier::native::Native;
use tern_verifier::wire::{Reader, Writer};
use tern_vm::recursion::{CircuitId, NodeCircuit, Run, blank_run, covering_shape, least_shape, record};

fn recorded() -> Circuits {
    Circuits::recorded().expect("a record")
}

/// What the circuits' programs check.
struct Relations {
    segments: SegmentRelation,
    nodes: NodeRelation,
}

impl Relations {
    fn new() -> Self {
        Self {
            segments: SegmentRelation::new(&SEGMENT_V2).expect("the machine's chips"),
            nodes: recorded().node.relation(&RECURSION_V2).expect("a usable shape"),
        }
    }

    fn blank(&self, id: CircuitId) -> Run {
        blank_run(id, &self.segments, &self.nodes).expect("a circuit")
    }

    fn build(&self, id: CircuitId) -> NodeCircuit {
        NodeCircuit::new(id.params(), &shape(id), &self.blank(id)).expect("a circuit that fits")
    }
}

fn shape(id: CircuitId) -> NodeShape {
    if id == CircuitId::Wrap { recorded().last } else { recorded().node }
}

/// A circuit of each kind, soon built.
fn of_each_kind() -> [CircuitId; 5] {
    let [without, with] = [false, true].map(|has_calls| CircuitId::Lift { log_rows: 13, has_calls });
    let [two, three] = [2, 3].map(|children| CircuitId::Join { children });
    [without, with, two, three, CircuitId::Wrap]
}

/// The verifier accepts proofs of the circuits that this source describes, and of no others.
#[test]
fn the_record_is_that_of_the_circuits() {
    let mut built = Vec::new();
    let record = record(&mut |id| built.push(id)).expect("circuits that fit their shapes");
    assert!(record.to_bytes() == RECORD, "write the record anew with `tern spec`");
    assert_eq!(built, CircuitId::listed().chain([CircuitId::Wrap]).collect::<Vec<_>>());
}

/// A sample of the record, which is sooner built.
#[test]
fn a_circuit_of_each_kind_is_recorded() {
    let (relations, recorded) = (Relations::new(), recorded());
    for id in of_each_kind() {
        let circuit = relations.build(id);
        match CircuitId::listed().position(|listed| listed == id) {
            Some(position) => assert_eq!(recorded.list.leaves()[position], circuit.leaf(), "{id:?}"),
            None => assert_eq!(recorded.wrap, circuit.key(), "{id:?}"),
        }
    }
}

#[test]
fn building_twice_gives_the_same_circuit() {
    let relations = Relations::new();
    for id in of_each_kind() {
        let [one, other] = [0, 1].map(|_| relations.build(id));
        assert!(one.key() == other.key() && one.leaf() == other.leaf(), "{id:?}");
    }
}

/// The recorded shapes hold all circuits, and nothing smaller would.
#[test]
fn every_circuit_fits_its_shape() {
    let relations = Relations::new();
    let least = |ids: &mut dyn Iterator<Item = CircuitId>, params: &Params| {
        let counts: Vec<_> = ids.map(|id| relations.blank(id).counts()).collect();
        least_shape(params, &counts)
    };
    let node = least(&mut CircuitId::listed(), &RECURSION_V2);
    assert_eq!(node, recorded().node);
    assert_eq!(covering_shape(&RECURSION_V2, &node, &node), node);
    assert_eq!(least(&mut [CircuitId::Wrap].into_iter(), &FINAL_V2), recorded().last);
}

/// The circuits on the verifier's list are as many as there are programs to run, each another, and
/// none that wraps.
#[test]
fn the_recorded_circuits_are_told_apart() {
    let circuits = recorded();
    let listed = CircuitId::listed().count();
    let (used, empty) = circuits.list.leaves().split_at(listed);
    assert!(empty.iter().all(|leaf| *leaf == [0; 32]));
    let wraps = circuits.relation().expect("a usable shape").leaf(&mut Native, &circuits.wrap);
    let different: BTreeSet<Digest> = used.iter().copied().chain([[0; 32], wraps]).collect();
    assert_eq!(different.len(), listed + 2);
    // As many digests as the commitment of that shape has.
    let opening = circuits.relation().expect("a usable shape").opening;
    assert_eq!(circuits.wrap.len(), 1 << opening.shape().log_cap(opening.shape().log_domain()));
}

#[test]
fn the_record_is_read_as_it_is_written() {
    let circuits = recorded();
    assert!(circuits.to_bytes() == RECORD);
    for shape in [circuits.node, circuits.last] {
        let mut writer = Writer::default();
        shape.write(&mut writer);
        let bytes = writer.into_bytes();
        assert_eq!(NodeShape::read(&mut Reader::new(&bytes)), Ok(shape));
        for len in 0..bytes.len() {
            assert!(NodeShape::read(&mut Reader::new(&bytes[..len])).is_err(), "{len} bytes");
        }
    }
}

/// A reader counts -1 on a row; all messages of all tables together are fewer than `p`, so that no
/// number of readers vanishes.
#[test]
fn readers_cannot_vanish() {
    for id in [CircuitId::Join { children: 2 }, CircuitId::Wrap] {
        let relation = shape(id).relation(id.params()).expect("a usable shape");
        let front = relation.verifier.front_shape();
        let messages = front.tables.iter().map(|table| (table.messages as u64) << front.log_rows);
        assert!(messages.sum::<u64>() < u64::from(F::ORDER_U32), "{id:?}");
    }
}
