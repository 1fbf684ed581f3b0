//! Runs, proves and verifies programs of the Tern zkVM.
//!
//! A *program* is an ELF file for RV64IM (`tern new` and `tern build` make one from Rust or C). A
//! proof says: there is an input on which the program with this verifying key halts with this exit
//! code, having written exactly this output.
//!
//! ```
//! use tern_sdk::{Program, Prover, verify};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Any guest; this one computes the n-th Fibonacci number.
//! let elf = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../guest-evm/elf/fibonacci.elf"))?;
//! let program = Program::from_elf(&elf)?;
//! let prover = Prover::new();
//! let input = 10_u32.to_le_bytes();
//!
//! let run = prover.execute(&program, &input)?;
//! println!("{} cycles, {} bytes of output", run.cycles, run.output.len());
//!
//! let proof = prover.prove(&program, &input)?;
//! let verified = verify(&proof.bytes, program.key())?;
//! assert_eq!(verified.bytes, run.output);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//!
//! | task | function |
//! |---|---|
//! | load a program, its verifying key | [`Program`]; `Program::compile` from its sources (feature `compile`) |
//! | run it without a proof | [`Prover::execute`] |
//! | what its proof would cost | [`Prover::estimate`] |
//! | a proof in memory | [`Prover::prove`] |
//! | a proof in a file, resumed after a kill | [`Prover::prove_to`] |
//! | progress, what the guest prints, memory, device | the methods of [`Prover`] that take and return it |
//! | check a proof | [`verify`], or the crate `tern-verifier` alone, which is `no_std` and small |
//! | Ethereum blocks | `ethereum` (feature `ethereum`) |
//!
//! # Speed
//!
//! Field arithmetic takes the vector instructions that the program is *compiled* for. Without them
//! proving takes two to four times as long. Cargo takes compiler flags from the program's own
//! folder, not from a library's, so a dependent needs
//!
//! ```toml
//! # .cargo/config.toml
//! [build]
//! rustflags = ["-C", "target-cpu=native"]
//! ```
//!
//! A [`Prover`] warns once, through `tracing` or else on standard error, if the machine has
//! instructions that the program was not compiled for; [`unused_instructions`] says the same. Build
//! with `--release`. A global allocator that keeps large blocks saves a tenth of the time where
//! several proofs are made: [`LargeBlocks`].
//!
//! # Versions
//!
//! The items of this crate follow semantic versioning. Proofs and keys have versions of their own,
//! which a verifier checks.

mod error;
#[cfg(feature = "ethereum")]
pub mod ethereum;
mod program;
mod prover;
mod speed;

pub use error::Error;
pub use program::Program;
pub use prover::{Execution, Proof, Prover};
pub use speed::unused_instructions;
pub use tern_verifier::{Expected, KeyError, Output, Rejection, VerifyingKey};
pub use tern_vm::elf::ElfError;
pub use tern_vm::exec::{ExecError, RunSummary, ScopeTotal};
pub use tern_vm::large_blocks::LargeBlocks;
pub use tern_vm::prove::{Amount, ChipCost, Cost, Device, Progress, ProveError, StageTimes, Step, Summary};

/// Verifies a proof that a program with this key halted with exit code 0, and returns what the run
/// wrote. Takes proofs of both kinds, final and chains of segments. For another exit code:
/// [`tern_verifier::verify`].
///
/// # Errors
///
/// Why the proof is rejected.
pub fn verify(proof: &[u8], key: &VerifyingKey) -> Result<Output, Rejection> {
    tern_verifier::verify(proof, key, &Expected::default())
}
