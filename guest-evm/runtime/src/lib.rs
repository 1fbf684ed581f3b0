//! What a guest program of Tern runs on: entry point, input and output, accelerators, cycle scopes.
//!
//! A guest is an ordinary Rust program without `std`. Inside the machine (`target_os = "none"`)
//! this crate brings its start, heap and panic handler, `memcpy` and its kin. On any other target
//! the same functions run in software, with standard input and output, so that one source runs, and
//! is tested, natively too.
//!
//! ```
//! #![cfg_attr(target_os = "none", no_std, no_main)]
//!
//! use tern_guest::accelerators::keccak256;
//! use tern_guest::{cycle_scope, read_input, write_output};
//!
//! tern_guest::entry!(main);
//!
//! /// Proves knowledge of some bytes with this digest.
//! fn main() {
//!     let digest = cycle_scope("digest", || keccak256(read_input()));
//!     write_output(&digest);
//! }
//! ```
//!
//! `tern new` makes a project of this kind and `tern build` its ELF; `docs/guests.md` is the guide.
//!
//! | what | here |
//! |---|---|
//! | start and end | [`entry!`], [`exit`], [`Outcome`] |
//! | input (private) and output (public) | [`read_input`], [`write_output`] |
//! | the same, typed (feature `postcard`) | `read`, `write`, with an error for input that does not decode |
//! | what the machine is fast at | [`accelerators`] |
//! | text and cycle counts for whoever runs the guest | [`println!`], [`cycle_scope`] |
//! | native tests | `host::set_input`, `host::take_output` |
//!
//! # How a run ends
//!
//! | exit code | when |
//! |---|---|
//! | 0 | `main` returned `()` or `Ok` |
//! | 1 | `main` returned an error, which is printed |
//! | 101 | a panic, whose message is printed; a full heap is one |
//! | 102 | the input claims more bytes than its region has |
//! | any | [`exit`] |
//!
//! A proof names its exit code, and verifiers expect 0 unless told otherwise.
//!
//! # Other languages
//!
//! Guests in other languages define `int main(void)` and link against a static library of this
//! crate (feature `library`) with the C symbols of [`abi`]; see `guest-evm/c`.
#![cfg_attr(target_os = "none", no_std)]

extern crate alloc;

pub mod abi;
pub mod accelerators;
#[cfg(target_os = "none")]
mod ecall;
#[cfg(target_os = "none")]
mod entry;
#[cfg(any(target_os = "none", test))]
mod heap;
#[cfg(not(target_os = "none"))]
pub mod host;
mod io;
#[cfg(target_os = "none")]
mod lifetime;
#[cfg(target_os = "none")]
mod machine;
mod outcome;
#[cfg(feature = "postcard")]
mod typed;

#[cfg(not(target_os = "none"))]
use host as platform;
#[cfg(target_os = "none")]
use machine as platform;

pub use io::{Printer, cycle_scope, exit, print, read_input, write_output};
pub use outcome::Outcome;
#[cfg(feature = "postcard")]
pub use typed::{InputError, OutputError, read, write};
