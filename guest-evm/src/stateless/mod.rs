//! EIP-8025's stateless validation: SSZ input in, SSZ output out. See `spec/stateless.md`.

pub mod input;
mod merkle;
mod root;
pub mod sha256;
pub mod ssz;

pub use input::{Layout, StatelessInput};
pub use ssz::SszError;
