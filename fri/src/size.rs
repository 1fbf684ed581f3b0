//! How many bytes a proof takes, as a function of relation and parameters: what parameters are chosen by.
//!
//! The figures are those of the compact encoding, in which nothing is written that the shape already fixes: elements are four bytes, digests 32. Everything is exact but
//! the number of digests in the paths, which depends on how many of the queries' paths meet. For those the estimate is the expectation over uniform indices.

use alloc::vec::Vec;
use core::fmt;

use p3_fri::fold_schedule;
use serde::Serialize;
use tern_field::EXTENSION_DEGREE;

use crate::hash::{DIGEST_BYTES, ELEMENT_BYTES};
use crate::params::Params;
use crate::shape::{RelationShape, TableShape};

/// Bytes of an element of the challenge field.
const EXTENSION_BYTES: usize = EXTENSION_DEGREE * ELEMENT_BYTES;

/// Bytes of the number of digests in a multiproof.
const COUNT_BYTES: usize = 2;

/// The bytes of one proof, by part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProofSize {
    /// Commitments, those of the folding rounds included. The preprocessed one is the verifier's own.
    pub caps: usize,
    /// Claimed values at the out-of-domain points.
    pub openings: usize,
    /// Terminals of the lookups and proof-of-work witnesses.
    pub claims: usize,
    /// Rows of the committed tables at the queries.
    pub rows: usize,
    /// Values of the folded codewords at the queries.
    pub siblings: usize,
    /// FRI's last polynomial.
    pub final_polynomial: usize,
    /// Expected bytes of the digests that authenticate rows, with their numbers.
    pub row_paths: f64,
    /// Expected bytes of the digests that authenticate values of folded codewords, with their numbers.
    pub sibling_paths: f64,
}

impl ProofSize {
    /// The size of a proof of `relation` under `params`.
    #[must_use]
    pub fn new(params: &Params, relation: &RelationShape) -> Self {
        let trees = input_trees(relation);
        let arities = folding(params, relation);
        let rounds = folded_heights(params, relation, &arities);
        let queries = params.num_queries;
        let cap = |log_leaves: usize| DIGEST_BYTES << params.cap_height.min(log_leaves);
        let in_proof = trees.iter().filter(|tree| tree.in_proof).map(|tree| cap(tree.log_height + params.log_blowup));
        let widths: usize = trees.iter().map(|tree| tree.width).sum();
        let siblings: usize = arities.iter().map(|log_arity| (1 << log_arity) - 1).sum();
        Self {
            caps: in_proof.chain(rounds.iter().map(|log_leaves| cap(*log_leaves))).sum(),
            openings: relation.tables.iter().map(opening_bytes).sum(),
            claims: terminal_bytes(relation) + witness_bytes(params, relation, arities.len()),
            rows: queries * widths * ELEMENT_BYTES,
            siblings: queries * siblings * EXTENSION_BYTES,
            final_polynomial: EXTENSION_BYTES << params.log_final_poly_len,
            row_paths: trees.iter().map(|tree| path_bytes(params, tree.log_height + params.log_blowup)).sum(),
            sibling_paths: rounds.iter().map(|log_leaves| path_bytes(params, *log_leaves)).sum(),
        }
    }

    /// All bytes but those of the paths: exact.
    #[must_use]
    pub const fn without_paths(&self) -> usize {
        self.caps + self.openings + self.claims + self.rows + self.siblings + self.final_polynomial
    }

    /// All bytes, in expectation.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.without_paths() as f64 + self.row_paths + self.sibling_paths
    }
}

/// One line.
impl fmt::Display for ProofSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.0} bytes: caps {}, openings {}, claims {}, rows {}, paths {:.0}, folds {}, their paths {:.0}, last polynomial {}",
            self.total(),
            self.caps,
            self.openings,
            self.claims,
            self.rows,
            self.row_paths,
            self.siblings,
            self.sibling_paths,
            self.final_polynomial
        )
    }
}

/// Base-2 logarithms of FRI's arities, round by round.
#[must_use]
pub fn folding(params: &Params, relation: &RelationShape) -> Vec<usize> {
    let mut heights: Vec<usize> = relation.tables.iter().map(|table| table.log_height + params.log_blowup).collect();
    heights.sort_unstable_by(|a, b| b.cmp(a));
    heights.dedup();
    if params.max_log_arity == 0 {
        return Vec::new();
    }
    fold_schedule(&heights, params.log_blowup + params.log_final_poly_len, params.max_log_arity)
}

/// Base-2 logarithms of the number of leaves of each round's tree.
fn folded_heights(params: &Params, relation: &RelationShape, arities: &[usize]) -> Vec<usize> {
    let tallest = relation.max_log_height() + params.log_blowup;
    let after = |height: &mut usize, log_arity: &usize| {
        *height -= log_arity;
        Some(*height)
    };
    arities.iter().scan(tallest, after).collect()
}

/// A tree over tables.
struct InputTree {
    /// Base-2 logarithm of the tallest table's height.
    log_height: usize,
    /// Columns of all tables.
    width: usize,
    /// Whether the proof contains the commitment.
    in_proof: bool,
}

fn input_trees(relation: &RelationShape) -> Vec<InputTree> {
    let tree = |in_proof, width: fn(&TableShape) -> usize| {
        let tables = || relation.tables.iter().filter(|table| width(table) > 0);
        let log_height = tables().map(|table| table.log_height).max()?;
        Some(InputTree { log_height, width: tables().map(width).sum(), in_proof })
    };
    [
        tree(true, |table| table.main_width),
        tree(true, |table| table.quotient_chunks() * EXTENSION_DEGREE),
        tree(false, |table| table.preprocessed_width),
        tree(true, TableShape::permutation_width),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn opening_bytes(table: &TableShape) -> usize {
    let points = |reads_next: bool| 1 + usize::from(reads_next);
    let values = table.main_width * points(table.reads_next_main)
        + table.preprocessed_width * points(table.reads_next_preprocessed)
        + table.quotient_chunks() * EXTENSION_DEGREE
        + table.permutation_width() * 2;
    values * EXTENSION_BYTES
}

fn terminal_bytes(relation: &RelationShape) -> usize {
    let with_lookups = relation.tables.iter().filter(|table| table.lookup_columns > 0);
    with_lookups.count() * EXTENSION_BYTES
}

/// One element for each proof of work that there is; one of 0 bits has none.
fn witness_bytes(params: &Params, relation: &RelationShape, rounds: usize) -> usize {
    let present = |bits: usize| usize::from(bits > 0);
    let witnesses = present(params.lookup_pow_bits) * usize::from(relation.has_lookups())
        + present(params.ood_pow_bits)
        + present(params.batch_pow_bits)
        + present(params.commit_pow_bits) * rounds
        + present(params.query_pow_bits);
    witnesses * ELEMENT_BYTES
}

/// Expected bytes of one multiproof for as many uniform leaves as there are queries.
///
/// A level gives a digest for every pair of nodes of which exactly one lies on a path: for `n` nodes and `q` queries, `n/2` pairs, each with probability
/// `2 ((1 - 1/n)^q - (1 - 2/n)^q)`.
fn path_bytes(params: &Params, log_leaves: usize) -> f64 {
    let all_miss = |share: f64| (0..params.num_queries).fold(1.0, |probability, _| probability * (1.0 - share));
    let level = |log_nodes: usize| {
        let nodes = (1_u64 << log_nodes) as f64;
        nodes * (all_miss(1.0 / nodes) - all_miss(2.0 / nodes))
    };
    let digests: f64 = (params.cap_height + 1..=log_leaves).map(level).sum();
    digests * DIGEST_BYTES as f64 + COUNT_BYTES as f64
}
