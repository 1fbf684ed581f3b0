//! Circuits of version 2, made ready to prove.
//!
//! A circuit is a program's run on zeros: the fixed columns of the flagged chips, committed to
//! once. Circuits of one [`NodeShape`] are verified by one relation, so that a join checks proofs
//! of any of them.

use std::sync::Arc;

use p3_air::BaseAir;
use p3_matrix::Matrix;
use tern_air::recursion::compress;
use tern_air::recursion::{CircuitAir, CircuitChip, half};
use tern_field::F;
use tern_fri::hash::Digest;
use tern_fri::multilinear::backend::Place;
use tern_fri::multilinear::fixed::FixedTable;
use tern_fri::multilinear::layout::MIN_LOG_GROUP;
use tern_fri::multilinear::prepare::{FixedError, FixedMatrix};
use tern_fri::multilinear::prove::{Lies, ProveError, Prover};
use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_fri::multilinear::{FixedShape, Layout, Params, Proof};
use tern_verifier::multilinear::OpeningVerifier;
use tern_verifier::multilinear::batch::{Rejected, UnusableTables};
use tern_verifier::multilinear::circuit::committed;
use tern_verifier::multilinear::programs::{Node, NodeRelation, NodeShape, Segment, SegmentRelation, join, lift};
use tern_verifier::native::Native;
use thiserror::Error;

use super::builder::{CircuitBuilder, RowCounts, Run, Unsatisfied};
use crate::prove::{Device, Use};
use crate::sources::sources;

/// A circuit with its committed columns, under one set of parameters.
pub struct NodeCircuit {
    place: Use,
    prover: Prover<CircuitAir>,
    key: Vec<Digest>,
    relation: NodeRelation,
}

/// Why a circuit cannot be committed to or proved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NodeError {
    /// A table's fixed columns are higher than the shape's.
    #[error("table {table:?}: expected at most {expected} rows, got {got}")]
    Rows {
        /// The table.
        table: CircuitChip,
        /// Those of the shape.
        expected: usize,
        /// Those of the circuit.
        got: usize,
    },
    /// The columns cannot be committed to.
    #[error(transparent)]
    Fixed(#[from] FixedError),
    /// The program states nothing, so that its proofs would hold for any statement.
    #[error("the circuit publishes nothing")]
    Silent,
    /// A row of halves or compressions is used without its flag: a fault of the builder.
    #[error("a row of halves or compressions without its flag")]
    Flags,
    /// There are no proofs of circuits of this shape.
    #[error(transparent)]
    Unusable(#[from] UnusableTables),
    /// There is nothing to prove: an assertion is false.
    #[error(transparent)]
    Unsatisfied(#[from] Unsatisfied),
    /// The proof system refuses the witness.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The proof does not verify: a fault of the prover.
    #[error("a circuit's proof does not verify: {0}")]
    Verify(#[from] Rejected),
}

/// The least shape in which all of these runs' circuits fit.
#[must_use]
pub fn least_shape(params: &Params, runs: &[RowCounts]) -> NodeShape {
    let airs = CircuitAir::all();
    let most = |table: usize| runs.iter().map(|RowCounts(rows)| rows[table]).max().unwrap_or(0);
    let blocks: Vec<usize> = (0..airs.len()).map(|table| most(table).div_ceil(1 << LOG_BLOCK)).collect();
    let log_cells = |cells: usize| (cells << LOG_BLOCK).next_power_of_two().ilog2() as usize;
    let widths: Vec<usize> = airs.iter().map(BaseAir::width).collect();
    let main = Layout::new(&widths, params.log_width).cells(&blocks);
    let log_rows = (log_cells(main) - params.log_width).max(LOG_BLOCK);
    let tables: Vec<FixedTable> = committed().into_iter().map(|table| FixedTable { table, height: blocks[table] }).collect();
    let row_variables = blocks.iter().max().map_or(0, |blocks| (blocks << LOG_BLOCK).next_power_of_two().ilog2() as usize);
    let shape = FixedShape { log_rows, log_width: 0, tables };
    NodeShape { row_variables: row_variables.max(LOG_BLOCK), fixed: in_narrowest(shape, params) }
}

/// The least shape in which whatever fits one of these fits, under the parameters of listed circuits.
///
/// # Panics
///
/// If they are of different tables.
#[must_use]
pub fn covering_shape(params: &Params, one: &NodeShape, other: &NodeShape) -> NodeShape {
    assert_eq!(one.fixed.tables.len(), other.fixed.tables.len(), "shapes of the same tables");
    let tables = one.fixed.tables.iter().zip(&other.fixed.tables).map(|(one, other)| {
        assert_eq!(one.table, other.table, "shapes of the same tables");
        FixedTable { table: one.table, height: one.height.max(other.height) }
    });
    let log_rows = one.fixed.log_rows.max(other.fixed.log_rows);
    let shape = FixedShape { log_rows, log_width: 0, tables: tables.collect() };
    NodeShape { row_variables: one.row_variables.max(other.row_variables), fixed: in_narrowest(shape, params) }
}

/// The same in the narrowest matrix with as many rows that holds the columns.
fn in_narrowest(shape: FixedShape, params: &Params) -> FixedShape {
    let airs = CircuitAir::all();
    let widths: Vec<usize> = shape.tables.iter().map(|fixed| airs[fixed.table].preprocessed_width()).collect();
    let fits = |log_width: &usize| {
        let cells = Layout::new(&widths, *log_width).cells(&shape.heights()) << LOG_BLOCK;
        cells <= 1 << (shape.log_rows + log_width)
    };
    let log_width = (MIN_LOG_GROUP..=params.log_width).find(fits).unwrap_or(params.log_width);
    FixedShape { log_width, ..shape }
}

impl NodeCircuit {
    /// Commits to the circuit of a run.
    ///
    /// # Errors
    ///
    /// If the run does not fit the shape.
    pub fn new(params: &Params, shape: &NodeShape, run: &Run) -> Result<Self, NodeError> {
        let relation = shape.relation(params)?;
        if !run.publishes() {
            return Err(NodeError::Silent);
        }
        let mut tables = run.fixed();
        let table = |chip: CircuitChip| &tables[chip as usize];
        if !half::is_flagged(table(CircuitChip::Half)) || !compress::is_flagged(table(CircuitChip::Compress)) {
            return Err(NodeError::Flags);
        }
        for fixed in &shape.fixed.tables {
            let columns = &mut tables[fixed.table];
            let (expected, got) = (fixed.height << LOG_BLOCK, columns.height());
            if got > expected {
                return Err(NodeError::Rows { table: CircuitChip::ALL[fixed.table], expected, got });
            }
            columns.values.resize(expected * columns.width, F::default());
        }
        let airs = CircuitAir::with_preprocessed(tables);
        let size = (shape.fixed.log_rows, shape.fixed.log_width);
        let matrix = FixedMatrix::new(params, &airs, &committed(), shape.row_variables, size)?;
        let key = matrix.cap().to_vec();
        Ok(Self { place: Use::host(), prover: Prover::with_fixed(params, airs, shape.row_variables, matrix), key, relation })
    }

    /// Proves on a device from now on, if there is one.
    #[must_use]
    pub fn on(mut self, device: Option<Arc<Device>>) -> Self {
        self.place = Use::of(device, &mut self.prover);
        self
    }

    /// The commitment to the fixed columns: what tells circuits of one shape apart.
    #[must_use]
    pub fn key(&self) -> &[Digest] {
        &self.key
    }

    /// The circuit's leaf in a key list: of its commitment, and of what that is read under.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.relation.leaf(&mut Native, &self.key)
    }

    /// The relation of its proofs.
    #[must_use]
    pub const fn relation(&self) -> &NodeRelation {
        &self.relation
    }

    /// Proves a run of this circuit, and checks the proof.
    ///
    /// # Errors
    ///
    /// If an assertion of the run is false, it does not fit, or the proof does not verify.
    pub fn prove(&self, run: &Run) -> Result<Proof, NodeError> {
        run.check()?;
        let (seed, values) = (&self.relation.seed, run.public_values());
        let (filling, proving) = (|| tracing::info_span!("fill"), || tracing::info_span!("prove"));
        let prove = |place| match place {
            Place::Host => {
                let tables = filling().in_scope(|| run.witness());
                proving().in_scope(|| self.prover.prove_on(place, seed, &tables, &values))
            }
            Place::Device => {
                let compressions = run.compressions();
                let tables = filling().in_scope(|| run.sources(&compressions));
                proving().in_scope(|| self.prover.prove_from(seed, &sources(&tables), &values))
            }
        };
        self.place.prove(|place| {
            let proof = prove(place)?;
            self.relation.verify(&self.key, &run.public_digest(), &proof)?;
            Ok(proof)
        })
    }

    /// Makes a proof of a run whose assertions may be false, as a forger does: it claims that
    /// messages cancel, whether they do or not.
    ///
    /// # Errors
    ///
    /// If the run does not fit.
    pub fn prove_unchecked(&self, run: &Run) -> Result<Proof, NodeError> {
        let lies = Lies { forged_layers: Some(0), ..Lies::default() };
        Ok(self.prover.prove_lying(&self.relation.seed, &run.witness(), &run.public_values(), &lies)?)
    }
}

/// Runs the program that checks segments.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn run_segments(relation: &SegmentRelation, openings: &[OpeningVerifier], segments: &[Segment<Native>]) -> Run {
    let mut builder = CircuitBuilder::new();
    let segments: Vec<_> = segments.iter().map(|segment| segment.import(&mut builder)).collect();
    let Ok(digest) = lift(&mut builder, relation, openings, &segments);
    builder.publish(&digest.expect("a segment"));
    builder.finish()
}

/// Runs the program that checks proofs of circuits.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn run_nodes(relation: &NodeRelation, children: &[Node<Native>]) -> Run {
    let mut builder = CircuitBuilder::new();
    let children: Vec<_> = children.iter().map(|child| child.import(&mut builder)).collect();
    let Ok(digest) = join(&mut builder, relation, &children);
    builder.publish(&digest.expect("a child"));
    builder.finish()
}
