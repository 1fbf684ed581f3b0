//! Changing the records of one list.

use std::collections::BTreeMap;
use std::fmt::Debug;

use tern_air::machine::MachineChip;
use tern_vm::testing::records::changes;

use super::free::Free;
use super::judge::{Put, Rows, Segment, Side, Verdict};

/// What is done to records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A word gets another value.
    Changed,
    /// A word gets that of another record of the list.
    Copied,
    /// Two records exchange a word.
    Exchanged,
    /// A record is left out.
    Dropped,
    /// A record is there twice.
    Duplicated,
    /// A record is in the table of another chip instead.
    Moved,
}

/// The field that says how often a row's message is used.
const COUNT: &str = "count";

/// A changed list: which records are replaced, and by what, in which table.
pub struct Fault<E> {
    pub kind: Kind,
    pub field: &'static str,
    pub removed: Vec<E>,
    pub inserted: Vec<E>,
}

impl<E: Debug> Fault<E> {
    fn text(&self) -> String {
        format!("{:?} {:x?} for {:x?}", self.kind, self.inserted, self.removed)
    }
}

/// How often faults end how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub constraint: usize,
    pub balance: usize,
    pub refused: usize,
    pub panic: usize,
    /// The rows are the same.
    pub unseen: usize,
    /// The rows are others.
    pub accepted: usize,
}

impl Counts {
    pub fn add(&mut self, verdict: &Verdict) {
        *match verdict {
            Verdict::Constraint(_) => &mut self.constraint,
            Verdict::Balance(_) => &mut self.balance,
            Verdict::Refused => &mut self.refused,
            Verdict::Panic => &mut self.panic,
            Verdict::Unseen => &mut self.unseen,
            Verdict::Accepted => &mut self.accepted,
        } += 1;
    }

    pub fn merge(self, other: Self) -> Self {
        Self {
            constraint: self.constraint + other.constraint,
            balance: self.balance + other.balance,
            refused: self.refused + other.refused,
            panic: self.panic + other.panic,
            unseen: self.unseen + other.unseen,
            accepted: self.accepted + other.accepted,
        }
    }

    pub fn total(self) -> usize {
        self.constraint + self.balance + self.refused + self.panic + self.unseen + self.accepted
    }
}

/// What has been injected so far, by list and field, and what nothing complained about, by reason.
#[derive(Default)]
pub struct Tally {
    pub counts: BTreeMap<(&'static str, &'static str), Counts>,
    pub reasons: BTreeMap<(&'static str, &'static str, &'static str), usize>,
    /// Faults that end otherwise than the list of what is free says.
    pub surprises: Vec<String>,
}

impl Tally {
    /// Counts a fault; `free` is why nothing should complain, if nothing should.
    pub fn record(
        &mut self,
        list: &'static str,
        field: &'static str,
        verdict: &Verdict,
        free: Option<&'static str>,
        fault: impl FnOnce() -> String,
    ) {
        self.counts.entry((list, field)).or_default().add(verdict);
        if let Some(reason) = free {
            *self.reasons.entry((list, field, reason)).or_default() += 1;
        }
        let is_free = matches!(verdict, Verdict::Unseen | Verdict::Accepted);
        if is_free != free.is_some() {
            self.surprises.push(format!("{list}.{field}: {verdict:?}, expected {free:?}: {}", fault()));
        }
    }
}

/// A list of records: its name, its table, and how it gets there.
pub struct List<E> {
    pub name: &'static str,
    pub chip: MachineChip,
    pub put: Put<E>,
}

/// Records that are changed: of each kind the first and the last, and some at even distances.
fn sample<E: Free>(records: &[E]) -> Vec<E> {
    const EVENLY: usize = 10;
    let mut chosen: Vec<usize> = (0..EVENLY).map(|i| i * records.len() / EVENLY).filter(|&i| i < records.len()).collect();
    let mut by_kind = BTreeMap::<u32, [usize; 2]>::new();
    for (i, record) in records.iter().enumerate() {
        by_kind.entry(record.kind()).or_insert([i, i])[1] = i;
    }
    chosen.extend(by_kind.into_values().flatten());
    chosen.sort_unstable();
    chosen.dedup();
    chosen.into_iter().map(|i| records[i]).collect()
}

/// All faults of a list's records.
fn faults<E: Free>(records: &[E]) -> Vec<Fault<E>> {
    let mut faults = Vec::new();
    for (i, &record) in records.iter().enumerate() {
        let words = { record }.words().len();
        let other = records[(i + 1) % records.len()];
        for word in 0..words {
            faults.extend(word_faults(record, other, word));
        }
        faults.push(Fault { kind: Kind::Dropped, field: "(dropped)", removed: vec![record], inserted: vec![] });
        faults.push(Fault { kind: Kind::Duplicated, field: "(duplicated)", removed: vec![], inserted: vec![record] });
    }
    faults
}

/// The faults of one word of a record.
fn word_faults<E: Free>(record: E, other: E, word: usize) -> Vec<Fault<E>> {
    let with = |mut record: E, value: u64| {
        let mut words = record.words();
        let (field, place) = &mut words[word];
        let (field, is_value) = (*field, place.set(value));
        drop(words);
        is_value.then_some((field, record))
    };
    let value = |mut record: E| record.words()[word].1.get();
    let (own, others) = (value(record), value(other));
    let changed = changes({ record }.words()[word].1).into_iter().filter_map(|value| with(record, value));
    let fault = |(field, inserted)| Fault { kind: Kind::Changed, field, removed: vec![record], inserted: vec![inserted] };
    let mut faults: Vec<Fault<E>> = changed.map(fault).collect();
    if let (true, Some((field, mine)), Some((_, theirs))) = (own != others, with(record, others), with(other, own)) {
        faults.push(Fault { kind: Kind::Copied, field, removed: vec![record], inserted: vec![mine] });
        if (mine, theirs) != (other, record) {
            faults.push(Fault { kind: Kind::Exchanged, field, removed: vec![record, other], inserted: vec![mine, theirs] });
        }
    }
    faults
}

/// Injects every fault into a list of an honest segment.
pub fn inject<E: Free>(segment: &mut Segment, list: &List<E>, records: &[E], tally: &mut Tally) {
    let faults = faults(&sample(records));
    let rows = |segment: &Segment, of: fn(&Fault<E>) -> &Vec<E>| {
        let records: Vec<E> = faults.iter().flat_map(of).copied().collect();
        segment.rows(list.chip, &records, list.put).into_iter()
    };
    let mut removed = rows(segment, |fault| &fault.removed);
    let mut inserted = rows(segment, |fault| &fault.inserted);
    for fault in &faults {
        let removed: Option<Vec<Rows>> = removed.by_ref().take(fault.removed.len()).collect();
        let inserted: Option<Vec<Rows>> = inserted.by_ref().take(fault.inserted.len()).collect();
        let from = Side { chip: list.chip, rows: &removed.expect("the fill of an honest record") };
        let verdict = match &inserted {
            Some(rows) => segment.judge(from, Side { chip: list.chip, rows }, fault.field == COUNT),
            None => Verdict::Panic,
        };
        tally.record(list.name, fault.field, &verdict, E::free(list.name, fault), || fault.text());
    }
}

/// Moves records of one list to the table of another chip.
pub fn move_records<E: Free>(segment: &mut Segment, from: &List<E>, to: &List<E>, records: &[E], tally: &mut Tally) {
    let records = sample(records);
    let honest = segment.rows(from.chip, &records, from.put);
    let moved = segment.rows(to.chip, &records, to.put);
    for ((record, honest), moved) in records.into_iter().zip(honest).zip(moved) {
        let fault = Fault { kind: Kind::Moved, field: to.name, removed: vec![record], inserted: vec![record] };
        let honest = [honest.expect("the fill of an honest record")];
        let verdict = match moved {
            Some(rows) => segment.judge(Side { chip: from.chip, rows: &honest }, Side { chip: to.chip, rows: &[rows] }, false),
            None => Verdict::Panic,
        };
        tally.record(from.name, "(moved)", &verdict, E::free(from.name, &fault), || fault.text());
    }
}
