//! The values of an opening in any interpreter, with a full path for each query.

use alloc::vec::Vec;

use tern_field::EXTENSION_DEGREE;
use tern_fri::multilinear::{OpeningProof, OpeningShape};

use crate::native::Native;
use crate::ops::MultilinearOps;

/// An opening.
#[derive(Clone)]
pub struct OpeningValues<O: MultilinearOps> {
    /// Each round's polynomial: its value at zero and its coefficient of degree two.
    pub rounds: Vec<[O::Ext; 2]>,
    /// The proof of work of each round but those of the last polynomial.
    pub works: Vec<O::Ext>,
    /// The caps of the folded words.
    pub words: Vec<Vec<O::Digest>>,
    /// The coefficients of the last polynomial.
    pub last: Vec<O::Ext>,
    /// The proof of work before the query indices.
    pub query_work: O::Ext,
    /// What each query opens.
    pub queries: Vec<QueryValues<O>>,
}

/// A leaf and the digests beside its path.
pub type WithPath<L, D> = (L, Vec<D>);

/// What one query opens.
#[derive(Clone)]
pub struct QueryValues<O: MultilinearOps> {
    /// A row of each matrix and the digests beside its path.
    pub rows: Vec<WithPath<O::Row, O::Digest>>,
    /// A leaf of each word and the digests beside its path.
    pub leaves: Vec<WithPath<Vec<O::Ext>, O::Digest>>,
}

impl OpeningValues<Native> {
    /// The values of a proof but the queries'.
    #[must_use]
    pub fn without_queries(proof: &OpeningProof) -> Self {
        Self {
            rounds: proof.rounds.clone(),
            works: proof.works.iter().map(|&work| work.into()).collect(),
            words: proof.words.clone(),
            last: proof.last.clone(),
            query_work: proof.query_work.into(),
            queries: Vec::new(),
        }
    }
}

impl<O: MultilinearOps> OpeningValues<O> {
    /// Whether all lists have the lengths that the shape gives them.
    #[must_use]
    pub fn fits(&self, ops: &O, shape: &OpeningShape) -> bool {
        let folds = shape.folds();
        let mut left = shape.log_domain();
        let words: Vec<(usize, usize, usize)> = folds
            .iter()
            .map(|&fold| {
                left = left.saturating_sub(fold);
                let cap = shape.log_cap(left);
                (fold, cap, left.saturating_sub(cap))
            })
            .collect();
        let path = shape.log_domain().saturating_sub(shape.log_cap(shape.log_domain()));
        let query = |query: &QueryValues<O>| {
            query.rows.len() == shape.layouts.len()
                && query
                    .rows
                    .iter()
                    .zip(&shape.layouts)
                    .all(|((row, digests), layout)| is_power(ops.row_len(row), layout.log_width()) && digests.len() == path)
                && query.leaves.len() == words.len()
                && query
                    .leaves
                    .iter()
                    .zip(&words)
                    .all(|((leaf, digests), (fold, _, path))| is_power(leaf.len(), *fold) && digests.len() == *path)
        };
        self.rounds.len() == shape.rounds()
            && self.works.len() == shape.worked_rounds()
            && self.words.len() == words.len()
            && self.words.iter().zip(&words).all(|(word, (_, cap, _))| is_power(word.len(), *cap))
            && is_power(self.last.len(), shape.log_last())
            && self.queries.len() == shape.params.num_queries
            && self.queries.iter().all(query)
    }
}

/// Whether a proof's lists have the lengths that the shape gives them, as far as the queries'
/// positions do not decide them.
#[must_use]
pub fn has_shape(proof: &OpeningProof, shape: &OpeningShape) -> bool {
    let folds = shape.folds();
    let mut left = shape.log_domain();
    let caps = folds.iter().map(|fold| {
        left = left.saturating_sub(*fold);
        shape.log_cap(left)
    });
    let width = |log: usize| 1_usize.checked_shl(u32::try_from(log).unwrap_or(u32::MAX));
    proof.rounds.len() == shape.rounds()
        && proof.works.len() == shape.worked_rounds()
        && proof.words.len() == folds.len()
        && proof.words.iter().zip(caps).all(|(word, cap)| is_power(word.len(), cap))
        && is_power(proof.last.len(), shape.log_last())
        && proof.rows.len() == shape.layouts.len()
        && proof.rows.iter().zip(&shape.layouts).all(|(opened, layout)| {
            opened.leaves.len() <= shape.params.num_queries && opened.leaves.iter().all(|row| Some(row.len()) == width(layout.log_width()))
        })
        && proof.leaves.len() == folds.len()
        && proof.leaves.iter().zip(&folds).all(|(opened, fold)| {
            opened.leaves.len() <= shape.params.num_queries && opened.leaves.iter().all(|leaf| is_power(leaf.len(), *fold))
        })
}

/// `2^log`; zero where there is no such length, as in no shape that was checked.
pub(in crate::multilinear) fn power(log: usize) -> usize {
    u32::try_from(log).ok().and_then(|log| 1_usize.checked_shl(log)).unwrap_or(0)
}

/// Whether a length is `2^log`.
pub(super) fn is_power(len: usize, log: usize) -> bool {
    1_usize.checked_shl(u32::try_from(log).unwrap_or(u32::MAX)) == Some(len)
}

// An element's coordinates are hashed as words, so a leaf is a row of so many of them.
const _: () = assert!(EXTENSION_DEGREE == 5);
