//! The queue: what is asked for, what is being proved, and what is done. The store has the same on disk.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::sync::broadcast;

use crate::child::{Stop, StopReason};
use crate::config::{PROOF_TYPE, Proving};
use crate::metrics::Metrics;
use crate::root::Root;
use crate::store::{Failure, FailureReason, Folder, Kind, Record, Staged, State, Store, StoreError};

/// Events that a slow subscriber may be behind before its stream ends.
const EVENTS: usize = 256;
/// How often a request may be begun without an end before it is given up: it may be what ends the service.
const MOST_STARTS: u32 = 5;
/// Longest time until a process that is told to stop is gone.
const STOPPING: Duration = Duration::from_secs(10);

/// What becomes of requests.
#[derive(Clone, Debug)]
pub struct Event {
    /// Which request.
    pub root: Root,
    /// Why it has no proof; none if it has one.
    pub failure: Option<Failure>,
}

/// All requests, and who works on them.
#[derive(Debug)]
pub struct Queue {
    store: Store,
    max_queued: usize,
    max_stored: usize,
    requests: Mutex<Requests>,
    /// A request has come, or one that was being proved has ended.
    changed: Condvar,
    events: broadcast::Sender<Event>,
    metrics: Arc<Metrics>,
}

#[derive(Debug)]
struct Requests {
    all: HashMap<Root, Entry>,
    next_sequence: u64,
    is_open: bool,
}

#[derive(Debug)]
struct Entry {
    record: Record,
    running: Option<Running>,
}

/// A request that is being proved.
#[derive(Clone, Debug)]
struct Running {
    stop: Arc<Stop>,
    progress: Arc<Mutex<Value>>,
    began: Instant,
}

/// A request to work on.
#[derive(Debug)]
pub struct Job {
    /// Which.
    pub root: Root,
    /// Its files.
    pub folder: Folder,
    /// Whether to stop.
    pub stop: Arc<Stop>,
    progress: Arc<Mutex<Value>>,
}

impl Job {
    /// Says how far it is.
    pub fn say(&self, progress: Value) {
        *lock(&self.progress) = progress;
    }
}

/// What became of a job.
#[derive(Debug)]
pub enum Outcome {
    /// The proof is there.
    Proved {
        /// Its length.
        proof_bytes: u64,
    },
    /// There is none.
    Failed(Failure),
    /// It was told to stop.
    Stopped(StopReason),
}

/// Why a request is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Too many wait.
    #[error("{0} requests wait or are being proved, and no more are taken")]
    Full(usize),
    /// The service ends.
    #[error("the service is stopping")]
    Closing,
    /// It cannot be written down.
    #[error("the request cannot be stored: {0}")]
    Store(#[from] std::io::Error),
}

impl Queue {
    /// Opens the folder, with the requests in it.
    ///
    /// # Errors
    ///
    /// If the folder cannot be used.
    pub fn open(proving: &Proving, metrics: Arc<Metrics>) -> Result<Self, StoreError> {
        let (store, records) = Store::open(&proving.data)?;
        let next_sequence = records.last().map_or(0, |(_, record)| record.sequence + 1);
        let all = records.into_iter().map(|(root, record)| (root, Entry { record, running: None })).collect();
        let queue = Self {
            store,
            max_queued: proving.max_queued,
            max_stored: proving.max_stored,
            requests: Mutex::new(Requests { all, next_sequence, is_open: true }),
            changed: Condvar::new(),
            events: broadcast::Sender::new(EVENTS),
            metrics,
        };
        queue.clean();
        Ok(queue)
    }

    /// After a start: what done requests no longer need, and requests that were begun too often.
    fn clean(&self) {
        let mut requests = self.lock();
        let mut given_up = Vec::new();
        for (&root, entry) in &requests.all {
            match entry.record.state {
                State::Queued if entry.record.starts >= MOST_STARTS => given_up.push(root),
                State::Queued => {}
                State::Complete { .. } | State::Failed(_) => self.store.tidy(root),
            }
        }
        for root in given_up {
            let error = format!("given up: {MOST_STARTS} times the service ended while this was being proved");
            self.conclude(&mut requests, root, State::Failed(Failure { reason: FailureReason::InternalError, error }));
        }
        self.trim(&mut requests);
        self.count(&requests);
    }

    /// A stream of what happens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Whether a request with this root may come; false if it is there already, waiting, being
    /// proved or proved.
    ///
    /// # Errors
    ///
    /// If it may not.
    pub fn admits(&self, root: Root) -> Result<bool, Refusal> {
        self.admit(&self.lock(), root)
    }

    fn admit(&self, requests: &Requests, root: Root) -> Result<bool, Refusal> {
        match requests.all.get(&root).map(|entry| &entry.record.state) {
            Some(State::Queued | State::Complete { .. }) => Ok(false),
            Some(State::Failed(_)) | None if !requests.is_open => Err(Refusal::Closing),
            Some(State::Failed(_)) | None if requests.queued() >= self.max_queued => Err(Refusal::Full(self.max_queued)),
            Some(State::Failed(_)) | None => Ok(true),
        }
    }

    /// A place for the files of a request that is to come.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn stage(&self) -> Result<Staged, Refusal> {
        Ok(self.store.stage()?)
    }

    /// Takes a request whose files are written. One that is there already stays as it is; one that
    /// failed begins anew.
    ///
    /// # Errors
    ///
    /// If the queue is full, or the file system refuses.
    pub fn submit(&self, root: Root, staged: &Staged) -> Result<(), Refusal> {
        let mut requests = self.lock();
        if !self.admit(&requests, root)? {
            return Ok(());
        }
        if requests.all.contains_key(&root) {
            self.store.remove(root)?;
            requests.all.remove(&root);
        }
        let record = Record { sequence: requests.next_sequence, submitted: now(), starts: 0, state: State::Queued };
        self.store.put(staged, root, &record)?;
        requests.next_sequence += 1;
        requests.all.insert(root, Entry { record, running: None });
        self.count(&requests);
        self.changed.notify_all();
        Ok(())
    }

    /// Waits for a request to work on, the oldest first. None when the service ends.
    pub fn next(&self) -> Option<Job> {
        let mut requests = self.lock();
        loop {
            if !requests.is_open {
                return None;
            }
            let Some(root) = requests.oldest_waiting() else {
                requests = self.changed.wait(requests).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            match self.begin(&mut requests, root) {
                Ok(job) => return Some(job),
                Err(error) => {
                    let error = format!("the request's record cannot be written: {error}");
                    self.conclude(&mut requests, root, State::Failed(Failure { reason: FailureReason::InternalError, error }));
                }
            }
        }
    }

    fn begin(&self, requests: &mut Requests, root: Root) -> std::io::Result<Job> {
        let progress = Arc::new(Mutex::new(json!({ "phase": "starting" })));
        let running = Running { stop: Arc::default(), progress, began: Instant::now() };
        let job = Job { root, folder: self.store.folder(root), stop: Arc::clone(&running.stop), progress: Arc::clone(&running.progress) };
        let entry = requests.all.get_mut(&root).ok_or(std::io::ErrorKind::NotFound)?;
        entry.record.starts += 1;
        self.store.set(root, &entry.record)?;
        entry.running = Some(running);
        self.count(requests);
        Ok(job)
    }

    /// Takes back a job with what became of it.
    pub fn finish(&self, root: Root, outcome: Outcome) {
        let mut requests = self.lock();
        let Some(entry) = requests.all.get_mut(&root) else { return };
        let seconds = entry.running.take().map_or(0.0, |running| running.began.elapsed().as_secs_f64());
        match outcome {
            Outcome::Proved { proof_bytes } => {
                self.metrics.proved(seconds, proof_bytes);
                self.conclude(&mut requests, root, State::Complete { seconds, proof_bytes });
            }
            Outcome::Failed(failure) => self.conclude(&mut requests, root, State::Failed(failure)),
            Outcome::Stopped(StopReason::Shutdown) => {
                entry.record.starts -= 1;
                let record = entry.record.clone();
                self.set(root, &record);
            }
            Outcome::Stopped(StopReason::Cancelled) => self.drop_request(&mut requests, root),
        }
        self.trim(&mut requests);
        self.count(&requests);
        self.changed.notify_all();
    }

    /// Removes a request, whatever becomes of it: one that is being proved is stopped first. False
    /// if there is none.
    ///
    /// # Errors
    ///
    /// If its process does not end.
    pub fn cancel(&self, root: Root) -> Result<bool, StillRunning> {
        let mut requests = self.lock();
        let Some(entry) = requests.all.get(&root) else { return Ok(false) };
        let Some(running) = &entry.running else {
            self.drop_request(&mut requests, root);
            self.count(&requests);
            return Ok(true);
        };
        running.stop.ask(StopReason::Cancelled);
        let is_there = |requests: &mut Requests| requests.all.get(&root).is_some_and(|entry| entry.running.is_some());
        let waited = self.changed.wait_timeout_while(requests, STOPPING, is_there);
        let (mut requests, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return Err(StillRunning);
        }
        // It may have ended by itself at that moment.
        if requests.all.contains_key(&root) {
            self.drop_request(&mut requests, root);
            self.count(&requests);
        }
        Ok(true)
    }

    /// Ends all work: what is being proved goes on after the next start.
    pub fn close(&self) {
        let mut requests = self.lock();
        requests.is_open = false;
        requests.all.values().filter_map(|entry| entry.running.as_ref()).for_each(|running| running.stop.ask(StopReason::Shutdown));
        self.changed.notify_all();
    }

    /// What there is to say about a request.
    pub fn status(&self, root: Root) -> Option<Value> {
        let requests = self.lock();
        let Entry { record, running } = requests.all.get(&root)?;
        let mut status = json!({
            "new_payload_request_root": root,
            "proof_type": PROOF_TYPE,
            "submitted": record.submitted,
        });
        match (&record.state, running) {
            (State::Queued, Some(running)) => {
                status["state"] = json!("proving");
                status["seconds"] = json!(running.began.elapsed().as_secs_f64());
                status["progress"] = lock(&running.progress).clone();
            }
            (State::Queued, None) => {
                status["state"] = json!("queued");
                let before = |entry: &&Entry| entry.is_waiting() && entry.record.sequence < record.sequence;
                status["position"] = json!(requests.all.values().filter(before).count());
            }
            (State::Complete { seconds, proof_bytes }, _) => {
                status["state"] = json!("complete");
                status["seconds"] = json!(seconds);
                status["proof_bytes"] = json!(proof_bytes);
            }
            (State::Failed(failure), _) => {
                status["state"] = json!("failed");
                status["reason"] = json!(failure.reason);
                status["error"] = json!(failure.error);
            }
        }
        Some(status)
    }

    /// How a request ended, if it did.
    pub fn ended(&self, root: Root) -> Option<Event> {
        match &self.lock().all.get(&root)?.record.state {
            State::Queued => None,
            State::Complete { .. } => Some(Event { root, failure: None }),
            State::Failed(failure) => Some(Event { root, failure: Some(failure.clone()) }),
        }
    }

    /// The file of a proof that is there.
    pub fn proof(&self, root: Root) -> Option<std::path::PathBuf> {
        let requests = self.lock();
        let entry = requests.all.get(&root)?;
        matches!(entry.record.state, State::Complete { .. }).then(|| self.store.folder(root).proof())
    }

    /// Writes down how a request ended, and tells everyone.
    fn conclude(&self, requests: &mut Requests, root: Root, state: State) {
        let Some(entry) = requests.all.get_mut(&root) else { return };
        entry.record.state = state.clone();
        self.set(root, &entry.record);
        self.store.tidy(root);
        let failure = match state {
            State::Failed(failure) => Some(failure),
            State::Queued | State::Complete { .. } => None,
        };
        match &failure {
            Some(Failure { reason, error }) => {
                tracing::warn!(%root, reason = reason.name(), error, "no proof");
                self.metrics.failed(reason.name());
            }
            None => tracing::info!(%root, "proved"),
        }
        self.tell(Event { root, failure });
    }

    /// Removes a request that nobody works on, and tells everyone.
    fn drop_request(&self, requests: &mut Requests, root: Root) {
        if let Err(error) = self.store.remove(root) {
            tracing::error!(%root, %error, "a request cannot be removed");
        }
        let was_open = requests.all.remove(&root).is_some_and(|entry| entry.record.state == State::Queued);
        if was_open {
            tracing::info!(%root, "cancelled");
            self.metrics.failed("cancelled");
            self.tell(Event { root, failure: Some(Failure { reason: FailureReason::ProvingError, error: "cancelled".to_owned() }) });
        }
    }

    /// Removes the oldest of what is done, if there is too much.
    fn trim(&self, requests: &mut Requests) {
        let mut done: Vec<(u64, Root)> =
            requests.all.iter().filter(|(_, entry)| entry.is_done()).map(|(root, entry)| (entry.record.sequence, *root)).collect();
        done.sort_unstable_by_key(|(sequence, _)| *sequence);
        for (_, root) in done.iter().take(done.len().saturating_sub(self.max_stored)) {
            self.drop_request(requests, *root);
        }
    }

    /// If the record cannot be written, the request is proved or tried again after the next start.
    fn set(&self, root: Root, record: &Record) {
        if let Err(error) = self.store.set(root, record) {
            tracing::error!(%root, %error, "a record cannot be written");
        }
    }

    fn tell(&self, event: Event) {
        // Nobody may be listening.
        let _ = self.events.send(event);
    }

    fn count(&self, requests: &Requests) {
        let count = |is: fn(&Entry) -> bool| requests.all.values().filter(|entry| is(entry)).count();
        self.metrics.queue(count(Entry::is_waiting), count(|entry| entry.running.is_some()), count(Entry::is_done));
    }

    fn lock(&self) -> MutexGuard<'_, Requests> {
        lock(&self.requests)
    }
}

/// A process that was told to stop has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StillRunning;

impl Requests {
    fn queued(&self) -> usize {
        self.all.values().filter(|entry| !entry.is_done()).count()
    }

    fn oldest_waiting(&self) -> Option<Root> {
        let waiting = self.all.iter().filter(|(_, entry)| entry.is_waiting());
        waiting.min_by_key(|(_, entry)| entry.record.sequence).map(|(root, _)| *root)
    }
}

impl Entry {
    fn is_done(&self) -> bool {
        self.record.state != State::Queued
    }

    fn is_waiting(&self) -> bool {
        !self.is_done() && self.running.is_none()
    }
}

/// Writes the bytes of a request.
///
/// # Errors
///
/// Those of the file system.
pub fn write_input(staged: &Staged, kind: Kind, bytes: &[u8]) -> Result<(), Refusal> {
    let path = match kind {
        Kind::Request => staged.folder().request(),
        Kind::Input => staged.folder().input(),
    };
    Ok(crate::store::write(&path, bytes)?)
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
