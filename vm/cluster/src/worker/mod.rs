//! A worker: takes orders, carries them out, and hands in proofs.

mod orders;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::Subscriber;
use async_nats::jetstream::consumer::{Consumer, pull};
use futures_util::StreamExt;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};
use tokio::time::{interval, timeout};

use crate::bus::{Bus, Link, PING, Say};
use crate::message::{self, Class, Presence, Tell, Who, Working, shown};
use crate::steps::DoSteps;
use crate::{ClusterError, Version, runtime};

/// How often a worker shows up unasked.
pub const PRESENCE: Duration = Duration::from_secs(3);
/// How long the server may take to say that there is nothing to do.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a worker works.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// The server.
    pub link: Link,
    /// What people call it, such as the machine's name.
    pub name: String,
    /// What it proves on, for reports.
    pub device: String,
    /// Steps done at the same time.
    pub jobs: NonZeroUsize,
    /// Memory that each may take, in bytes; orders that need more are left to others.
    pub memory: Option<u64>,
    /// What it runs: [`Version::own`], unless it pretends.
    pub version: Version,
}

/// Ends a worker: at a signal, or from another thread.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Lets the worker give back what it is doing, and end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is to end.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// One that SIGTERM and SIGINT end.
    ///
    /// # Errors
    ///
    /// If the system does not let this program hear them.
    pub fn at_signals() -> Result<Self, ClusterError> {
        let stop = Self::default();
        let (heard, runtime) = (stop.clone(), runtime()?);
        let unheard = |error: std::io::Error| ClusterError::Setup(format!("signals are not heard: {error}"));
        let [mut terminate, mut interrupt] = runtime
            .block_on(async { Ok::<_, std::io::Error>([signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?]) })
            .map_err(unheard)?;
        std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            });
            heard.stop();
        });
        Ok(stop)
    }

    async fn stopped(&self) {
        let _ = self.0.subscribe().wait_for(|&stopped| stopped).await;
    }
}

/// What a worker did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worked {
    /// Steps handed in.
    pub done: u64,
    /// Steps that failed.
    pub failed: u64,
}

/// Works until it is stopped, or sent away.
///
/// # Errors
///
/// If the server cannot be reached at the start, or a coordinator sends this worker away.
pub fn work<S: DoSteps>(options: &WorkerOptions, steps: S, stop: &Stop, say: &Say) -> Result<Worked, ClusterError> {
    let runtime = runtime()?;
    let worked = runtime.block_on(async {
        let worker = Arc::new(Worker::start(options, steps, stop.clone(), Arc::clone(say)).await?);
        worker.run().await
    });
    // A step in progress, whose order is given back, is not waited for.
    runtime.shutdown_background();
    worked
}

struct Worker<S> {
    bus: Bus,
    who: Who,
    options: WorkerOptions,
    steps: Arc<S>,
    stop: Stop,
    say: Say,
    /// Held by the one that takes and prepares an order, so that segments are executed in the order
    /// in which they come.
    intake: tokio::sync::Mutex<Vec<(Class, Consumer<pull::Config>)>>,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    working: Vec<Working>,
    worked: Worked,
    dismissed: Option<String>,
    /// What has been said once.
    said: BTreeSet<String>,
}

impl<S: DoSteps> Worker<S> {
    async fn start(options: &WorkerOptions, steps: S, stop: Stop, say: Say) -> Result<Self, ClusterError> {
        let bus = Bus::connect(&options.link, &format!("tern worker {}", options.name), &options.version, &say).await?;
        bus.persist(|| bus.make_queues()).await?;
        let who = Who { id: bus.unique(), name: options.name.clone(), device: options.device.clone() };
        Ok(Self {
            bus,
            who,
            options: options.clone(),
            steps: Arc::new(steps),
            stop,
            say,
            intake: tokio::sync::Mutex::default(),
            state: Mutex::default(),
            changed: Notify::new(),
        })
    }

    async fn run(self: Arc<Self>) -> Result<Worked, ClusterError> {
        let told = self.bus.listen(format!("tern.tell.{}", self.who.id)).await?;
        let pings = self.bus.listen(PING.into()).await?;
        let mut tasks = vec![tokio::spawn(Arc::clone(&self).listen(told)), tokio::spawn(Arc::clone(&self).show_up(pings))];
        for _ in 0..self.options.jobs.get() {
            tasks.push(tokio::spawn(Arc::clone(&self).slot()));
        }
        self.stop.stopped().await;
        // The slots give their orders back.
        for task in tasks.drain(2..) {
            let _ = timeout(PATIENCE, task).await;
        }
        tasks.iter().for_each(tokio::task::JoinHandle::abort);
        self.bus.talk(format!("tern.worker.{}", self.who.id), &self.presence(true)).await;
        self.bus.flush().await;
        let state = self.state();
        state.dismissed.clone().map_or(Ok(state.worked), |reason| Err(ClusterError::Dismissed(reason)))
    }

    /// Hears what coordinators say.
    async fn listen(self: Arc<Self>, mut told: Subscriber) {
        while let Some(message) = told.next().await {
            match message::decode(&message.payload) {
                Ok(Tell::Version(theirs)) => {
                    let own = &self.options.version;
                    self.say_once(format!("a coordinator of version {theirs} has no work for this worker, which is of version {own}"));
                }
                Ok(Tell::Dismissed(reason)) => {
                    self.state().dismissed = Some(shown(&reason));
                    self.stop.stop();
                }
                Err(error) => self.say_once(error.to_string()),
            }
        }
    }

    /// Shows up when something changes, when asked, and every few seconds.
    async fn show_up(self: Arc<Self>, mut pings: Subscriber) {
        let mut often = interval(PRESENCE);
        loop {
            tokio::select! {
                _ = often.tick() => {}
                () = self.changed.notified() => {}
                ping = pings.next() => if ping.is_none() { return },
            }
            let presence = self.presence(false);
            self.bus.talk(format!("tern.worker.{}", self.who.id), &presence).await;
        }
    }

    fn presence(&self, leaving: bool) -> Presence {
        let state = self.state();
        Presence {
            worker: self.who.clone(),
            version: self.options.version.clone(),
            jobs: self.options.jobs.get(),
            memory: self.options.memory,
            working: state.working.clone(),
            done: state.worked.done,
            leaving,
        }
    }

    fn say_once(&self, text: String) {
        if self.state().said.insert(text.clone()) {
            (self.say)(&text);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether this can be the name of a job: it becomes part of a bucket's.
pub fn is_job(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
