//! Recursion: operations in circuits, and proofs of proofs.

mod agreement;
mod attacks;
mod circuits;
mod determined;
mod multilinear;
mod operations;
mod proofs;
mod segments;
mod vectors;
mod weak;
