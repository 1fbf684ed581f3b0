//! The proof system of Tern: DEEP-FRI over `p3-batch-stark`, with Blake3 in every place a hash is
//! needed, under named and frozen parameters.
//!
//! Start at [`config`]: `config::config(&params::SEGMENT_V1, seed)` is what `prove_batch` and
//! `verify_batch` take.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod challenger;
pub mod common;
pub mod config;
pub mod dft;
pub mod hash;
pub mod multilinear;
pub mod params;
#[cfg(feature = "prover")]
pub mod prover;
pub mod security;
pub mod shape;
pub mod size;
mod work;

pub use challenger::Blake3Challenger;
pub use common::common_data;
pub use config::{Commitment, Proof, SegmentConfig, config};
pub use params::Params;
pub use security::LayerSecurity;
pub use shape::{RelationShape, TableShape};
pub use size::ProofSize;
