//! Proving a run: segments are executed in order, proved on a pool of workers, combined as they
//! finish, and kept on disk until they are one proof file.

mod assembly;
mod board;
mod claim;
mod cost;
mod device;
mod error;
mod jobs;
mod limits;
mod memory;
mod pipeline;
mod plan;
mod program;
mod recursion;
mod segment;
mod step;
mod store;
#[cfg(test)]
mod tests;
mod tree;

pub use assembly::ProveSegments;
pub use claim::{Claim, PlaceError};
pub use cost::{ChipCost, Cost, UNITS_PER_CORE_SECOND, record_weights};
pub use device::Device;
pub(crate) use device::Use;
pub use error::ProveError;
pub use jobs::{Shortage, check_memory, default_jobs, full_segment_bytes, segment_bytes};
pub use limits::{LOG_ROWS, MIN_LOG_ROWS, SegmentSize, default_log_rows, limits_of};
pub use memory::available_memory;
pub use pipeline::{OfferSegments, Options, Printer, Summary, prove, prove_by, prove_final, prove_final_by, prove_final_in, prove_in};
pub use plan::{Cut, Plan, PlannedSegment, SegmentRun};
pub use program::ProvableProgram;
pub use recursion::Combine;
pub use segment::{ExecutedSegment, ProvedSegment, SegmentProver};
pub use step::{Amount, Progress, StageTimes, Step};
pub use store::{PartStore, write_whole};
pub use tree::{Arity, Span, Tree};
