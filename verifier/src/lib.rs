//! The standalone verifier of Tern: `no_std`, no prover code, no panics.
//!
//! [`block::verify_block`] answers whether a proof shows an Ethereum block to be valid, [`verify`]
//! what a run of any program wrote.
//!
//! A proof arrives as bytes. They are turned into values without unbounded allocation
//! ([`multilinear::bytes`]): the tables' heights come first and are checked, all other lengths
//! follow from them or are bounded, and only then does the arithmetic begin
//! ([`multilinear::BatchVerifier`]).

#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects
)]

extern crate alloc;

pub mod block;
mod field;
pub mod final_proof;
pub mod import;
pub mod key;
pub mod multilinear;
pub mod native;
pub mod ops;
pub mod package;
pub mod programs;
mod proof;
pub mod reason;
pub mod security;
pub mod segments;
mod symbolic;
pub mod wire;

pub use block::{BlockOutput, BlockRejection, Chain, ExpectedBlock, Rules, Verdict, verify_block};
pub use block::{ExpectedPayload, PayloadOutput, PayloadRejection, verify_payload};
pub use key::{KeyError, VerifyingKey};
pub use proof::verify;
pub use reason::Reason;
pub use segments::{Expected, Output, Rejection};
