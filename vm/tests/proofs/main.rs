//! Whole proofs: programs, calls at their limits, chains of segments, tampering, resumption, the
//! buses of a segment, and real blocks in the machine.

mod blocks;
mod bus;
mod chain;
mod cost;
mod fields;
#[cfg(feature = "gpu")]
mod gpu;
mod mulmod;
mod programs;
mod resume;
mod support;
