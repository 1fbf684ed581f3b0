//! Why a command failed.

use std::io;
use std::path::PathBuf;

use tern_guest_evm::json::JsonError;
use tern_guest_evm::output::OutputError;
use tern_verifier::{BlockRejection, KeyError, Rejection, Rules, Verdict};

use crate::elf::ElfError;
use crate::exec::ExecError;
use crate::prove::ProveError;

/// Why a command failed; shown on standard error, or under `error` with `--json`.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {error}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file is not a block with its witness.
    #[error("{}: {error}", path.display())]
    Block {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: JsonError,
    },
    /// A file is not a program of the machine.
    #[error("{}: {error}", path.display())]
    Elf {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: ElfError,
    },
    /// A program or key breaks a rule that the chips rely on.
    #[error("{}: {error}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Which rule.
        error: KeyError,
    },
    /// The guest did not run to its end.
    #[error(transparent)]
    Execute(#[from] ExecError),
    /// The guest's output is not a verdict about a block.
    #[error("the guest's output is not a verdict: {0}")]
    Output(#[from] OutputError),
    /// The guest ended with another exit code than 0.
    #[error("the guest halted with exit code {0}")]
    ExitCode(u32),
    /// No proof was made.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// The proof is rejected.
    #[error("rejected: {0}")]
    Rejected(#[from] Rejection),
    /// The proof is rejected as one about a block.
    #[error("{}", block_rejected(.0))]
    BlockRejected(#[from] BlockRejection),
    /// An argument is not a hash.
    #[error("{0} is not a hash: expected 0x and 64 hexadecimal digits")]
    NotAHash(String),
    /// The proved output differs from the expected file.
    #[error("rejected: the proved output ({got} bytes) differs from {} ({expected} bytes)", path.display())]
    OutputFile {
        /// The file.
        path: PathBuf,
        /// Its length.
        expected: usize,
        /// Length of the proved output.
        got: usize,
    },
    /// The sample generator refused.
    #[error("cannot make a sample block: {0}")]
    Sample(String),
    /// Some layer is below the required security.
    #[error("{0}")]
    Security(String),
    /// Generated pages are not current.
    #[error("{} differs from what `tern spec` writes", path.display())]
    Stale {
        /// The page.
        path: PathBuf,
    },
}

/// What is wrong, and the option that lets a caller have what he was refused, where there is one.
fn block_rejected(rejection: &BlockRejection) -> String {
    let hint = match rejection {
        BlockRejection::OtherRules { expected: Rules::Known, .. } => {
            "; --chain-config HASH expects the rules of another chain, --any-chain accepts any"
        }
        BlockRejection::OtherVerdict { got: Verdict::Invalid, .. } => "; --verdict invalid accepts that",
        _ => "",
    };
    format!("rejected: {rejection}{hint}")
}
