//! Proving on many machines: a coordinator, which executes, plans and verifies, and workers, which
//! prove, with a NATS server between them.
//!
//! The coordinator has the same board and the same folder of parts as a run on one machine
//! ([`tern_vm::prove`]); its steps are done by workers instead of threads. Every proof is verified
//! where it arrives: by the coordinator, which hands out wrong, overdue and lost steps again alone,
//! and by workers, before they build on it. `docs/cluster.md` says how to run it, and what survives
//! what.

mod bus;
mod coordinator;
mod error;
mod message;
mod remote;
mod roster;
pub mod server;
mod status;
mod steps;
mod version;
mod worker;

pub use bus::{LEASE, Link, Say};
pub use coordinator::{CoordinatorOptions, prove};
pub use error::ClusterError;
pub use message::{Blob, Class, JobPresence, MessageError, Order, Presence, RunOf, Stated, StepName, Who, Working};
pub use roster::{Deeds, WorkerReport};
pub use status::{Queue, Status, forget, status};
pub use steps::{DoSteps, Fetch, LocalSteps};
pub use version::Version;
pub use worker::{Stop, Worked, WorkerOptions, work};

/// Threads that talk to the server; proving has its own.
const THREADS: usize = 2;

fn runtime() -> Result<tokio::runtime::Runtime, ClusterError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
    runtime.map_err(|error| ClusterError::Setup(format!("no threads to talk to the server: {error}")))
}
