//! The circuits that proofs are combined with, by what they check.

use tern_air::chip::TernAir;
use tern_air::leaf::Bounds;
use tern_air::recursion::{NODE_SHAPE, RecursionShape, WRAP_SHAPE};
use tern_air::segment::Statement;
use tern_air::shape::{SHAPES, Shape};
use tern_field::{DIGEST_LEN, F};
use tern_fri::Params;
use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_fri::params::{FINAL_V1, RECURSION_V1, SEGMENT_V1};
use tern_verifier::StarkVerifier;
use tern_verifier::native::Native;
use tern_verifier::programs::{ChainStatement, Child, KEY_LIST_DEPTH, KeyList, LiftCircuit, Lifted, RecursionRelation, join, lift, wrap};
use tern_verifier::stark::BatchProof;
use tern_verifier::system::stark_verifier;

use super::builder::{CircuitBuilder, Run};
use super::setup::{Circuit, RecursionError};

/// Most children of a join: more do not fit the heights of [`NODE_SHAPE`].
pub const ARITY: usize = 4;

/// A circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CircuitId {
    /// Lifts segments of a shape, given by its position in the list of shapes.
    Lift(usize),
    /// Joins this many children.
    Join(usize),
    /// Wraps a proof.
    Wrap,
}

impl CircuitId {
    /// The circuits of the key list, in its order.
    pub fn listed() -> impl Iterator<Item = Self> {
        (0..SHAPES.len()).map(Self::Lift).chain((2..=ARITY).map(Self::Join))
    }

    /// The circuit that lifts segments of a shape.
    ///
    /// # Panics
    ///
    /// If the shape is not one of the list.
    #[must_use]
    pub fn lift(shape: &Shape) -> Self {
        Self::Lift(SHAPES.iter().position(|other| other == shape).expect("a shape of the list"))
    }

    /// Heights of the circuit's tables.
    #[must_use]
    pub const fn shape(self) -> RecursionShape {
        match self {
            Self::Lift(_) | Self::Join(_) => NODE_SHAPE,
            Self::Wrap => WRAP_SHAPE,
        }
    }

    /// Parameters of the circuit's proofs.
    #[must_use]
    pub const fn params(self) -> &'static Params {
        match self {
            Self::Lift(_) | Self::Join(_) => &RECURSION_V1,
            Self::Wrap => &FINAL_V1,
        }
    }
}

/// The verifier of segment proofs of a shape.
///
/// # Errors
///
/// If the shape's tables do not fit the parameters, which a test excludes.
pub fn segment_verifier(shape: &Shape) -> Result<StarkVerifier, RecursionError> {
    stark_verifier::<TernAir>(&SEGMENT_V1, &shape.log_heights).map_err(|error| RecursionError::Setup(error.to_string()))
}

/// The relation of a circuit's proofs; that of all listed circuits is one.
///
/// # Errors
///
/// If the heights do not fit the parameters, which a test excludes.
pub fn relation(id: CircuitId) -> Result<RecursionRelation, RecursionError> {
    RecursionRelation::new(id.params(), &id.shape()).map_err(|error| RecursionError::Setup(error.to_string()))
}

/// Runs a circuit's program: lifts.
#[must_use]
pub fn run_lift(circuit: &LiftCircuit<'_>, segment: &Lifted<Native>) -> Run {
    let mut builder = CircuitBuilder::new();
    let segment = segment.import(&mut builder);
    let Ok(digest) = lift(&mut builder, circuit, &segment);
    builder.publish(&digest);
    builder.finish()
}

/// Runs a circuit's program: joins.
///
/// # Panics
///
/// If there is no child.
#[must_use]
pub fn run_join(relation: &RecursionRelation, children: &[&Child<Native>]) -> Run {
    let mut builder = CircuitBuilder::new();
    let children: Vec<_> = children.iter().map(|child| child.import(&mut builder)).collect();
    let Ok(digest) = join(&mut builder, relation, &children);
    builder.publish(&digest.expect("a join has children"));
    builder.finish()
}

/// Runs a circuit's program: wraps.
#[must_use]
pub fn run_wrap(relation: &RecursionRelation, child: &Child<Native>) -> Run {
    let mut builder = CircuitBuilder::new();
    let child = child.import(&mut builder);
    let Ok(digest) = wrap(&mut builder, relation, &child);
    builder.publish(&digest);
    builder.finish()
}

/// Commits to a circuit without a proof to check: its program is run on zeros.
///
/// # Errors
///
/// If it does not fit its heights or the proof system cannot commit.
pub fn build(id: CircuitId) -> Result<Circuit, RecursionError> {
    Circuit::new(id.params(), id.shape(), &blank_run(id)?)
}

/// The run of a circuit's program on zeros.
///
/// # Errors
///
/// If its relation cannot be made.
pub fn blank_run(id: CircuitId) -> Result<Run, RecursionError> {
    Ok(match id {
        CircuitId::Lift(position) => {
            let shape = &SHAPES[position];
            let stark = segment_verifier(shape)?;
            let proof = BatchProof::zero(stark.shape());
            run_lift(&LiftCircuit { stark: &stark, shape }, &Lifted { statement: blank_statement(), proof })
        }
        CircuitId::Join(children) => {
            let relation = relation(id)?;
            let children: Vec<_> = (0..children).map(|_| blank_child(&relation)).collect();
            run_join(&relation, &children.iter().collect::<Vec<_>>())
        }
        CircuitId::Wrap => {
            let relation = relation(CircuitId::Join(ARITY))?;
            run_wrap(&relation, &blank_child(&relation))
        }
    })
}

/// The record of circuits for the verifier, built anew: the leaves of the key list, and the commitment of the circuit that wraps.
///
/// # Errors
///
/// If a circuit cannot be built.
pub fn record(built: &mut dyn FnMut(CircuitId)) -> Result<Vec<u8>, RecursionError> {
    let mut bytes = Vec::new();
    for id in CircuitId::listed() {
        bytes.extend(build(id)?.leaf());
        built(id);
    }
    assert!(bytes.len() <= DIGEST_BYTES << KEY_LIST_DEPTH, "the key list is too short for its circuits");
    bytes.resize(DIGEST_BYTES << KEY_LIST_DEPTH, 0);
    let wrap = build(CircuitId::Wrap)?;
    built(CircuitId::Wrap);
    bytes.extend(wrap.commitment().roots().as_flattened());
    Ok(bytes)
}

fn blank_statement() -> ChainStatement<Native> {
    let root = [F::new(0); DIGEST_LEN];
    let statement = Statement { pc_in: 0, pc_out: 0, root_in: root, root_out: root, halt: None };
    let bounds = Bounds { ro_start: 0, ro_end: 0, text_start: 0, text_end: 0 };
    ChainStatement::of([0; DIGEST_BYTES], &bounds, [0; DIGEST_BYTES], &statement)
}

fn blank_child(relation: &RecursionRelation) -> Child<Native> {
    let zero: Digest = [0; DIGEST_BYTES];
    let list = KeyList::new(&[]).expect("an empty list");
    let shape = relation.stark.shape();
    Child {
        statement: blank_statement(),
        preprocessed: vec![zero; shape.preprocessed_digests()],
        membership: list.membership(&zero).expect("empty places are on the list"),
        proof: BatchProof::zero(shape),
    }
}
