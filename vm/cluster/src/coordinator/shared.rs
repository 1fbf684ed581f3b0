//! What the threads that wait for steps share with those that listen to workers and server.

use std::collections::HashMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_nats::Subscriber;
use futures_util::StreamExt;
use tokio::time::interval;

use super::CoordinatorOptions;
use crate::ClusterError;
use crate::bus::{Bus, PING, Say};
use crate::message::{self, Blob, Class, JobPresence, Outcome, Presence, StepName, Tell, Who};
use crate::roster::Roster;

/// How often it is said that there are no workers.
const ALONE: Duration = Duration::from_secs(30);
/// Workers that may take the same attempt and never be heard of again, before that counts as a failure.
const LOSSES: usize = 3;

/// What the threads that wait for steps share with those that listen.
pub struct Shared {
    pub bus: Bus,
    pub job: String,
    pub options: CoordinatorOptions,
    pub proof: String,
    pub say: Say,
    pub state: Mutex<State>,
}

#[derive(Default)]
pub struct State {
    /// Steps that are waited for.
    pub waiting: HashMap<StepName, Waiting>,
    pub roster: Roster,
    pub done: u64,
    /// The first step's error that ends the run.
    pub failure: Option<ClusterError>,
    /// Blobs that a step was made from, and what it made, until it is saved.
    pub used: HashMap<StepName, (Vec<Blob>, Blob)>,
}

pub struct Waiting {
    /// Hears of outcomes.
    pub heard: Sender<Outcome>,
    /// Memory that the step takes, in bytes.
    pub memory: u64,
    pub attempt: u32,
    /// Workers seen at this attempt, the last one since when.
    pub takers: Vec<String>,
    pub taken: Option<Instant>,
}

impl Shared {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes queues and store, and listens.
    pub async fn begin(self: &Arc<Self>) -> Result<(), ClusterError> {
        let bus = &self.bus;
        bus.make_queues().await?;
        for class in Class::ALL {
            bus.consumer(class, Some(self.options.lease)).await?;
        }
        bus.make_store(&self.job).await?;
        let outcomes = bus.listen(bus.outcomes_of(&self.job)).await?;
        let (workers, pings) = (bus.listen("tern.worker.*".into()).await?, bus.listen(PING.into()).await?);
        tokio::spawn(Arc::clone(self).listen_to_outcomes(outcomes));
        tokio::spawn(Arc::clone(self).listen_to_workers(workers));
        tokio::spawn(Arc::clone(self).show_up(pings));
        bus.talk(PING.into(), &()).await;
        Ok(())
    }

    async fn listen_to_outcomes(self: Arc<Self>, mut outcomes: Subscriber) {
        while let Some(message) = outcomes.next().await {
            let Ok(outcome) = message::decode::<Outcome>(&message.payload) else { continue };
            if let Some(waiting) = self.state().waiting.get(&outcome.step) {
                let _ = waiting.heard.send(outcome);
            }
        }
    }

    async fn listen_to_workers(self: Arc<Self>, mut workers: Subscriber) {
        let mut alone = interval(ALONE);
        alone.tick().await;
        loop {
            tokio::select! {
                message = workers.next() => match message {
                    Some(message) => self.hear(&message.payload).await,
                    None => return,
                },
                _ = alone.tick() => self.say_what_is_missing(),
            }
        }
    }

    /// Says why nothing is done, if nobody can do anything.
    fn say_what_is_missing(&self) {
        let (needed, room) = {
            let state = self.state();
            (state.waiting.values().map(|waiting| waiting.memory).min(), state.roster.most_memory())
        };
        let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
        match (needed, room) {
            (Some(_), None) => (self.say)(&format!(
                "no worker of version {} is there; start one with `tern cluster worker --nats URL`",
                self.options.version
            )),
            (Some(needed), Some(room)) if needed > room => (self.say)(&format!(
                "no worker has room for a step: it takes {:.1} GiB, and the largest has {:.1} GiB; start another with fewer --jobs, or segments of fewer --segment-rows",
                gib(needed),
                gib(room)
            )),
            _ => {}
        }
    }

    /// Hears a worker.
    async fn hear(&self, payload: &[u8]) {
        let Ok(presence) = message::decode::<Presence>(payload) else { return };
        let is_other = {
            let mut state = self.state();
            for working in presence.working.iter().filter(|working| working.job == self.job) {
                if let Some(waiting) = state.waiting.get_mut(&working.step).filter(|waiting| waiting.attempt == working.attempt) {
                    waiting.taken_by(&presence.worker.id);
                }
            }
            state.roster.heard(&presence, &self.options.version)
        };
        if is_other {
            (self.say)(&format!("{} gets no work: it is of version {}, not {}", presence.worker, presence.version, self.options.version));
            self.bus.talk(format!("tern.tell.{}", token(&presence.worker)), &Tell::Version(self.options.version.clone())).await;
        }
    }

    async fn show_up(self: Arc<Self>, mut pings: Subscriber) {
        while pings.next().await.is_some() {
            let presence = {
                let state = self.state();
                JobPresence {
                    job: self.job.clone(),
                    version: self.options.version.clone(),
                    proof: self.proof.clone(),
                    handed_out: state.waiting.len(),
                    done: state.done,
                }
            };
            self.bus.talk(format!("tern.job.{}", self.job), &presence).await;
        }
    }

    pub async fn dismiss(&self, who: &Who) {
        let reason = self.state().roster.dismissed(who).unwrap_or_default().to_owned();
        (self.say)(&format!("{who} gets no more work: it {reason}"));
        self.bus.talk(format!("tern.tell.{}", token(who)), &Tell::Dismissed(reason)).await;
    }

    pub fn attempt(&self, step: StepName) -> u32 {
        self.state().waiting.get(&step).map_or(0, |waiting| waiting.attempt)
    }

    pub fn begin_attempt(&self, step: StepName, attempt: u32) {
        if let Some(waiting) = self.state().waiting.get_mut(&step) {
            if waiting.attempt != attempt {
                waiting.takers.clear();
                waiting.taken = None;
            }
            waiting.attempt = attempt;
        }
    }

    /// Who has a step for too long, or lost it, and why it is to be handed out again.
    pub fn overdue(&self, step: StepName) -> Option<(String, String)> {
        let mut state = self.state();
        let waiting = state.waiting.get(&step)?;
        let last = waiting.takers.last()?.clone();
        let (takers, taken) = (waiting.takers.len(), waiting.taken?.elapsed());
        let reason = if takers >= LOSSES {
            format!("{takers} workers took it and were not heard of again, the last of them {}", state.roster.name(&last))
        } else if taken >= self.options.step_limit {
            format!("{} has had it for {} s", state.roster.name(&last), taken.as_secs())
        } else {
            return None;
        };
        state.roster.failed_id(&last);
        Some((last, reason))
    }
}

impl Waiting {
    fn taken_by(&mut self, worker: &str) {
        if !self.takers.iter().any(|taker| taker == worker) {
            self.takers.push(worker.to_owned());
            self.taken = Some(Instant::now());
        }
    }
}

/// A worker's id as part of a subject, in which some characters have a meaning.
fn token(who: &Who) -> String {
    who.id.chars().filter(char::is_ascii_alphanumeric).take(64).collect()
}
