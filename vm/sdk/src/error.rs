//! What can go wrong.

use std::io;
use std::path::PathBuf;

use tern_verifier::KeyError;
use tern_vm::elf::ElfError;
use tern_vm::exec::ExecError;
use tern_vm::prove::ProveError;

/// Why there is no program, no result or no proof.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The sources cannot be compiled.
    #[cfg(feature = "compile")]
    #[error(transparent)]
    Build(#[from] tern_build::BuildError),
    /// The file is no program of the machine.
    #[error("not a program of the machine: {0}")]
    Elf(#[from] ElfError),
    /// The program's memory layout breaks a rule that the chips rely on.
    #[error("the program cannot be proved: {0}")]
    Key(#[from] KeyError),
    /// The program did not run to its end: it trapped, or reached the limit of cycles.
    #[error(transparent)]
    Execute(#[from] ExecError),
    /// The program ended with another exit code than [expected](crate::Prover::exit_code).
    #[error("the guest halted with exit code {got}, expected {expected}{}", last_words(printed))]
    ExitCode {
        /// The exit code that the caller expects.
        expected: u32,
        /// That of the run.
        got: u32,
        /// The end of what the guest printed: a panic's message, for example.
        printed: String,
    },
    /// No proof was made.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// There is no folder for the parts of a proof in memory.
    #[error("no temporary folder for the proof's parts: {0}")]
    Folder(io::Error),
}

fn last_words(printed: &str) -> String {
    let line = printed.trim_end().lines().next_back().unwrap_or_default();
    if line.is_empty() { String::new() } else { format!("; it said: {line}") }
}
