//! Proofs of circuits: segments are lifted, lifts are joined, and what a joined proof says is
//! checked natively.

use std::time::Instant;

use p3_field::PrimeCharacteristicRing;
use tern_air::lookups::Lookups;
use tern_air::machine::leaf::Bounds;
use tern_air::machine::segment::Statement;
use tern_air::machine::{self, MachineAir};
use tern_field::{DIGEST_LEN, EF, F};
use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_fri::multilinear::params::{FINAL_V2, RECURSION_V2, SEGMENT_V2};
use tern_fri::multilinear::prove::Prover;
use tern_fri::multilinear::{OpeningShape, Params, Proof};
use tern_verifier::Reason;
use tern_verifier::multilinear::OpeningVerifier;
use tern_verifier::multilinear::machine::{KECCAK, ROW_VARIABLES, public_values};
use tern_verifier::multilinear::programs::{self, Node, NodeRelation, NodeShape, Segment, SegmentRelation};
use tern_verifier::native::Native;
use tern_verifier::programs::{ChainStatement, KeyList};
use tern_vm::elf::Program;
use tern_vm::exec::{Options, SegmentExecutor, SegmentLimits};
use tern_vm::prove::{ExecutedSegment, ProvableProgram};
use tern_vm::recursion::{NodeCircuit, NodeError, Run, covering_shape, least_shape, run_nodes, run_segments};
use tern_vm::testing::fibonacci;

/// Runs something and says how long it took.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{what}: {:.2?}", start.elapsed());
    result
}

/// A program's segments of so many cycles at most, with their proofs.
struct Proved {
    key_digest: Digest,
    bounds: Bounds,
    segments: Vec<(Statement, Proof)>,
}

fn prove(elf: &[u8], cycles: u32) -> Proved {
    let program = ProvableProgram::new(Program::from_elf(elf).expect("a program of the machine")).expect("a program that can be proved");
    let (key_digest, bounds) = (program.key.digest(), program.key.bounds);
    let prover = Prover::new(&SEGMENT_V2, MachineAir::all(), ROW_VARIABLES).with_keccak(KECCAK).expect("the machine's tables");
    let mut memory = program.memory(&[]);
    let mut executor = SegmentExecutor::new(&program.program, &[], Options::default()).expect("a machine");
    let mut segments = Vec::new();
    while let Some(record) = executor.next_segment(&SegmentLimits::cycles(cycles)).expect("a run without traps") {
        let segment = ExecutedSegment::new(record, &mut memory).expect("a segment");
        let tables = machine::fill(&segment.events, &segment.tree, &bounds, segment.cycles, Lookups::default());
        let values = public_values(&segment.statement, &bounds);
        let proof = prover.prove(&SegmentRelation::seed(&key_digest), &tables, &values).expect("a segment that fits");
        segments.push((segment.statement, proof));
    }
    Proved { key_digest, bounds, segments }
}

fn blank_statement() -> ChainStatement<Native> {
    let root = [F::ZERO; DIGEST_LEN];
    let statement = Statement { pc_in: 0, pc_out: 0, root_in: root, root_out: root, halt: None };
    let bounds = Bounds { ro_start: 0, ro_end: 0, text_start: 0, text_end: 0 };
    ChainStatement::of([0; DIGEST_BYTES], &bounds, [0; DIGEST_BYTES], &statement)
}

/// The circuit that lifts one segment, of proofs with this opening.
fn blank_lift(relation: &SegmentRelation, opening: &OpeningVerifier) -> Run {
    let blank = Segment { statement: blank_statement(), values: relation.verifier.zero_values(opening, false) };
    run_segments(relation, core::slice::from_ref(opening), &[blank])
}

/// The circuit that joins so many proofs.
pub fn blank_join(relation: &NodeRelation, children: usize) -> Run {
    let digests = 1 << relation.opening.shape().log_cap(relation.opening.shape().log_domain());
    let blank = || Node {
        statement: blank_statement(),
        key: vec![[0; DIGEST_BYTES]; digests],
        membership: KeyList::new(&[]).expect("a list").membership(&[0; DIGEST_BYTES]).expect("an empty place"),
        values: relation.verifier.zero_values(&relation.opening, false),
    };
    run_nodes(relation, &(0..children).map(|_| blank()).collect::<Vec<_>>())
}

fn relation(params: &Params, shape: &NodeShape) -> NodeRelation {
    shape.relation(params).expect("a usable shape")
}

/// The least shape that holds a lift and a join of proofs of this very shape.
pub fn common_shape(params: &Params, lift: &Run, children: usize) -> NodeShape {
    let mut shape = least_shape(params, &[lift.counts()]);
    loop {
        let join = blank_join(&relation(params, &shape), children);
        // What a join takes depends on the shape of what it joins, which only grows here.
        let next = covering_shape(params, &shape, &least_shape(params, &[join.counts()]));
        if next == shape {
            return shape;
        }
        shape = next;
    }
}

fn print(what: &str, run: &Run, shape: &NodeShape) {
    println!("{what}: rows {:?}, {shape:?}", run.counts().0);
}

/// Two segments are lifted by one circuit, their proofs joined, and the joined proof wrapped; every
/// statement but the chain's is refused, natively and in circuits.
#[test]
#[ignore = "takes minutes"]
fn segments_are_lifted_and_joined() {
    let proved = timed("segments", || prove(&fibonacci(1_000), 3_000));
    let [(first, first_proof), (second, second_proof)] = &proved.segments[..] else { panic!("two segments") };
    let segments = SegmentRelation::new(&SEGMENT_V2).expect("the machine's chips");
    let openings = [first_proof, second_proof].map(|proof| segments.verifier.opening(&proof.heights).expect("an opening"));
    assert_eq!(openings[0].shape(), openings[1].shape(), "segments of one size");
    let opening = &openings[0];

    let blank = blank_lift(&segments, opening);
    let shape = timed("shape", || common_shape(&RECURSION_V2, &blank, 2));
    print("lift", &blank, &shape);
    let relation = relation(&RECURSION_V2, &shape);
    let blank_join = blank_join(&relation, 2);
    print("join", &blank_join, &shape);
    let lift = timed("lift: commit", || NodeCircuit::new(&RECURSION_V2, &shape, &blank).expect("a circuit"));
    let join = timed("join: commit", || NodeCircuit::new(&RECURSION_V2, &shape, &blank_join).expect("a circuit"));
    assert_ne!(lift.leaf(), join.leaf());
    let list = KeyList::new(&[lift.leaf(), join.leaf()]).expect("a list");

    let statement = |statement: &Statement| ChainStatement::of(proved.key_digest, &proved.bounds, list.root(), statement);
    let lifted = [(first, first_proof), (second, second_proof)].map(|(stated, proof)| {
        assert_eq!(segments.verify(&statement(stated), proof), Ok(()));
        let values = segments.values(statement(stated), proof).expect("a valid transcript");
        let run = timed("lift: run", || run_segments(&segments, core::slice::from_ref(opening), &[values]));
        assert_eq!(run.public_digest(), statement(stated).digest(&mut Native));
        timed("lift: prove", || lift.prove(&run).expect("a lift"))
    });
    // Both in one circuit.
    let both = [(first, first_proof), (second, second_proof)];
    let both = both.map(|(stated, proof)| segments.values(statement(stated), proof).expect("a valid transcript"));
    let together = run_segments(&segments, &openings, &both);
    assert_eq!(together.check(), Ok(()));
    // Each of them is checked: with a cell of the second changed, a list of openings too short, or
    // openings of fewer queries, nothing holds.
    let values = |(stated, proof): (&Statement, &Proof)| segments.values(statement(stated), proof).expect("a valid transcript");
    let mut changed = [values((first, first_proof)), values((second, second_proof))];
    changed[1].values.opening.queries[100].rows[0].0[3] += F::ONE;
    assert!(run_segments(&segments, &openings, &changed).check().is_err());
    assert!(run_segments(&segments, &openings[..1], &both).check().is_err());
    let weak = OpeningShape { params: Params { num_queries: 1, ..SEGMENT_V2 }, ..opening.shape().clone() };
    let weak = OpeningVerifier::new(weak).expect("a usable shape");
    let mut few = values((first, first_proof));
    few.values.opening.queries.truncate(1);
    assert!(run_segments(&segments, &[weak], &[few]).check().is_err());
    // A segment of another program: its proof began with another key.
    let mut other_key = statement(first);
    other_key.key_digest[0] ^= 1;
    assert!(segments.verify(&other_key, first_proof).is_err());
    let mut other_program = values((first, first_proof));
    other_program.statement.key_digest[0] ^= 1;
    assert!(run_segments(&segments, core::slice::from_ref(opening), &[other_program]).check().is_err());
    let [second_first, first_second] = [(second, second_proof), (first, first_proof)]
        .map(|(stated, proof)| segments.values(statement(stated), proof).expect("a valid transcript"));
    assert!(run_segments(&segments, &openings, &[second_first, first_second]).check().is_err());
    let node = |circuit: &NodeCircuit, stated: &Statement, proof: &Proof| {
        let statement = statement(stated);
        let digest = statement.digest(&mut Native);
        let values = relation.values(circuit.key(), &digest, proof).expect("a valid transcript");
        Node { statement, key: circuit.key().to_vec(), membership: list.membership(&circuit.leaf()).expect("a listed circuit"), values }
    };
    let chain = Statement { pc_in: first.pc_in, root_in: first.root_in, ..second.clone() };
    assert_eq!(together.public_digest(), statement(&chain).digest(&mut Native));
    let run = timed("join: run", || run_nodes(&relation, &[node(&lift, first, &lifted[0]), node(&lift, second, &lifted[1])]));
    let digest = statement(&chain).digest(&mut Native);
    assert_eq!(run.public_digest(), digest);
    let joined = timed("join: prove", || join.prove(&run).expect("a join"));

    // What stands at the end.
    assert_eq!(timed("verify", || relation.verify(join.key(), &digest, &joined)), Ok(()));
    assert!(relation.verify(lift.key(), &digest, &joined).is_err());
    assert!(relation.verify(join.key(), &statement(first).digest(&mut Native), &joined).is_err());
    let bytes = relation.verifier.encode(&joined).expect("a proof of the relation");
    println!("{} bytes", bytes.len());
    assert_eq!(relation.verifier.decode(&bytes).as_ref(), Ok(&joined));

    // The last proof.
    let blank_wrap = self::blank_join(&relation, 1);
    let last_shape = least_shape(&FINAL_V2, &[blank_wrap.counts()]);
    print("wrap", &blank_wrap, &last_shape);
    let wrap = timed("wrap: commit", || NodeCircuit::new(&FINAL_V2, &last_shape, &blank_wrap).expect("a circuit"));
    let run = timed("wrap: run", || run_nodes(&relation, &[node(&join, &chain, &joined)]));
    let wrapped = timed("wrap: prove", || wrap.prove(&run).expect("a last proof"));
    let last = wrap.relation();
    assert_eq!(timed("wrap: verify", || last.verify(wrap.key(), &digest, &wrapped)), Ok(()));
    assert!(last.verify(wrap.key(), &statement(second).digest(&mut Native), &wrapped).is_err());
    println!("{} bytes", last.verifier.encode(&wrapped).expect("a proof of the relation").len());

    // Segments in the wrong order, one twice, a proof under another list.
    let refuse = |children: [Node<Native>; 2]| assert!(run_nodes(&relation, &children).check().is_err());
    refuse([node(&lift, second, &lifted[1]), node(&lift, first, &lifted[0])]);
    refuse([node(&lift, first, &lifted[0]), node(&lift, first, &lifted[0])]);
    let mut other = node(&lift, second, &lifted[1]);
    other.statement.pc_in[0] += EF::ONE;
    refuse([node(&lift, first, &lifted[0]), other]);
    let mut unlisted = node(&lift, second, &lifted[1]);
    unlisted.key[0][0] ^= 1;
    refuse([node(&lift, first, &lifted[0]), unlisted]);
    // An honest proof of a circuit that is not on its list, with the place of one that is.
    let without = KeyList::new(&[join.leaf()]).expect("a list");
    let unlisted = |position: EF| {
        let mut membership = without.membership(&join.leaf()).expect("a listed circuit");
        membership.position[0] = position;
        // The lift hands on whatever root it is given.
        let mut lifted = values((first, first_proof));
        lifted.statement.list_root = without.root();
        let run = run_segments(&segments, core::slice::from_ref(opening), &[lifted]);
        let digest = run.public_digest();
        let proof = lift.prove(&run).expect("a lift");
        let values = relation.values(lift.key(), &digest, &proof).expect("a valid transcript");
        let statement = ChainStatement::of(proved.key_digest, &proved.bounds, without.root(), first);
        Node { statement, key: lift.key().to_vec(), membership, values }
    };
    let node_off_list = [unlisted(EF::ZERO)];
    assert!(run_nodes(&relation, &node_off_list).check().is_err());
    let refused = programs::join(&mut Native, &relation, &node_off_list).expect_err("a circuit off the list");
    assert_eq!(refused.reason(), Reason::KeyList { child: 0 });
    let refused = programs::join(&mut Native, &relation, &[unlisted(EF::TWO)]).expect_err("a position that is no bit");
    assert_eq!(refused.reason(), Reason::Flag { child: 0 });
    // A false run is no proof.
    let run = run_nodes(&relation, &[node(&lift, second, &lifted[1]), node(&lift, first, &lifted[0])]);
    assert!(matches!(join.prove(&run), Err(NodeError::Unsatisfied(_))));
    assert!(join.prove_unchecked(&run).map_or(true, |proof| relation.verify(join.key(), &run.public_digest(), &proof).is_err()));
}
