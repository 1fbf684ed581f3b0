//! The steps of a proof as the pipeline asks for them, done by workers.

use std::time::Duration;

use tern_air::machine::segment::Statement;
use tern_verifier::segments::Segment;
use tern_vm::exec::RunSummary;
use tern_vm::prove::{
    Amount, Arity, Combine, Cut, OfferSegments, Plan, PlannedSegment, Progress, ProveError, ProveSegments, ProvedSegment, SegmentProver,
    Span, Step, segment_bytes,
};
use tern_vm::recursion::{Combiner, Node, RecursionError};

use crate::ClusterError;
use crate::coordinator::{Session, Task};
use crate::message::{Stated, StepName};
use crate::steps::check_segment;

/// Has segments proved.
pub struct RemoteSegments<'a> {
    pub session: &'a Session<'a>,
    pub verifier: SegmentProver,
}

/// A segment that is to be proved.
pub struct SegmentTask {
    index: u32,
    statement: Statement,
    /// Memory that it takes, in bytes.
    memory: u64,
}

impl ProveSegments for RemoteSegments<'_> {
    type Task = SegmentTask;

    fn index(task: &SegmentTask) -> u32 {
        task.index
    }

    fn prove(&self, SegmentTask { index, statement, memory }: SegmentTask) -> Result<ProvedSegment, ProveError> {
        let stated = Stated(statement.clone());
        let verify = |bytes: &[u8]| check_segment(&self.verifier, index, bytes, &stated);
        let step = StepName(Step::Segment(index));
        let task = Task { step, statement: stated.clone(), inputs: Vec::new(), memory, verify: &verify };
        let failed = |reason: String| ProveError::Backend { segment: index, reason };
        let proof = self.session.carry_out(&task).map_err(|error| failed(error.to_string()))?;
        Ok(ProvedSegment { statement, proof })
    }

    fn verifies(&self, index: u32, segment: &Segment<'_>) -> Result<bool, ProveError> {
        Ok(self.verifier.verify(index, segment).is_ok())
    }
}

impl OfferSegments for RemoteSegments<'_> {
    /// What is to be proved is in the plan: workers execute.
    fn offer(&self, _: &Cut<'_>, plan: &Plan, missing: &[bool], offer: &mut dyn FnMut(SegmentTask) -> bool) -> Result<(), ProveError> {
        for ((index, segment), _) in (0..).zip(&plan.segments).zip(missing).filter(|(_, missing)| **missing) {
            let memory = segment_bytes(segment.size.matrix_cells());
            let (step, statement) = (StepName(Step::Segment(index)), Stated(segment.statement.clone()));
            let task = Task { step, statement, inputs: Vec::new(), memory, verify: &|_| Ok(()) };
            let failed = |error: ClusterError| ProveError::Backend { segment: index, reason: error.to_string() };
            self.session.hand_out(&task).map_err(failed)?;
            if !offer(SegmentTask { index, statement: segment.statement.clone(), memory }) {
                break;
            }
        }
        Ok(())
    }
}

/// Has proofs combined.
pub struct RemoteCombiner<'a> {
    pub session: &'a Session<'a>,
    /// Verifies them.
    pub inner: Combiner,
}

/// Why proofs are not combined.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// Workers could not.
    #[error("{0}")]
    Step(String),
    /// This machine's combiner refuses them.
    #[error(transparent)]
    Recursion(#[from] RecursionError),
    /// The bytes that were to be handed out are too many.
    #[error("a segment's proof is too long")]
    TooLong,
}

impl RemoteCombiner<'_> {
    fn have_done<T>(
        &self,
        step: Step,
        statement: &Statement,
        inputs: Vec<(Vec<u8>, Stated)>,
        verify: &dyn Fn(&[u8]) -> Result<T, String>,
    ) -> Result<T, RemoteError> {
        let memory = self.inner.step_bytes();
        let task = Task { step: StepName(step), statement: Stated(statement.clone()), inputs, memory, verify };
        self.session.carry_out(&task).map_err(|error| RemoteError::Step(error.to_string()))
    }

    /// Has a node made.
    fn node(&self, step: Step, statement: &Statement, inputs: Vec<(Vec<u8>, Stated)>) -> Result<Node, RemoteError> {
        let verify = |bytes: &[u8]| self.inner.decode_and_verify(bytes, statement).map_err(|error| error.to_string());
        self.have_done(step, statement, inputs, &verify)
    }

    fn input(&self, node: &Node) -> Result<(Vec<u8>, Stated), RemoteError> {
        Ok((self.inner.encode(node)?, Stated(node.statement().clone())))
    }
}

impl Combine for RemoteCombiner<'_> {
    const ARITY: Arity = Combiner::ARITY;
    type Node = Node;
    type Error = RemoteError;

    fn lifts_together(&self, segments: &[PlannedSegment]) -> bool {
        self.inner.lifts_together(segments)
    }

    fn lift(&self, node: Span, segments: &[Segment<'_>]) -> Result<Node, RemoteError> {
        let input = |segment: &Segment<'_>| {
            let bytes = segment.to_bytes().map_err(|_| RemoteError::TooLong)?;
            Ok((bytes, Stated(segment.statement.clone())))
        };
        let inputs = segments.iter().map(input).collect::<Result<Vec<_>, RemoteError>>()?;
        self.node(Step::Lift(node), &whole(&inputs), inputs)
    }

    fn join(&self, node: Span, children: Vec<Node>) -> Result<Node, RemoteError> {
        let inputs = children.iter().map(|child| self.input(child)).collect::<Result<Vec<_>, _>>()?;
        self.node(Step::Join(node), &whole(&inputs), inputs)
    }

    fn wrap(&self, root: Node) -> Result<Vec<u8>, RemoteError> {
        let statement = root.statement();
        let verify = |bytes: &[u8]| {
            self.inner.verify_wrap(bytes, statement).map_err(|error| error.to_string())?;
            Ok(bytes.to_vec())
        };
        self.have_done(Step::Wrap, statement, vec![self.input(&root)?], &verify)
    }

    fn verify_final(&self, proof: &[u8], exit_code: u32) -> Result<(), RemoteError> {
        Ok(self.inner.verify_final(proof, exit_code)?)
    }

    fn encode(&self, node: &Node) -> Result<Vec<u8>, RemoteError> {
        Ok(self.inner.encode(node)?)
    }

    fn decode_and_verify(&self, bytes: &[u8], expected: &Statement) -> Result<Node, RemoteError> {
        Ok(self.inner.decode_and_verify(bytes, expected)?)
    }

    fn circuits(&self) -> [u8; 32] {
        self.inner.circuits()
    }

    fn step_bytes(&self) -> u64 {
        self.inner.step_bytes()
    }

    fn circuit_bytes(&self) -> u64 {
        self.inner.circuit_bytes()
    }
}

/// What neighbours state together: from the start of the first to the end of the last. There is at
/// least one.
fn whole(inputs: &[(Vec<u8>, Stated)]) -> Statement {
    match inputs {
        [(_, Stated(first)), .., (_, Stated(last))] => Statement { pc_in: first.pc_in, root_in: first.root_in, ..last.clone() },
        [(_, Stated(only))] => only.clone(),
        [] => unreachable!("a lift takes a segment, and a join two nodes"),
    }
}

/// Hears of the steps that are saved, and lets the server forget them.
pub struct Settling<'a> {
    pub session: &'a Session<'a>,
    pub inner: &'a dyn Progress,
}

impl Progress for Settling<'_> {
    fn executed(&self, summary: &RunSummary) {
        self.inner.executed(summary);
    }

    fn planned(&self, total: &Amount) {
        self.inner.planned(total);
    }

    fn taken_over(&self, step: Step, saved: &Amount) {
        self.inner.taken_over(step, saved);
    }

    fn started(&self) {
        self.inner.started();
    }

    fn begun(&self, step: Step, amount: &Amount) {
        self.inner.begun(step, amount);
    }

    fn done(&self, step: Step, done: &Amount, took: Duration) {
        self.session.settle(StepName(step));
        self.inner.done(step, done, took);
    }
}
