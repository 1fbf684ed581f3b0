//! What can go wrong while proving.

use std::io;
use std::path::PathBuf;

use tern_air::memory::TreeError;
use tern_verifier::{KeyError, Rejection};

use super::claim::PlaceError;
use super::jobs::Shortage;
use super::step::Step;
use crate::exec::ExecError;

/// Why no proof was made. What was proved before the error stays on disk, and the next run
/// continues with it.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The proof cannot be written where it is to be.
    #[error("cannot write {}: {error}", path.display())]
    Place {
        /// The proof, or the folder of its parts.
        path: PathBuf,
        /// What is wrong with it.
        error: PlaceError,
    },
    /// Another run is about to write the same file.
    #[error("{}: another run{} is proving it", path.display(), process.map(|process| format!(" (process {process})")).unwrap_or_default())]
    Busy {
        /// The proof.
        path: PathBuf,
        /// The other run's process, if it says so.
        process: Option<u32>,
    },
    /// The program ended otherwise than expected, and nothing is proved.
    #[error("the guest halted with exit code {got}, expected {expected}; nothing was proved")]
    ExitCode {
        /// The exit code that the caller expects.
        expected: u32,
        /// That of the run.
        got: u32,
    },
    /// There is too little memory for the heaviest step, and nothing is proved.
    #[error(transparent)]
    Memory(#[from] Shortage),
    /// The finished proof does not verify: a fault of this program or of the machine that it runs on.
    #[error("the proof made does not verify: {reason} (its parts are kept in {})", kept.display())]
    FinalCheck {
        /// Why.
        reason: String,
        /// Where the proved parts are.
        kept: PathBuf,
    },
    /// The program did not run to its end.
    #[error(transparent)]
    Execute(#[from] ExecError),
    /// The program's memory layout breaks a rule that the chips rely on.
    #[error("the program cannot be proved: {0}")]
    Key(#[from] KeyError),
    /// The memory tree does not fit the executor's records: a fault of this program, not of the guest.
    #[error("segment {segment}: the memory tree and the execution disagree: {error}")]
    Tree {
        /// Which segment.
        segment: u32,
        /// What disagrees.
        error: TreeError,
    },
    /// The segments' prover cannot be set up: a fault of this program.
    #[error("segments: {0}")]
    Setup(String),
    /// The proof system refused the segment.
    #[error("segment {segment}: proving failed: {reason}")]
    Backend {
        /// Which segment.
        segment: u32,
        /// What it said.
        reason: String,
    },
    /// A proved segment does not verify: a fault of this program, not of the guest.
    #[error("segment {segment}: the proof made does not verify: {rejection}")]
    SelfCheck {
        /// Which segment.
        segment: u32,
        /// Why.
        rejection: Rejection,
    },
    /// The recursion prover cannot be set up: a fault of this program.
    #[error("recursion: {0}")]
    Combiner(String),
    /// The recursion prover refused a step.
    #[error("{step} failed: {reason}")]
    Combine {
        /// Which step.
        step: Step,
        /// What it said.
        reason: String,
    },
    /// A part that was on disk, and verified, is gone or has changed.
    #[error("{}: gone or changed since this run began", path.display())]
    Lost {
        /// The file.
        path: PathBuf,
    },
    /// The second execution cut the run into other segments than the first: a fault of this
    /// program, not of the guest.
    #[error("the run had {planned} segments when planned and {got} when proved")]
    Incomplete {
        /// Segments of the first.
        planned: u32,
        /// Segments of the second.
        got: u32,
    },
    /// A file cannot be read or written.
    #[error("{}: {error} (what is already proved is kept in {})", path.display(), kept.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Where the proved parts are.
        kept: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The run has more segments, or the proof more bytes, than the format holds.
    #[error("the proof is too large for its format: {what}")]
    TooLarge {
        /// What overflows.
        what: &'static str,
    },
}
