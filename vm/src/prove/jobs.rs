//! How much memory steps take, how much there is, and so how many fit the machine at the same time.

use std::fmt;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;

use tern_fri::multilinear::params::SEGMENT_V2;

/// Cores that one step keeps busy.
const CORES_PER_JOB: usize = 2;

/// Memory that proving a segment takes for each cell of its matrix, in bytes: two words of the
/// tables, digests, and the lookups' fractions or, before them, four words of the code. Measured,
/// with the chip that sends most messages a cell.
const BYTES_PER_CELL: u64 = 44;

/// Memory that proving a segment takes, in bytes, for so many cells of its matrix.
#[must_use]
pub const fn segment_bytes(matrix_cells: u64) -> u64 {
    matrix_cells.saturating_mul(BYTES_PER_CELL)
}

/// Memory that proving a segment takes, in bytes, whose matrix has `2^log_rows` rows.
#[must_use]
pub const fn full_segment_bytes(log_rows: usize) -> u64 {
    segment_bytes(1 << (log_rows + SEGMENT_V2.log_width))
}

/// Steps to do at the same time: as many of the heaviest, which takes `step_bytes`, as the
/// available memory holds, at most one for two cores, at least one.
#[must_use]
pub fn default_jobs(step_bytes: u64, available: Option<u64>) -> NonZeroUsize {
    let by_cores = available_parallelism().map_or(1, NonZeroUsize::get) / CORES_PER_JOB;
    let by_memory = available.map_or(1, |bytes| bytes / step_bytes.max(1));
    let jobs = by_cores.min(usize::try_from(by_memory).unwrap_or(usize::MAX));
    NonZeroUsize::new(jobs).unwrap_or(NonZeroUsize::MIN)
}

/// Less memory than the heaviest steps of a plan need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// What the steps that are done at the same time need, in bytes.
    pub needed: u64,
    /// What there is.
    pub available: u64,
    /// Steps done at the same time.
    pub jobs: u64,
    /// Steps that would fit: none if a single one does not.
    pub fitting: u64,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
        let jobs = if self.jobs > 1 { format!("{} proofs at the same time take", self.jobs) } else { "proving takes".to_owned() };
        write!(
            f,
            "too little memory: {jobs} about {:.1} GiB and {:.1} GiB are available; nothing was proved",
            gib(self.needed),
            gib(self.available)
        )
    }
}

impl std::error::Error for Shortage {}

/// Checks that `jobs` steps of `step_bytes` fit, beside `shared_bytes` that all of them use.
///
/// # Errors
///
/// If they do not.
pub fn check_memory(shared_bytes: u64, step_bytes: u64, jobs: u64, available: u64) -> Result<(), Shortage> {
    let needed = shared_bytes.saturating_add(step_bytes.saturating_mul(jobs));
    if needed <= available {
        return Ok(());
    }
    Err(Shortage { needed, available, jobs, fitting: available.saturating_sub(shared_bytes) / step_bytes.max(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn what_does_not_fit_is_refused_and_what_would_is_said() {
        assert_eq!(check_memory(2 * GIB, 10 * GIB, 1, 12 * GIB), Ok(()));
        let shortage = check_memory(2 * GIB, 10 * GIB, 1, 12 * GIB - 1).expect_err("a byte too little");
        assert_eq!(shortage, Shortage { needed: 12 * GIB, available: 12 * GIB - 1, jobs: 1, fitting: 0 });
        assert!(shortage.to_string().starts_with("too little memory: proving takes about 12.0 GiB and 12.0 GiB are available"));
        let shortage = check_memory(2 * GIB, 10 * GIB, 4, 33 * GIB).expect_err("too many jobs");
        assert_eq!((shortage.needed, shortage.fitting), (42 * GIB, 3));
        assert!(shortage.to_string().contains("4 proofs at the same time take about 42.0 GiB"));
        assert!(check_memory(u64::MAX, u64::MAX, u64::MAX, u64::MAX - 1).is_err());
    }

    #[test]
    fn jobs_are_bounded_by_memory_and_there_is_one() {
        assert_eq!(default_jobs(GIB, Some(0)).get(), 1);
        assert_eq!(default_jobs(GIB, None).get(), 1);
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        assert_eq!(default_jobs(GIB, Some(u64::MAX)).get(), (cores / 2).max(1));
    }
}
