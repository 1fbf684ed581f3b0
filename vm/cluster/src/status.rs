//! What is going on: who is there, and what waits.

use std::time::Duration;

use futures_util::StreamExt;
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use crate::bus::{Bus, Link, PING, Say};
use crate::message::{self, Class, JobPresence, Presence};
use crate::worker::is_job;
use crate::{ClusterError, Version, runtime};

/// How long everybody has to show up.
const ANSWERS: Duration = Duration::from_millis(1200);
/// Most workers, and most jobs, that are listed.
const LISTED: usize = 10_000;

/// The queue of a class of steps.
#[derive(Clone, Debug, Serialize)]
pub struct Queue {
    /// The class.
    pub class: Class,
    /// Steps that nobody has.
    pub waiting: u64,
    /// Steps that workers have.
    pub in_work: u64,
}

/// What is going on on a server.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Workers that answered, of any version.
    pub workers: Vec<Presence>,
    /// Coordinators that answered.
    pub jobs: Vec<JobPresence>,
    /// The queues of this version.
    pub queues: Vec<Queue>,
}

/// Asks everybody on the server.
///
/// # Errors
///
/// If the server cannot be reached, or does not answer.
pub fn status(link: &Link, version: &Version, say: &Say) -> Result<Status, ClusterError> {
    runtime()?.block_on(async {
        let bus = Bus::connect(link, "tern status", version, say).await?;
        let mut workers = bus.listen("tern.worker.*".into()).await?;
        let mut jobs = bus.listen("tern.job.*".into()).await?;
        bus.talk(PING.into(), &()).await;
        let end = Instant::now() + ANSWERS;
        let mut status = Status { workers: Vec::new(), jobs: Vec::new(), queues: Vec::new() };
        loop {
            tokio::select! {
                Ok(Some(message)) = timeout_at(end, workers.next()) => {
                    let Ok(presence) = message::decode::<Presence>(&message.payload) else { continue };
                    status.workers.retain(|other| other.worker.id != presence.worker.id);
                    if !presence.leaving && status.workers.len() < LISTED {
                        status.workers.push(presence);
                    }
                }
                Ok(Some(message)) = timeout_at(end, jobs.next()) => {
                    let Ok(presence) = message::decode::<JobPresence>(&message.payload) else { continue };
                    status.jobs.retain(|other| other.job != presence.job);
                    if status.jobs.len() < LISTED {
                        status.jobs.push(presence);
                    }
                }
                else => break,
            }
        }
        status.workers.sort_by(|a, b| a.worker.cmp(&b.worker));
        for class in Class::ALL {
            let (waiting, in_work) = bus.lengths(class).await?;
            status.queues.push(Queue { class, waiting, in_work });
        }
        Ok(status)
    })
}

/// Removes everything of a job from the server: for one whose coordinator will not come back.
///
/// # Errors
///
/// If that is no name of a job, or the server cannot be reached or does not answer.
pub fn forget(link: &Link, job: &str, version: &Version, say: &Say) -> Result<(), ClusterError> {
    if !is_job(job) {
        return Err(ClusterError::Order(format!("{} is no name of a job", message::shown(job))));
    }
    runtime()?.block_on(async { Bus::connect(link, "tern", version, say).await?.forget(job).await })
}
