//! A combiner whose proofs are digests: it checks what a real one proves, in no time.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Mutex;

use tern_air::machine::segment::{Halt, Statement};
use tern_field::{DIGEST_LEN, F};
use tern_verifier::segments::{Segment, read_statement, write_statement};
use tern_verifier::wire::{Reader, Writer};

use super::super::assembly::{Assembled, Assembly, ProveSegments};
use super::super::error::ProveError;
use super::super::limits::SegmentSize;
use super::super::plan::{Plan, PlannedSegment};
use super::super::recursion::Combine;
use super::super::segment::ProvedSegment;
use super::super::step::{Progress, Step};
use super::super::store::PartStore;
use super::super::tree::{Arity, Span};

/// Cells of every toy segment's tables.
pub const CELLS: u64 = 10;
/// Units of a segment.
pub const UNITS: u64 = 1000;
/// Base-2 logarithm of the rows of its matrix.
pub const LOG_ROWS: usize = 9;

/// Proves and combines toy segments, and remembers the steps it did.
pub struct Toy {
    plan: Plan,
    /// The step that fails.
    pub failing: Option<Step>,
    /// Whether neighbours are lifted together.
    pub together: bool,
    pub done: Mutex<Vec<Step>>,
}

/// What the toy calls a recursion proof.
pub struct Node {
    statement: Statement,
}

impl Toy {
    /// A chain of `segments` segments.
    pub fn new(segments: u32) -> Self {
        let root = |index: u32| [F::new(index + 1); DIGEST_LEN];
        let statement = |index: u32| Statement {
            pc_in: 4 * index,
            pc_out: if index + 1 == segments { 0 } else { 4 * index + 4 },
            root_in: root(index),
            root_out: root(index + 1),
            halt: (index + 1 == segments).then_some(Halt { exit_code: 3, output_digest: [7; 32] }),
        };
        let size = SegmentSize { cells: CELLS, log_rows: LOG_ROWS };
        let planned = |index| PlannedSegment { statement: statement(index), cycles: index + 1, size, units: UNITS, has_calls: false };
        Self { plan: Plan { segments: (0..segments).map(planned).collect() }, failing: None, together: false, done: Mutex::default() }
    }

    pub fn segments(&self) -> u32 {
        self.plan.len()
    }

    /// Runs the assembly with the missing segments handed over in the order that `arrange` gives them.
    pub fn run_in_order(
        &self,
        proof: &Path,
        jobs: usize,
        progress: &dyn Progress,
        arrange: impl FnOnce(&mut Vec<u32>),
    ) -> Result<Assembled, ProveError> {
        let store = PartStore::open(proof)?;
        let jobs = NonZeroUsize::new(jobs).expect("a worker");
        let assembly = Assembly { plan: &self.plan, prover: self, combine: Some(self), store: &store, progress, jobs };
        assembly.run(|missing, offer| {
            let mut segments: Vec<u32> = (0..self.segments()).filter(|&index| missing[index as usize]).collect();
            arrange(&mut segments);
            segments.into_iter().all(&mut *offer);
            Ok(())
        })
    }

    pub fn run(&self, proof: &Path, jobs: usize) -> Result<Assembled, ProveError> {
        self.run_in_order(proof, jobs, &(), |_| {})
    }

    /// The steps done, of which none is done twice.
    pub fn steps(&self) -> BTreeSet<Step> {
        let done = self.done.lock().expect("no panic");
        let steps: BTreeSet<Step> = done.iter().copied().collect();
        assert_eq!(steps.len(), done.len(), "a step was done twice: {done:?}");
        steps
    }

    /// Asserts that a final proof is about the whole chain.
    #[track_caller]
    pub fn assert_final(&self, assembled: &Assembled) {
        let whole = self.plan.statement(Span { first: 0, end: self.segments() });
        assert_eq!(assembled.batch.as_deref(), Some(encode(&whole).as_slice()));
        assert_eq!((whole.pc_in, whole.halt.map(|halt| halt.exit_code)), (0, Some(3)));
    }

    fn begin(&self, step: Step) -> Result<(), String> {
        self.done.lock().expect("no panic").push(step);
        if self.failing == Some(step) { Err("on purpose".into()) } else { Ok(()) }
    }

    /// The segments that a statement of the chain is about.
    fn span(&self, statement: &Statement) -> Result<Span, String> {
        let whole = self.plan.len();
        let span = Span { first: statement.pc_in / 4, end: if statement.halt.is_some() { whole } else { statement.pc_out / 4 } };
        let sound = span.first < span.end && span.end <= whole && *statement == self.plan.statement(span);
        if sound { Ok(span) } else { Err("another chain".into()) }
    }
}

impl ProveSegments for Toy {
    type Task = u32;

    fn index(task: &u32) -> u32 {
        *task
    }

    fn prove(&self, index: u32) -> Result<ProvedSegment, ProveError> {
        self.begin(Step::Segment(index)).map_err(|reason| ProveError::Backend { segment: index, reason })?;
        let statement = self.plan.segments[index as usize].statement.clone();
        Ok(ProvedSegment { proof: encode(&statement), statement })
    }

    fn verifies(&self, _: u32, segment: &Segment<'_>) -> Result<bool, ProveError> {
        Ok(segment.proof == encode(&segment.statement))
    }
}

impl Combine for Toy {
    const ARITY: Arity = Arity { segments: 3, nodes: 3 };
    type Node = Node;
    type Error = String;

    fn lifts_together(&self, _: &[PlannedSegment]) -> bool {
        self.together
    }

    fn lift(&self, _: Span, segments: &[Segment<'_>]) -> Result<Node, String> {
        let (first, last) = (&segments[0].statement, &segments[segments.len() - 1].statement);
        let statement = Statement { pc_in: first.pc_in, root_in: first.root_in, ..last.clone() };
        self.begin(Step::Lift(self.span(&statement)?))?;
        let whole = segments.iter().all(|segment| segment.proof == encode(&segment.statement));
        if whole { Ok(Node { statement }) } else { Err("a false segment".into()) }
    }

    fn join(&self, _: Span, children: Vec<Node>) -> Result<Node, String> {
        if !(2..=Self::ARITY.nodes as usize).contains(&children.len()) {
            return Err(format!("{} children", children.len()));
        }
        for pair in children.windows(2) {
            let (left, right) = (&pair[0].statement, &pair[1].statement);
            if left.pc_out != right.pc_in || left.root_out != right.root_in || left.halt.is_some() {
                return Err("no neighbours".into());
            }
        }
        let (first, last) = (&children[0].statement, &children[children.len() - 1].statement);
        let statement = Statement { pc_in: first.pc_in, root_in: first.root_in, ..last.clone() };
        self.begin(Step::Join(self.span(&statement)?))?;
        Ok(Node { statement })
    }

    fn wrap(&self, root: Node) -> Result<Vec<u8>, String> {
        self.begin(Step::Wrap)?;
        self.encode(&root)
    }

    fn verify_final(&self, _: &[u8], _: u32) -> Result<(), String> {
        Err("the toy ends with the wrap".into())
    }

    fn encode(&self, node: &Node) -> Result<Vec<u8>, String> {
        Ok(encode(&node.statement))
    }

    fn decode_and_verify(&self, bytes: &[u8], expected: &Statement) -> Result<Node, String> {
        if bytes != encode(expected) {
            return Err("another node".into());
        }
        let statement = read_statement(&mut Reader::new(bytes), 0).map_err(|error| error.to_string())?;
        Ok(Node { statement })
    }

    fn circuits(&self) -> [u8; 32] {
        [0; 32]
    }

    fn step_bytes(&self) -> u64 {
        1
    }

    fn circuit_bytes(&self) -> u64 {
        1
    }
}

/// A statement and its digest.
fn encode(statement: &Statement) -> Vec<u8> {
    let mut writer = Writer::default();
    write_statement(&mut writer, statement);
    let mut bytes = writer.into_bytes();
    bytes.extend(blake3::hash(&bytes).as_bytes());
    bytes
}

/// Copies everything that is ever in a proof's folder into another one, as it appears.
pub struct Archive<'a> {
    pub store: &'a PartStore,
    pub folder: &'a Path,
}

impl Progress for Archive<'_> {
    fn done(&self, step: Step, _: &super::super::step::Amount, _: std::time::Duration) {
        let path = self.store.path(step);
        if step != Step::Wrap {
            fs::copy(&path, self.folder.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
}
