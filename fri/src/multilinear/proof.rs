//! The values of an opening.

use alloc::vec::Vec;

use tern_field::{EF, F};

use super::keccak;
use crate::hash::Digest;

/// That tables satisfy their constraints and their messages cancel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The commitment to the main columns.
    pub cap: Vec<Digest>,
    /// The tables' heights in blocks.
    pub heights: Vec<usize>,
    /// The proof of work before the lookups' challenges.
    pub lookup_work: F,
    /// The denominator of the sum of all messages' fractions.
    pub root: EF,
    /// The layers of that sum.
    pub layers: Vec<LayerProof>,
    /// The coefficients of the constraints' first round, over several bits of a row.
    pub skip: Vec<EF>,
    /// The values of the other rounds' polynomials at 0, 2, 3, ….
    pub rounds: Vec<Vec<EF>>,
    /// The claimed value of the rests of all constraints and messages together ([`super::forms`]).
    pub rest: EF,
    /// The claimed values of linear forms, table by table.
    pub forms: Vec<Vec<EF>>,
    /// That calls of Keccak are permutations, if there are any.
    pub keccak: Option<keccak::Proof<EF>>,
    /// That linear forms of the columns have the values, and Keccak's tables what its argument leaves.
    pub opening: OpeningProof,
}

/// One layer of the lookups: from a level of `2^i` fractions to the one below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerProof {
    /// The `i` rounds' polynomials: their values at zero, two and three.
    pub rounds: Vec<[EF; 3]>,
    /// Numerator and denominator of the first half at the challenges, then of the second.
    pub halves: [EF; 4],
}

/// That linear forms of columns of committed tables have claimed values at a point.
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
    /// The digests beside their paths, level by level from the leaves on, those that follow from
    /// other leaves left out.
    pub path: Vec<Digest>,
}
