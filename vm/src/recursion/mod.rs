//! Recursion: proofs that other proofs are valid.
//!
//! A program of `tern_verifier::programs` runs on [`CircuitBuilder`], which records every operation as rows of the tables of
//! `tern_air::recursion`. Addresses and flags are a circuit's fixed columns ([`Circuit`]), values its main columns.

mod builder;
mod circuits;
mod combiner;
mod import;
mod nodes;
mod setup;

pub use builder::{CircuitBuilder, CircuitError, Half, Row, RowCounts, Run, Unsatisfied, Weights, Wire, Word, public_values};
pub use circuits::{ARITY, CircuitId, blank_run, build, record};
pub use combiner::{Combiner, Node};
pub use nodes::{NodeCircuit, NodeError, NodeShape, run_nodes, run_segments};
pub use setup::{Circuit, RecursionError};
