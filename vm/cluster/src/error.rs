//! Why proving on many machines fails.

use std::path::PathBuf;

use tern_verifier::KeyError;
use tern_vm::elf::ElfError;
use tern_vm::prove::ProveError;

use crate::message::{MessageError, StepName};

/// Why there is no proof, or why a worker ended.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The server cannot be reached, or does not let this program in.
    #[error("cannot connect to the NATS server at {url}: {reason}")]
    Connect {
        /// Its address, without what is secret.
        url: String,
        /// What the client says.
        reason: String,
    },
    /// A file of credentials or certificates cannot be read.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The server refuses to keep queues.
    #[error("the NATS server cannot keep work: {0}; it needs JetStream: `tern cluster server`, or nats-server with -js and a data folder")]
    JetStream(String),
    /// The server did not answer a request.
    #[error("the NATS server does not answer: {0}")]
    Request(String),
    /// There is no such blob.
    #[error("the blob {hash} of job {job} is not on the server")]
    NoBlob {
        /// Its job.
        job: String,
        /// Its name.
        hash: String,
    },
    /// A blob is larger than what it is may be.
    #[error("the blob {hash} has {bytes} bytes, at most {most} are taken")]
    BlobTooLarge {
        /// Its name.
        hash: String,
        /// Its size.
        bytes: u64,
        /// Most bytes.
        most: u64,
    },
    /// A blob has another content than its name says.
    #[error("the blob {hash} is not what its name says")]
    BlobContent {
        /// Its name.
        hash: String,
    },
    /// A message cannot be read or written.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A blob is no program.
    #[error("the program of the order: {0}")]
    Program(#[from] ElfError),
    /// A blob is a program that cannot be proved.
    #[error("the program of the order: {0}")]
    Key(#[from] KeyError),
    /// A step failed wherever it was done.
    #[error("{step} failed {} times: {}", reasons.len(), reasons.join("; "))]
    Step {
        /// Which step.
        step: StepName,
        /// Who failed, and why.
        reasons: Vec<String>,
    },
    /// Another step failed, and this one was given up.
    #[error("given up, for another step failed")]
    Stopped,
    /// An order cannot be carried out as it is.
    #[error("the order does not fit: {0}")]
    Order(String),
    /// The prover's own error.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// A coordinator sent the worker away.
    #[error("a coordinator sends this worker away: {0}")]
    Dismissed(String),
    /// This program cannot set itself up: a fault of it.
    #[error("{0}")]
    Setup(String),
}

impl ClusterError {
    /// Whether the same request may succeed later, when the server answers again.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self, Self::Request(_) | Self::JetStream(_))
    }
}
