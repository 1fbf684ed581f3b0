//! Why a proof is rejected.

use alloc::string::String;

use tern_air::machine::segment::StatementError;

use crate::key::KeyError;
use crate::multilinear::batch::Rejected;
use crate::multilinear::bytes::BytesError;
use crate::wire::WireError;

/// Why a proof is rejected: one variant per reason, with what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The verifying key is not one of a program.
    #[error("the verifying key is invalid: {0}")]
    Key(#[from] KeyError),
    /// The proof ends too early or has an element that is not canonical.
    #[error("malformed proof: {0}")]
    Wire(#[from] WireError),
    /// The first bytes are not those of a proof.
    #[error("not a Tern proof: it starts with {got:02x?}")]
    NotAProof {
        /// The first four bytes.
        got: [u8; 4],
    },
    /// The bytes are those of a key file.
    #[error("this is a verifying key, not a proof")]
    KeyFile,
    /// Another version, kind or parameter set.
    #[error("unsupported {what}: expected {expected}, got {got}")]
    Unsupported {
        /// Which field.
        what: &'static str,
        /// The value that this verifier knows.
        expected: u8,
        /// The value in the proof.
        got: u8,
    },
    /// The proof is of another program.
    #[error("proof of another program: expected key {}, got {}", hex(expected), hex(got))]
    Program {
        /// Digest of the caller's key.
        expected: [u8; 32],
        /// Digest in the proof.
        got: [u8; 32],
    },
    /// A segment's proof is longer than any valid one.
    #[error("segment {segment}: proof of {got} bytes, at most {limit} are possible")]
    SegmentTooLong {
        /// Which segment.
        segment: u32,
        /// The limit.
        limit: usize,
        /// The length in the proof.
        got: usize,
    },
    /// The flag is neither 0 nor 1, or a running segment has an exit code or digest.
    #[error("segment {segment}: halt flag {got} does not fit its exit code and digest")]
    HaltFlag {
        /// Which segment.
        segment: u32,
        /// The flag.
        got: u8,
    },
    /// A statement that no segment can have.
    #[error("segment {segment}: impossible statement: {error:?}")]
    Statement {
        /// Which segment.
        segment: u32,
        /// What is wrong with it.
        error: StatementError,
    },
    /// A segment starts at another program counter than the one before it ended at (the first: than
    /// the entry).
    #[error("segment {segment}: starts at pc {got:#x} instead of {expected:#x}")]
    ProgramCounter {
        /// Which segment.
        segment: u32,
        /// Where the chain stands.
        expected: u32,
        /// Where the segment starts.
        got: u32,
    },
    /// A segment starts with another memory than the one before it left (the first: than the
    /// program's image and the input).
    #[error("segment {segment}: starts with another memory root than the chain stands at")]
    MemoryRoot {
        /// Which segment.
        segment: u32,
    },
    /// A segment follows one that has halted.
    #[error("segment {segment}: the program has halted before it")]
    SegmentAfterHalt {
        /// Which segment.
        segment: u32,
    },
    /// The last segment does not halt, or there is none.
    #[error("the program does not halt in the {segments} segments of the proof")]
    NotHalted {
        /// Number of segments.
        segments: u32,
    },
    /// The constraint system does not fit the parameters: a fault of this crate, not of the proof.
    #[error("{of} cannot be verified: {reason}")]
    Relation {
        /// Which proofs.
        of: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// The proof of a segment cannot be decoded.
    #[error("segment {segment}: {error}")]
    Decode {
        /// Which segment.
        segment: u32,
        /// What is wrong with it.
        error: BytesError,
    },
    /// The proof of a segment is false.
    #[error("segment {segment}: the proof does not verify: {error}")]
    Proof {
        /// Which segment.
        segment: u32,
        /// The check that failed.
        error: Rejected,
    },
    /// A final proof made with other circuits: another version of the prover.
    #[error("made with other circuits: expected {}, got {}", hex(expected), hex(got))]
    Circuits {
        /// Digest of the circuits that this verifier accepts.
        expected: [u8; 32],
        /// Digest in the proof.
        got: [u8; 32],
    },
    /// The batch proof of a final proof cannot be decoded.
    #[error("final proof: {0}")]
    FinalEncoding(#[from] BytesError),
    /// The batch proof of a final proof is false.
    #[error("the final proof does not verify: {0}")]
    Final(Rejected),
    /// Bytes follow the last segment.
    #[error("{count} bytes follow the last segment at byte {offset}")]
    TrailingBytes {
        /// Where they start.
        offset: usize,
        /// How many.
        count: usize,
    },
    /// The program ended with another exit code.
    #[error("exit code {got}, expected {expected}")]
    ExitCode {
        /// What the caller expects.
        expected: u32,
        /// What is proved.
        got: u32,
    },
    /// The claimed output is not the one whose digest is proved.
    #[error("the output's digest is {}, but {} is proved", hex(got), hex(expected))]
    Output {
        /// The digest that is proved.
        expected: [u8; 32],
        /// The digest of the claimed output.
        got: [u8; 32],
    },
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| alloc::format!("{byte:02x}")).collect()
}
