//! What can go wrong while proving.

use std::io;
use std::path::PathBuf;

use tern_air::memory::TreeError;
use tern_verifier::{KeyError, Rejection};

use crate::exec::ExecError;

/// Why no proof was made. Segments proved before the error stay on disk, and the next run continues with them.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
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
    /// No shape holds the segment: a fault of this program, not of the guest.
    #[error("segment {segment}: no shape holds it")]
    NoShape {
        /// Which segment.
        segment: u32,
    },
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
    /// A file cannot be read or written.
    #[error("{}: {error} (segments already proved are kept in {})", path.display(), kept.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Where the proved segments are.
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
