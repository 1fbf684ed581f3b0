//! The verifier of batch proofs, written once for all interpreters of [`crate::ops::Ops`].

pub mod proof;

pub use proof::{BatchProof, Importer};
