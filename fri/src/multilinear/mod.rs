//! The proof system: sumchecks over the used rows of all tables, which lie in one dense matrix that
//! FRI opens.
//!
//! - [`params`] has the parameter sets, [`transcript`] the challenges.
//! - [`layout`] says where the cells of tables of any heights lie in a dense matrix.
//! - [`forms`] takes constraints and messages apart: the linear forms of columns whose values a
//!   proof claims.
//! - [`fixed`] is about columns that belong to a circuit.
//! - [`shape`] says what an opening of such matrices consists of, [`opening`] makes one.

#[cfg(feature = "prover")]
pub mod backend;
#[cfg(feature = "prover")]
pub mod encoding;
pub mod equality;
pub mod fixed;
pub mod forms;
#[cfg(feature = "prover")]
pub mod fractions;
#[cfg(feature = "prover")]
mod host;
pub mod keccak;
pub mod layout;
#[cfg(feature = "prover")]
pub mod lookups;
#[cfg(feature = "prover")]
pub mod merkle;
#[cfg(feature = "prover")]
pub mod opening;
#[cfg(feature = "prover")]
pub mod packed;
pub mod params;
#[cfg(feature = "prover")]
mod polynomial;
#[cfg(feature = "prover")]
pub mod prepare;
#[cfg(feature = "prover")]
pub mod program;
pub mod proof;
#[cfg(feature = "prover")]
pub mod prove;
#[cfg(feature = "prover")]
pub mod quintic;
#[cfg(feature = "prover")]
pub mod recipe;
#[cfg(feature = "prover")]
mod rows;
pub mod security;
pub mod shape;
#[cfg(feature = "prover")]
pub mod source;
#[cfg(feature = "prover")]
mod sums;
pub mod transcript;
#[cfg(feature = "prover")]
pub mod zerocheck;

pub use fixed::FixedShape;
pub use layout::Layout;
pub use params::Params;
pub use proof::{OpeningProof, Proof};
pub use shape::OpeningShape;
pub use transcript::Transcript;
