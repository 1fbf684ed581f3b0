//! What a shape fixes about the openings: which values are claimed where, and how they are batched.

use alloc::vec::Vec;

use tern_field::EXTENSION_DEGREE;
use tern_fri::{RelationShape, TableShape};

use super::proof::{BatchProof, TableValues};
use crate::expected::{Batch, ProofShape};
use crate::ops::Ops;
use crate::structure::{CommitmentKind, Opening};

/// Values claimed of one matrix at one point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim {
    /// Position of the table.
    pub(crate) table: usize,
    /// Which of its values.
    pub(crate) opening: Opening,
    /// Number of values.
    pub(crate) width: usize,
}

/// A committed matrix.
#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    pub(crate) log_height: usize,
    /// What is claimed of it, `zeta` first.
    pub(crate) claims: Vec<Claim>,
}

/// The batching of all claims about codewords of one length.
///
/// The quotients `(f(z) - f(x)) / (z - x)` of all columns `f`, in the order commitment, table, point, column, are added up with powers of the batching challenge.
#[derive(Clone, Debug)]
pub(crate) struct Ladder {
    /// Base-2 logarithm of the tables' height.
    pub(crate) log_height: usize,
    /// Base-2 logarithm of the codewords' length.
    pub(crate) log_length: usize,
    pub(crate) runs: Vec<Run>,
}

/// Columns that lie side by side in a row and have consecutive powers at each point.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// Position of the commitment among those opened.
    pub(crate) batch: usize,
    /// Position of the row among the commitment's.
    pub(crate) row: usize,
    /// First element in the row.
    pub(crate) start: usize,
    /// Number of elements.
    pub(crate) len: usize,
    /// The claims at `zeta`.
    pub(crate) local: Side,
    /// The claims at `zeta g`.
    pub(crate) next: Option<Side>,
}

/// A run at one point.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    /// Power of the batching challenge at the first column.
    pub(crate) power: usize,
    pub(crate) claims: Vec<Claim>,
}

/// The committed matrices, commitment by commitment in the order in which they are opened.
pub(crate) fn matrices(shape: &ProofShape) -> Vec<Vec<Matrix>> {
    shape.batches.iter().map(|batch| of_kind(&shape.relation, batch.kind)).collect()
}

fn of_kind(relation: &RelationShape, kind: CommitmentKind) -> Vec<Matrix> {
    let tables = relation.tables.iter().enumerate();
    let matrices = tables
        .flat_map(|(index, table)| of_table(index, table, kind).into_iter().map(|claims| Matrix { log_height: table.log_height, claims }));
    matrices.collect()
}

/// A table's claims, matrix by matrix.
fn of_table(table: usize, shape: &TableShape, kind: CommitmentKind) -> Vec<Vec<Claim>> {
    let at = |opening, width| Claim { table, opening, width };
    let both = |local, next, reads_next: bool, width: usize| match (width, reads_next) {
        (0, _) => Vec::new(),
        (_, false) => alloc::vec![alloc::vec![at(local, width)]],
        (_, true) => alloc::vec![alloc::vec![at(local, width), at(next, width)]],
    };
    match kind {
        CommitmentKind::Main => both(Opening::MainLocal, Opening::MainNext, shape.reads_next_main, shape.main_width),
        CommitmentKind::Preprocessed => {
            both(Opening::PreprocessedLocal, Opening::PreprocessedNext, shape.reads_next_preprocessed, shape.preprocessed_width)
        }
        CommitmentKind::Permutation => both(Opening::PermutationLocal, Opening::PermutationNext, true, shape.permutation_width()),
        CommitmentKind::Quotient => {
            let chunk = |index| alloc::vec![at(Opening::QuotientChunk(index), EXTENSION_DEGREE)];
            (0..shape.quotient_chunks()).map(chunk).collect()
        }
        CommitmentKind::Random | CommitmentKind::Round(_) => Vec::new(),
    }
}

/// The batching at each height, the tallest first.
pub(crate) fn ladders(shape: &ProofShape, matrices: &[Vec<Matrix>]) -> Vec<Ladder> {
    let mut heights: Vec<usize> = shape.relation.tables.iter().map(|table| table.log_height).collect();
    heights.sort_unstable_by(|a, b| b.cmp(a));
    heights.dedup();
    heights.into_iter().map(|log_height| ladder(shape, matrices, log_height)).collect()
}

fn ladder(shape: &ProofShape, matrices: &[Vec<Matrix>], log_height: usize) -> Ladder {
    let log_length = log_height.saturating_add(shape.params.log_blowup);
    let mut ladder = Ladder { log_height, log_length, runs: Vec::new() };
    let mut power = 0_usize;
    for (batch, (committed, Batch { groups, .. })) in matrices.iter().zip(&shape.batches).enumerate() {
        let row = groups.iter().position(|group| group.log_length == log_length).unwrap_or(groups.len());
        let mut start = 0_usize;
        for matrix in committed.iter().filter(|matrix| matrix.log_height == log_height) {
            let mut sides = matrix.claims.iter().map(|claim| {
                let side = Side { power, claims: alloc::vec![*claim] };
                power = power.saturating_add(claim.width);
                (claim.width, side)
            });
            if let Some((len, local)) = sides.next() {
                let next = sides.next().map(|(_, side)| side);
                ladder.add(Run { batch, row, start, len, local, next });
                start = start.saturating_add(len);
            }
        }
    }
    ladder
}

impl Ladder {
    /// Adds a run, to the last one if it continues that.
    fn add(&mut self, run: Run) {
        match self.runs.last_mut() {
            Some(last) if last.is_continued_by(&run) => {
                last.len = last.len.saturating_add(run.len);
                last.local.claims.extend(run.local.claims);
            }
            _ => self.runs.push(run),
        }
    }
}

impl Run {
    fn is_continued_by(&self, run: &Self) -> bool {
        let in_row = self.batch == run.batch && self.start.saturating_add(self.len) == run.start;
        let in_powers = self.local.power.saturating_add(self.len) == run.local.power;
        in_row && in_powers && self.next.is_none() && run.next.is_none()
    }
}

impl Claim {
    /// The claimed values.
    pub(crate) fn values<'a, O: Ops>(&self, proof: &'a BatchProof<O>) -> &'a [O::Ext] {
        proof.tables.get(self.table).map_or(&[], |table| opened(table, self.opening))
    }
}

fn opened<O: Ops>(table: &TableValues<O>, opening: Opening) -> &[O::Ext] {
    match opening {
        Opening::MainLocal => &table.main_local,
        Opening::MainNext => &table.main_next,
        Opening::PreprocessedLocal => &table.preprocessed_local,
        Opening::PreprocessedNext => &table.preprocessed_next,
        Opening::PermutationLocal => &table.permutation_local,
        Opening::PermutationNext => &table.permutation_next,
        Opening::QuotientChunk(index) => table.quotient.get(index).map_or(&[], Vec::as_slice),
        Opening::Random => &[],
    }
}
