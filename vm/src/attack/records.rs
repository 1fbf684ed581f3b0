//! Changing the records that tables are filled from.

use tern_air::events::{FIRST_TIME, TICKS_PER_INSTRUCTION};

use super::AttackError;
use super::change::{RecordChange, Whole};
use super::words;
use crate::prove::ExecutedSegment;
use crate::testing::records::{Named, Record};

/// The lists of records, by their tables.
pub const LISTS: [&str; 22] = [
    "add_sub",
    "bitwise",
    "shift",
    "compare",
    "mul",
    "div_rem",
    "jump",
    "branch",
    "load",
    "store",
    "misaligned",
    "ecall",
    "keccak",
    "mulmod",
    "mulmod384",
    "sha256",
    "blake2f",
    "bridge",
    "decode",
    "leaf",
    "tree",
    "poseidon2",
];

/// A list of records of any kind.
trait Records {
    fn len(&self) -> usize;
    fn words(&mut self, index: usize) -> Vec<Named<'_>>;
    fn drop(&mut self, index: usize);
    fn repeat(&mut self, index: usize);
}

impl<E: Record> Records for Vec<E> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn words(&mut self, index: usize) -> Vec<Named<'_>> {
        self[index].words()
    }

    fn drop(&mut self, index: usize) {
        self.remove(index);
    }

    fn repeat(&mut self, index: usize) {
        self.insert(index, self[index]);
    }
}

fn list<'a>(segment: &'a mut ExecutedSegment, name: &str) -> Option<&'a mut dyn Records> {
    let ExecutedSegment { events, tree, .. } = segment;
    Some(match name {
        "add_sub" => &mut events.add_sub,
        "bitwise" => &mut events.bitwise,
        "shift" => &mut events.shift,
        "compare" => &mut events.compare,
        "mul" => &mut events.mul,
        "div_rem" => &mut events.div_rem,
        "jump" => &mut events.jump,
        "branch" => &mut events.branch,
        "load" => &mut events.load,
        "store" => &mut events.store,
        "misaligned" => &mut events.misaligned,
        "ecall" => &mut events.ecall,
        "keccak" => &mut events.keccak,
        "mulmod" => &mut events.mulmod,
        "mulmod384" => &mut events.mulmod384,
        "sha256" => &mut events.sha256,
        "blake2f" => &mut events.blake2f,
        "bridge" => &mut events.bridge,
        "decode" => &mut events.decode,
        "leaf" => &mut tree.leaves,
        "tree" => &mut tree.nodes,
        "poseidon2" => &mut tree.permutations,
        _ => return None,
    })
}

/// The tick at which an instruction of a segment begins.
fn time(step: u64) -> u64 {
    u64::from(FIRST_TIME) + step * u64::from(TICKS_PER_INSTRUCTION)
}

/// Which record of a list is an instruction's, of those that the segment executes.
fn of_step(records: &mut dyn Records, step: u64) -> Option<usize> {
    let has = |words: Vec<Named<'_>>| words.iter().any(|(name, word)| *name == "time" && word.get() == time(step));
    (0..records.len()).find(|&index| has(records.words(index)))
}

/// List and position of an instruction's own record: the first of its lists, which is never an
/// accelerator's.
pub fn row_of(segment: &mut ExecutedSegment, step: u64) -> Option<(&'static str, usize)> {
    LISTS.iter().find_map(|name| Some((*name, of_step(list(segment, name)?, step)?)))
}

/// Changes a record of a segment that begins with this instruction of the run.
pub fn apply(segment: &mut ExecutedSegment, first_step: u64, change: &RecordChange) -> Result<(), AttackError> {
    let unknown = || AttackError::List { list: change.list.clone() };
    let records = list(segment, &change.list).ok_or_else(unknown)?;
    let missing = || AttackError::NoRecord { list: change.list.clone(), segment: change.segment, records: 0 };
    let index = match change.step {
        Some(step) => of_step(records, step.wrapping_sub(first_step)).ok_or_else(missing)?,
        None => change.index.unwrap_or_default(),
    };
    if index >= records.len() {
        return Err(AttackError::NoRecord { list: change.list.clone(), segment: change.segment, records: records.len() });
    }
    match (change.whole, &change.field, change.edit()) {
        (Some(Whole::Dropped), ..) => records.drop(index),
        (Some(Whole::Repeated), ..) => records.repeat(index),
        (None, Some(field), Some(edit)) => words::edit(records.words(index), &change.list, field, change.part, edit)?,
        // A list that was read has one or the other.
        (None, ..) => {}
    }
    Ok(())
}
