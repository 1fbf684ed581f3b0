//! Recursion: operations in circuits, and proofs of proofs.

mod operations;
mod proofs;
mod segments;
