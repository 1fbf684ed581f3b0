//! How a worker takes an order, carries it out and hands in what it made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::consumer::{Consumer, pull};
use async_nats::jetstream::{AckKind, Message};
use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::time::{interval, sleep, timeout};

use super::{PATIENCE, Worker, is_job};
use crate::ClusterError;
use crate::bus::{Blobs, PING};
use crate::message::{self, Blob, Class, Made, Order, Outcome, Presence, Working, shown};
use crate::steps::DoSteps;

/// How long a worker waits when there is nothing to do.
const IDLE: Duration = Duration::from_millis(150);
/// For how long an order is left to others that this worker cannot or should not carry out.
const LEFT_TO_OTHERS: Duration = Duration::from_secs(2);
/// How long a worker that lives may take to answer: as long as it may be away after the server was.
const RECONNECTING: Duration = Duration::from_secs(5);
/// For how long after a connection is made an order may be one that another worker has.
const YOUNG: Duration = Duration::from_secs(10);
/// Deliveries of an order after which a worker carries it out that failed it before.
const LEFT_DELIVERIES: i64 = 5;
/// Attempts to reach the blobs of an order that is still wanted.
const STORE_ATTEMPTS: u32 = 5;

impl<S: DoSteps> Worker<S> {
    /// Takes orders and carries them out, one after the other.
    pub(super) async fn slot(self: Arc<Self>) {
        while !self.stop.is_stopped() {
            match self.take().await {
                Ok(Some(taken)) => self.carry_out(taken).await,
                Ok(None) => sleep(IDLE).await,
                Err(error) => {
                    tracing::info!("no order taken: {error}");
                    sleep(5 * IDLE).await;
                }
            }
        }
    }

    /// The next order that this worker is to carry out, with what it is proved from.
    async fn take(&self) -> Result<Option<Taken<S::Prepared>>, ClusterError> {
        let mut queues = self.intake.lock().await;
        if queues.is_empty() {
            for class in Class::ALL {
                queues.push((class, self.bus.consumer(class, None).await?));
            }
        }
        for (class, queue) in &*queues {
            let Some(message) = (match next(queue).await {
                Ok(message) => message,
                Err(error) => {
                    // The queue may be gone: it is looked for anew.
                    queues.clear();
                    return Err(error);
                }
            }) else {
                continue;
            };
            match message::decode::<Order>(&message.payload) {
                Ok(order) if order.step.class() == *class && is_job(&order.job) => return self.prepare(message, order).await,
                Ok(_) => self.say_once("an order is in the wrong queue, and is not carried out".into()),
                Err(error) => self.say_once(format!("an order is not carried out: {error}")),
            }
            settle(&message, AckKind::Term).await;
        }
        Ok(None)
    }

    /// Gets ready to carry out an order, unless it is done, or to be left to others.
    async fn prepare(&self, message: Message, order: Order) -> Result<Option<Taken<S::Prepared>>, ClusterError> {
        if !self.is_wanted(&order).await? {
            settle(&message, AckKind::Ack).await;
            return Ok(None);
        }
        if let Some(room) = self.options.memory.filter(|&room| order.memory > room) {
            let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
            self.say_once(format!(
                "steps that take {:.1} GiB are left to others: this worker has {:.1} GiB for a step",
                gib(order.memory),
                gib(room)
            ));
            settle(&message, AckKind::Nak(Some(LEFT_TO_OTHERS))).await;
            return Ok(None);
        }
        let deliveries = message.info().map_or(0, |info| info.delivered);
        if order.failed_on.contains(&self.who.id) && deliveries < LEFT_DELIVERIES {
            settle(&message, AckKind::Nak(Some(LEFT_TO_OTHERS))).await;
            return Ok(None);
        }
        if deliveries > 1 || self.bus.is_young(YOUNG) {
            if self.is_held(&order).await? {
                settle(&message, AckKind::Nak(Some(LEFT_TO_OTHERS))).await;
                return Ok(None);
            }
            // Who held it may have handed in its proof just before he was asked.
            if !self.is_wanted(&order).await? {
                settle(&message, AckKind::Ack).await;
                return Ok(None);
            }
        }
        let Some(blobs) = self.blobs(&message, &order).await else {
            // An order that is wanted and has no blobs is handed out again, with them.
            settle(&message, if self.stop.is_stopped() { AckKind::Nak(None) } else { AckKind::Ack }).await;
            return Ok(None);
        };
        (self.say)(&format!("{} of job {}: begun", order.step, order.job));
        let working = Working { job: order.job.clone(), step: order.step, attempt: order.attempt };
        self.state().working.push(working.clone());
        self.changed.notify_one();
        let started = Instant::now();
        let (steps, bus, asked, store) = (Arc::clone(&self.steps), self.bus.clone(), order.clone(), blobs.clone());
        let prepare = tokio::task::spawn_blocking(move || {
            let fetch = |blob: &Blob, most| Handle::current().block_on(bus.persist(|| store.get(blob, most)));
            steps.prepare(&asked, &fetch)
        });
        let prepared = self.keep(&message, &order, prepare).await;
        Ok(prepared.map(|prepared| Taken { message, order, working, blobs, prepared: flat(prepared), started }))
    }

    /// Whether the coordinator still waits for this attempt.
    async fn is_wanted(&self, order: &Order) -> Result<bool, ClusterError> {
        let (job, step) = (&order.job, order.step);
        // An outcome is handed in before its order ends, so it is looked for after the order.
        let waits = self.bus.order(job, step).await?.is_some_and(|current| current.attempt == order.attempt);
        Ok(waits && !self.bus.outcome(job, step).await?.is_some_and(|outcome| is_proof(&outcome)))
    }

    /// Whether another worker lives that has an order which came again: after the server was away,
    /// leases are over that are held.
    async fn is_held(&self, order: &Order) -> Result<bool, ClusterError> {
        let mut workers = self.bus.listen("tern.worker.*".into()).await?;
        self.bus.talk(PING.into(), &()).await;
        let held = async {
            while let Some(message) = workers.next().await {
                let Ok(presence) = message::decode::<Presence>(&message.payload) else { continue };
                let has = |working: &Working| (&working.job, working.step, working.attempt) == (&order.job, order.step, order.attempt);
                if presence.worker.id != self.who.id && presence.working.iter().any(has) {
                    return true;
                }
            }
            false
        };
        Ok(timeout(RECONNECTING, held).await.unwrap_or(false))
    }

    /// The store of a job; none if nobody wants the order any more.
    async fn blobs(&self, message: &Message, order: &Order) -> Option<Blobs> {
        let mut attempts = 0;
        loop {
            match self.bus.store(&order.job).await {
                Ok(blobs) => return Some(blobs),
                Err(error) => {
                    let wanted = self.bus.order(&order.job, order.step).await;
                    attempts += u32::from(wanted.is_ok());
                    if matches!(wanted, Ok(None)) || attempts == STORE_ATTEMPTS || self.stop.is_stopped() {
                        tracing::info!("{} of job {} is left: {error}", order.step, order.job);
                        return None;
                    }
                    let _ = message.ack_with(AckKind::Progress).await;
                    sleep(4 * IDLE).await;
                }
            }
        }
    }

    async fn carry_out(&self, taken: Taken<S::Prepared>) {
        let Taken { message, order, working, blobs, prepared, started } = taken;
        let made = match prepared {
            Ok(prepared) => {
                let (steps, asked) = (Arc::clone(&self.steps), order.clone());
                let make = tokio::task::spawn_blocking(move || steps.make(&asked, prepared));
                self.keep(&message, &order, make).await.map(flat)
            }
            Err(reason) => Some(Err(reason)),
        };
        if let Some(made) = made {
            self.hand_in(&message, &order, &blobs, made, started.elapsed()).await;
        }
        self.state().working.retain(|other| *other != working);
        self.changed.notify_one();
    }

    /// Waits for work to be done, and shows the server signs of life. None if this worker is
    /// stopped, which gives the order back.
    async fn keep<T>(&self, message: &Message, order: &Order, work: tokio::task::JoinHandle<T>) -> Option<Result<T, String>> {
        let mut alive = interval(Duration::from_secs(order.lease_s.max(1)) / 3);
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Some(done.map_err(|panic| panic.to_string())),
                _ = alive.tick() => {
                    let _ = message.ack_with(AckKind::Progress).await;
                }
                () = self.stop.stopped() => {
                    settle(message, AckKind::Nak(None)).await;
                    return None;
                }
            }
        }
    }

    /// Hands in what was made, unless the order is withdrawn.
    async fn hand_in(&self, message: &Message, order: &Order, blobs: &Blobs, made: Result<Vec<u8>, String>, took: Duration) {
        let (seconds, bus) = (took.as_secs_f64(), &self.bus);
        let wanted = bus.persist(|| bus.order(&order.job, order.step));
        if !matches!(self.until_stopped(wanted).await, Some(Ok(Some(_)))) {
            settle(message, AckKind::Ack).await;
            return (self.say)(&format!("{} of job {}: withdrawn, {seconds:.1} s in vain", order.step, order.job));
        }
        let made = match made {
            Ok(proof) => match self.until_stopped(bus.persist(|| blobs.put(&proof))).await {
                Some(Ok(blob)) => Made::Proof(blob),
                Some(Err(error)) => Made::Failed(error.to_string()),
                None => return,
            },
            Err(reason) => Made::Failed(shown(&reason)),
        };
        let said = match &made {
            Made::Proof(_) => format!("proved in {seconds:.1} s"),
            Made::Failed(reason) => format!("failed: {reason}"),
        };
        {
            let mut state = self.state();
            let worked = &mut state.worked;
            *if matches!(made, Made::Proof(_)) { &mut worked.done } else { &mut worked.failed } += 1;
        }
        let outcome = Outcome { step: order.step, attempt: order.attempt, worker: self.who.clone(), seconds, made };
        let handed_in = self.until_stopped(bus.persist(|| bus.publish_outcome(&order.job, &outcome))).await;
        if matches!(handed_in, Some(Ok(()))) {
            settle(message, AckKind::Ack).await;
            (self.say)(&format!("{} of job {}: {said}", order.step, order.job));
        }
    }

    /// What a request gives; none if this worker is stopped before, whose order others get when its
    /// lease is over.
    async fn until_stopped<T>(&self, request: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = request => Some(done),
            () = self.stop.stopped() => None,
        }
    }
}

/// An order that was taken.
struct Taken<P> {
    message: Message,
    order: Order,
    working: Working,
    blobs: Blobs,
    prepared: Result<P, String>,
    started: Instant,
}

fn is_proof(outcome: &Result<Outcome, ClusterError>) -> bool {
    matches!(outcome, Ok(Outcome { made: Made::Proof(_), .. }))
}
fn flat<T>(done: Result<Result<T, ClusterError>, String>) -> Result<T, String> {
    done?.map_err(|error| error.to_string())
}

/// The next order of a queue, if there is one.
async fn next(queue: &Consumer<pull::Config>) -> Result<Option<Message>, ClusterError> {
    let request = |error: &dyn core::fmt::Display| ClusterError::Request(error.to_string());
    let next = async {
        let mut orders = queue.fetch().max_messages(1).messages().await.map_err(|error| request(&error))?;
        orders.next().await.transpose().map_err(|error| request(&error))
    };
    timeout(PATIENCE, next).await.map_err(|error| request(&error))?
}

/// Ends an order, as far as the server hears it: if not, it comes again when its lease is over.
async fn settle(message: &Message, kind: AckKind) {
    if let Err(error) = message.ack_with(kind).await {
        tracing::info!("an order was not settled: {error}");
    }
}
