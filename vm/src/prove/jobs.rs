//! How many segments fit the machine at the same time.

use std::fs;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use tern_fri::TableShape;

use super::limits::largest_shape;
use super::setup::relation_shape;

/// Bytes that proving takes per committed cell: the low-degree extensions at blowup 4, the tables themselves, and a quarter in passing. Measured.
const BYTES_PER_CELL: u64 = 20;
/// Cores that one segment keeps busy.
const CORES_PER_JOB: usize = 2;

/// Segments to prove at the same time: as many of the largest shape as the available memory holds, at most one for two cores, at least one.
#[must_use]
pub fn default_jobs() -> NonZeroUsize {
    let by_cores = available_parallelism().map_or(1, NonZeroUsize::get) / CORES_PER_JOB;
    let by_memory = available_memory().map_or(1, |bytes| bytes / (BYTES_PER_CELL * largest_cells()));
    let jobs = by_cores.min(usize::try_from(by_memory).unwrap_or(usize::MAX));
    NonZeroUsize::new(jobs).unwrap_or(NonZeroUsize::MIN)
}

/// Committed cells of the largest shape.
fn largest_cells() -> u64 {
    let relation = relation_shape(largest_shape());
    relation.map_or(u64::MAX / BYTES_PER_CELL, |relation| relation.tables.iter().map(TableShape::committed_cells).sum())
}

/// Memory that new work can take, where the system tells it.
fn available_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
