//! Recursion: operations in circuits, and proofs of proofs.

mod attacks;
mod circuits;
mod determined;
mod multilinear;
mod operations;
mod proofs;
mod weak;
