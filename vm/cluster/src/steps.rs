//! What a worker does with an order: it executes up to the segment, or verifies the proofs that it
//! is given, and proves.
//!
//! A segment goes out as program, input and number, and the worker executes the run itself. It
//! keeps the machine where it is: orders come in the order of the run, so that a worker executes
//! the run once, whatever the number of segments that it proves.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tern_verifier::segments::{MAX_SEGMENT_PROOF_BYTES, STATEMENT_BYTES};
use tern_vm::elf::Program;
use tern_vm::exec::layout::MAX_INPUT_BYTES;
use tern_vm::prove::{Combine, Device, ExecutedSegment, Options, PartStore, ProvableProgram, ProveError, SegmentProver, SegmentRun, Step};
use tern_vm::recursion::{Combiner, Node, SEGMENT_SIZES};

use crate::ClusterError;
use crate::message::{Blob, Order, RunOf, Stated};

/// Most bytes of a program's file.
pub const MAX_PROGRAM_BYTES: u64 = 1 << 28;
/// Most bytes of a proof of any step.
pub const MAX_PROOF_BYTES: u64 = (MAX_SEGMENT_PROOF_BYTES + STATEMENT_BYTES + 4096) as u64;
/// Programs that are kept ready.
const PROGRAMS: usize = 2;

/// Gives the bytes of a blob of which the most bytes are given.
pub type Fetch<'a> = &'a dyn Fn(&Blob, u64) -> Result<Vec<u8>, ClusterError>;

/// Does steps.
pub trait DoSteps: Send + Sync + 'static {
    /// What a step is proved from.
    type Prepared: Send;

    /// Gets ready to prove a step: called in the order in which orders come.
    ///
    /// # Errors
    ///
    /// If the order does not fit the blobs.
    fn prepare(&self, order: &Order, fetch: Fetch<'_>) -> Result<Self::Prepared, ClusterError>;

    /// Proves it, and gives the proof as the parts' folder keeps it; a wrap's is that of the final batch.
    ///
    /// # Errors
    ///
    /// If the proof system refuses.
    fn make(&self, order: &Order, prepared: Self::Prepared) -> Result<Vec<u8>, ClusterError>;
}

/// Does steps on this machine.
pub struct LocalSteps {
    device: Option<Arc<Device>>,
    programs: Mutex<VecDeque<(Blob, Arc<Known>)>>,
    cursor: Mutex<Option<Cursor>>,
}

/// A program with its provers, which are set up when first needed.
struct Known {
    program: ProvableProgram,
    segments: OnceLock<Result<SegmentProver, String>>,
    combiner: OnceLock<Result<Combiner, String>>,
}

/// A run, executed up to a segment.
struct Cursor {
    of: RunOf,
    run: SegmentRun,
    /// The segment that comes next.
    next: u32,
}

/// What a step is proved from.
pub struct Prepared {
    known: Arc<Known>,
    from: From,
}

enum From {
    Segment(Box<ExecutedSegment>),
    /// Encoded segments.
    Lift(Vec<Vec<u8>>),
    Join(Vec<Node>),
    Wrap(Box<Node>),
}

impl LocalSteps {
    /// Steps on a device, or on the CPU.
    #[must_use]
    pub fn new(device: Option<Arc<Device>>) -> Self {
        Self { device, programs: Mutex::default(), cursor: Mutex::default() }
    }

    /// The program of an order.
    fn known(&self, order: &Order, fetch: Fetch<'_>) -> Result<Arc<Known>, ClusterError> {
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = programs.iter().find(|(of, _)| *of == order.run.program) {
            return Ok(Arc::clone(known));
        }
        let program = ProvableProgram::new(Program::from_elf(&fetch(&order.run.program, MAX_PROGRAM_BYTES)?)?)?;
        let known = Arc::new(Known { program, segments: OnceLock::new(), combiner: OnceLock::new() });
        programs.truncate(PROGRAMS - 1);
        programs.push_front((order.run.program, Arc::clone(&known)));
        Ok(known)
    }

    fn segments<'a>(&self, known: &'a Known) -> Result<&'a SegmentProver, ClusterError> {
        let set_up = || SegmentProver::new(&known.program.key, self.device.clone()).map_err(|error| error.to_string());
        known.segments.get_or_init(set_up).as_ref().map_err(|error| ClusterError::Setup(error.clone()))
    }

    fn combiner<'a>(&self, known: &'a Known) -> Result<&'a Combiner, ClusterError> {
        let set_up = || Combiner::new(&known.program.key, self.device.clone()).map_err(|error| error.to_string());
        known.combiner.get_or_init(set_up).as_ref().map_err(|error| ClusterError::Setup(error.clone()))
    }

    /// Executes the run up to a segment, from where it is, or from its start if that is later.
    fn execute(&self, known: &Known, of: RunOf, index: u32, fetch: Fetch<'_>) -> Result<ExecutedSegment, ClusterError> {
        let mut kept = self.cursor.lock().unwrap_or_else(PoisonError::into_inner);
        let mut cursor = match kept.take().filter(|cursor| cursor.of == of && cursor.next <= index) {
            Some(cursor) => cursor,
            None => Cursor { of, run: start(known, of, fetch)?, next: 0 },
        };
        loop {
            let segment = cursor.run.next_segment()?;
            let segment =
                segment.ok_or_else(|| ClusterError::Order(format!("the run has {} segments, not {index} and one", cursor.next)))?;
            cursor.next += 1;
            if segment.index == index {
                *kept = Some(cursor);
                return Ok(segment);
            }
            cursor.run.recycle(segment);
        }
    }
}

impl DoSteps for LocalSteps {
    type Prepared = Prepared;

    fn prepare(&self, order: &Order, fetch: Fetch<'_>) -> Result<Prepared, ClusterError> {
        let known = self.known(order, fetch)?;
        let from = match order.step.0 {
            Step::Segment(index) => {
                let segment = self.execute(&known, order.run, index, fetch)?;
                if segment.statement != order.statement.0 {
                    return Err(ClusterError::Order("the coordinator cuts this run into other segments".into()));
                }
                From::Segment(Box::new(segment))
            }
            Step::Lift(span) => {
                if order.inputs.len() != span.len() as usize {
                    return Err(ClusterError::Order(format!("{} proofs for {} segments", order.inputs.len(), span.len())));
                }
                let prover = self.segments(&known)?;
                let mut segments = Vec::with_capacity(order.inputs.len());
                for (index, (blob, stated)) in (span.first..).zip(&order.inputs) {
                    let bytes = fetch(blob, MAX_PROOF_BYTES)?;
                    check_segment(prover, index, &bytes, stated).map_err(ClusterError::Order)?;
                    segments.push(bytes);
                }
                From::Lift(segments)
            }
            Step::Join(_) => From::Join(self.nodes(&known, &order.inputs, fetch)?),
            Step::Wrap => {
                let mut nodes = self.nodes(&known, &order.inputs, fetch)?;
                let root = nodes.pop().filter(|_| nodes.is_empty());
                From::Wrap(Box::new(root.ok_or_else(|| ClusterError::Order("a wrap takes one proof".into()))?))
            }
        };
        Ok(Prepared { known, from })
    }

    fn make(&self, order: &Order, Prepared { known, from }: Prepared) -> Result<Vec<u8>, ClusterError> {
        let node = match (from, order.step.0) {
            (From::Segment(segment), _) => {
                let proved = self.segments(&known)?.prove(*segment)?;
                return proved.as_segment().to_bytes().map_err(|_| ProveError::TooLarge { what: "a segment's proof" }.into());
            }
            (From::Lift(bytes), Step::Lift(span)) => {
                let segments = (span.first..).zip(&bytes).map(|(index, bytes)| PartStore::parse(bytes, index));
                let segments: Option<Vec<_>> = segments.collect();
                let segments = segments.ok_or_else(|| ClusterError::Order("no segments".into()))?;
                self.combiner(&known)?.lift(span, &segments)
            }
            (From::Join(nodes), Step::Join(span)) => self.combiner(&known)?.join(span, nodes),
            (From::Wrap(root), _) => return self.combiner(&known)?.wrap(*root).map_err(|error| refused(&error)),
            (From::Lift(_) | From::Join(_), _) => unreachable!("prepared from the same order"),
        };
        let node = node.map_err(|error| refused(&error))?;
        if *node.statement() != order.statement.0 {
            return Err(ClusterError::Order("these proofs state something else together".into()));
        }
        self.combiner(&known)?.encode(&node).map_err(|error| refused(&error))
    }
}

impl LocalSteps {
    fn nodes(&self, known: &Known, inputs: &[(Blob, Stated)], fetch: Fetch<'_>) -> Result<Vec<Node>, ClusterError> {
        let combiner = self.combiner(known)?;
        let node = |(blob, stated): &(Blob, Stated)| {
            let bytes = fetch(blob, MAX_PROOF_BYTES)?;
            combiner.decode_and_verify(&bytes, &stated.0).map_err(|error| ClusterError::Order(error.to_string()))
        };
        inputs.iter().map(node).collect()
    }
}

fn start(known: &Known, of: RunOf, fetch: Fetch<'_>) -> Result<SegmentRun, ClusterError> {
    if !SEGMENT_SIZES.contains(&of.segment_log_rows) {
        return Err(ClusterError::Order(format!("no segment has 2^{} rows", of.segment_log_rows)));
    }
    let input = fetch(&of.input, MAX_INPUT_BYTES)?;
    let options = Options { segment_log_rows: of.segment_log_rows, max_segment_cycles: of.max_segment_cycles, ..Options::default() };
    let memory = known.program.memory(&input);
    SegmentRun::new(&known.program, &input, memory, options.limits(), of.cycle_limit).map_err(|error| ProveError::from(error).into())
}

/// Whether bytes are a proof of this very segment; else why not.
///
/// # Errors
///
/// What is wrong with them.
pub fn check_segment(prover: &SegmentProver, index: u32, bytes: &[u8], stated: &Stated) -> Result<Vec<u8>, String> {
    let segment = PartStore::parse(bytes, index).ok_or("the bytes are no segment's proof")?;
    if segment.statement != stated.0 {
        return Err("the proof states something else".into());
    }
    prover.verify(index, &segment).map_err(|rejection| rejection.to_string())?;
    Ok(segment.proof.to_vec())
}

fn refused(error: &impl core::fmt::Display) -> ClusterError {
    ClusterError::Setup(error.to_string())
}
