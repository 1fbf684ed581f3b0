//! Version 2 of the proof system: sumchecks over the used rows of all tables, which lie in one dense matrix that FRI opens.
//!
//! It stands beside version 1 until it is whole.

pub mod keccak;
pub mod transcript;

pub use transcript::Transcript;
