//! The coordinator: a run like that on one machine, whose steps are done by workers.

mod session;
mod shared;

use std::time::Duration;

use tern_vm::prove::{Claim, Options, Progress, ProvableProgram, SegmentProver, Summary, prove_by, prove_final_by};
use tern_vm::recursion::Combiner;

use crate::bus::{LEASE, Link, Say};
use crate::message::{Blob, RunOf};
use crate::remote::{RemoteCombiner, RemoteSegments, Settling};
use crate::roster::WorkerReport;
use crate::{ClusterError, Version};

pub use session::{Session, Task};

/// How a coordinator works.
#[derive(Clone, Debug)]
pub struct CoordinatorOptions {
    /// The server.
    pub link: Link,
    /// Seconds without a sign of life from its worker after which a step is handed out again.
    pub lease: Duration,
    /// After so long a step is handed out again even if its worker lives.
    pub step_limit: Duration,
    /// Failures of one step that end the run.
    pub attempts: u32,
    /// Wrong proofs after which a worker is sent away.
    pub wrong_limit: u32,
    /// What this program runs: [`Version::own`].
    pub version: Version,
}

impl CoordinatorOptions {
    /// The usual ones.
    ///
    /// # Errors
    ///
    /// As [`Version::own`].
    pub fn new(link: Link) -> Result<Self, ClusterError> {
        let version = Version::own()?;
        Ok(Self { link, lease: LEASE, step_limit: Duration::from_secs(1800), attempts: 3, wrong_limit: 2, version })
    }
}

/// Proves a run of `program`, whose file is `elf`, on `input`, by workers: to a final proof, or, if
/// `is_final` is false, to a chain of segments.
///
/// As on one machine, what is proved is kept in the folder of the parts, and a later call for the
/// same proof continues. `options.jobs` is how many steps are handed out at the same time; its
/// memory and device do not matter.
///
/// # Errors
///
/// If the server cannot be reached at the start, a step failed too often, or the run cannot be
/// proved. What is proved stays on disk.
#[expect(clippy::too_many_arguments, reason = "those of a run on one machine, and the server")]
pub fn prove(
    claim: Claim,
    program: &ProvableProgram,
    elf: &[u8],
    input: &[u8],
    is_final: bool,
    options: &Options,
    coordinator: &CoordinatorOptions,
    progress: &dyn Progress,
    say: &Say,
) -> Result<(Summary, Vec<WorkerReport>), ClusterError> {
    let run = RunOf {
        program: Blob::of(elf),
        input: Blob::of(input),
        segment_log_rows: options.segment_log_rows,
        max_segment_cycles: options.max_segment_cycles,
        cycle_limit: options.cycle_limit,
    };
    let place = claim.store().folder().to_owned();
    let session = Session::open(coordinator, run, [elf, input], &claim, &place, is_final, say)?;
    let prover = RemoteSegments { session: &session, verifier: SegmentProver::new(&program.key, None)? };
    let settling = Settling { session: &session, inner: progress };
    let options = Options { device: None, memory: None, ..options.clone() };
    let proved = if is_final {
        let inner = Combiner::new(&program.key, None).map_err(|error| ClusterError::Setup(error.to_string()))?;
        let combiner = RemoteCombiner { session: &session, inner };
        prove_final_by(claim, program, input, &options, &settling, &prover, &combiner)
    } else {
        prove_by(claim, program, input, &options, &settling, &prover)
    };
    let failure = session.state().failure.take();
    let workers = session.close();
    match (proved, failure) {
        (Ok(summary), _) => Ok((summary, workers)),
        (Err(_), Some(failure)) => Err(failure),
        (Err(error), None) => Err(error.into()),
    }
}
