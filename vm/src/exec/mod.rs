//! Executing programs.
//!
//! One generic step serves a fast run, which records nothing, and a logging run, which cuts the run
//! into segments and records everything that their traces are filled from.

pub mod accelerators;
mod error;
pub mod events;
mod foreign;
mod host;
pub mod layout;
mod limits;
mod logger;
mod machine;
mod memory;
mod printed;
mod run;
mod segment;
mod trace;
mod trap;
mod tree;

pub use error::ExecError;
pub use host::{Options, PrintSink, ScopeTotal};
pub use limits::{Block, COMPRESSIONS, CellLimit, RecordWeights, SegmentLimits, Table, TreeNodes};
pub use machine::{Counters, Halt, Machine, Observer, ecall};
pub use memory::Memory;
pub use printed::LastPrinted;
pub use run::{RunSummary, run, run_observed};
#[cfg(feature = "attack")]
pub use segment::Tampering;
pub use segment::{Meter, Records, SegmentExecutor, SegmentRecord};
pub use trace::Tracer;
pub use trap::{Access, MemoryFault, Place, Trap, TrapReason};

#[cfg(test)]
mod tests;
