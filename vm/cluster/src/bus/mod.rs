//! The NATS server as queue, store and place to talk.
//!
//! ```text
//! stream TERN_<version>_<CLASS>   subject tern.<version>.work.<class>.<job>.<step>    orders, until a worker has carried them out
//! stream TERN_<version>_RESULTS   subject tern.<version>.result.<job>.<step>          outcomes, until the coordinator has saved the proof
//! object store tern-<job>                                                             programs, inputs and proofs, by their BLAKE3
//! subjects tern.worker.<id>, tern.tell.<id>, tern.job.<job>, tern.ping                talk that nobody keeps
//! ```
//!
//! What must not be lost is in the streams and the store, each under a name of its own, so that it
//! can be asked for; talk only makes it faster.

mod blobs;
mod link;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::object_store;
use async_nats::jetstream::stream::{self, LastRawMessageErrorKind, RetentionPolicy, Stream};
use async_nats::jetstream::{self, Context};
use async_nats::{Client, Subscriber};
use serde::Serialize;
use tokio::time::{sleep, timeout};

use crate::message::{self, Class, Order, Outcome, StepName};
use crate::{ClusterError, Version};

pub use blobs::Blobs;
use link::Connected;
pub use link::{Link, Say};

/// How long orders, outcomes and blobs are kept if nobody comes for them.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long a message of the same id is refused.
const DUPLICATES: Duration = Duration::from_secs(3600);
/// Name of the consumer of each queue.
const WORKERS: &str = "workers";
/// Orders of a queue that may be in work at the same time.
const MAX_IN_WORK: i64 = 100_000;
/// The lease of orders, unless a coordinator sets another.
pub const LEASE: Duration = Duration::from_secs(30);
/// Between two attempts at a request that the server does not answer.
const RETRY: Duration = Duration::from_millis(500);
/// Attempts after which the connection is made anew: it is up, or the request would not have been
/// sent, but nothing comes back.
const ATTEMPTS_A_CONNECTION: u32 = 8;

/// The subject on which everybody is asked to show up.
pub const PING: &str = "tern.ping";

/// A connection to the server, for programs of one version.
#[derive(Clone)]
pub struct Bus {
    client: Client,
    jetstream: Context,
    version: String,
    connected: Connected,
    say: Say,
}

impl Bus {
    /// Connects.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached, or does not let this program in.
    pub async fn connect(link: &Link, name: &str, version: &Version, say: &Say) -> Result<Self, ClusterError> {
        let connected = Connected::default();
        let client = link.connect(name, &connected, say).await?;
        Ok(Self { jetstream: jetstream::new(client.clone()), client, version: version.token(), connected, say: Arc::clone(say) })
    }

    /// Whether the connection was lost, and made again within this time: the server may have been
    /// killed, and have forgotten what it handed out last.
    #[must_use]
    pub fn is_young(&self, age: Duration) -> bool {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|at| at.elapsed() < age)
    }

    /// A name that nobody else has.
    #[must_use]
    pub fn unique(&self) -> String {
        self.client.new_inbox().rsplit('.').next().unwrap_or_default().to_owned()
    }

    /// Does a request until the server answers it, and says so if that takes several attempts.
    ///
    /// # Errors
    ///
    /// What no later attempt would change.
    pub async fn persist<T, F: Future<Output = Result<T, ClusterError>>>(&self, mut request: impl FnMut() -> F) -> Result<T, ClusterError> {
        let mut attempts = 0_u32;
        loop {
            match request().await {
                Err(error) if error.may_pass() => {
                    if attempts.is_power_of_two() {
                        (self.say)(&format!("{error}; trying again"));
                    }
                    attempts += 1;
                    if attempts.is_multiple_of(ATTEMPTS_A_CONNECTION) && self.client.connection_state() == State::Connected {
                        (self.say)("the connection to the server is made anew");
                        let _ = self.client.force_reconnect().await;
                    }
                    sleep(RETRY * attempts.min(10)).await;
                }
                done => return done,
            }
        }
    }

    /// Makes the queues of this version, unless they are there.
    ///
    /// # Errors
    ///
    /// If the server refuses, or does not answer.
    pub async fn make_queues(&self) -> Result<(), ClusterError> {
        for class in Class::ALL {
            self.queue(class).await?;
        }
        self.results().await.map(drop)
    }

    async fn queue(&self, class: Class) -> Result<Stream, ClusterError> {
        let config = stream::Config {
            name: format!("TERN_{}_{}", self.version, class.word().to_uppercase()),
            subjects: vec![format!("tern.{}.work.{}.>", self.version, class.word())],
            retention: RetentionPolicy::WorkQueue,
            max_age: KEPT,
            duplicate_window: DUPLICATES,
            max_message_size: message::MAX_MESSAGE_BYTES as i32,
            ..Default::default()
        };
        self.stream(config).await
    }

    async fn results(&self) -> Result<Stream, ClusterError> {
        let config = stream::Config {
            name: format!("TERN_{}_RESULTS", self.version),
            subjects: vec![format!("tern.{}.result.>", self.version)],
            max_age: KEPT,
            max_message_size: message::MAX_MESSAGE_BYTES as i32,
            ..Default::default()
        };
        self.stream(config).await
    }

    async fn stream(&self, config: stream::Config) -> Result<Stream, ClusterError> {
        self.jetstream.get_or_create_stream(config).await.map_err(|error| ClusterError::JetStream(error.to_string()))
    }

    /// What workers take the orders of a class from: as it is, or with this lease.
    ///
    /// # Errors
    ///
    /// If the server refuses, or does not answer.
    pub async fn consumer(&self, class: Class, lease: Option<Duration>) -> Result<Consumer<pull::Config>, ClusterError> {
        let stream = self.queue(class).await?;
        if let (None, Ok(consumer)) = (lease, stream.get_consumer(WORKERS).await) {
            return Ok(consumer);
        }
        let config = pull::Config {
            durable_name: Some(WORKERS.into()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: lease.unwrap_or(LEASE),
            max_ack_pending: MAX_IN_WORK,
            ..Default::default()
        };
        stream.create_consumer(config).await.map_err(|error| ClusterError::JetStream(error.to_string()))
    }

    /// Orders of a class that wait, and those that are in work.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub async fn lengths(&self, class: Class) -> Result<(u64, u64), ClusterError> {
        let stream = self.queue(class).await?;
        let total = stream.cached_info().state.messages;
        let in_work = match stream.consumer_info(WORKERS).await {
            Ok(info) => info.num_ack_pending as u64,
            // No worker and no coordinator was here yet.
            Err(_) => 0,
        };
        Ok((total.saturating_sub(in_work), in_work))
    }

    fn work_subject(&self, job: &str, step: StepName) -> String {
        format!("tern.{}.work.{}.{job}.{step}", self.version, step.class().word())
    }

    fn result_subject(&self, job: &str, step: StepName) -> String {
        format!("tern.{}.result.{job}.{step}", self.version)
    }

    /// Where outcomes of a job are heard of as they come.
    #[must_use]
    pub fn outcomes_of(&self, job: &str) -> String {
        format!("tern.{}.result.{job}.*", self.version)
    }

    /// Puts an order into its queue. False if the server has seen this attempt at it before.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub async fn publish_order(&self, order: &Order) -> Result<bool, ClusterError> {
        let id = blake3::hash(format!("{} {} {}", order.job, order.step, order.attempt).as_bytes());
        let message = PublishMessage::build().payload(message::encode(order)?.into()).message_id(id.to_hex());
        let sent = self.jetstream.send_publish(self.work_subject(&order.job, order.step), message).await.map_err(request)?;
        Ok(!sent.await.map_err(request)?.duplicate)
    }

    /// The order for this step that waits or is in work, if there is one.
    ///
    /// # Errors
    ///
    /// If the server does not answer, or the order cannot be read.
    pub async fn order(&self, job: &str, step: StepName) -> Result<Option<Order>, ClusterError> {
        let queue = self.queue(step.class()).await?;
        let bytes = last(&queue, &self.work_subject(job, step)).await?;
        bytes.map(|bytes| Ok(message::decode(&bytes)?)).transpose()
    }

    /// What became of a step, if anything did: not trusted.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub async fn outcome(&self, job: &str, step: StepName) -> Result<Option<Result<Outcome, ClusterError>>, ClusterError> {
        let bytes = last(&self.results().await?, &self.result_subject(job, step)).await?;
        Ok(bytes.map(|bytes| Ok(message::decode::<Outcome>(&bytes)?)))
    }

    /// Keeps what became of a step for its coordinator, and tells it.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub async fn publish_outcome(&self, job: &str, outcome: &Outcome) -> Result<(), ClusterError> {
        let subject = self.result_subject(job, outcome.step);
        let sent = self.jetstream.publish(subject, message::encode(outcome)?.into()).await.map_err(request)?;
        sent.await.map_err(request).map(drop)
    }

    /// Takes back the order for a step.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub async fn clear_order(&self, job: &str, step: StepName) -> Result<(), ClusterError> {
        delete(&self.queue(step.class()).await?, &self.work_subject(job, step)).await
    }

    /// Removes what became of a step.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub async fn clear_outcome(&self, job: &str, step: StepName) -> Result<(), ClusterError> {
        purge(&self.results().await?, self.result_subject(job, step)).await
    }

    /// Removes everything of a job.
    ///
    /// # Errors
    ///
    /// If the server does not answer.
    pub async fn forget(&self, job: &str) -> Result<(), ClusterError> {
        for class in Class::ALL {
            let all = format!("tern.{}.work.{}.{job}.>", self.version, class.word());
            delete(&self.queue(class).await?, &all).await?;
        }
        purge(&self.results().await?, format!("tern.{}.result.{job}.>", self.version)).await?;
        self.jetstream.delete_object_store(bucket(job)).await.map_err(request).map(drop)
    }

    /// Makes the store of a job's blobs, unless it is there.
    ///
    /// # Errors
    ///
    /// If the server refuses, or does not answer.
    pub async fn make_store(&self, job: &str) -> Result<Blobs, ClusterError> {
        let config = object_store::Config { bucket: bucket(job), max_age: KEPT, num_replicas: 1, ..Default::default() };
        let store = match self.jetstream.get_object_store(bucket(job)).await {
            Ok(store) => store,
            Err(_) => self.jetstream.create_object_store(config).await.map_err(|error| ClusterError::JetStream(error.to_string()))?,
        };
        Ok(Blobs { job: job.to_owned(), store })
    }

    /// The store of a job's blobs.
    ///
    /// # Errors
    ///
    /// If there is none, or the server does not answer.
    pub async fn store(&self, job: &str) -> Result<Blobs, ClusterError> {
        let store = self.jetstream.get_object_store(bucket(job)).await.map_err(request)?;
        Ok(Blobs { job: job.to_owned(), store })
    }

    /// Says something that nobody keeps.
    pub async fn talk<T: Serialize>(&self, subject: String, message: &T) {
        let sent = match message::encode(message) {
            Ok(bytes) => self.client.publish(subject, bytes.into()).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = sent {
            tracing::info!("not said: {error}");
        }
    }

    /// Waits until what was said is on its way.
    pub async fn flush(&self) {
        let _ = timeout(Duration::from_secs(2), self.client.flush()).await;
    }

    /// Listens to what is said on a subject.
    ///
    /// # Errors
    ///
    /// If the connection is closed.
    pub async fn listen(&self, subject: String) -> Result<Subscriber, ClusterError> {
        self.client.subscribe(subject).await.map_err(request)
    }
}

fn bucket(job: &str) -> String {
    format!("tern-{job}")
}

fn request(error: impl core::fmt::Display) -> ClusterError {
    ClusterError::Request(error.to_string())
}

/// The last message of a subject.
async fn last(stream: &Stream, subject: &str) -> Result<Option<Vec<u8>>, ClusterError> {
    match stream.get_last_raw_message_by_subject(subject).await {
        Ok(message) => Ok(Some(message.payload.to_vec())),
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(request(error)),
    }
}

/// Removes the messages of a subject from a queue, one by one: server 2.9 makes consumers skip
/// other messages when a part of their stream is purged.
async fn delete(queue: &Stream, subject: &str) -> Result<(), ClusterError> {
    loop {
        match queue.get_last_raw_message_by_subject(subject).await {
            // What is gone meanwhile need not be removed.
            Ok(message) => drop(queue.delete_message(message.sequence).await),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => return Ok(()),
            Err(error) => return Err(request(error)),
        }
    }
}

async fn purge(stream: &Stream, subject: String) -> Result<(), ClusterError> {
    stream.purge().filter(subject).await.map_err(request).map(drop)
}
