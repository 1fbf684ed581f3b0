//! Attacks on recursion: what a dishonest prover hands to `join`, `wrap` and `lift`. Each is refused on values, with the reason that says what is wrong, and leaves the circuit with a false assertion.
//!
//! The children are valid proofs wherever an attack needs some: they are of small circuits that make any statement public, which only the test's own key list accepts.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use tern_air::chip::TernAir;
use tern_air::leaf::Bounds;
use tern_air::segment::{Halt, Statement};
use tern_air::shape::{SHAPES, Shape};
use tern_field::{DIGEST_LEN, EF, EXTENSION_DEGREE, F};
use tern_fri::Params;
use tern_fri::hash::Digest;
use tern_fri::params::{RECURSION_V1, SEGMENT_V1};
use tern_verifier::final_proof::Circuits;
use tern_verifier::native::Native;
use tern_verifier::ops::Ops;
use tern_verifier::programs::{ChainStatement, Child, KeyList, LiftCircuit, Lifted, Membership, RecursionRelation, join, leaf, lift, wrap};
use tern_verifier::stark::BatchProof;
use tern_verifier::{ProofShape, Reason, StarkVerifier, segments};
use tern_vm::prove::{ShapeSetup, relation_shape};
use tern_vm::recursion::{Circuit, CircuitBuilder, CircuitId, Run, Unsatisfied};

use crate::segments::{first_segment, provable};

/// Few queries and little work: what is attacked here is not the proof system.
const PARAMS: Params = Params {
    name: "test-attacks",
    num_queries: 3,
    cap_height: 1,
    lookup_pow_bits: 5,
    batch_pow_bits: 5,
    commit_pow_bits: 1,
    query_pow_bits: 5,
    ..RECURSION_V1
};

// Places of a statement's elements, in the order in which they are hashed.
const PC_IN: usize = 0;
const ROOT_IN: usize = 4;
const HALTED: usize = ROOT_IN + 2 * DIGEST_LEN;
const EXIT_CODE: usize = HALTED + 1;
const OUTPUT: usize = EXIT_CODE + 2;
const BOUNDS: usize = OUTPUT + 16;
const ELEMENTS: usize = BOUNDS + 4;

/// A statement that can be changed.
#[derive(Clone, Debug)]
struct Stated {
    key_digest: Digest,
    list_root: Digest,
    elements: Vec<EF>,
}

impl Stated {
    fn of(list: &KeyList, statement: &Statement) -> Self {
        let bounds = Bounds { ro_start: 0x10, ro_end: 0x20, text_start: 0x12, text_end: 0x18 };
        let elements = statement.to_values().into_iter().chain(bounds.to_values()).map(EF::from).collect();
        Self { key_digest: [7; 32], list_root: list.root(), elements }
    }

    fn chain(&self) -> ChainStatement<Native> {
        let mut elements = self.elements.iter().copied();
        ChainStatement::new(self.key_digest, self.list_root, || elements.next().expect("an element for each place"))
    }

    fn digest(&self) -> Digest {
        self.chain().digest(&mut Native)
    }

    /// The same with one element larger by one.
    fn with_other(&self, place: usize) -> Self {
        let mut other = self.clone();
        other.elements[place] += EF::ONE;
        other
    }

    /// The chain from this one's start to the end of `last`.
    fn up_to(&self, last: &Self) -> Self {
        let mut joined = self.clone();
        let end = [2..ROOT_IN, ROOT_IN + DIGEST_LEN..BOUNDS];
        for place in end.into_iter().flatten() {
            joined.elements[place] = last.elements[place];
        }
        joined
    }
}

/// A recursion proof and everything that a dishonest prover may say about it.
#[derive(Clone)]
struct Claimed {
    stated: Stated,
    preprocessed: Vec<Digest>,
    position: Vec<EF>,
    path: Vec<Digest>,
    proof: BatchProof<Native>,
}

impl Claimed {
    fn child(&self) -> Child<Native> {
        Child {
            statement: self.stated.chain(),
            preprocessed: self.preprocessed.clone(),
            membership: Membership { position: self.position.clone(), path: self.path.clone() },
            proof: self.proof.clone(),
        }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    /// The same with the place of another proof's circuit on the list.
    fn at_place_of(&self, other: &Self) -> Self {
        self.with(|claimed| (claimed.position, claimed.path) = (other.position.clone(), other.path.clone()))
    }
}

/// The circuits that state anything, told apart by a constant: two are on the list, the third is not.
struct Liars {
    relation: RecursionRelation,
    circuits: Vec<Circuit>,
    list: KeyList,
    /// A chain of three segments, the last of which halts, as stated by the first circuit.
    chain: Vec<Claimed>,
}

/// A run of one of the circuits.
fn state(statement: &ChainStatement<Native>, mark: usize) -> Run {
    let mut builder = CircuitBuilder::new();
    let mark = builder.constant(EF::from_usize(0x1234 + mark));
    let statement = statement.import(&mut builder);
    builder.add(&mark, &statement.halted);
    let digest = statement.digest(&mut builder);
    builder.publish(&digest);
    builder.finish()
}

fn statements() -> [Statement; 3] {
    let root = |value: u32| core::array::from_fn(|i| F::from_u32(value + 100 * i as u32));
    let running = |pc_in, pc_out, from| Statement { pc_in, pc_out, root_in: root(from), root_out: root(from + 1), halt: None };
    let halt = Halt { exit_code: 0x5_0003, output_digest: *blake3::hash(b"output").as_bytes() };
    [running(0x1_2000, 0x1_3004, 1), running(0x1_3004, 0x1_4008, 2), Statement { halt: Some(halt), ..running(0x1_4008, 0, 3) }]
}

fn liars() -> &'static Liars {
    static LIARS: OnceLock<Liars> = OnceLock::new();
    LIARS.get_or_init(|| {
        let blank = Stated { key_digest: [0; 32], list_root: [0; 32], elements: vec![EF::ZERO; ELEMENTS] };
        let circuits: Vec<Circuit> = (0..3)
            .map(|mark| {
                let run = state(&blank.chain(), mark);
                Circuit::new(&PARAMS, run.counts().smallest_shape(), &run).expect("a circuit")
            })
            .collect();
        let leaves: BTreeSet<Digest> = circuits.iter().map(Circuit::leaf).collect();
        assert_eq!(leaves.len(), circuits.len(), "the circuits differ");
        let relation = RecursionRelation::new(&PARAMS, &circuits[0].shape).expect("a relation");
        let list = KeyList::new(&[circuits[0].leaf(), circuits[1].leaf()]).expect("a short list");
        let mut liars = Liars { relation, circuits, list, chain: Vec::new() };
        liars.chain = statements().iter().map(|statement| liars.claim(0, &liars.list, Stated::of(&liars.list, statement))).collect();
        liars
    })
}

impl Liars {
    /// A valid proof of the statement by a circuit; one that is not on the list takes the place of the first.
    fn claim(&self, circuit: usize, list: &KeyList, stated: Stated) -> Claimed {
        let run = state(&stated.chain(), circuit);
        let proof = self.circuits[circuit].prove(&run).expect("a proof");
        let preprocessed = self.circuits[circuit].commitment().roots().to_vec();
        let values = RecursionRelation::public_values(&mut Native, &run.public_digest());
        let (proof, _) = self.relation.stark.expand(&preprocessed, &self.relation.seed, &values, &proof).expect("a valid proof");
        let listed = list.membership(&self.circuits[circuit].leaf());
        let Membership { position, path } = listed.or_else(|| list.membership(&self.circuits[0].leaf())).expect("a place on the list");
        Claimed { stated, preprocessed, position, path, proof }
    }

    fn join_natively(&self, claimed: &[Claimed]) -> Result<Digest, Reason> {
        let children: Vec<_> = claimed.iter().map(Claimed::child).collect();
        let joined = join(&mut Native, &self.relation, &children);
        joined.map(|digest| digest.expect("a join has children")).map_err(|failure| failure.reason())
    }

    fn join_in_circuit(&self, claimed: &[Claimed]) -> Run {
        let mut builder = CircuitBuilder::new();
        let children: Vec<_> = claimed.iter().map(|claimed| claimed.child().import(&mut builder)).collect();
        let Ok(digest) = join(&mut builder, &self.relation, &children);
        builder.publish(&digest.expect("a join has children"));
        builder.finish()
    }

    fn wrap_natively(&self, claimed: &Claimed) -> Result<Digest, Reason> {
        wrap(&mut Native, &self.relation, &claimed.child()).map_err(|failure| failure.reason())
    }

    fn wrap_in_circuit(&self, claimed: &Claimed) -> Run {
        let mut builder = CircuitBuilder::new();
        let child = claimed.child().import(&mut builder);
        let Ok(digest) = wrap(&mut builder, &self.relation, &child);
        builder.publish(&digest);
        builder.finish()
    }

    /// The join is refused by both interpreters, for this reason.
    #[track_caller]
    fn cannot_join(&self, claimed: &[Claimed], reason: Reason) {
        assert_eq!(self.join_natively(claimed), Err(reason));
        let unsatisfied = self.join_in_circuit(claimed).check().expect_err("an unsatisfied circuit");
        // Of valid proofs, nothing but the elements that differ is found wrong.
        if matches!(reason, Reason::ProgramCounter { .. } | Reason::MemoryRoot { .. } | Reason::Halted { .. }) {
            assert!(matches!(unsatisfied, Unsatisfied::Equation { .. }), "{unsatisfied}");
        }
    }

    /// The wrap is refused by both interpreters; the reason is returned.
    #[track_caller]
    fn cannot_wrap(&self, claimed: &Claimed) -> Reason {
        let run = self.wrap_in_circuit(claimed);
        run.check().expect_err("an unsatisfied circuit");
        self.wrap_natively(claimed).expect_err("a refusal")
    }
}

/// Whether the reason is that the batch proof is false.
fn is_of_proof(reason: Reason) -> bool {
    use Reason::{Constraints, FinalPolynomial, FoldedValue, Path, ProofOfWork, QueryPoint, TerminalSum};
    matches!(
        reason,
        ProofOfWork(_) | TerminalSum | Constraints { .. } | Path { .. } | QueryPoint { .. } | FoldedValue { .. } | FinalPolynomial { .. }
    )
}

#[test]
fn honest_children_are_joined_and_wrapped() {
    let liars = liars();
    for children in [&liars.chain[..2], &liars.chain[1..], &liars.chain[..]] {
        let (first, last) = (&children[0], &children[children.len() - 1]);
        let digest = first.stated.up_to(&last.stated).digest();
        assert_eq!(liars.join_natively(children), Ok(digest));
        let run = liars.join_in_circuit(children);
        assert_eq!((run.check(), run.public_digest()), (Ok(()), digest));
        // Exit code and output are those of the last child's run and of no other.
        for place in 0..ELEMENTS {
            assert_ne!(
                first.stated.up_to(&last.stated.with_other(place)).digest() == digest,
                (2..BOUNDS).contains(&place) && !(ROOT_IN..ROOT_IN + DIGEST_LEN).contains(&place),
                "{place}"
            );
        }
    }
    for claimed in &liars.chain {
        assert_eq!(liars.wrap_natively(claimed), Ok(claimed.stated.digest()));
        let run = liars.wrap_in_circuit(claimed);
        assert_eq!((run.check(), run.public_digest()), (Ok(()), claimed.stated.digest()));
    }
}

/// Nothing in a child's statement can be changed under its proof: exit code and output of another run among it.
#[test]
fn every_value_of_a_child_is_bound() {
    let liars = liars();
    let last = &liars.chain[2];
    for place in 0..ELEMENTS {
        let reason = liars.cannot_wrap(&last.with(|claimed| claimed.stated = claimed.stated.with_other(place)));
        assert!(is_of_proof(reason), "{place}: {reason}");
    }
    let reason = liars.cannot_wrap(&last.with(|claimed| claimed.stated.key_digest[31] ^= 1));
    assert!(is_of_proof(reason), "{reason}");
    assert_eq!(liars.cannot_wrap(&last.with(|claimed| claimed.stated.list_root[0] ^= 1)), Reason::KeyList { child: 0 });
    // The same for a child behind the first, by fields.
    for place in [PC_IN, 2, ROOT_IN, ROOT_IN + DIGEST_LEN, HALTED, EXIT_CODE, OUTPUT, BOUNDS] {
        let children = [liars.chain[1].clone(), last.with(|claimed| claimed.stated = claimed.stated.with_other(place))];
        let reason = liars.join_natively(&children).expect_err("a refusal");
        assert!(is_of_proof(reason), "{place}: {reason}");
        liars.join_in_circuit(&children).check().expect_err("an unsatisfied circuit");
    }
}

#[test]
fn a_proof_counts_only_under_its_own_circuit_which_is_on_the_list() {
    let liars = liars();
    let (honest, stated) = (&liars.chain[0], &liars.chain[0].stated);
    let second = liars.claim(1, &liars.list, stated.clone());
    let unlisted = liars.claim(2, &liars.list, stated.clone());
    assert_eq!(liars.wrap_natively(&second), Ok(stated.digest()));

    // Another circuit than the proof's, with the place that this circuit has.
    for (proof, circuit) in [(honest, &second), (&second, honest), (&unlisted, honest)] {
        let swapped = proof.at_place_of(circuit).with(|claimed| claimed.preprocessed.clone_from(&circuit.preprocessed));
        let reason = liars.cannot_wrap(&swapped);
        assert!(is_of_proof(reason), "{reason}");
    }
    let elsewhere = [
        unlisted.clone(),
        honest.at_place_of(&second),
        unlisted.at_place_of(&second),
        honest.with(|claimed| claimed.position.clone_from(&second.position)),
        honest.with(|claimed| claimed.path.clone_from(&second.path)),
        honest.with(|claimed| claimed.preprocessed[0][0] ^= 1),
        honest.with(|claimed| claimed.preprocessed.swap(0, 1)),
        // An empty place of the list, and a circuit whose commitment is as empty.
        honest.with(|claimed| {
            let empty = liars.list.membership(&[0; 32]).expect("empty places");
            (claimed.position, claimed.path) = (empty.position, empty.path);
            claimed.preprocessed.fill([0; 32]);
        }),
    ];
    for claimed in elsewhere.iter().chain((0..4).map(|level| honest.with(|claimed| claimed.path[level][9] ^= 1)).collect::<Vec<_>>().iter())
    {
        assert_eq!(liars.cannot_wrap(claimed), Reason::KeyList { child: 0 });
        liars.cannot_join(&[claimed.clone(), liars.chain[1].clone()], Reason::KeyList { child: 0 });
    }
}

#[test]
fn a_position_is_made_of_bits() {
    let liars = liars();
    let base = |value: u32| EF::from(F::from_u32(value));
    let extension = EF::from_basis_coefficients_fn(|i| F::from_bool(i + 1 == EXTENSION_DEGREE));
    for value in [base(2), -EF::ONE, extension, EF::ONE + extension] {
        for level in 0..4 {
            let claimed = liars.chain[1].with(|claimed| claimed.position[level] = value);
            assert_eq!(liars.cannot_wrap(&claimed), Reason::Flag { child: 0 });
        }
        let claimed = liars.chain[1].with(|claimed| claimed.position[0] = value);
        assert_eq!(liars.join_natively(&[liars.chain[0].clone(), claimed]), Err(Reason::Flag { child: 1 }));
    }
}

/// A prover's own list accepts its own circuits, but the list is part of the statement.
#[test]
fn proofs_under_another_list_are_of_another_statement() {
    let liars = liars();
    let own = KeyList::new(&[liars.circuits[0].leaf(), liars.circuits[2].leaf()]).expect("a short list");
    let stated = |index: usize| Stated { list_root: own.root(), ..liars.chain[index].stated.clone() };
    let claimed: Vec<_> = [(0, 2), (1, 0)].into_iter().map(|(index, circuit)| liars.claim(circuit, &own, stated(index))).collect();
    assert_eq!(liars.wrap_natively(&claimed[0]), Ok(claimed[0].stated.digest()));
    assert_ne!(claimed[0].stated.digest(), liars.chain[0].stated.digest());
    assert!(liars.join_natively(&claimed).is_ok());
    // Lists do not mix.
    liars.cannot_join(&[liars.chain[0].clone(), claimed[1].clone()], Reason::KeyList { child: 1 });
    liars.cannot_join(&[claimed[0].clone(), liars.chain[1].clone()], Reason::KeyList { child: 1 });
    // A valid proof under its own list whose statement names the right one.
    let renamed = claimed[0].with(|claimed| claimed.stated.list_root = liars.list.root());
    assert_eq!(liars.cannot_wrap(&renamed), Reason::KeyList { child: 0 });
}

/// Valid proofs of chains that do not fit together, by one limb or element.
#[test]
fn unrelated_chains_are_not_joined() {
    let liars = liars();
    let (first, second) = (&liars.chain[0], &liars.chain[1].stated);
    let other_key = Stated { key_digest: [8; 32], ..second.clone() };
    let with_others = |places: core::ops::Range<usize>| places.map(|place| second.with_other(place));
    let child = 1;
    let cases = [
        (Reason::Program { child }, vec![other_key]),
        (Reason::Program { child }, with_others(BOUNDS..ELEMENTS).collect()),
        (Reason::ProgramCounter { child }, with_others(PC_IN..PC_IN + 2).collect()),
        (Reason::MemoryRoot { child }, with_others(ROOT_IN..ROOT_IN + DIGEST_LEN).collect()),
    ];
    for (reason, others) in cases {
        for stated in others {
            liars.cannot_join(&[first.clone(), liars.claim(0, &liars.list, stated)], reason);
        }
    }
}

#[test]
fn segments_are_neither_skipped_nor_repeated_nor_after_the_end() {
    let liars = liars();
    let [first, second, last] = &liars.chain[..] else { panic!("three segments") };
    let join = |children: &[&Claimed], reason| liars.cannot_join(&children.iter().map(|&child| child.clone()).collect::<Vec<_>>(), reason);
    join(&[first, last], Reason::ProgramCounter { child: 1 });
    join(&[first, first], Reason::ProgramCounter { child: 1 });
    join(&[second, first], Reason::ProgramCounter { child: 1 });
    join(&[first, second, second], Reason::ProgramCounter { child: 2 });
    join(&[first, second, first, second], Reason::ProgramCounter { child: 2 });
    join(&[first, last, second], Reason::ProgramCounter { child: 1 });

    // A loop comes back to its pc, not to its memory.
    let statement = Statement { pc_out: 0x1_2000, ..statements()[0].clone() };
    let claim = |statement| liars.claim(0, &liars.list, Stated::of(&liars.list, statement));
    let again = claim(&statement);
    join(&[&again, &again], Reason::MemoryRoot { child: 1 });

    // Everything fits but that the program has halted.
    let after = claim(&Statement { pc_in: 0, pc_out: 0, root_in: statements()[2].root_out, ..statements()[0].clone() });
    join(&[last, &after], Reason::Halted { child: 0 });
    join(&[second, last, &after], Reason::Halted { child: 1 });
    let mut stated = first.stated.clone();
    for halted in [EF::TWO, -EF::ONE] {
        stated.elements[HALTED] = halted;
        let half_halted = liars.claim(0, &liars.list, stated.clone());
        join(&[&half_halted, second], Reason::Halted { child: 0 });
    }
}

/// The verifier of segments of a shape.
fn verifier(shape: &Shape) -> StarkVerifier {
    let airs = TernAir::all();
    let lookups: Vec<_> = airs.iter().map(tern_fri::common::packed_lookups).collect();
    let shape = ProofShape::new(&SEGMENT_V1, relation_shape(shape).expect("tables of the shape")).expect("a usable shape");
    StarkVerifier::new(&airs, &lookups, &shape).expect("usable tables")
}

fn lift_natively(circuit: &LiftCircuit<'_>, lifted: &Lifted<Native>) -> Result<Digest, Reason> {
    lift(&mut Native, circuit, lifted).map_err(|failure| failure.reason())
}

fn lift_in_circuit(circuit: &LiftCircuit<'_>, lifted: &Lifted<Native>) -> Run {
    let mut builder = CircuitBuilder::new();
    let lifted = lifted.import(&mut builder);
    let Ok(digest) = lift(&mut builder, circuit, &lifted);
    builder.publish(&digest);
    builder.finish()
}

/// A segment's proof lifts its own statement only, and as a segment of its own shape only.
#[test]
fn a_segment_is_lifted_as_what_it_is() {
    let program = provable();
    let shape = Shape::by_name("tiny").expect("a shape");
    let segment = first_segment(&program, &ShapeSetup::new(shape, &program.key).expect("a setup"));
    let stark = verifier(shape);
    let values = segments::public_values(&segment.statement, &program.key.bounds);
    let values: Vec<Vec<EF>> = values.into_iter().map(|values| values.into_iter().map(EF::from).collect()).collect();
    let proof = postcard::from_bytes(&segment.proof).expect("a proof");
    let seed = segments::seed(shape, &program.key);
    let (proof, _) = stark.expand(segments::preprocessed_digests(), &seed, &values, &proof).expect("a valid proof");
    let list_root = [9; 32];
    let chain = ChainStatement::of(program.key.digest(), &program.key.bounds, list_root, &segment.statement);
    let elements = [chain.segment_values(), chain.bounds.clone()].concat();
    let stated = Stated { key_digest: chain.key_digest, list_root, elements };
    let lifted = |stated: &Stated| Lifted { statement: stated.chain(), proof: proof.clone() };
    let circuit = LiftCircuit { stark: &stark, shape };

    let run = lift_in_circuit(&circuit, &lifted(&stated));
    assert_eq!((run.check(), run.public_digest()), (Ok(()), stated.digest()));
    let refused = |circuit: &LiftCircuit<'_>, stated: &Stated, in_circuit: bool| {
        let reason = lift_natively(circuit, &lifted(stated)).expect_err("a refusal");
        assert!(is_of_proof(reason), "{reason}");
        if in_circuit {
            lift_in_circuit(circuit, &lifted(stated)).check().expect_err("an unsatisfied circuit");
        }
    };
    let first_of_fields = [PC_IN, 2, ROOT_IN, ROOT_IN + DIGEST_LEN, HALTED, EXIT_CODE, OUTPUT, BOUNDS];
    for place in 0..ELEMENTS {
        refused(&circuit, &stated.with_other(place), first_of_fields.contains(&place));
    }
    refused(&circuit, &Stated { key_digest: [1; 32], ..stated.clone() }, true);
    // The list is no claim about the segment; what is stated names it.
    let elsewhere = Stated { list_root: [8; 32], ..stated.clone() };
    assert_eq!(lift_natively(&circuit, &lifted(&elsewhere)), Ok(elsewhere.digest()));
    assert_ne!(elsewhere.digest(), stated.digest());

    // Another shape, of which the transcript knows; and the circuit of that shape.
    let other = SHAPES.iter().find(|other| other.name != shape.name).expect("several shapes");
    refused(&LiftCircuit { stark: &stark, shape: other }, &stated, true);
    refused(&LiftCircuit { stark: &verifier(other), shape: other }, &stated, false);
}

/// The circuits on the verifier's list are as many as there are programs to run, each another, and none that wraps.
#[test]
fn the_recorded_circuits_are_told_apart() {
    let circuits = Circuits::recorded().expect("a record");
    let listed = CircuitId::listed().count();
    let (used, empty) = circuits.list.leaves().split_at(listed);
    assert!(empty.iter().all(|leaf| *leaf == [0; 32]));
    let different: BTreeSet<Digest> = used.iter().copied().chain([[0; 32], leaf(&mut Native, circuits.wrap)]).collect();
    assert_eq!(different.len(), listed + 2);
}
