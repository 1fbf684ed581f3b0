//! A job on the server: hands steps out, takes what comes back, and judges it.
//!
//! A step that is handed out is an order in its queue, or an outcome, or both. Where neither is
//! found, it was lost, and it is handed out again; so nothing that the server forgets is forgotten.
//! What workers and server say in passing only makes this sooner.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tern_vm::prove::Claim;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::CoordinatorOptions;
use super::shared::{Shared, State, Waiting};
use crate::bus::{Bus, Say};
use crate::message::{self, Blob, Made, Order, Outcome, RunOf, Stated, StepName, shown};
use crate::roster::WorkerReport;
use crate::steps::MAX_PROOF_BYTES;
use crate::{ClusterError, runtime};

/// How often a step that is handed out is looked for.
const LOOK: Duration = Duration::from_secs(2);
/// How long the server may take to forget a job.
const FORGETTING: Duration = Duration::from_secs(10);

/// A job: this run's share of the server.
pub struct Session<'a> {
    shared: Arc<Shared>,
    runtime: Runtime,
    run: RunOf,
    /// Program and input.
    blobs: [&'a [u8]; 2],
    /// Whether proofs of segments are needed for lifts.
    is_final: bool,
}
/// What a step is, to whoever does it.
pub struct Task<'a, T> {
    pub step: StepName,
    pub statement: Stated,
    /// The proofs that it is made from.
    pub inputs: Vec<(Vec<u8>, Stated)>,
    /// Memory that it takes, in bytes.
    pub memory: u64,
    /// Verifies its proof, and gives what is wanted of it.
    pub verify: &'a dyn Fn(&[u8]) -> Result<T, String>,
}

impl<'a> Session<'a> {
    pub(super) fn open(
        options: &CoordinatorOptions,
        run: RunOf,
        blobs: [&'a [u8]; 2],
        claim: &Claim,
        place: &Path,
        is_final: bool,
        say: &Say,
    ) -> Result<Self, ClusterError> {
        let runtime = runtime()?;
        let bus = runtime.block_on(Bus::connect(&options.link, "tern coordinator", &options.version, say))?;
        let drawn = bus.unique();
        let nonce: [u8; 32] = claim.store().job(|| *blake3::hash(drawn.as_bytes()).as_bytes())?;
        let mut hasher = blake3::Hasher::new_derive_key("Tern cluster job, version 1");
        hasher.update(&nonce);
        hasher.update(&message::encode(&(run, &options.version))?);
        let job = hasher.finalize().to_hex()[..24].to_owned();
        let shared = Shared {
            bus,
            job,
            options: options.clone(),
            proof: shown(&place.display().to_string()),
            say: Arc::clone(say),
            state: Mutex::default(),
        };
        let session = Self { shared: Arc::new(shared), runtime, run, blobs, is_final };
        session.runtime.block_on(session.shared.begin())?;
        Ok(session)
    }

    /// Removes the job from the server, if that answers, and says who did what.
    pub(super) fn close(self) -> Vec<WorkerReport> {
        let shared = Arc::clone(&self.shared);
        let forgotten = self.runtime.block_on(async { timeout(FORGETTING, shared.bus.forget(&shared.job)).await });
        if !matches!(forgotten, Ok(Ok(()))) {
            (shared.say)(&format!("what is left of job {} on the server will be removed by it in a week", shared.job));
        }
        self.runtime.shutdown_background();
        shared.state().roster.report()
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }

    /// Puts the order for a step into its queue, for [`carry_out`](Self::carry_out) to find: called
    /// in the run's order, so that it is the queue's.
    pub fn hand_out<T>(&self, task: &Task<'_, T>) -> Result<(), ClusterError> {
        self.find(task, 0, &[]).map(drop)
    }

    /// Has a step done by a worker, and gives what `task.verify` makes of its proof.
    pub fn carry_out<T>(&self, task: &Task<'_, T>) -> Result<T, ClusterError> {
        let (sender, heard) = channel();
        let waiting = Waiting { heard: sender, memory: task.memory, attempt: 0, takers: Vec::new(), taken: None };
        self.state().waiting.insert(task.step, waiting);
        let done = self.until_done(task, &heard);
        let mut state = self.state();
        state.waiting.remove(&task.step);
        match done {
            Ok((proof, blob)) => {
                state.done += 1;
                let inputs = task.inputs.iter().map(|(bytes, _)| Blob::of(bytes)).collect();
                state.used.insert(task.step, (inputs, blob));
                Ok(proof)
            }
            Err(error) => {
                let told = error.to_string();
                state.failure.get_or_insert(error);
                Err(ClusterError::Setup(told))
            }
        }
    }

    fn until_done<T>(&self, task: &Task<'_, T>, heard: &Receiver<Outcome>) -> Result<(T, Blob), ClusterError> {
        let (shared, step) = (&self.shared, task.step);
        let mut failures = Vec::new();
        let mut failed_on = Vec::new();
        // What an earlier coordinator left on the server is looked for first.
        let mut outcome = self.find(task, 0, &failed_on)?;
        loop {
            if shared.state().failure.is_some() {
                return Err(ClusterError::Stopped);
            }
            let attempt = shared.attempt(step);
            let failure = match outcome.take() {
                Some(outcome) => match self.judge(task, &outcome) {
                    Ok(proof) => return Ok(proof),
                    // Of an attempt that was given up: another is on its way.
                    Err(_) if outcome.attempt < attempt => {
                        self.runtime.block_on(shared.bus.persist(|| shared.bus.clear_outcome(&shared.job, step)))?;
                        None
                    }
                    Err(reason) => Some((outcome.worker.id.clone(), format!("{}: {reason}", outcome.worker))),
                },
                None => shared.overdue(step),
            };
            if let Some((worker, reason)) = failure {
                (shared.say)(&format!("{step} is handed out again: {reason}"));
                failures.push(reason);
                failed_on.push(worker);
                self.runtime.block_on(async {
                    shared.bus.persist(|| shared.bus.clear_order(&shared.job, step)).await?;
                    shared.bus.persist(|| shared.bus.clear_outcome(&shared.job, step)).await
                })?;
                if failures.len() >= shared.options.attempts as usize {
                    return Err(ClusterError::Step { step, reasons: failures });
                }
                outcome = self.find(task, attempt + 1, &failed_on)?;
                continue;
            }
            outcome = match heard.recv_timeout(LOOK) {
                Ok(outcome) => Some(outcome),
                Err(RecvTimeoutError::Timeout) => self.find(task, attempt, &failed_on)?,
                Err(RecvTimeoutError::Disconnected) => return Err(ClusterError::Stopped),
            };
        }
    }

    /// What became of a step; if nothing did and it is in no queue, it is handed out.
    fn find<T>(&self, task: &Task<'_, T>, mut attempt: u32, failed_on: &[String]) -> Result<Option<Outcome>, ClusterError> {
        let (shared, step) = (&self.shared, task.step);
        let (bus, job) = (&shared.bus, &shared.job);
        self.runtime.block_on(async {
            // A worker hands in its outcome before it ends the order: an order that is gone has
            // left its outcome.
            let waits = bus.persist(|| bus.order(job, step)).await?;
            match bus.persist(|| bus.outcome(job, step)).await? {
                Some(Ok(outcome)) if matches!(outcome.made, Made::Proof(_)) || outcome.attempt >= attempt => return Ok(Some(outcome)),
                // Of an attempt that was given up, or no outcome at all.
                Some(_) => bus.persist(|| bus.clear_outcome(job, step)).await?,
                None => {}
            }
            if let Some(order) = waits {
                shared.begin_attempt(step, order.attempt);
                return Ok(None);
            }
            loop {
                shared.begin_attempt(step, attempt);
                let order = self.order(task, attempt, failed_on).await?;
                if bus.persist(|| bus.publish_order(&order)).await? {
                    return Ok(None);
                }
                // The server saw this attempt before, and lost it since, or a coordinator before
                // this one took its outcome.
                attempt += 1;
            }
        })
    }

    /// An order, all of whose blobs are on the server.
    async fn order<T>(&self, task: &Task<'_, T>, attempt: u32, failed_on: &[String]) -> Result<Order, ClusterError> {
        let (shared, bus) = (&self.shared, &self.shared.bus);
        let store = bus.persist(|| bus.make_store(&shared.job)).await?;
        for blob in self.blobs.into_iter().chain(task.inputs.iter().map(|(bytes, _)| &bytes[..])) {
            bus.persist(|| store.put(blob)).await?;
        }
        Ok(Order {
            job: shared.job.clone(),
            step: task.step,
            attempt,
            run: self.run,
            statement: task.statement.clone(),
            inputs: task.inputs.iter().map(|(bytes, stated)| (Blob::of(bytes), stated.clone())).collect(),
            memory: task.memory,
            lease_s: shared.options.lease.as_secs().max(1),
            failed_on: failed_on.to_vec(),
        })
    }

    /// Verifies what a worker handed in.
    fn judge<T>(&self, task: &Task<'_, T>, outcome: &Outcome) -> Result<(T, Blob), String> {
        let (shared, who) = (&self.shared, &outcome.worker);
        if let Some(reason) = shared.state().roster.dismissed(who) {
            return Err(reason.to_owned());
        }
        let blob = match &outcome.made {
            Made::Proof(blob) => blob,
            Made::Failed(reason) => {
                shared.state().roster.failed(who);
                return Err(shown(reason));
            }
        };
        let read = async {
            let store = shared.bus.persist(|| shared.bus.make_store(&shared.job)).await?;
            shared.bus.persist(|| store.get(blob, MAX_PROOF_BYTES)).await
        };
        let read = self.runtime.block_on(read);
        // A server that lost its data has lost proofs as well: nobody's lie.
        if let Err(error @ ClusterError::NoBlob { .. }) = &read {
            shared.state().roster.failed(who);
            return Err(format!("its proof is lost: {error}"));
        }
        let verified = read.map_err(|error| error.to_string()).and_then(|proof| (task.verify)(&proof));
        let mut state = shared.state();
        match verified {
            Ok(proof) => {
                state.roster.did(who, task.step, outcome.seconds);
                Ok((proof, *blob))
            }
            Err(reason) => {
                let is_dismissed = state.roster.lied(who, shared.options.wrong_limit);
                drop(state);
                if is_dismissed {
                    self.runtime.block_on(shared.dismiss(who));
                }
                Err(format!("its proof does not verify: {reason}"))
            }
        }
    }

    /// Removes from the server what nobody needs once a step's proof is saved: what is not heard
    /// goes with the job.
    pub fn settle(&self, step: StepName) {
        let Some((inputs, made)) = self.state().used.remove(&step) else { return };
        let (shared, keeps_proof) = (Arc::clone(&self.shared), self.is_final);
        self.runtime.spawn(async move {
            let (bus, job) = (&shared.bus, &shared.job);
            let _ = bus.clear_order(job, step).await;
            let _ = bus.clear_outcome(job, step).await;
            if let Ok(store) = bus.store(job).await {
                for blob in inputs.iter().chain((!keeps_proof).then_some(&made)) {
                    store.remove(blob).await;
                }
            }
        });
    }
}
