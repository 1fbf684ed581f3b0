//! Small proofs for recursion to combine, and everything that a dishonest prover may say about them.
//!
//! Proofs of segments are of a short loop; those of circuits are valid proofs of circuits that make
//! any statement public, which only their own key list accepts.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use p3_field::PrimeCharacteristicRing;
use tern_air::lookups::Lookups;
use tern_air::machine::leaf::Bounds;
use tern_air::machine::segment::{Halt, Statement};
use tern_air::machine::{self, MachineAir};
use tern_field::{DIGEST_LEN, EF, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::params::{RECURSION_V2, SEGMENT_V2};
use tern_fri::multilinear::prove::Prover;
use tern_fri::multilinear::{Params, Proof};
use tern_verifier::Reason;
use tern_verifier::multilinear::OpeningVerifier;
use tern_verifier::multilinear::batch::BatchValues;
use tern_verifier::multilinear::machine::{KECCAK, ROW_VARIABLES, public_values};
use tern_verifier::multilinear::programs::{Node, NodeRelation, Segment, SegmentRelation, join, lift};
use tern_verifier::native::Native;
use tern_verifier::ops::Ops;
use tern_verifier::programs::{ChainStatement, KeyList, Membership};

use super::fibonacci;
use crate::elf::Program;
use crate::exec::{Options, SegmentExecutor, SegmentLimits};
use crate::prove::{ExecutedSegment, ProvableProgram};
use crate::recursion::{CircuitBuilder, NodeCircuit, Run, least_shape, run_nodes, run_segments};

/// Few queries and little work: what is tested with these is not the proof system.
pub const PARAMS: Params = Params {
    name: "test-small-v2",
    num_queries: 3,
    cap_height: 1,
    lookup_pow_bits: 5,
    column_pow_bits: 1,
    row_pow_bits: 1,
    query_pow_bits: 5,
    ..RECURSION_V2
};

/// Few queries and little work: the same for segments.
pub const SEGMENT_PARAMS: Params = Params {
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
/// First limb of the first program counter.
pub const PC_IN: usize = 0;
/// First element of the first root.
pub const ROOT_IN: usize = 4;
/// The flag.
pub const HALTED: usize = ROOT_IN + 2 * DIGEST_LEN;
/// First limb of the exit code.
pub const EXIT_CODE: usize = HALTED + 1;
/// First limb of the output's digest.
pub const OUTPUT: usize = EXIT_CODE + 2;
/// First page of the bounds.
pub const BOUNDS: usize = OUTPUT + 16;
/// All elements.
pub const ELEMENTS: usize = BOUNDS + 4;
/// The first place of each.
pub const FIRST_OF_FIELDS: [usize; 8] = [PC_IN, 2, ROOT_IN, ROOT_IN + DIGEST_LEN, HALTED, EXIT_CODE, OUTPUT, BOUNDS];

/// A statement that can be changed.
#[derive(Clone, Debug)]
pub struct Stated {
    /// Digest of the program's key.
    pub key_digest: Digest,
    /// Root of the key list.
    pub list_root: Digest,
    /// All else.
    pub elements: Vec<EF>,
}

impl Stated {
    /// A statement of zeros.
    #[must_use]
    pub fn blank() -> Self {
        Self { key_digest: [0; 32], list_root: [0; 32], elements: vec![EF::ZERO; ELEMENTS] }
    }

    /// That of a segment, in a memory with some bounds.
    #[must_use]
    pub fn of(list: &KeyList, statement: &Statement) -> Self {
        let bounds = Bounds { ro_start: 0x10, ro_end: 0x20, text_start: 0x12, text_end: 0x18 };
        let elements = statement.to_values().into_iter().chain(bounds.to_values()).map(EF::from).collect();
        Self { key_digest: [7; 32], list_root: list.root(), elements }
    }

    /// As programs take it.
    #[must_use]
    pub fn chain(&self) -> ChainStatement<Native> {
        let mut elements = self.elements.iter().copied();
        ChainStatement::new(self.key_digest, self.list_root, || elements.next().expect("an element for each place"))
    }

    /// What a proof of it publishes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.chain().digest(&mut Native)
    }

    /// The same with one element larger by one.
    #[must_use]
    pub fn with_other(&self, place: usize) -> Self {
        let mut other = self.clone();
        other.elements[place] += EF::ONE;
        other
    }

    /// The chain from this one's start to the end of `last`.
    #[must_use]
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
pub struct Claimed {
    /// Its statement.
    pub stated: Stated,
    /// The commitment to its circuit.
    pub key: Vec<Digest>,
    /// Bits of the circuit's place on the list.
    pub position: Vec<EF>,
    /// The digests beside the path to it.
    pub path: Vec<Digest>,
    /// The proof.
    pub values: BatchValues<Native>,
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

    /// The same with a change.
    #[must_use]
    pub fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    /// The same with the place of another proof's circuit on the list.
    #[must_use]
    pub fn at_place_of(&self, other: &Self) -> Self {
        self.with(|claimed| (claimed.position, claimed.path) = (other.position.clone(), other.path.clone()))
    }
}

/// The circuits that state anything, told apart by a constant: two are on the list, the third is not.
pub struct Liars {
    /// What their proofs prove.
    pub relation: NodeRelation,
    /// The circuits.
    pub circuits: Vec<NodeCircuit>,
    /// The list of the first two.
    pub list: KeyList,
    /// A chain of three segments, the last of which halts, as stated by the first circuit.
    pub chain: Vec<Claimed>,
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

/// Statements of three segments that follow each other, the last of which halts.
#[must_use]
pub fn statements() -> [Statement; 3] {
    let root = |value: u32| core::array::from_fn(|i| F::from_u32(value + 100 * i as u32));
    let running = |pc_in, pc_out, from| Statement { pc_in, pc_out, root_in: root(from), root_out: root(from + 1), halt: None };
    let halt = Halt { exit_code: 0x5_0003, output_digest: *blake3::hash(b"output").as_bytes() };
    [running(0x1_2000, 0x1_3004, 1), running(0x1_3004, 0x1_4008, 2), Statement { halt: Some(halt), ..running(0x1_4008, 0, 3) }]
}

/// The circuits and their proofs, made when first needed.
///
/// # Panics
///
/// If they cannot be made.
pub fn liars() -> &'static Liars {
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
    /// A valid proof of the statement by a circuit; one that is not on the list takes the place of
    /// the first.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn claim(&self, circuit: usize, list: &KeyList, stated: Stated) -> Claimed {
        let run = state(&stated.chain(), circuit);
        let proof = self.circuits[circuit].prove(&run).expect("a proof");
        let key = self.circuits[circuit].key().to_vec();
        let values = self.relation.values(&key, &run.public_digest(), &proof).expect("a valid proof");
        let listed = list.membership(&self.circuits[circuit].leaf());
        let Membership { position, path } = listed.or_else(|| list.membership(&self.circuits[0].leaf())).expect("a place on the list");
        Claimed { stated, key, position, path, values }
    }

    /// What the program that checks proofs of circuits says on values: the digest of what it would publish.
    ///
    /// # Errors
    ///
    /// The first claim that fails.
    ///
    /// # Panics
    ///
    /// Without children.
    pub fn join_natively(&self, claimed: &[Claimed]) -> Result<Digest, Reason> {
        let children: Vec<_> = claimed.iter().map(Claimed::node).collect();
        let joined = join(&mut Native, &self.relation, &children);
        joined.map(|digest| digest.expect("a join has children")).map_err(|failure| failure.reason())
    }

    /// The run of the same program in a circuit.
    #[must_use]
    pub fn join_in_circuit(&self, claimed: &[Claimed]) -> Run {
        run_nodes(&self.relation, &claimed.iter().map(Claimed::node).collect::<Vec<_>>())
    }
}

/// A program's segments with their proofs.
pub struct Proved {
    /// What they prove.
    pub relation: SegmentRelation,
    /// The segments.
    pub segments: Vec<Lifted>,
    /// The proofs as they are sent.
    pub proofs: Vec<Proof>,
}

/// A segment's proof and everything that a dishonest prover may say about it.
#[derive(Clone)]
pub struct Lifted {
    /// What its opening is read with.
    pub opening: OpeningVerifier,
    /// Its statement.
    pub stated: Stated,
    /// The proof.
    pub values: BatchValues<Native>,
}

impl Lifted {
    /// The same with a change.
    #[must_use]
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
    ///
    /// # Panics
    ///
    /// If they cannot be proved.
    #[must_use]
    pub fn new(elf: &[u8], cycles: u32) -> Self {
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

    /// What the program that checks segments says on values: the digest of what it would publish.
    ///
    /// # Errors
    ///
    /// The first claim that fails.
    ///
    /// # Panics
    ///
    /// Without segments.
    pub fn natively(&self, lifted: &[Lifted]) -> Result<Digest, Reason> {
        let (openings, segments) = parts(lifted);
        let digest = lift(&mut Native, &self.relation, &openings, &segments);
        digest.map(|digest| digest.expect("a lift has segments")).map_err(|failure| failure.reason())
    }

    /// The run of the same program in a circuit.
    #[must_use]
    pub fn in_circuit(&self, lifted: &[Lifted]) -> Run {
        let (openings, segments) = parts(lifted);
        run_segments(&self.relation, &openings, &segments)
    }
}

/// Openings and segments, as programs take them.
#[must_use]
pub fn parts(lifted: &[Lifted]) -> (Vec<OpeningVerifier>, Vec<Segment<Native>>) {
    let segment = |lifted: &Lifted| Segment { statement: lifted.stated.chain(), values: lifted.values.clone() };
    (lifted.iter().map(|lifted| lifted.opening.clone()).collect(), lifted.iter().map(segment).collect())
}

/// Four segments or more of a loop of five instructions, each of which but the first and last
/// begins and ends at the same one.
///
/// # Panics
///
/// If they cannot be proved.
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
