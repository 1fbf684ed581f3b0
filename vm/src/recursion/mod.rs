//! Recursion: proofs that other proofs are valid.
//!
//! A program of `tern_verifier::multilinear::programs` runs on [`CircuitBuilder`], which records
//! every operation as rows of the tables of `tern_air::recursion`. Addresses and flags are a
//! circuit's fixed columns ([`NodeCircuit`]), values its main columns.

mod builder;
mod circuits;
mod combiner;
mod import;
mod nodes;

pub use builder::{CircuitBuilder, Half, Row, RowCounts, Run, Unsatisfied, Wire, Word, public_values};
pub use circuits::{ARITY, CircuitId, PAIR_SIZES, SEGMENT_SIZES, blank_run, record};
pub use combiner::{Combiner, Node, RecursionError, lifts_together};
pub use nodes::{NodeCircuit, NodeError, covering_shape, least_shape, run_nodes, run_segments};
