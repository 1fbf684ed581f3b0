//! The values of an opening.

use alloc::vec::Vec;

use tern_field::{EF, F};

use crate::hash::Digest;

/// That columns of committed tables have claimed values at a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningProof {
    /// Each round's polynomial: its value at zero and its coefficient of degree two.
    pub rounds: Vec<[EF; 2]>,
    /// The proof of work of each round but those of the last polynomial.
    pub works: Vec<F>,
    /// The caps of the folded words.
    pub words: Vec<Vec<Digest>>,
    /// The coefficients of the last polynomial.
    pub last: Vec<EF>,
    /// The proof of work before the query indices.
    pub query_work: F,
    /// What is opened of each dense matrix.
    pub rows: Vec<Opened<F>>,
    /// What is opened of each folded word.
    pub leaves: Vec<Opened<EF>>,
}

/// The leaves of one tree at all queried positions, each once, in rising order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened<T> {
    /// The leaves.
    pub leaves: Vec<Vec<T>>,
    /// The digests beside their paths, level by level from the leaves on, those that follow from other leaves left out.
    pub path: Vec<Digest>,
}
