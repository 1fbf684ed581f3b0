//! Whole proofs, with fixed columns that are committed to with a circuit.

mod airs;
mod chips;
mod circuit;
mod claims;
mod counts;
mod honest;
mod plain;
mod tampering;
