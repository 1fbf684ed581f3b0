//! Workers that make a proof out of the segments of a plan, with what earlier runs left.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use tern_verifier::segments::Segment;

use super::board::{Board, Child, Made, Work};
use super::error::ProveError;
use super::plan::Plan;
use super::recursion::Combine;
use super::segment::ProvedSegment;
use super::step::{Amount, Progress, StageTimes, Step};
use super::store::PartStore;
use super::tree::{Span, Tree};

/// Proves and verifies segments.
pub trait ProveSegments: Sync {
    /// An executed segment.
    type Task: Send;

    /// Its number.
    fn index(task: &Self::Task) -> u32;

    /// Proves it.
    ///
    /// # Errors
    ///
    /// If the proof system refuses, or the proof does not verify.
    fn prove(&self, task: Self::Task) -> Result<ProvedSegment, ProveError>;

    /// Whether a segment's proof verifies.
    ///
    /// # Errors
    ///
    /// If that cannot be found out.
    fn verifies(&self, index: u32, segment: &Segment<'_>) -> Result<bool, ProveError>;
}

/// What the workers work with: segments are proved and, where there is a combiner, lifted, joined
/// and wrapped.
pub struct Assembly<'a, P, C> {
    /// The segments.
    pub plan: &'a Plan,
    /// Proves them.
    pub prover: &'a P,
    /// Combines them.
    pub combine: Option<&'a C>,
    /// Keeps what is made.
    pub store: &'a PartStore,
    /// Hears of it.
    pub progress: &'a dyn Progress,
    /// Steps done at the same time.
    pub jobs: NonZeroUsize,
}

/// What the workers did.
#[derive(Debug, Default)]
pub struct Assembled {
    /// The encoded final batch proof, if there is a combiner.
    pub batch: Option<Vec<u8>>,
    /// What was taken over from earlier runs.
    pub saved: Amount,
    /// What was done.
    pub made: Amount,
    /// The time it took.
    pub times: StageTimes,
}

impl<P: ProveSegments, C: Combine> Assembly<'_, P, C> {
    /// Takes over what is on disk and does the rest. `execute` is told which segments are missing
    /// and hands these over, in any order, until that returns false. Afterwards all segments are on
    /// disk, or the final proof is made.
    ///
    /// # Errors
    ///
    /// The first step's error; what is done stays on disk.
    pub fn run(
        &self,
        execute: impl FnOnce(&[bool], &mut dyn FnMut(P::Task) -> bool) -> Result<(), ProveError>,
    ) -> Result<Assembled, ProveError> {
        let tree = self.tree();
        let total = self.plan.total(tree.as_ref());
        self.progress.planned(&total);
        let workers = Workers { assembly: self, board: Board::new(tree.clone()), outcome: Mutex::default() };
        let missing = self.take_over(tree.as_ref(), &workers)?;
        self.progress.started();
        workers.run_all(|offer| execute(&missing, offer))?;
        let outcome = workers.outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut done = outcome.saved;
        done += outcome.made;
        if done != total {
            return Err(ProveError::Incomplete { planned: total.segments, got: done.segments });
        }
        Ok(outcome)
    }

    fn tree(&self) -> Option<Tree> {
        self.combine.map(|combine| tree(self.plan, combine))
    }

    /// Puts on the board what is on disk and verifies, from the root down, and says which segments
    /// are missing.
    fn take_over(&self, tree: Option<&Tree>, workers: &Workers<'_, P, C>) -> Result<Vec<bool>, ProveError> {
        let mut missing = vec![true; self.plan.segments.len()];
        let mut open = match tree {
            Some(tree) => vec![tree.root()],
            None => (0..self.plan.len()).rev().map(Span::one).collect(),
        };
        while let Some(span) = open.pop() {
            let node = self.load_node(span)?.is_some();
            if let Some(tree) = tree.filter(|_| node) {
                workers.board.place_node(span);
                let mut saved = self.plan.part(span);
                saved += Amount::of_node(tree, span);
                workers.take_over(step(tree, span), &saved);
                missing[span.first as usize..span.end as usize].fill(false);
                continue;
            }
            let children = tree.map_or_else(Vec::new, |tree| tree.children(span));
            if !children.is_empty() {
                open.extend(children.into_iter().rev());
                continue;
            }
            for index in span.first..span.end {
                if self.has_segment(index)? {
                    workers.board.place_segment(index);
                    workers.take_over(Step::Segment(index), &self.plan.segment(index));
                    missing[index as usize] = false;
                }
            }
        }
        Ok(missing)
    }

    /// A node left on disk, if it is there and verifies.
    fn load_node(&self, span: Span) -> Result<Option<C::Node>, ProveError> {
        let (Some(combine), Some(bytes)) = (self.combine, self.store.load_node(span)?) else { return Ok(None) };
        Ok(combine.decode_and_verify(&bytes, &self.plan.statement(span)).ok())
    }

    /// Whether a valid proof of this very segment is on disk.
    fn has_segment(&self, index: u32) -> Result<bool, ProveError> {
        let Some(bytes) = self.store.load_segment(index)? else { return Ok(false) };
        let Some(segment) = PartStore::parse(&bytes, index) else { return Ok(false) };
        let planned = &self.plan.segments[index as usize];
        if segment.statement != planned.statement {
            return Ok(false);
        }
        self.prover.verifies(index, &segment)
    }
}

/// What the workers share.
struct Workers<'a, P: ProveSegments, C: Combine> {
    assembly: &'a Assembly<'a, P, C>,
    board: Board<P::Task, C::Node>,
    outcome: Mutex<Assembled>,
}

impl<P: ProveSegments, C: Combine> Workers<'_, P, C> {
    /// Executes on this thread and works on others, until everything is done or something fails.
    fn run_all(&self, execute: impl FnOnce(&mut dyn FnMut(P::Task) -> bool) -> Result<(), ProveError>) -> Result<(), ProveError> {
        thread::scope(|scope| {
            let stop = StopOnDrop(&self.board);
            let handles: Vec<_> = (0..self.assembly.jobs.get()).map(|_| scope.spawn(|| self.work())).collect();
            let executed = execute(&mut |task| self.board.offer(task));
            match executed {
                Ok(()) => self.board.close(),
                Err(_) => self.board.stop(),
            }
            let worked: Vec<_> =
                handles.into_iter().map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect();
            drop(stop);
            // A worker that failed has stopped the board, which the executing thread sees as an early end.
            worked.into_iter().collect::<Result<(), _>>()?;
            executed
        })
    }

    /// Does steps until none is left.
    fn work(&self) -> Result<(), ProveError> {
        let _stop = StopOnDrop(&self.board);
        while let Some(work) = self.board.take() {
            let made = match work {
                Work::Segment(task) => self.segment(task),
                Work::Lift(span) => self.lift(span),
                Work::Join(span, children) => self.join(span, children),
                Work::Wrap(root) => self.wrap(root),
            };
            self.board.complete(made?);
        }
        Ok(())
    }

    fn segment(&self, task: P::Task) -> Result<Made<C::Node>, ProveError> {
        let index = P::index(&task);
        self.step(Step::Segment(index), self.assembly.plan.segment(index), || {
            let proved = self.assembly.prover.prove(task)?;
            self.assembly.store.save_segment(index, &proved.as_segment())?;
            Ok(Made::Segment(index))
        })
    }

    fn lift(&self, span: Span) -> Result<Made<C::Node>, ProveError> {
        let step = Step::Lift(span);
        self.step(step, Amount::lift(span.len()), || {
            let load = |index: u32| self.assembly.store.load_segment(index);
            let bytes: Vec<_> = (span.first..span.end).map(load).collect::<Result<_, _>>()?;
            let mut segments = Vec::with_capacity(bytes.len());
            for (index, bytes) in (span.first..).zip(&bytes) {
                let segment = bytes.as_deref().and_then(|bytes| PartStore::parse(bytes, index));
                segments.push(segment.ok_or_else(|| self.lost(Step::Segment(index)))?);
            }
            let node = self.combiner().lift(span, &segments).map_err(|error| failed(step, &error))?;
            self.keep(span, node, &[])
        })
    }

    fn join(&self, span: Span, children: Vec<Child<C::Node>>) -> Result<Made<C::Node>, ProveError> {
        let step = Step::Join(span);
        self.step(step, Amount::JOIN, || {
            let spans: Vec<_> = children.iter().map(|(span, _)| *span).collect();
            let children = children.into_iter().map(|child| self.node(child)).collect::<Result<Vec<_>, _>>()?;
            let node = self.combiner().join(span, children).map_err(|error| failed(step, &error))?;
            self.keep(span, node, &spans)
        })
    }

    fn wrap(&self, root: Child<C::Node>) -> Result<Made<C::Node>, ProveError> {
        self.step(Step::Wrap, Amount::WRAP, || {
            let batch = self.combiner().wrap(self.node(root)?).map_err(|error| failed(Step::Wrap, &error))?;
            self.outcome().batch = Some(batch);
            Ok(Made::Final)
        })
    }

    /// Does a step, and says so.
    fn step<R>(&self, step: Step, amount: Amount, work: impl FnOnce() -> Result<R, ProveError>) -> Result<R, ProveError> {
        self.assembly.progress.begun(step, &amount);
        let started = Instant::now();
        let result = tracing::info_span!("step", %step).in_scope(work)?;
        let took = started.elapsed();
        let mut outcome = self.outcome();
        outcome.made += amount;
        outcome.times.add(step, took);
        drop(outcome);
        self.assembly.progress.done(step, &amount, took);
        Ok(result)
    }

    /// Counts what an earlier run left.
    fn take_over(&self, step: Step, saved: &Amount) {
        self.outcome().saved += *saved;
        self.assembly.progress.taken_over(step, saved);
    }

    fn keep(&self, span: Span, node: C::Node, children: &[Span]) -> Result<Made<C::Node>, ProveError> {
        let bytes = self.combiner().encode(&node).map_err(|error| failed(Step::of_node(span), &error))?;
        self.assembly.store.save_node(span, &bytes, children)?;
        Ok(Made::Node(span, node))
    }

    /// A node that was put on the board: what is only on disk is verified once more, for it may
    /// have changed there.
    fn node(&self, (span, node): Child<C::Node>) -> Result<C::Node, ProveError> {
        if let Some(node) = node {
            return Ok(node);
        }
        self.assembly.load_node(span)?.ok_or_else(|| self.lost(Step::of_node(span)))
    }

    fn lost(&self, step: Step) -> ProveError {
        ProveError::Lost { path: self.assembly.store.path(step) }
    }

    fn combiner(&self) -> &C {
        self.assembly.combine.unwrap_or_else(|| unreachable!("without a combiner the board has no tree"))
    }

    fn outcome(&self) -> MutexGuard<'_, Assembled> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tree over a plan's segments.
pub(super) fn tree<C: Combine>(plan: &Plan, combine: &C) -> Tree {
    Tree::new(plan.len(), C::ARITY).lifting(|span| combine.lifts_together(plan.segments_of(span)))
}

/// The step that makes a node.
fn step(tree: &Tree, node: Span) -> Step {
    if tree.children(node).is_empty() { Step::Lift(node) } else { Step::Join(node) }
}

fn failed(step: Step, error: &impl core::fmt::Display) -> ProveError {
    ProveError::Combine { step, reason: error.to_string() }
}

/// Stops the work when dropped, so that nobody waits for a thread that has left, by an error or a
/// panic too.
struct StopOnDrop<'a, T, N>(&'a Board<T, N>);

impl<T, N> Drop for StopOnDrop<'_, T, N> {
    fn drop(&mut self) {
        self.0.stop();
    }
}
