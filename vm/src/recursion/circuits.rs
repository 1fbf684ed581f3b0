//! The circuits that proofs are combined with, and their record for the verifier.
//!
//! A segment's heights are values of its proof, so that one circuit lifts all segments whose cells
//! take up as many rows of the dense matrix, with calls of Keccak or without. All listed circuits
//! have one shape, so that one circuit joins proofs of any of them.

use core::ops::RangeInclusive;

use tern_air::machine::leaf::Bounds;
use tern_air::machine::segment::Statement;
use tern_field::{DIGEST_LEN, F};
use tern_fri::hash::DIGEST_BYTES;
use tern_fri::multilinear::Params;
use tern_fri::multilinear::params::{FINAL_V2, RECURSION_V2, SEGMENT_V2};
use tern_verifier::final_proof::Circuits;
use tern_verifier::multilinear::OpeningVerifier;
use tern_verifier::multilinear::batch::UnusableTables;
use tern_verifier::multilinear::programs::{Node, NodeRelation, NodeShape, Segment, SegmentRelation};
use tern_verifier::native::Native;
use tern_verifier::programs::{ChainStatement, KeyList};

use super::builder::Run;
use super::nodes::{NodeCircuit, NodeError, covering_shape, least_shape, run_nodes, run_segments};
use crate::prove::Arity;

/// Segments that a lift takes, and proofs that a join takes: more do not fit the matrix of
/// circuits' proofs.
pub const ARITY: Arity = Arity { segments: PAIR as u32, nodes: 3 };

/// Segments that are lifted together.
const PAIR: usize = 2;

/// Base-2 logarithms of the numbers of rows of segments' matrices: from what the smallest program
/// takes up to what the parameters allow.
pub const SEGMENT_SIZES: RangeInclusive<usize> = 13..=SEGMENT_V2.max_log_rows;

/// The same for neighbours that are lifted together: what segments have that are as large as they
/// may be, unless that is set otherwise.
pub const PAIR_SIZES: RangeInclusive<usize> = 20..=21;

/// A circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CircuitId {
    /// Lifts a segment.
    Lift {
        /// Base-2 logarithm of the number of rows of the segment's matrix.
        log_rows: usize,
        /// Whether it has calls of Keccak.
        has_calls: bool,
    },
    /// Lifts two neighbours.
    LiftPair {
        /// Base-2 logarithm of the number of rows of each segment's matrix.
        log_rows: usize,
        /// Which of them have calls of Keccak.
        has_calls: [bool; PAIR],
    },
    /// Joins proofs.
    Join {
        /// How many: two to as many as [`ARITY`] says.
        children: usize,
    },
    /// Wraps a proof.
    Wrap,
}

impl CircuitId {
    /// The circuits of the key list, in its order.
    pub fn listed() -> impl Iterator<Item = Self> {
        let lifts = SEGMENT_SIZES.flat_map(|log_rows| [false, true].map(|has_calls| Self::Lift { log_rows, has_calls }));
        let calls = [[false, false], [false, true], [true, false], [true, true]];
        let pairs = PAIR_SIZES.flat_map(move |log_rows| calls.map(|has_calls| Self::LiftPair { log_rows, has_calls }));
        let joins = (2..=ARITY.nodes as usize).map(|children| Self::Join { children });
        lifts.chain(pairs).chain(joins)
    }

    /// The circuit that lifts segments of which the number of rows of the matrix, its logarithm,
    /// and whether they have calls are given; none if there is none.
    #[must_use]
    pub fn lift(segments: &[(usize, bool)]) -> Option<Self> {
        match *segments {
            [(log_rows, has_calls)] => Some(Self::Lift { log_rows, has_calls }),
            [(log_rows, first), (other, second)] if log_rows == other && PAIR_SIZES.contains(&log_rows) => {
                Some(Self::LiftPair { log_rows, has_calls: [first, second] })
            }
            _ => None,
        }
    }

    /// Parameters of the circuit's proofs.
    #[must_use]
    pub const fn params(self) -> &'static Params {
        match self {
            Self::Lift { .. } | Self::LiftPair { .. } | Self::Join { .. } => &RECURSION_V2,
            Self::Wrap => &FINAL_V2,
        }
    }
}

/// The record of circuits for the verifier, built anew; `built` hears of each circuit.
///
/// # Errors
///
/// If a circuit cannot be built: a fault of this crate.
///
/// # Panics
///
/// If the list is too short.
pub fn record(built: &mut dyn FnMut(CircuitId)) -> Result<Circuits, NodeError> {
    let segments = SegmentRelation::new(&SEGMENT_V2)?;
    let node = node_shape(&segments)?;
    let relation = node.relation(&RECURSION_V2)?;
    let mut leaves = Vec::new();
    for id in CircuitId::listed() {
        leaves.push(NodeCircuit::new(&RECURSION_V2, &node, &blank_run(id, &segments, &relation)?)?.leaf());
        built(id);
    }
    let list = KeyList::new(&leaves).expect("a list that is long enough");
    let wrap = blank_run(CircuitId::Wrap, &segments, &relation)?;
    let last = least_shape(&FINAL_V2, &[wrap.counts()]);
    let wrap = NodeCircuit::new(&FINAL_V2, &last, &wrap)?.key().to_vec();
    built(CircuitId::Wrap);
    Ok(Circuits { node, list, last, wrap })
}

/// The least shape that holds every lift, and joins of proofs of this very shape.
fn node_shape(segments: &SegmentRelation) -> Result<NodeShape, NodeError> {
    let lifts = CircuitId::listed().filter_map(|id| match id {
        CircuitId::Lift { log_rows, has_calls } => Some(blank_lift(segments, log_rows, &[has_calls])),
        CircuitId::LiftPair { log_rows, has_calls } => Some(blank_lift(segments, log_rows, &has_calls)),
        CircuitId::Join { .. } | CircuitId::Wrap => None,
    });
    let counts = lifts.map(|run| Ok(run?.counts()));
    let mut shape = least_shape(&RECURSION_V2, &counts.collect::<Result<Vec<_>, NodeError>>()?);
    loop {
        let join = blank_nodes(&shape.relation(&RECURSION_V2)?, ARITY.nodes as usize);
        // What a join takes depends on the shape of what it joins, which only grows here.
        let next = covering_shape(&RECURSION_V2, &shape, &least_shape(&RECURSION_V2, &[join.counts()]));
        if next == shape {
            return Ok(shape);
        }
        shape = next;
    }
}

/// The run of a circuit's program on zeros. `relation` is that of the listed circuits.
///
/// # Errors
///
/// If there is no such circuit.
pub fn blank_run(id: CircuitId, segments: &SegmentRelation, relation: &NodeRelation) -> Result<Run, NodeError> {
    match id {
        CircuitId::Lift { log_rows, has_calls } => blank_lift(segments, log_rows, &[has_calls]),
        CircuitId::LiftPair { log_rows, has_calls } => blank_lift(segments, log_rows, &has_calls),
        CircuitId::Join { children } => Ok(blank_nodes(relation, children)),
        CircuitId::Wrap => Ok(blank_nodes(relation, 1)),
    }
}

/// The run of the program that lifts segments with matrices of `2^log_rows` rows, of which each has
/// calls or not.
fn blank_lift(relation: &SegmentRelation, log_rows: usize, has_calls: &[bool]) -> Result<Run, NodeError> {
    let opening: OpeningVerifier = relation.verifier.opening_of_rows(log_rows).map_err(UnusableTables::from)?;
    let blank = |&has_calls| Segment { statement: blank_statement(), values: relation.verifier.zero_values(&opening, has_calls) };
    let segments: Vec<Segment<Native>> = has_calls.iter().map(blank).collect();
    Ok(run_segments(relation, &vec![opening.clone(); segments.len()], &segments))
}

/// The run of the program that checks so many proofs of circuits.
fn blank_nodes(relation: &NodeRelation, children: usize) -> Run {
    let shape = relation.opening.shape();
    let blank = || Node {
        statement: blank_statement(),
        key: vec![[0; DIGEST_BYTES]; 1 << shape.log_cap(shape.log_domain())],
        membership: KeyList::empty().membership(&[0; DIGEST_BYTES]).expect("an empty place"),
        values: relation.verifier.zero_values(&relation.opening, false),
    };
    run_nodes(relation, &(0..children).map(|_| blank()).collect::<Vec<_>>())
}

fn blank_statement() -> ChainStatement<Native> {
    let root = [F::new(0); DIGEST_LEN];
    let statement = Statement { pc_in: 0, pc_out: 0, root_in: root, root_out: root, halt: None };
    let bounds = Bounds { ro_start: 0, ro_end: 0, text_start: 0, text_end: 0 };
    ChainStatement::of([0; DIGEST_BYTES], &bounds, [0; DIGEST_BYTES], &statement)
}
