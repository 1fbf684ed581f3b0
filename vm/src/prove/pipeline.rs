//! From a program and its input to a proof file.
//!
//! The run is executed for its result, once more to plan its segments, and a third time to prove
//! them. One thread executes segment after segment and keeps the memory tree; workers take executed
//! segments, prove them, and combine the proofs as soon as neighbours are there. So memory does not
//! grow with the number of segments, and what is proved survives a kill.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tern_air::memory::MemoryTree;
use tern_verifier::Expected;
use tern_verifier::final_proof;
use tern_verifier::segments::{Header, Segment};

use super::assembly::{Assembled, Assembly, ProveSegments, tree};
use super::claim::Claim;
use super::device::Device;
use super::error::ProveError;
use super::jobs::{check_memory, segment_bytes};
use super::limits::{LOG_ROWS, limits_of};
use super::plan::{Cut, Plan};
use super::program::ProvableProgram;
use super::recursion::{Combine, Uncombined};
use super::segment::{ExecutedSegment, ProvedSegment, SegmentProver};
use super::step::{Progress, StageTimes};
use super::store::PartStore;
use super::tree::Span;
use crate::exec::{self, PrintSink, RunSummary, SegmentLimits};

/// Memory beside the steps, in bytes: the program itself, its execution and the memory tree.
const BASE_BYTES: u64 = 1 << 28;

/// Receives what the guest prints.
pub type Printer = Arc<dyn Fn(&str) + Send + Sync>;

/// How to prove.
#[derive(Clone)]
pub struct Options {
    /// Steps done at the same time. Each takes all cores where it can, and its own memory.
    pub jobs: NonZeroUsize,
    /// Base-2 logarithm of the number of rows of the matrix that segments are cut for.
    pub segment_log_rows: usize,
    /// Most instructions in a segment; fewer make smaller segments and need less memory.
    pub max_segment_cycles: u32,
    /// Most instructions of the run.
    pub cycle_limit: u64,
    /// The exit code that the run must have for anything to be proved; any if absent.
    pub exit_code: Option<u32>,
    /// Memory that the steps may take, in bytes. If the heaviest of the plan needs more, nothing is
    /// proved; not checked if absent.
    pub memory: Option<u64>,
    /// Where printed text goes, once; nowhere if absent.
    pub print: Option<Printer>,
    /// What proves segments; the host if absent.
    pub device: Option<Arc<Device>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            jobs: NonZeroUsize::MIN,
            segment_log_rows: LOG_ROWS,
            max_segment_cycles: u32::MAX,
            cycle_limit: u64::MAX,
            exit_code: None,
            memory: None,
            print: None,
            device: None,
        }
    }
}

/// What was proved.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The run.
    pub run: RunSummary,
    /// Number of segments.
    pub segments: u32,
    /// Segments that need not be proved, thanks to an earlier run.
    pub resumed: u32,
    /// Number of lifts, those of earlier runs included.
    pub lifts: u32,
    /// Number of joins, those of earlier runs included.
    pub joins: u32,
    /// Committed base-field cells of all segments' tables.
    pub cells: u64,
    /// Cells of the matrices that hold them.
    pub matrix_cells: u64,
    /// Units of [cost](super::Cost) of the steps that this run did.
    pub units: u64,
    /// Length of the proof file in bytes.
    pub proof_bytes: u64,
    /// Time that this run spent, by stage.
    pub times: StageTimes,
    /// What stays in the folder of the parts, for it is not this prover's or cannot be removed. If
    /// there is nothing, the folder is gone.
    pub staying: Vec<OsString>,
}

/// Proves a run of `program` on `input` and writes the proof, a chain of segments, to `path`.
///
/// Segments are kept in `<path>.segments` until the proof is whole and verified; a later call for
/// the same program and input continues with them. Other files in that folder stay, and it with
/// them.
///
/// # Errors
///
/// A [`ProveError`]; segments already proved stay on disk.
pub fn prove(
    program: &ProvableProgram,
    input: &[u8],
    path: &Path,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Summary, ProveError> {
    prove_in(Claim::take(path)?, program, input, options, progress)
}

/// [`prove`] at a place that is taken already.
///
/// # Errors
///
/// A [`ProveError`]; segments already proved stay on disk.
pub fn prove_in(
    claim: Claim,
    program: &ProvableProgram,
    input: &[u8],
    options: &Options,
    progress: &dyn Progress,
) -> Result<Summary, ProveError> {
    let prover = SegmentProver::new(&program.key, options.device.clone())?;
    prove_by(claim, program, input, options, progress, &prover)
}

/// [`prove_in`], where segments are proved by `prover`.
///
/// # Errors
///
/// A [`ProveError`]; segments already proved stay on disk.
pub fn prove_by<P: OfferSegments>(
    claim: Claim,
    program: &ProvableProgram,
    input: &[u8],
    options: &Options,
    progress: &dyn Progress,
    prover: &P,
) -> Result<Summary, ProveError> {
    let run = Run::plan(program, input, options, progress)?;
    let done = run.assemble(prover, None::<&Uncombined>, claim.store(), options, progress)?;
    let (key_digest, input_root) = (program.key.digest(), run.memory.input_root());
    let header = Header { key_digest, input_root, output: run.summary.output.clone(), segments: run.plan.len() };
    let expected = Expected { exit_code: run.summary.halt.exit_code };
    let verify = |bytes: &[u8]| tern_verifier::verify(bytes, &program.key, &expected).map(drop).map_err(|rejection| rejection.to_string());
    let proof_bytes = claim.store().assemble(&header, verify)?;
    Ok(run.finish(&done, proof_bytes, claim))
}

/// Proves a run of `program` on `input` and writes one final proof to `path`.
///
/// Proofs of segments and of parts of the chain are kept in `<path>.segments` until the proof is
/// whole and verified; a later call for the same program and input continues with them. Other files
/// in that folder stay, and it with them.
///
/// # Errors
///
/// A [`ProveError`]; what is already proved stays on disk.
pub fn prove_final<C: Combine>(
    program: &ProvableProgram,
    input: &[u8],
    path: &Path,
    options: &Options,
    progress: &dyn Progress,
    combine: &C,
) -> Result<Summary, ProveError> {
    prove_final_in(Claim::take(path)?, program, input, options, progress, combine)
}

/// [`prove_final`] at a place that is taken already.
///
/// # Errors
///
/// A [`ProveError`]; what is already proved stays on disk.
pub fn prove_final_in<C: Combine>(
    claim: Claim,
    program: &ProvableProgram,
    input: &[u8],
    options: &Options,
    progress: &dyn Progress,
    combine: &C,
) -> Result<Summary, ProveError> {
    let prover = SegmentProver::new(&program.key, options.device.clone())?;
    prove_final_by(claim, program, input, options, progress, &prover, combine)
}

/// [`prove_final_in`], where segments are proved by `prover`.
///
/// # Errors
///
/// A [`ProveError`]; what is already proved stays on disk.
pub fn prove_final_by<P: OfferSegments, C: Combine>(
    claim: Claim,
    program: &ProvableProgram,
    input: &[u8],
    options: &Options,
    progress: &dyn Progress,
    prover: &P,
    combine: &C,
) -> Result<Summary, ProveError> {
    let run = Run::plan(program, input, options, progress)?;
    let done = run.assemble(prover, Some(combine), claim.store(), options, progress)?;
    let header = final_proof::Header {
        key_digest: program.key.digest(),
        circuits: combine.circuits(),
        input_root: run.memory.input_root(),
        output: run.summary.output.clone(),
        statement: run.plan.statement(Span { first: 0, end: run.plan.len() }),
    };
    let mut file = header.to_bytes().map_err(|_| ProveError::TooLarge { what: "the output" })?;
    file.extend(done.batch.as_ref().unwrap_or_else(|| unreachable!("all work is done, the wrap included")));
    let exit_code = run.summary.halt.exit_code;
    let verify = |bytes: &[u8]| combine.verify_final(bytes, exit_code).map_err(|error| error.to_string());
    let proof_bytes = claim.store().write_proof(&file, verify)?;
    Ok(run.finish(&done, proof_bytes, claim))
}

/// A run that is planned.
struct Run<'a> {
    program: &'a ProvableProgram,
    input: &'a [u8],
    summary: RunSummary,
    memory: MemoryTree,
    plan: Plan,
    executing: Duration,
}

impl<'a> Run<'a> {
    fn plan(program: &'a ProvableProgram, input: &'a [u8], options: &Options, progress: &dyn Progress) -> Result<Self, ProveError> {
        let started = Instant::now();
        let print = options.print.clone().map(|print| -> PrintSink { Box::new(move |text| print(text)) });
        let execution = exec::Options { cycle_limit: options.cycle_limit, print, ..Default::default() };
        let summary = exec::run(&program.program, input, execution)?;
        let got = summary.halt.exit_code;
        if let Some(expected) = options.exit_code.filter(|&expected| expected != got) {
            return Err(ProveError::ExitCode { expected, got });
        }
        progress.executed(&summary);
        let memory = program.memory(input);
        let mut run = Self { program, input, summary, memory, plan: Plan::default(), executing: Duration::ZERO };
        run.plan = run.cut(options).plan()?;
        run.executing = started.elapsed();
        Ok(run)
    }

    fn cut(&self, options: &Options) -> Cut<'_> {
        Cut { program: self.program, input: self.input, memory: &self.memory, limits: options.limits(), cycle_limit: options.cycle_limit }
    }

    fn assemble<P: OfferSegments, C: Combine>(
        &self,
        prover: &P,
        combine: Option<&C>,
        store: &PartStore,
        options: &Options,
        progress: &dyn Progress,
    ) -> Result<Assembled, ProveError> {
        if let Some(available) = options.memory {
            self.check_memory(combine, options.jobs, available)?;
        }
        let assembly = Assembly { plan: &self.plan, prover, combine, store, progress, jobs: options.jobs };
        assembly.run(|missing, offer| prover.offer(&self.cut(options), &self.plan, missing, offer))
    }

    /// Checks that the heaviest steps of the plan fit, beside the circuits that they leave in
    /// memory. Each segment is one step after the other, so that no more are done at the same time
    /// than there are segments.
    fn check_memory<C: Combine>(&self, combine: Option<&C>, jobs: NonZeroUsize, available: u64) -> Result<(), ProveError> {
        let mut step_bytes = segment_bytes(self.plan.most_cells());
        let mut shared_bytes = BASE_BYTES;
        if let Some(combine) = combine {
            let tree = tree(&self.plan, combine);
            let circuits = self.plan.lifts(&tree) + tree.kinds_of_joins() + 1;
            step_bytes = step_bytes.max(combine.step_bytes());
            shared_bytes = shared_bytes.saturating_add(combine.circuit_bytes().saturating_mul(circuits as u64));
        }
        let jobs = (jobs.get() as u64).min(self.plan.len().into());
        Ok(check_memory(shared_bytes, step_bytes, jobs, available)?)
    }

    fn finish(self, done: &Assembled, proof_bytes: u64, claim: Claim) -> Summary {
        let mut all = done.saved;
        all += done.made;
        Summary {
            run: self.summary,
            segments: all.segments,
            resumed: done.saved.segments,
            lifts: all.lifts,
            joins: all.joins,
            cells: all.cells,
            matrix_cells: all.matrix_cells,
            units: done.made.units,
            proof_bytes,
            times: StageTimes { execute: self.executing, ..done.times },
            staying: claim.clear(),
        }
    }
}

impl Options {
    /// What a segment may hold.
    #[must_use]
    pub fn limits(&self) -> SegmentLimits {
        let mut limits = limits_of(self.segment_log_rows);
        limits.max_cycles = limits.max_cycles.min(self.max_segment_cycles);
        limits
    }
}

/// Proves segments, and makes of a plan what it proves them from.
pub trait OfferSegments: ProveSegments {
    /// Hands over the segments that are missing, in any order, until `offer` returns false.
    ///
    /// # Errors
    ///
    /// If the program does not run as planned.
    fn offer(&self, cut: &Cut<'_>, plan: &Plan, missing: &[bool], offer: &mut dyn FnMut(Self::Task) -> bool) -> Result<(), ProveError>;
}

impl OfferSegments for SegmentProver {
    /// Executes up to the last missing segment.
    fn offer(&self, cut: &Cut<'_>, _: &Plan, missing: &[bool], offer: &mut dyn FnMut(ExecutedSegment) -> bool) -> Result<(), ProveError> {
        let Some(last) = missing.iter().rposition(|&missing| missing) else { return Ok(()) };
        cut.execute(|task| {
            let index = task.index as usize;
            if !missing.get(index).is_some_and(|&missing| missing) {
                return ControlFlow::Continue(Some(task));
            }
            if offer(task) && index < last { ControlFlow::Continue(None) } else { ControlFlow::Break(()) }
        })
    }
}

impl ProveSegments for SegmentProver {
    type Task = ExecutedSegment;

    fn index(segment: &ExecutedSegment) -> u32 {
        segment.index
    }

    fn prove(&self, segment: ExecutedSegment) -> Result<ProvedSegment, ProveError> {
        Self::prove(self, segment)
    }

    fn verifies(&self, index: u32, segment: &Segment<'_>) -> Result<bool, ProveError> {
        Ok(self.verify(index, segment).is_ok())
    }
}
