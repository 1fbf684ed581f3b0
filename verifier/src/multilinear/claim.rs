//! Why arithmetic rejects a proof of version 2: one variant for each claim that can be false, with
//! its place.

use core::fmt;

use tern_fri::multilinear::keccak::Layer;
use thiserror::Error;

/// A claim that a proof fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Claim {
    /// A proof-of-work witness does not give the bits that the parameters ask for.
    #[error("proof of work {0}")]
    Work(WorkSite),
    /// A list of the proof has another length than the shape gives it.
    #[error("lengths of the proof's lists")]
    Shape,
    /// The table of Keccak calls has rows without an argument about them, or more than it is made for.
    #[error("Keccak: height of the table of calls")]
    KeccakCalls,
    /// A table is higher than its row variables allow, or the tables have more cells than the dense matrix.
    #[error("heights of the tables of matrix {matrix}")]
    Heights {
        /// The dense matrix.
        matrix: usize,
    },
    /// The fraction that all messages add up to has the denominator zero.
    #[error("lookups: denominator of the sum")]
    RootDenominator,
    /// A layer's sumcheck does not lead to the sum of the two fractions that the layer ends in.
    #[error("lookups: fractions of layer {layer}")]
    LookupLayer {
        /// The layer, counted from the sum of all fractions.
        layer: usize,
    },
    /// The skip round's polynomial, summed over its domain with the weights of the point, is not
    /// what the lookups leave.
    #[error("univariate skip: weighted sum over the domain")]
    Skip,
    /// The constraints and messages at the claimed column values are not what the sumcheck leaves.
    #[error("constraints and messages at the columns' values")]
    Constraints,
    /// The last polynomial at the folding challenges, times the weights there, is not what the
    /// sumcheck leaves.
    #[error("opening: weighted sum")]
    WeightedSum,
    /// An opened leaf does not lead to its commitment: of the dense matrices first, then of the
    /// folded words.
    #[error("opening, query {query}: Merkle path of oracle {oracle}")]
    Path {
        /// The commitment opened.
        oracle: usize,
        /// The query.
        query: usize,
    },
    /// The combination of the opened rows is not the first folded word's value.
    #[error("opening, query {query}: combination of the rows")]
    Combination {
        /// The query.
        query: usize,
    },
    /// A folded leaf is not the next word's value.
    #[error("opening, query {query}: fold of word {word}")]
    Fold {
        /// The word that is folded.
        word: usize,
        /// The query.
        query: usize,
    },
    /// What the sumcheck of a layer of Keccak leaves is not what its claims give, in a round of all parts.
    #[error("Keccak: {layer} of round {round} of the parts")]
    Keccak {
        /// The round, counted from the first of a part.
        round: usize,
        /// The layer.
        layer: Layer,
    },
    /// The last fold is not the last polynomial's value.
    #[error("opening, query {query}: value of the last polynomial")]
    LastPolynomial {
        /// The query.
        query: usize,
    },
}

/// Where proof of work stands in the transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkSite {
    /// Before the lookup challenges.
    Lookup,
    /// Before a challenge that folds the dense matrices' columns.
    Column(usize),
    /// Before a challenge that folds their rows.
    Row(usize),
    /// Before the query indices.
    Query,
}

impl fmt::Display for WorkSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lookup => f.write_str("before the lookup challenges"),
            Self::Column(round) => write!(f, "in column round {round}"),
            Self::Row(round) => write!(f, "in row round {round}"),
            Self::Query => f.write_str("before the query indices"),
        }
    }
}
