//! The stateless Ethereum block validator.
//!
//! Given a block, its parent header and a witness of the parent's state, [`validate`] decides whether
//! the block is valid and states the verdict as fixed-size public output. The same source runs in the
//! RISC-V guest (`no_std`) and natively.
//!
//! # Interface for a guest program
//!
//! ```ignore
//! tern_guest::write_output(&tern_guest_evm::answer(tern_guest::read_input()).public_output());
//! ```
//!
//! - [`answer`]`(&[u8]) -> `[`Answer`] never panics on any input. No answer depends on earlier calls.
//! - An input of this crate's own layout ([`input`]) is answered by [`validate`] with a [`Verdict`], one of EIP-8025's by
//!   [`stateless::validate`] with a [`StatelessVerdict`](stateless::StatelessVerdict). Anything else gets the latter's zeros.
//! - A verdict, of either kind, is output with exit code 0. The guest's heap ends at the stack: a block that needs more ends
//!   the guest with exit code 101 and without output, so that nothing can be proved about it ([`execute`] says when).
//! - The output is laid out as [`output`] or [`stateless::output`] says.
//! - On the guest target (`target_os = "none"`), [`crypto`] calls the accelerators of [`tern_guest`], and `alloy-primitives` the
//!   function that it has for it, `extern "C" fn native_keccak256(bytes, len, output)`.
#![cfg_attr(not(feature = "host"), no_std)]

extern crate alloc;

pub mod access_list;
mod answer;
pub mod block;
pub mod chains;
mod code;
pub mod crypto;
pub mod error;
pub mod evm;
pub mod execute;
#[cfg(feature = "host")]
pub mod execution;
pub mod forks;
#[cfg(feature = "host")]
pub mod genesis;
pub mod header;
pub mod input;
mod interpreter;
#[cfg(feature = "host")]
pub mod json;
pub mod output;
#[cfg(feature = "host")]
pub mod prune;
pub mod receipts;
pub mod rlp;
#[cfg(feature = "host")]
pub mod rpc;
pub mod salt;
#[cfg(feature = "host")]
pub mod sample;
pub mod state;
pub mod stateless;
pub mod trie;
mod validate;

pub use answer::{Answer, answer};
pub use error::Invalid;
pub use output::{OUTPUT_BYTES, PublicOutput};
pub use validate::{Checked, Verdict, Witness, check_block, validate};
