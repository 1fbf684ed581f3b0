//! The guest runtime: what a program needs to run in the machine, and its twin in software for the host.
//!
//! In the machine (`target_os = "none"`) it brings the entry point, the heap, the panic handler, `memcpy` and its kin,
//! and the accelerators of `spec/machine.md`. On the host the same functions run in software, so one guest source
//! serves both. A guest program is
//!
//! ```ignore
//! #![cfg_attr(target_os = "none", no_std, no_main)]
//!
//! use tern_guest_evm::runtime::{read_input, write_output};
//!
//! #[cfg_attr(target_os = "none", unsafe(export_name = "tern_main"))]
//! fn main() {
//!     write_output(read_input());
//! }
//! ```
//!
//! Guests in other languages define `int main(void)` and link against a static library of this crate (feature `library`) with
//! the C symbols of [`abi`]; see `guest-evm/c`.

pub mod abi;
pub mod crypto;
#[cfg(target_os = "none")]
mod ecall;
#[cfg(target_os = "none")]
mod entry;
pub mod heap;
#[cfg(not(target_os = "none"))]
pub mod host;
mod io;
#[cfg(target_os = "none")]
mod lifetime;
#[cfg(target_os = "none")]
mod machine;

#[cfg(not(target_os = "none"))]
use host as platform;
#[cfg(target_os = "none")]
use machine as platform;

pub use crypto::field::mul_add_mod;
pub use crypto::keccak::keccak256;
pub use crypto::secp256k1::recover as secp256k1_recover;
pub use io::{Printer, cycle_scope, exit, print, read_input, write_output};
