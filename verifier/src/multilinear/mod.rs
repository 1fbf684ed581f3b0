//! The verifier of proofs, written once for all interpreters of [`crate::ops::MultilinearOps`].

pub mod batch;
pub mod bytes;
pub mod circuit;
mod claim;
mod equality;
mod fixed;
pub mod front;
mod import;
pub mod keccak;
pub mod machine;
pub mod opening;
mod polynomial;
pub mod programs;
mod roots;
mod transcript;

pub use batch::BatchVerifier;
pub use claim::{Claim, WorkSite};
pub use opening::OpeningVerifier;
pub use transcript::Transcript;
