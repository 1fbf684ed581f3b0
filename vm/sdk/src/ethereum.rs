//! Ethereum blocks: the guest that validates them, its inputs and what it says.
//!
//! ```no_run
//! use tern_sdk::Prover;
//! use tern_sdk::ethereum::{self, BlockFile};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let block = BlockFile::parse(&std::fs::read("block.json")?)?;
//! ethereum::prove_block(&Prover::new(), &block, "block.proof")?;
//! # Ok(())
//! # }
//! ```
//!
//! What a proof says about a block is read and checked by [`tern_verifier::verify_block`].

use std::path::Path;
use std::sync::OnceLock;

pub use tern_guest_evm::json::{BlockFile, JsonError};
pub use tern_guest_evm::{PublicOutput, stateless};

use tern_guest_evm::salt;
use tern_vm::prove::{Claim, Summary};

use crate::{Error, Program, Prover};

const GUEST: &[u8] = include_bytes!("../../../guest-evm/elf/guest.elf");

/// Why no block was proved.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// The file holds no block with its witness, or one of an unknown chain.
    #[error(transparent)]
    Block(#[from] JsonError),
    /// No proof was made.
    #[error(transparent)]
    Prove(#[from] Error),
}

/// The block guest. Loading it the first time takes a second.
#[must_use]
pub fn guest() -> Program {
    static LOADED: OnceLock<Program> = OnceLock::new();
    LOADED.get_or_init(|| Program::from_elf(GUEST).unwrap_or_else(|error| unreachable!("the guest is a program: {error}"))).clone()
}

/// Proves the guest's verdict about a block, and writes the proof to `path`; resumed after a kill
/// as [`Prover::prove_to`] says.
///
/// An invalid block is proved too: to be judged not valid.
///
/// # Errors
///
/// If the file's contents are no input for the guest, or proving fails.
pub fn prove_block(prover: &Prover, block: &BlockFile, path: impl AsRef<Path>) -> Result<Summary, BlockError> {
    let parts = block.parts()?;
    let place = Claim::take(path.as_ref()).map_err(Error::from)?;
    // A resumed run needs the input, and with it the salt, of the first one.
    let salt = place.store().salt(salt::random).map_err(Error::from)?;
    Ok(prover.prove_in(place, &guest(), &parts.encode(&salt))?)
}
