//! Proving a run: segments are executed in order, proved on a pool of workers, kept on disk as they finish, and joined into one proof file.

mod error;
mod jobs;
mod limits;
mod pipeline;
mod program;
mod segment;
mod setup;
mod store;
mod traces;

pub use error::ProveError;
pub use jobs::default_jobs;
pub use limits::{largest_shape, limits_of, smallest_shape};
pub use pipeline::{Options, Progress, Summary, prove};
pub use program::ProvableProgram;
pub use segment::{ProvedSegment, SegmentTask, prove_segment};
pub use setup::{ShapeSetup, preprocessed_commitment, relation_shape};
pub use store::SegmentStore;
pub use traces::{Traces, fill};
