//! Why a proof is rejected by arithmetic: one variant for each claim that can be false, with its place.

use core::fmt;

use thiserror::Error;

use crate::multilinear::Claim;
use crate::structure::CommitmentKind;

/// A claim that a proof fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Reason {
    /// A proof-of-work witness does not give the bits that the parameters ask for.
    #[error("proof of work {0}")]
    ProofOfWork(PowSite),
    /// A site without proof of work carries another witness than zero.
    #[error("idle proof of work {0}")]
    IdleProofOfWork(PowSite),
    /// The terminals of all tables' lookups do not add up to zero.
    #[error("sum of the lookup terminals")]
    TerminalSum,
    /// The out-of-domain point lies in a table's domain.
    #[error("table {table}: out-of-domain point in the domain")]
    OutOfDomain {
        /// Position of the table.
        table: usize,
    },
    /// A table's constraints at the out-of-domain point are not the quotient times the vanishing polynomial.
    #[error("table {table}: constraints at the out-of-domain point")]
    Constraints {
        /// Position of the table.
        table: usize,
    },
    /// A list of the proof has another length than the shape gives it.
    #[error("lengths of the proof's lists")]
    Shape,
    /// The batching challenge is zero.
    #[error("batching challenge")]
    BatchingChallenge,
    /// An opened row does not lead to the commitment's digest.
    #[error("{kind} opening, query {query}: Merkle path")]
    Path {
        /// The commitment opened.
        kind: CommitmentKind,
        /// The query.
        query: usize,
    },
    /// A query's point is a point at which values are claimed.
    #[error("query {query}: opened at a claimed point")]
    QueryPoint {
        /// The query.
        query: usize,
    },
    /// A folding round's row does not hold the value that the rounds before it lead to.
    #[error("query {query}, folding round {round}: value in the opened row")]
    FoldedValue {
        /// The query.
        query: usize,
        /// The folding round.
        round: usize,
    },
    /// The folded value is not that of the last polynomial.
    #[error("query {query}: value of the last polynomial")]
    FinalPolynomial {
        /// The query.
        query: usize,
    },
    /// A statement's flag is neither zero nor one.
    #[error("child {child}: flag")]
    Flag {
        /// Position of the child proof.
        child: usize,
    },
    /// A child is of another program than the first.
    #[error("child {child}: program")]
    Program {
        /// Position of the child proof.
        child: usize,
    },
    /// A child starts at another program counter than the one before it ended at.
    #[error("child {child}: program counter")]
    ProgramCounter {
        /// Position of the child proof.
        child: usize,
    },
    /// A child starts with another memory root than the one before it left.
    #[error("child {child}: memory root")]
    MemoryRoot {
        /// Position of the child proof.
        child: usize,
    },
    /// A child that is not the last has halted, or the last of all has not.
    #[error("child {child}: halted")]
    Halted {
        /// Position of the child proof.
        child: usize,
    },
    /// A child's proof is of a circuit that is not on the key list.
    #[error("child {child}: circuit on the key list")]
    KeyList {
        /// Position of the child proof.
        child: usize,
    },
    /// The public digest is not that of the statement.
    #[error("digest of the statement")]
    Statement,
    /// A claim of version 2.
    #[error("{0}")]
    Multilinear(Claim),
}

/// Where proof of work stands in the transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowSite {
    /// Before the lookup challenges.
    Lookup,
    /// Before the out-of-domain point.
    OutOfDomain,
    /// Before the challenge that batches the openings.
    Batch,
    /// Before a folding challenge.
    Round(usize),
    /// Before the query indices.
    Query,
}

impl fmt::Display for PowSite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lookup => f.write_str("before the lookup challenges"),
            Self::OutOfDomain => f.write_str("before the out-of-domain point"),
            Self::Batch => f.write_str("before the batching challenge"),
            Self::Round(round) => write!(f, "in folding round {round}"),
            Self::Query => f.write_str("before the query indices"),
        }
    }
}
