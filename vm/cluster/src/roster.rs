//! Who the workers are, what they did, and who is sent away.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::Version;
use crate::message::{Class, Presence, StepName, Who, shown};
use crate::worker::PRESENCE;

/// Without a sign of life for so long, a worker counts as gone.
pub const GONE: Duration = PRESENCE.saturating_mul(5);
/// Workers that are remembered: those that did something stay.
const REMEMBERED: usize = 4096;

/// What a worker did for a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Deeds {
    /// Segments that it proved.
    pub segments: u32,
    /// Lifts.
    pub lifts: u32,
    /// Joins.
    pub joins: u32,
    /// Wraps.
    pub wraps: u32,
    /// Seconds that these took.
    pub seconds: f64,
    /// Proofs that did not verify.
    pub wrong: u32,
    /// Steps that it could not do, or not in time.
    pub failed: u32,
}

/// A worker, for the report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkerReport {
    /// What people call it.
    pub name: String,
    /// What it proves on.
    pub device: String,
    /// What it did.
    #[serde(flatten)]
    pub deeds: Deeds,
    /// Why it gets no work, if it gets none.
    pub dismissed: Option<String>,
}

/// The workers that a coordinator has heard of.
#[derive(Default)]
pub struct Roster {
    workers: BTreeMap<String, Entry>,
}

struct Entry {
    who: Who,
    seen: Option<Instant>,
    memory: Option<u64>,
    deeds: Deeds,
    dismissed: Option<String>,
}

impl Roster {
    /// Hears a worker. True if it is of another version, and is to be told so: once.
    pub fn heard(&mut self, presence: &Presence, own: &Version) -> bool {
        let other = presence.version != *own;
        let Some(entry) = self.entry(&presence.worker) else { return false };
        let is_new = entry.seen.is_none();
        entry.seen = (!presence.leaving).then(Instant::now);
        entry.memory = presence.memory;
        if other {
            entry.dismissed = Some(format!("is of version {}", presence.version));
        }
        other && is_new
    }

    /// Counts a step that a worker did.
    pub fn did(&mut self, who: &Who, step: StepName, seconds: f64) {
        let Some(Entry { deeds, .. }) = self.entry(who) else { return };
        *match step.class() {
            Class::Segment => &mut deeds.segments,
            Class::Lift => &mut deeds.lifts,
            Class::Join => &mut deeds.joins,
            Class::Wrap => &mut deeds.wraps,
        } += 1;
        deeds.seconds += if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
    }

    /// Counts a step that a worker did not do.
    pub fn failed(&mut self, who: &Who) {
        if let Some(entry) = self.entry(who) {
            entry.deeds.failed += 1;
        }
    }

    /// The same, of a worker that was heard of.
    pub fn failed_id(&mut self, id: &str) {
        if let Some(entry) = self.workers.get_mut(id) {
            entry.deeds.failed += 1;
        }
    }

    /// Counts a wrong proof. True if that is one too many, so that the worker is to be sent away.
    pub fn lied(&mut self, who: &Who, most: u32) -> bool {
        let Some(entry) = self.entry(who) else { return false };
        entry.deeds.wrong += 1;
        if entry.deeds.wrong < most || entry.dismissed.is_some() {
            return false;
        }
        entry.dismissed = Some(format!("handed in {} proofs that do not verify", entry.deeds.wrong));
        true
    }

    /// Why a worker gets no work, if it gets none.
    pub fn dismissed(&self, who: &Who) -> Option<&str> {
        self.workers.get(&who.id)?.dismissed.as_deref()
    }

    /// The name of a worker.
    pub fn name(&self, id: &str) -> String {
        self.workers.get(id).map_or_else(|| format!("worker {}", shown(id)), |entry| entry.who.to_string())
    }

    /// The most memory in bytes that a step may take with one of the workers that get work and were
    /// heard of late; none if there is no worker.
    pub fn most_memory(&self) -> Option<u64> {
        let there = self.workers.values().filter(|entry| entry.dismissed.is_none() && entry.is_there());
        there.map(|entry| entry.memory.unwrap_or(u64::MAX)).max()
    }

    /// Who did something, or was sent away.
    pub fn report(&self) -> Vec<WorkerReport> {
        let told = self.workers.values().filter(|entry| entry.has_deeds() || entry.dismissed.is_some());
        let mut report: Vec<_> = told
            .map(|Entry { who, deeds, dismissed, .. }| WorkerReport {
                name: shown(&who.name),
                device: shown(&who.device),
                deeds: *deeds,
                dismissed: dismissed.clone(),
            })
            .collect();
        report.sort_by(|a, b| a.name.cmp(&b.name));
        report
    }

    /// The entry of a worker; none if there are too many to remember.
    fn entry(&mut self, who: &Who) -> Option<&mut Entry> {
        if !self.workers.contains_key(&who.id) && self.workers.len() >= REMEMBERED {
            self.workers.retain(|_, entry| entry.has_deeds() || entry.is_there());
            if self.workers.len() >= REMEMBERED {
                return None;
            }
        }
        let new = || Entry { who: who.clone(), seen: None, memory: None, deeds: Deeds::default(), dismissed: None };
        Some(self.workers.entry(who.id.clone()).or_insert_with(new))
    }
}

impl Entry {
    fn is_there(&self) -> bool {
        self.seen.is_some_and(|seen| seen.elapsed() < GONE)
    }

    fn has_deeds(&self) -> bool {
        self.deeds != Deeds::default()
    }
}

#[cfg(test)]
mod tests {
    use tern_vm::prove::Step;

    use super::*;

    fn who(id: &str) -> Who {
        Who { id: id.into(), name: format!("name of {id}"), device: "cpu".into() }
    }

    fn version(program: &str) -> Version {
        Version { program: program.into(), protocol: 1, relation: "r".into() }
    }

    fn presence(id: &str, program: &str, leaving: bool) -> Presence {
        Presence { worker: who(id), version: version(program), jobs: 1, memory: None, working: Vec::new(), done: 0, leaving }
    }

    #[test]
    fn workers_of_another_version_are_told_once_and_do_not_count() {
        let (mut roster, own) = (Roster::default(), version("1"));
        assert!(roster.heard(&presence("a", "2", false), &own));
        assert!(!roster.heard(&presence("a", "2", false), &own));
        assert!(roster.most_memory().is_none() && roster.dismissed(&who("a")).is_some_and(|why| why.contains("version 2")));
        assert!(!roster.heard(&presence("b", "1", false), &own));
        assert_eq!(roster.most_memory(), Some(u64::MAX));
        roster.heard(&presence("b", "1", true), &own);
        assert_eq!(roster.most_memory(), None);
    }

    #[test]
    fn who_lies_too_often_is_sent_away_once() {
        let mut roster = Roster::default();
        roster.did(&who("a"), StepName(Step::Segment(0)), 2.0);
        roster.did(&who("a"), StepName(Step::Wrap), f64::NAN);
        assert!(!roster.lied(&who("a"), 2) && roster.dismissed(&who("a")).is_none());
        assert!(roster.lied(&who("a"), 2) && roster.dismissed(&who("a")).is_some());
        assert!(!roster.lied(&who("a"), 2));
        roster.failed(&who("b"));
        let report = roster.report();
        assert_eq!(report.len(), 2);
        let Deeds { segments, wraps, wrong, seconds, .. } = report[0].deeds;
        assert_eq!((segments, wraps, wrong, seconds), (1, 1, 3, 2.0));
        assert_eq!((report[1].deeds.failed, &report[1].dismissed), (1, &None));
    }

    #[test]
    fn a_flood_of_workers_is_not_remembered() {
        let (mut roster, own) = (Roster::default(), version("1"));
        roster.did(&who("a"), StepName(Step::Wrap), 1.0);
        for worker in 0..2 * REMEMBERED {
            roster.heard(&presence(&format!("w{worker}"), "1", true), &own);
        }
        assert!(roster.workers.len() <= REMEMBERED && roster.workers.contains_key("a"));
    }
}
