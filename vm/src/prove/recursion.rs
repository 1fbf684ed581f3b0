//! What the pipeline asks of the recursion prover.

use core::fmt::Display;

use tern_air::machine::segment::Statement;
use tern_verifier::segments::Segment;

use super::plan::PlannedSegment;
use super::tree::{Arity, Span};

/// Combines proofs: segments are lifted, lifts are joined into one, and that one is wrapped.
///
/// A combiner is made for one program; its nodes are about that program. Each step returns a node
/// only if it verifies.
pub trait Combine: Sync {
    /// Most segments that a lift takes, and most nodes that a join takes.
    const ARITY: Arity;

    /// A recursion proof with the statement of its part of the chain.
    type Node: Send;

    /// Why a step failed, or why bytes are not taken over.
    type Error: Display;

    /// Whether these neighbours, two to as many as [`ARITY`](Self::ARITY) says, are lifted together.
    fn lifts_together(&self, segments: &[PlannedSegment]) -> bool;

    /// Proves that the proof of a segment verifies, or those of segments that are
    /// [lifted together](Self::lifts_together), and that these fit together. They are the segments
    /// of `node`.
    ///
    /// # Errors
    ///
    /// If they do not, or the proof system refuses.
    fn lift(&self, node: Span, segments: &[Segment<'_>]) -> Result<Self::Node, Self::Error>;

    /// Proves that neighbours verify and fit together: two to as many as [`ARITY`](Self::ARITY)
    /// says, in the chain's order. They are the children of `node`.
    ///
    /// # Errors
    ///
    /// If they do not, or the proof system refuses.
    fn join(&self, node: Span, children: Vec<Self::Node>) -> Result<Self::Node, Self::Error>;

    /// Proves in the final parameters that the node over the whole chain verifies, and returns the
    /// encoded batch proof.
    ///
    /// # Errors
    ///
    /// If it does not, or the proof system refuses.
    fn wrap(&self, root: Self::Node) -> Result<Vec<u8>, Self::Error>;

    /// Verifies a whole final proof, header and batch proof, as everybody else does, and that its
    /// run halts with this exit code.
    ///
    /// # Errors
    ///
    /// Why it is rejected.
    fn verify_final(&self, proof: &[u8], exit_code: u32) -> Result<(), Self::Error>;

    /// A node's encoding, to be kept on disk.
    ///
    /// # Errors
    ///
    /// If it has none.
    fn encode(&self, node: &Self::Node) -> Result<Vec<u8>, Self::Error>;

    /// Reads a node from bytes that nobody vouches for, and verifies that it proves `expected`.
    ///
    /// # Errors
    ///
    /// If it is anything else.
    fn decode_and_verify(&self, bytes: &[u8], expected: &Statement) -> Result<Self::Node, Self::Error>;

    /// What tells this combiner's circuits from others, as the header of a final proof states it.
    fn circuits(&self) -> [u8; 32];

    /// Memory that its heaviest step takes, in bytes.
    fn step_bytes(&self) -> u64;

    /// Memory that a circuit takes which was used once, in bytes.
    fn circuit_bytes(&self) -> u64;
}

/// Combines nothing: the combiner of a proof that stays a chain of segments.
pub enum Uncombined {}

impl Combine for Uncombined {
    const ARITY: Arity = Arity { segments: 2, nodes: 2 };
    type Node = Self;
    type Error = core::convert::Infallible;

    fn lifts_together(&self, _: &[PlannedSegment]) -> bool {
        match *self {}
    }

    fn lift(&self, _: Span, _: &[Segment<'_>]) -> Result<Self, Self::Error> {
        match *self {}
    }

    fn join(&self, _: Span, _: Vec<Self>) -> Result<Self, Self::Error> {
        match *self {}
    }

    fn wrap(&self, _: Self) -> Result<Vec<u8>, Self::Error> {
        match *self {}
    }

    fn verify_final(&self, _: &[u8], _: u32) -> Result<(), Self::Error> {
        match *self {}
    }

    fn encode(&self, _: &Self) -> Result<Vec<u8>, Self::Error> {
        match *self {}
    }

    fn decode_and_verify(&self, _: &[u8], _: &Statement) -> Result<Self, Self::Error> {
        match *self {}
    }

    fn circuits(&self) -> [u8; 32] {
        match *self {}
    }

    fn step_bytes(&self) -> u64 {
        match *self {}
    }

    fn circuit_bytes(&self) -> u64 {
        match *self {}
    }
}
