//! Recursion: operations in circuits, and proofs of proofs.

mod attacks;
mod circuits;
mod determined;
#[cfg(feature = "gpu")]
mod gpu;
mod multilinear;
mod operations;
mod proofs;
mod weak;
