//! The circuits that proofs are combined with, and their record for the verifier.
//!
//! A segment's heights are values of its proof, so that one circuit lifts all segments whose cells take up as many rows of the dense matrix, with calls of Keccak or without. All listed circuits have one
//! shape, so that one circuit joins proofs of any of them.

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

/// Proofs that a join takes: more do not fit the matrix that holds the largest lift.
pub const ARITY: usize = 2;

/// Base-2 logarithms of the numbers of rows of segments' matrices: from what the smallest program takes up to what the parameters allow.
pub const SEGMENT_SIZES: RangeInclusive<usize> = 13..=SEGMENT_V2.max_log_rows;

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
    /// Joins [`ARITY`] proofs.
    Join,
    /// Wraps a proof.
    Wrap,
}

impl CircuitId {
    /// The circuits of the key list, in its order.
    pub fn listed() -> impl Iterator<Item = Self> {
        let lifts = SEGMENT_SIZES.flat_map(|log_rows| [false, true].map(|has_calls| Self::Lift { log_rows, has_calls }));
        lifts.chain([Self::Join])
    }

    /// Parameters of the circuit's proofs.
    #[must_use]
    pub const fn params(self) -> &'static Params {
        match self {
            Self::Lift { .. } | Self::Join => &RECURSION_V2,
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

/// The least shape that holds every lift, and the join of proofs of this very shape.
fn node_shape(segments: &SegmentRelation) -> Result<NodeShape, NodeError> {
    let lifts = SEGMENT_SIZES.flat_map(|log_rows| [false, true].map(|has_calls| (log_rows, has_calls)));
    let counts = lifts.map(|(log_rows, has_calls)| Ok(blank_lift(segments, log_rows, has_calls)?.counts()));
    let mut shape = least_shape(&RECURSION_V2, &counts.collect::<Result<Vec<_>, NodeError>>()?);
    loop {
        let join = blank_nodes(&shape.relation(&RECURSION_V2)?, ARITY);
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
        CircuitId::Lift { log_rows, has_calls } => blank_lift(segments, log_rows, has_calls),
        CircuitId::Join => Ok(blank_nodes(relation, ARITY)),
        CircuitId::Wrap => Ok(blank_nodes(relation, 1)),
    }
}

fn blank_lift(relation: &SegmentRelation, log_rows: usize, has_calls: bool) -> Result<Run, NodeError> {
    let opening: OpeningVerifier = relation.verifier.opening_of_rows(log_rows).map_err(UnusableTables::from)?;
    let blank = Segment { statement: blank_statement(), values: relation.verifier.zero_values(&opening, has_calls) };
    Ok(run_segments(relation, core::slice::from_ref(&opening), &[blank]))
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
