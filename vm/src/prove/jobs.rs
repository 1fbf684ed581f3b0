//! How many steps fit the machine at the same time.

use std::fs;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use tern_fri::Params;
use tern_fri::params::SEGMENT_V1;

use super::plan::shape_cells;

/// Cores that one step keeps busy.
const CORES_PER_JOB: usize = 2;

/// Memory that proving takes, in bytes, for `cells` committed base-field cells: each as a word of the tables, and of their low-degree extensions. Measured
/// at blowup 4.
#[must_use]
pub const fn proving_bytes(cells: u64, params: &Params) -> u64 {
    const WORD: u64 = 4;
    cells.saturating_mul(WORD * ((1 << params.log_blowup) + 1))
}

/// Memory that proving the largest segment takes, in bytes.
#[must_use]
pub fn segment_bytes() -> u64 {
    proving_bytes(shape_cells().into_iter().max().unwrap_or(u64::MAX), &SEGMENT_V1)
}

/// Steps to do at the same time: as many of the heaviest, which takes `step_bytes`, as the available memory holds, at most one for two cores, at least one.
#[must_use]
pub fn default_jobs(step_bytes: u64) -> NonZeroUsize {
    let by_cores = available_parallelism().map_or(1, NonZeroUsize::get) / CORES_PER_JOB;
    let by_memory = available_memory().map_or(1, |bytes| bytes / step_bytes.max(1));
    let jobs = by_cores.min(usize::try_from(by_memory).unwrap_or(usize::MAX));
    NonZeroUsize::new(jobs).unwrap_or(NonZeroUsize::MIN)
}

/// Memory that new work can take, where the system tells it.
fn available_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
