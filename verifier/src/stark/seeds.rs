//! What the transcript absorbs at the start of each of the three nested protocols: names, steps and sizes, as `p3-batch-stark` and `p3-fri` spell them.

use alloc::vec::Vec;

use p3_batch_stark::BatchShape;
use p3_challenger::CanObserve;
use p3_fri::{FriShape, PcsShape};
use tern_field::{EF, F};

use super::plan::Matrix;
use crate::expected::ProofShape;
use crate::structure::CommitmentKind;

/// The elements absorbed.
#[derive(Clone, Debug)]
pub(crate) struct Seeds {
    /// Before everything else.
    pub(crate) batch: Vec<F>,
    /// Before the claimed values.
    pub(crate) openings: Vec<F>,
    /// Before the folding rounds.
    pub(crate) folding: Vec<F>,
}

/// Collects what a protocol's seed absorbs.
#[derive(Default)]
struct Recorder(Vec<F>);

impl CanObserve<F> for Recorder {
    fn observe(&mut self, value: F) {
        self.0.push(value);
    }
}

impl Seeds {
    pub(crate) fn new(shape: &ProofShape, matrices: &[Vec<Matrix>]) -> Self {
        let (mut batch, mut openings, mut folding) = (Recorder::default(), Recorder::default(), Recorder::default());
        batch_shape(shape).domain_separator::<F, EF>().seed(&mut batch);
        openings_shape(shape, matrices).domain_separator::<F, EF>().seed(&mut openings);
        folding_shape(shape).domain_separator::<F, EF>().seed(&mut folding);
        Self { batch: batch.0, openings: openings.0, folding: folding.0 }
    }
}

fn batch_shape(shape: &ProofShape) -> BatchShape {
    let tables = &shape.relation.tables;
    BatchShape {
        trace_widths: tables.iter().map(|table| table.main_width).collect(),
        public_value_counts: tables.iter().map(|table| table.public_values).collect(),
        preprocessed_widths: tables.iter().map(|table| table.preprocessed_width).collect(),
        has_preprocessed_commitment: shape.batches.iter().any(|batch| batch.kind == CommitmentKind::Preprocessed),
        num_lookup_instances: tables.iter().filter(|table| table.lookup_columns > 0).count(),
        lookup_pow_bits: shape.params.lookup_pow_bits,
        has_randomization_commitment: false,
        ood_pow_bits: shape.params.ood_pow_bits,
    }
}

fn openings_shape(shape: &ProofShape, matrices: &[Vec<Matrix>]) -> PcsShape {
    let of_matrix = |matrix: &Matrix| matrix.claims.iter().map(|claim| claim.width).collect();
    PcsShape {
        claimed_evaluation_counts: matrices.iter().map(|committed| committed.iter().map(of_matrix).collect()).collect(),
        batch_pow_bits: shape.params.batch_pow_bits,
    }
}

fn folding_shape(shape: &ProofShape) -> FriShape {
    FriShape {
        log_arities: shape.rounds.iter().map(|round| round.log_arity).collect(),
        final_poly_len: shape.final_poly_len(),
        commit_pow_bits: shape.params.commit_pow_bits,
        query_pow_bits: shape.params.query_pow_bits,
        num_queries: shape.params.num_queries,
        index_bits: shape.log_longest(),
        log_blowup: shape.params.log_blowup,
        max_log_arity: shape.params.max_log_arity,
    }
}
