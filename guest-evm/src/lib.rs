//! The stateless Ethereum block validator.
//!
//! Given a block, its parent header and a witness of the parent's state, [`validate`] decides whether
//! the block is valid and states the verdict as fixed-size public output. The same source runs in the
//! RISC-V guest (`no_std`) and natively.
//!
//! # Interface for a guest program
//!
//! ```ignore
//! let verdict = tern_guest_evm::validate(read_input());
//! write_output(&verdict.public_output());
//! halt(0);
//! ```
//!
//! - [`validate`]`(&[u8]) -> `[`Verdict`] never panics on any input. No verdict depends on earlier calls.
//! - A verdict, of either kind, is output with exit code 0. The guest's heap ends at the stack: a block that needs more ends
//!   the guest with exit code 101 and without output, so that nothing can be proved about it ([`execute`] says when).
//! - [`Verdict::public_output`]` -> [u8; `[`OUTPUT_BYTES`]`]`, laid out as [`output`] says.
//! - On the guest target (`target_os = "none"`), [`crypto`] calls
//!   `crate::runtime::secp256k1_recover(msg_hash: &[u8; 32], r_s: &[u8; 64], recid: u8) -> Option<[u8; 64]>`
//!   and `alloy-primitives` calls `extern "C" fn native_keccak256(bytes, len, output)`.
#![cfg_attr(not(feature = "host"), no_std)]

extern crate alloc;

pub mod block;
#[cfg(feature = "host")]
pub mod chains;
mod code;
pub mod crypto;
pub mod error;
pub mod evm;
pub mod execute;
pub mod forks;
pub mod header;
pub mod input;
#[cfg(feature = "host")]
pub mod json;
pub mod output;
#[cfg(feature = "host")]
pub mod prune;
pub mod receipts;
pub mod rlp;
#[cfg(feature = "host")]
pub mod rpc;
pub mod runtime;
pub mod salt;
#[cfg(feature = "host")]
pub mod sample;
pub mod state;
pub mod trie;
mod validate;

pub use error::Invalid;
pub use output::{OUTPUT_BYTES, PublicOutput};
pub use validate::{Verdict, validate};
