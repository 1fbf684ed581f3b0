//! The standalone verifier of Tern: `no_std`, no prover code, no panics.
//!
//! [`block::verify_block`] answers whether a proof shows an Ethereum block to be valid, [`verify`] what a run of any program wrote.
//!
//! A proof arrives as bytes. They are turned into values without unbounded allocation ([`decode`], [`compact`]),
//! [`ProofShape::check`] compares every length in them with the one shape that the verifier expects,
//! and only then does the arithmetic begin ([`StarkVerifier`]).

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
pub mod compact;
mod decode;
mod expected;
pub mod final_proof;
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
pub mod stark;
mod structure;
pub mod system;
mod verify;
pub mod wire;

pub use block::{BlockOutput, BlockRejection, Chain, ExpectedBlock, Rules, Verdict, verify_block};
pub use decode::{DecodeError, decode};
pub use expected::{ProofShape, UnusableShape};
pub use key::{KeyError, VerifyingKey};
pub use proof::verify;
pub use reason::Reason;
pub use segments::{Expected, Output, Rejection};
pub use stark::{Invalid, StarkVerifier};
pub use structure::{CommitmentKind, List, Opening, StructureError};
pub use verify::{Relation, VerifyError, verify as verify_bytes, verify_prepared};
