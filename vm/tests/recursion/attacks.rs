//! Attacks on recursion: what a dishonest prover hands to `join` and `lift`. Each is refused on values, with the reason that says what is wrong, and leaves the circuit with a false assertion.
//!
//! The children are valid proofs wherever an attack needs some: they are of small circuits that make any statement public, which only the test's own key list accepts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use tern_air::lookups::Lookups;
use tern_air::machine::leaf::Bounds;
use tern_air::machine::segment::{Halt, Statement};
use tern_air::machine::{self, MachineAir, MachineChip};
use tern_field::{DIGEST_LEN, EF, EXTENSION_DEGREE, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::prove::Prover;
use tern_fri::multilinear::{Params, Proof};
use tern_verifier::Reason;
use tern_verifier::multilinear::batch::BatchValues;
use tern_verifier::multilinear::machine::{KECCAK, ROW_VARIABLES, public_values};
use tern_verifier::multilinear::programs::{Node, NodeRelation, Segment, SegmentRelation, join, lift};
use tern_verifier::multilinear::{Claim, OpeningVerifier};
use tern_verifier::native::Native;
use tern_verifier::ops::Ops;
use tern_verifier::programs::{ChainStatement, KEY_LIST_DEPTH, KeyList, Membership};
use tern_vm::elf::Program;
use tern_vm::exec::{Options, SegmentExecutor, SegmentLimits};
use tern_vm::prove::{ExecutedSegment, ProvableProgram};
use tern_vm::recursion::{CircuitBuilder, NodeCircuit, Run, Unsatisfied, least_shape, run_nodes, run_segments};
use tern_vm::testing::{fibonacci, permutations};

use crate::multilinear::agreement::{change, places_of};
use crate::proofs::PARAMS;

/// Few queries and little work: what is attacked here is not the proof system.
const SEGMENT_PARAMS: Params = Params {
    name: "test-attacks-segment-v2",
    num_queries: 3,
    cap_height: 1,
    lookup_pow_bits: 5,
    column_pow_bits: 1,
    row_pow_bits: 1,
    query_pow_bits: 5,
    ..SEGMENT_V2
};

// Places of a statement's elements, in the order in which they are hashed.
const PC_IN: usize = 0;
const ROOT_IN: usize = 4;
const HALTED: usize = ROOT_IN + 2 * DIGEST_LEN;
const EXIT_CODE: usize = HALTED + 1;
const OUTPUT: usize = EXIT_CODE + 2;
const BOUNDS: usize = OUTPUT + 16;
const ELEMENTS: usize = BOUNDS + 4;
/// The first place of each.
const FIRST_OF_FIELDS: [usize; 8] = [PC_IN, 2, ROOT_IN, ROOT_IN + DIGEST_LEN, HALTED, EXIT_CODE, OUTPUT, BOUNDS];

/// A statement that can be changed.
#[derive(Clone, Debug)]
pub struct Stated {
    key_digest: Digest,
    pub list_root: Digest,
    elements: Vec<EF>,
}

impl Stated {
    /// A statement of zeros.
    pub fn blank() -> Self {
        Self { key_digest: [0; 32], list_root: [0; 32], elements: vec![EF::ZERO; ELEMENTS] }
    }

    fn of(list: &KeyList, statement: &Statement) -> Self {
        let bounds = Bounds { ro_start: 0x10, ro_end: 0x20, text_start: 0x12, text_end: 0x18 };
        let elements = statement.to_values().into_iter().chain(bounds.to_values()).map(EF::from).collect();
        Self { key_digest: [7; 32], list_root: list.root(), elements }
    }

    pub fn chain(&self) -> ChainStatement<Native> {
        let mut elements = self.elements.iter().copied();
        ChainStatement::new(self.key_digest, self.list_root, || elements.next().expect("an element for each place"))
    }

    pub fn digest(&self) -> Digest {
        self.chain().digest(&mut Native)
    }

    /// The same with one element larger by one.
    fn with_other(&self, place: usize) -> Self {
        let mut other = self.clone();
        other.elements[place] += EF::ONE;
        other
    }

    /// The chain from this one's start to the end of `last`.
    pub fn up_to(&self, last: &Self) -> Self {
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
    key: Vec<Digest>,
    position: Vec<EF>,
    path: Vec<Digest>,
    values: BatchValues<Native>,
}

impl Claimed {
    fn node(&self) -> Node<Native> {
        Node {
            statement: self.stated.chain(),
            key: self.key.clone(),
            membership: Membership { position: self.position.clone(), path: self.path.clone() },
            values: self.values.clone(),
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
    relation: NodeRelation,
    circuits: Vec<NodeCircuit>,
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
        let blank = Stated::blank();
        let runs: Vec<Run> = (0..3).map(|mark| state(&blank.chain(), mark)).collect();
        let shape = least_shape(&PARAMS, &[runs[0].counts()]);
        let circuits: Vec<NodeCircuit> = runs.iter().map(|run| NodeCircuit::new(&PARAMS, &shape, run).expect("a circuit")).collect();
        let leaves: BTreeSet<Digest> = circuits.iter().map(NodeCircuit::leaf).collect();
        assert_eq!(leaves.len(), circuits.len(), "the circuits differ");
        let relation = shape.relation(&PARAMS).expect("a relation");
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
        let key = self.circuits[circuit].key().to_vec();
        let values = self.relation.values(&key, &run.public_digest(), &proof).expect("a valid proof");
        let listed = list.membership(&self.circuits[circuit].leaf());
        let Membership { position, path } = listed.or_else(|| list.membership(&self.circuits[0].leaf())).expect("a place on the list");
        Claimed { stated, key, position, path, values }
    }

    fn join_natively(&self, claimed: &[Claimed]) -> Result<Digest, Reason> {
        let children: Vec<_> = claimed.iter().map(Claimed::node).collect();
        let joined = join(&mut Native, &self.relation, &children);
        joined.map(|digest| digest.expect("a join has children")).map_err(|failure| failure.reason())
    }

    fn join_in_circuit(&self, claimed: &[Claimed]) -> Run {
        run_nodes(&self.relation, &claimed.iter().map(Claimed::node).collect::<Vec<_>>())
    }

    fn wrap_natively(&self, claimed: &Claimed) -> Result<Digest, Reason> {
        self.join_natively(core::slice::from_ref(claimed))
    }

    fn wrap_in_circuit(&self, claimed: &Claimed) -> Run {
        self.join_in_circuit(core::slice::from_ref(claimed))
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

/// Whether the reason is that the proof is false, and not that it has another shape.
fn is_of_proof(reason: Reason) -> bool {
    matches!(reason, Reason::Multilinear(claim) if claim != Claim::Shape)
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
    for place in FIRST_OF_FIELDS {
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
        let swapped = proof.at_place_of(circuit).with(|claimed| claimed.key.clone_from(&circuit.key));
        let reason = liars.cannot_wrap(&swapped);
        assert!(is_of_proof(reason), "{reason}");
    }
    let elsewhere = [
        unlisted.clone(),
        honest.at_place_of(&second),
        unlisted.at_place_of(&second),
        honest.with(|claimed| claimed.position.clone_from(&second.position)),
        honest.with(|claimed| claimed.path.clone_from(&second.path)),
        honest.with(|claimed| claimed.key[0][0] ^= 1),
        honest.with(|claimed| claimed.key.swap(0, 1)),
        // An empty place of the list, and a circuit whose commitment is as empty.
        honest.with(|claimed| {
            let empty = liars.list.membership(&[0; 32]).expect("empty places");
            (claimed.position, claimed.path) = (empty.position, empty.path);
            claimed.key.fill([0; 32]);
        }),
    ];
    for claimed in elsewhere
        .iter()
        .chain((0..KEY_LIST_DEPTH).map(|level| honest.with(|claimed| claimed.path[level][9] ^= 1)).collect::<Vec<_>>().iter())
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
        for level in 0..KEY_LIST_DEPTH {
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

/// A program's segments with their proofs.
pub struct Proved {
    pub relation: SegmentRelation,
    pub segments: Vec<Lifted>,
    /// The proofs as they are sent.
    proofs: Vec<Proof>,
}

/// A segment's proof and everything that a dishonest prover may say about it.
#[derive(Clone)]
pub struct Lifted {
    pub opening: OpeningVerifier,
    pub stated: Stated,
    pub values: BatchValues<Native>,
}

impl Lifted {
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }
}

/// Root of the list that the segments' statements name.
const LIST_ROOT: Digest = [9; 32];

impl Proved {
    /// Segments of so many cycles at most.
    fn new(elf: &[u8], cycles: u32) -> Self {
        let program =
            ProvableProgram::new(Program::from_elf(elf).expect("a program of the machine")).expect("a program that can be proved");
        let (key_digest, bounds) = (program.key.digest(), program.key.bounds);
        let relation = SegmentRelation::new(&SEGMENT_PARAMS).expect("the machine's chips");
        let prover = Prover::new(&SEGMENT_PARAMS, MachineAir::all(), ROW_VARIABLES).with_keccak(KECCAK).expect("the machine's tables");
        let mut memory = program.memory(&[]);
        let mut executor = SegmentExecutor::new(&program.program, &[], Options::default()).expect("a machine");
        let (mut segments, mut proofs) = (Vec::new(), Vec::new());
        while let Some(record) = executor.next_segment(&SegmentLimits::cycles(cycles)).expect("a run without traps") {
            let segment = ExecutedSegment::new(record, &mut memory).expect("a segment");
            let tables = machine::fill(&segment.events, &segment.tree, &bounds, segment.cycles, Lookups::default());
            let values = public_values(&segment.statement, &bounds);
            let proof = prover.prove(&SegmentRelation::seed(&key_digest), &tables, &values).expect("a segment that fits");
            let chain = ChainStatement::of(key_digest, &bounds, LIST_ROOT, &segment.statement);
            let elements = [chain.segment_values(), chain.bounds.clone()].concat();
            let stated = Stated { key_digest, list_root: LIST_ROOT, elements };
            assert_eq!(relation.verify(&chain, &proof), Ok(()));
            let opening = relation.verifier.opening(&proof.heights).expect("an opening");
            let values = relation.values(chain, &proof).expect("a valid proof").values;
            segments.push(Lifted { opening, stated, values });
            proofs.push(proof);
        }
        Self { relation, segments, proofs }
    }

    fn natively(&self, lifted: &[Lifted]) -> Result<Digest, Reason> {
        let (openings, segments) = parts(lifted);
        let digest = lift(&mut Native, &self.relation, &openings, &segments);
        digest.map(|digest| digest.expect("a lift has segments")).map_err(|failure| failure.reason())
    }

    pub fn in_circuit(&self, lifted: &[Lifted]) -> Run {
        let (openings, segments) = parts(lifted);
        run_segments(&self.relation, &openings, &segments)
    }

    /// Both interpreters accept the segments, and state this.
    #[track_caller]
    fn can_lift(&self, lifted: &[Lifted], digest: Digest) {
        assert_eq!(self.natively(lifted), Ok(digest));
        let run = self.in_circuit(lifted);
        assert_eq!((run.check(), run.public_digest()), (Ok(()), digest));
    }

    /// Both interpreters refuse the segments; the reason is returned.
    #[track_caller]
    fn cannot_lift(&self, lifted: &[Lifted]) -> Reason {
        self.in_circuit(lifted).check().expect_err("an unsatisfied circuit");
        self.natively(lifted).expect_err("a refusal")
    }
}

fn parts(lifted: &[Lifted]) -> (Vec<OpeningVerifier>, Vec<Segment<Native>>) {
    let segment = |lifted: &Lifted| Segment { statement: lifted.stated.chain(), values: lifted.values.clone() };
    (lifted.iter().map(|lifted| lifted.opening.clone()).collect(), lifted.iter().map(segment).collect())
}

/// Four segments or more of a loop of five instructions, each of which but the first and last begins and ends at the same one.
pub fn chain() -> &'static Proved {
    static CHAIN: OnceLock<Proved> = OnceLock::new();
    CHAIN.get_or_init(|| {
        let chain = Proved::new(&fibonacci(130), 200);
        let [_, second, third, .., last] = &chain.segments[..] else { panic!("four segments") };
        for segment in [second, third] {
            assert_eq!(segment.stated.elements[PC_IN..PC_IN + 2], segment.stated.elements[PC_IN + 2..ROOT_IN]);
        }
        assert_eq!(last.stated.elements[HALTED], EF::ONE);
        chain
    })
}

/// A segment's proof lifts its own statement only.
#[test]
fn a_segment_is_lifted_as_what_it_is() {
    let chain = chain();
    let last = chain.segments.last().expect("a segment");
    chain.can_lift(core::slice::from_ref(last), last.stated.digest());
    for place in 0..ELEMENTS {
        let changed = [last.with(|lifted| lifted.stated = lifted.stated.with_other(place))];
        let reason = chain.natively(&changed).expect_err("a refusal");
        assert!(is_of_proof(reason), "{place}: {reason}");
        if FIRST_OF_FIELDS.contains(&place) {
            chain.in_circuit(&changed).check().expect_err("an unsatisfied circuit");
        }
    }
    let reason = chain.cannot_lift(&[last.with(|lifted| lifted.stated.key_digest[0] ^= 1)]);
    assert!(is_of_proof(reason), "{reason}");
    // The list is no claim about the segment; what is stated names it.
    let elsewhere = last.with(|lifted| lifted.stated.list_root = [8; 32]);
    assert_ne!(elsewhere.stated.digest(), last.stated.digest());
    let digest = elsewhere.stated.digest();
    chain.can_lift(&[elsewhere], digest);
}

/// A segment is lifted by the circuit of its matrix's size.
#[test]
fn a_segment_is_lifted_as_one_of_its_size() {
    let chain = chain();
    let honest = &chain.segments[0];
    let log_rows = honest.opening.shape().log_rows;
    for log_rows in [log_rows - 1, log_rows + 1] {
        let opening = chain.relation.verifier.opening_of_rows(log_rows).expect("a usable shape");
        // Its lists have other lengths, for which there is no circuit.
        let under_other = honest.with(|lifted| lifted.opening = opening.clone());
        assert_eq!(chain.natively(&[under_other]), Err(Reason::Multilinear(Claim::Shape)));
        // With lists of the lengths that the other size has.
        let resized = honest.with(|lifted| {
            lifted.values.opening = chain.relation.verifier.zero_values(&opening, false).opening;
            lifted.opening = opening.clone();
        });
        let reason = chain.cannot_lift(&[resized]);
        assert!(is_of_proof(reason), "{reason}");
    }
}

/// The last place of each kind of value.
fn kinds(values: &BatchValues<Native>) -> BTreeMap<&'static str, usize> {
    places_of(&mut values.clone()).iter().enumerate().map(|(place, (kind, _))| (*kind, place)).collect()
}

/// Every kind of value of a segment's proof and of a circuit's, changed, is found wrong in both interpreters.
#[test]
fn every_kind_of_value_is_bound() {
    let calls = Proved::new(&permutations(3), 1 << 20);
    let segment = &calls.segments[0];
    let of_segment = kinds(&segment.values);
    for (how, (kind, place)) in of_segment.iter().enumerate() {
        let changed = segment.with(|lifted| change(places_of(&mut lifted.values).remove(*place).1, how));
        let reason = calls.cannot_lift(&[changed]);
        assert!(is_of_proof(reason), "{kind}: {reason}");
    }
    let liars = liars();
    let child = &liars.chain[1];
    let of_child = kinds(&child.values);
    for (how, (kind, place)) in of_child.iter().enumerate() {
        let changed = child.with(|claimed| change(places_of(&mut claimed.values).remove(*place).1, how));
        let reason = liars.cannot_wrap(&changed);
        assert!(is_of_proof(reason), "{kind}: {reason}");
    }
    // All that a proof of toys has but the public values, and what these proofs have beside it.
    assert_eq!((of_segment.len(), of_child.len()), (23, 20));
}

/// Calls of Keccak are lifted by the circuit that checks them, and a segment without by the one that has none.
#[test]
fn calls_are_not_hidden() {
    let calls = Proved::new(&permutations(3), 1 << 20);
    let [with_calls] = &calls.segments[..] else { panic!("one segment") };
    calls.can_lift(core::slice::from_ref(with_calls), with_calls.stated.digest());
    let height = |lifted: &Lifted| lifted.values.heights[MachineChip::Keccak as usize];
    assert_ne!(height(with_calls), EF::ZERO);
    let hidden = with_calls.with(|lifted| lifted.values.keccak = None);
    assert_eq!(calls.cannot_lift(&[hidden]), Reason::Multilinear(Claim::KeccakCalls));
    let denied = with_calls.with(|lifted| {
        lifted.values.keccak = None;
        lifted.values.heights[MachineChip::Keccak as usize] = EF::ZERO;
    });
    let reason = calls.cannot_lift(&[denied]);
    assert!(is_of_proof(reason), "{reason}");

    let chain = chain();
    let without = &chain.segments[0];
    assert_eq!(height(without), EF::ZERO);
    let argument = chain.relation.verifier.zero_values(&without.opening, true).keccak;
    assert!(argument.is_some());
    let claimed = without.with(|lifted| lifted.values.keccak = argument);
    let reason = chain.cannot_lift(&[claimed]);
    assert!(is_of_proof(reason), "{reason}");
}

/// Tables that are declared shorter, longer or empty.
#[test]
fn heights_are_those_of_the_tables() {
    let chain = chain();
    let (honest, proof) = (&chain.segments[0], &chain.proofs[0]);
    let mut changes = 0;
    for table in 0..MachineChip::COUNT {
        let height = proof.heights[table];
        assert_eq!(honest.values.heights[table], EF::from_usize(height));
        let others: BTreeSet<usize> = [height + 1, height.saturating_sub(1), 0].into_iter().filter(|other| *other != height).collect();
        for (number, other) in others.into_iter().enumerate() {
            changes += 1;
            let changed = [honest.with(|lifted| lifted.values.heights[table] = EF::from_usize(other))];
            let reason = chain.natively(&changed).expect_err("a refusal");
            assert!(is_of_proof(reason), "table {table}: {reason}");
            if number == 0 {
                chain.in_circuit(&changed).check().expect_err("an unsatisfied circuit");
            }
            let mut changed = proof.clone();
            changed.heights[table] = other;
            assert!(chain.relation.verify(&honest.stated.chain(), &changed).is_err(), "table {table}, {other} blocks");
        }
    }
    assert!(changes > MachineChip::COUNT);
}

/// Segments in one circuit follow each other.
#[test]
fn segments_in_one_circuit_are_a_chain() {
    let chain = chain();
    let [first, second, third, .., last] = &chain.segments[..] else { panic!("four segments") };
    let lifted = |segments: &[&Lifted]| segments.iter().map(|segment| (*segment).clone()).collect::<Vec<_>>();
    chain.can_lift(&lifted(&[first, second]), first.stated.up_to(&second.stated).digest());
    chain.can_lift(&chain.segments, first.stated.up_to(&last.stated).digest());

    let refused = |segments: &[&Lifted], reason| assert_eq!(chain.cannot_lift(&lifted(segments)), reason);
    // Swapped, repeated, skipped.
    refused(&[second, first], Reason::ProgramCounter { child: 1 });
    refused(&[first, first], Reason::ProgramCounter { child: 1 });
    refused(&[third, second], Reason::MemoryRoot { child: 1 });
    refused(&[second, second], Reason::MemoryRoot { child: 1 });
    refused(&[first, third], Reason::MemoryRoot { child: 1 });
    refused(&[first, second, second], Reason::MemoryRoot { child: 2 });
    // After the end.
    refused(&[last, first], Reason::Halted { child: 0 });

    // Under two lists, and of two programs.
    let elsewhere = second.with(|lifted| lifted.stated.list_root = [8; 32]);
    refused(&[first, &elsewhere], Reason::KeyList { child: 1 });
    let other = Proved::new(&fibonacci(131), 200);
    assert_ne!(other.segments[1].stated.key_digest, second.stated.key_digest);
    refused(&[first, &other.segments[1]], Reason::Program { child: 1 });
    // Each segment is checked, the last too.
    for place in [0, 1] {
        let mut changed = lifted(&[first, second]);
        changed[place].values.front.claims.tables[MachineChip::Leaf as usize][0] += EF::ONE;
        let reason = chain.cannot_lift(&changed);
        assert!(is_of_proof(reason), "{reason}");
    }
}

/// There are as many openings as segments: what has none would not be checked.
#[test]
fn every_segment_has_its_opening() {
    let chain = chain();
    let (openings, segments) = parts(&chain.segments[..2]);
    let native = parts(&chain.segments[..2]).1;
    for openings in [&openings[..1], &[openings.clone(), openings.clone()].concat()] {
        let refused = lift(&mut Native, &chain.relation, openings, &native).err().map(|failure| failure.reason());
        assert_eq!(refused, Some(Reason::Multilinear(Claim::Shape)));
        run_segments(&chain.relation, openings, &segments).check().expect_err("an unsatisfied circuit");
    }
}
