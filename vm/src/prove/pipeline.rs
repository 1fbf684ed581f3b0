//! From a program and its input to a proof file.
//!
//! One thread executes segment after segment and keeps the memory tree; workers take executed segments from a short queue, prove them and save them. So
//! memory does not grow with the number of segments, and what is proved survives a kill.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use tern_air::memory::MemoryTree;
use tern_air::shape::{SHAPES, Shape};
use tern_verifier::VerifyingKey;
use tern_verifier::segments::Header;

use super::error::ProveError;
use super::limits::{largest_shape, limits_of};
use super::program::ProvableProgram;
use super::segment::{SegmentTask, prove_segment};
use super::setup::ShapeSetup;
use super::store::SegmentStore;
use crate::exec::{self, RunSummary, SegmentExecutor};

/// How to prove.
pub struct Options {
    /// Segments proved at the same time. Each takes all cores where it can, and its own memory.
    pub jobs: NonZeroUsize,
    /// Most instructions in a segment; fewer make smaller segments and need less memory.
    pub max_segment_cycles: u32,
    /// Most instructions of the run.
    pub cycle_limit: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { jobs: NonZeroUsize::MIN, max_segment_cycles: u32::MAX, cycle_limit: u64::MAX }
    }
}

/// Hears how the work goes on. Called from several threads.
pub trait Progress: Sync {
    /// The fast run is over: the program halts after `cycles` instructions.
    fn executed(&self, _summary: &RunSummary) {}
    /// A segment has been proved, or found proved by an earlier run.
    fn proved(&self, _index: u32, _cycles: u32, _shape: &Shape, _resumed: bool) {}
}

impl Progress for () {}

/// What was proved.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The run.
    pub run: RunSummary,
    /// Number of segments.
    pub segments: u32,
    /// Segments taken over from an earlier run.
    pub resumed: u32,
    /// Committed base-field cells of all segments, main, LogUp and quotient columns, padding included.
    pub cells: u64,
    /// Length of the proof file in bytes.
    pub proof_bytes: u64,
}

/// Proves a run of `program` on `input` and writes the proof to `path`.
///
/// Segments are kept in `<path>.segments` until the proof is whole; a later call for the same program and input continues with them.
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
    let run = exec::run(&program.program, input, execution_options(options))?;
    progress.executed(&run);
    let store = SegmentStore::open(path)?;
    let memory = program.memory(input);
    let input_root = memory.input_root();
    let done = prove_segments(program, input, memory, &store, options, progress)?;
    let header = Header { key_digest: program.key.digest(), input_root, output: run.output.clone(), segments: done.segments };
    let proof_bytes = store.assemble(&header)?;
    Ok(Summary { run, segments: done.segments, resumed: done.resumed, cells: done.cells, proof_bytes })
}

fn execution_options(options: &Options) -> exec::Options {
    exec::Options { cycle_limit: options.cycle_limit, ..Default::default() }
}

/// Counts of the segments done.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    segments: u32,
    resumed: u32,
    cells: u64,
}

fn prove_segments(
    program: &ProvableProgram,
    input: &[u8],
    memory: MemoryTree,
    store: &SegmentStore,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Done, ProveError> {
    let workers = Workers { key: &program.key, store, progress, setups: Setups::default(), done: Mutex::default() };
    let (sender, receiver) = sync_channel(1);
    let receiver = Mutex::new(receiver);
    thread::scope(|scope| {
        let handles: Vec<_> = (0..options.jobs.get()).map(|_| scope.spawn(|| workers.run(&receiver))).collect();
        let executed = execute(program, input, memory, options, &sender);
        drop(sender);
        let proved: Vec<_> =
            handles.into_iter().map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect();
        // A worker that failed has closed the queue, which the executing thread sees as an early end.
        proved.into_iter().collect::<Result<(), _>>()?;
        executed
    })?;
    Ok(*workers.done.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Executes segment after segment into the queue, until the run ends or nobody listens.
fn execute(
    program: &ProvableProgram,
    input: &[u8],
    mut memory: MemoryTree,
    options: &Options,
    queue: &SyncSender<SegmentTask>,
) -> Result<(), ProveError> {
    let mut limits = limits_of(largest_shape());
    limits.max_cycles = limits.max_cycles.min(options.max_segment_cycles);
    let mut executor = SegmentExecutor::new(&program.program, input, execution_options(options))?;
    while let Some(record) = executor.next_segment(&limits)? {
        let task = SegmentTask::new(record, &mut memory)?;
        if queue.send(task).is_err() {
            break;
        }
    }
    Ok(())
}

/// What the workers share.
struct Workers<'a> {
    key: &'a VerifyingKey,
    store: &'a SegmentStore,
    progress: &'a dyn Progress,
    setups: Setups,
    done: Mutex<Done>,
}

impl Workers<'_> {
    /// Proves segments from the queue until it is empty and closed. The queue is closed behind a worker that leaves, by an error or a panic too.
    fn run(&self, queue: &Mutex<Receiver<SegmentTask>>) -> Result<(), ProveError> {
        let _close = CloseOnDrop(queue);
        loop {
            let task = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(task) = task else { return Ok(()) };
            self.segment(task)?;
        }
    }

    fn segment(&self, task: SegmentTask) -> Result<(), ProveError> {
        let (index, cycles, shape) = (task.index, task.cycles, task.shape);
        let setup = self.setups.of(shape, self.key).map_err(|reason| ProveError::Backend { segment: index, reason })?;
        let resumed = self.is_proved(&task, setup)?;
        if !resumed {
            let proved = prove_segment(task, setup, self.key)?;
            self.store.save(index, &proved.as_segment())?;
        }
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.segments += 1;
        done.resumed += u32::from(resumed);
        done.cells += setup.committed_cells();
        drop(done);
        self.progress.proved(index, cycles, shape, resumed);
        Ok(())
    }

    /// Whether an earlier run left a valid proof of this very segment.
    fn is_proved(&self, task: &SegmentTask, setup: &ShapeSetup) -> Result<bool, ProveError> {
        let Some(bytes) = self.store.load(task.index)? else { return Ok(false) };
        let segment = SegmentStore::parse(&bytes, task.index);
        Ok(segment.is_some_and(|segment| {
            let same = segment.statement == task.statement && segment.shape == task.shape;
            same && setup.relation.verify(task.index, &segment).is_ok()
        }))
    }
}

/// Closes a queue when dropped, so that nobody waits for a worker that has left.
struct CloseOnDrop<'a>(&'a Mutex<Receiver<SegmentTask>>);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        // Nobody receives from the replaced channel, so the executing thread stops at its next send.
        let (_, closed) = sync_channel(0);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = closed;
    }
}

/// Setups by shape, made when first needed.
struct Setups(Vec<OnceLock<Result<ShapeSetup, String>>>);

impl Default for Setups {
    fn default() -> Self {
        Self(SHAPES.iter().map(|_| OnceLock::new()).collect())
    }
}

impl Setups {
    fn of(&self, shape: &'static Shape, key: &VerifyingKey) -> Result<&ShapeSetup, String> {
        let position = SHAPES.iter().position(|other| other == shape).ok_or("unknown shape")?;
        self.0[position].get_or_init(|| ShapeSetup::new(shape, key)).as_ref().map_err(Clone::clone)
    }
}
