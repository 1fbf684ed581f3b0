//! Why a proof is rejected by arithmetic: one variant for each claim that can be false, with its place.

use thiserror::Error;

use crate::multilinear::Claim;

/// A claim that a proof fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Reason {
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
    /// A claim of a proof.
    #[error("{0}")]
    Multilinear(Claim),
}
