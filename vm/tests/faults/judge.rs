//! What the tables of a segment say about changed records: the checker's constraints, and the balance of all messages.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use tern_air::builder::Label;
use tern_air::bus;
use tern_air::check::{Balance, check, total};
use tern_air::chip::{ChipId, TernAir};
use tern_air::events::SegmentEvents;
use tern_air::lookups::Lookups;
use tern_air::memory::TreeEvents;
use tern_air::segment::Statement;
use tern_air::shape::KECCAK_ROWS;
use tern_field::F;
use tern_verifier::segments::public_values;
use tern_vm::prove::{SegmentTask, fill_table};

use p3_matrix::dense::RowMajorMatrix;

use super::program::Run;

/// Records of a segment of which one list is filled.
pub type Put<E> = fn(Vec<E>) -> (SegmentEvents, TreeEvents);

/// The rows of one record, judged on their own: but for keccak's 24 they are one, and no constraint ties them to those of another record.
#[derive(Clone)]
pub struct Rows {
    pub cells: Vec<F>,
    pub failures: Vec<Label>,
    pub balance: Balance,
}

/// How a fault ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The rows break constraints.
    Constraint(Vec<Label>),
    /// The rows keep to all constraints, and messages with these tags do not balance.
    Balance(BTreeSet<u32>),
    /// The verifier refuses the public values.
    Refused,
    /// The fill panics.
    Panic,
    /// The rows are cell by cell what they were.
    Unseen,
    /// The rows are others, and nothing complains.
    Accepted,
}

/// An honest segment: what all its tables leave on the bus.
///
/// The rows of decode and poseidon2, and the preprocessed tables, *provide* what others use, any number of times: a prover that changes a record would change their
/// counts with it. So a message with such a tag is in order if some row can provide it, whatever the counts; all others have to add up to zero.
pub struct Segment {
    values: Vec<Vec<F>>,
    airs: Vec<TernAir>,
    bounds: tern_air::leaf::Bounds,
    cycles: u32,
    /// Net counts of what has to add up to zero, and uses of what is provided.
    used: BTreeMap<Vec<u32>, i64>,
    /// Rows that provide a message.
    provided: BTreeMap<Vec<u32>, i64>,
}

impl Segment {
    /// Fills and checks all tables of an executed segment, and demands that nothing complains.
    pub fn honest(run: &Run, task: &SegmentTask) -> Self {
        let (segment, complaints) = Self::whole(run, task);
        assert_eq!(complaints, Complaints::default());
        segment
    }

    /// Fills and checks all tables of a segment.
    pub fn whole(run: &Run, task: &SegmentTask) -> (Self, Complaints) {
        let bounds = run.program.key.bounds;
        let values = public_values(&task.statement, &bounds);
        let mut segment =
            Self { values, airs: TernAir::all(), bounds, cycles: task.cycles, used: BTreeMap::new(), provided: BTreeMap::new() };
        let mut complaints = Complaints::default();
        for &chip in ChipId::ALL.iter().filter(|&&chip| !matches!(chip, ChipId::ByteTable | ChipId::BitsTable)) {
            let count = records(chip, &task.events, &task.tree);
            let table = segment.fill(chip, &task.events, &task.tree, count).expect("a fill");
            let rows = segment.check(chip, &table);
            complaints.failures.extend(&rows.failures);
            complaints.tags.extend(false_lookups(&rows.balance));
            segment.add(chip, &rows.balance, 1);
        }
        complaints.tags.extend(segment.unbalanced());
        (segment, complaints)
    }

    /// The row of the segment's chip for a statement; its cells and the public values.
    pub fn statement(&self, statement: &Statement, cycles: u32) -> Rows {
        let values = public_values(statement, &self.bounds).swap_remove(ChipId::Segment as usize);
        let table = tern_air::segment::fill(cycles, 1);
        let mut rows = checked(&self.airs[ChipId::Segment as usize], &table, &values);
        rows.cells.extend(values);
        rows
    }

    /// Fills the table of a chip for some records.
    fn fill(&self, chip: ChipId, events: &SegmentEvents, tree: &TreeEvents, records: usize) -> Option<RowMajorMatrix<F>> {
        let height = records * rows_of(chip);
        let fill = || fill_table(chip, events, tree, &self.bounds, self.cycles, height, &mut Lookups::default());
        catch_unwind(AssertUnwindSafe(fill)).ok()
    }

    fn check(&self, chip: ChipId, table: &RowMajorMatrix<F>) -> Rows {
        checked(&self.airs[chip as usize], table, &self.values[chip as usize])
    }

    /// The rows of each record; none for one on which the fill panics.
    pub fn rows<E: Copy>(&self, chip: ChipId, list: &[E], put: Put<E>) -> Vec<Option<Rows>> {
        const BATCH: usize = 1 << 12;
        let batch = BATCH / rows_of(chip).next_power_of_two();
        list.chunks(batch).flat_map(|list| self.batch(chip, list, put)).collect()
    }

    fn batch<E: Copy>(&self, chip: ChipId, list: &[E], put: Put<E>) -> Vec<Option<Rows>> {
        let (events, tree) = put(list.to_vec());
        match self.fill(chip, &events, &tree, list.len()) {
            Some(table) => {
                let block = table.width * rows_of(chip);
                let tables = table.values.chunks_exact(block).map(|cells| RowMajorMatrix::new(cells.to_vec(), table.width));
                tables.map(|table| Some(self.check(chip, &table))).collect()
            }
            None if list.len() == 1 => vec![None],
            None => {
                let (left, right) = list.split_at(list.len() / 2);
                [left, right].into_iter().flat_map(|list| self.batch(chip, list, put)).collect()
            }
        }
    }

    /// Adds rows to the segment's messages, or takes them away.
    fn add(&mut self, chip: ChipId, balance: &Balance, times: i64) {
        for (tuple, count) in balance {
            let (sums, count) = match provider(tuple) {
                Some(Provider::Table) => continue,
                Some(Provider::Chip(other)) if other == chip => (&mut self.provided, 1),
                _ => (&mut self.used, *count),
            };
            *sums.entry(tuple.clone()).or_default() += count * times;
        }
    }

    /// The tags of messages that do not balance.
    fn unbalanced(&self) -> BTreeSet<u32> {
        self.used.keys().filter(|tuple| !self.balances(tuple)).map(|tuple| tuple[0]).collect()
    }

    fn balances(&self, tuple: &[u32]) -> bool {
        let used = self.used.get(tuple).copied().unwrap_or(0);
        used == 0 || (provider(tuple).is_some() && self.provided.get(tuple).is_some_and(|&rows| rows > 0))
    }

    /// Judges the segment in which rows stand for others. Only messages of these rows can be out of balance. With `counted`, what is provided has to be provided as
    /// often as the rows say.
    pub fn judge(&mut self, removed: Side<'_>, inserted: Side<'_>, counted: bool) -> Verdict {
        let failures: BTreeSet<Label> = inserted.rows.iter().flat_map(|rows| rows.failures.iter().copied()).collect();
        if !failures.is_empty() {
            return Verdict::Constraint(failures.into_iter().collect());
        }
        if removed.chip == inserted.chip && removed.sorted_cells() == inserted.sorted_cells() {
            return Verdict::Unseen;
        }
        let mut tags: BTreeSet<u32> = inserted.rows.iter().flat_map(|rows| false_lookups(&rows.balance)).collect();
        let changes: Vec<_> = removed.balances(-1).chain(inserted.balances(1)).collect();
        changes.iter().for_each(|&(chip, balance, times)| self.add(chip, balance, times));
        let touched = changes.iter().flat_map(|(_, balance, _)| balance.keys());
        tags.extend(touched.filter(|tuple| provider(tuple) != Some(Provider::Table) && !self.balances(tuple)).map(|tuple| tuple[0]));
        changes.iter().for_each(|&(chip, balance, times)| self.add(chip, balance, -times));
        if counted {
            let times = |balance: &Balance, times: i64| balance.iter().map(|(tuple, count)| (tuple.clone(), count * times)).collect();
            tags.extend(total(changes.iter().map(|&(_, balance, by)| times(balance, by))).keys().map(|tuple| tuple[0]));
        }
        if tags.is_empty() { Verdict::Accepted } else { Verdict::Balance(tags) }
    }
}

/// What is wrong with a whole segment.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Complaints {
    pub failures: BTreeSet<Label>,
    /// Tags of messages that do not balance.
    pub tags: BTreeSet<u32>,
}

fn checked(air: &TernAir, table: &RowMajorMatrix<F>, values: &[F]) -> Rows {
    let report = check(air, table, values);
    let failures: Vec<Label> = report.failures.into_keys().collect();
    assert!(report.overcounted.is_empty() || !failures.is_empty(), "{} counts twice: {:?}", air.name(), report.overcounted);
    Rows { cells: table.values.clone(), failures, balance: report.balance }
}

/// Rows in the table of a chip.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    pub chip: ChipId,
    pub rows: &'a [Rows],
}

impl<'a> Side<'a> {
    fn sorted_cells(self) -> Vec<&'a Vec<F>> {
        let mut cells: Vec<_> = self.rows.iter().map(|rows| &rows.cells).collect();
        cells.sort_unstable();
        cells
    }

    fn balances(self, times: i64) -> impl Iterator<Item = (ChipId, &'a Balance, i64)> {
        self.rows.iter().map(move |rows| (self.chip, &rows.balance, times))
    }
}

/// Where what is provided any number of times comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Provider {
    /// A preprocessed table.
    Table,
    /// The rows of a chip.
    Chip(ChipId),
}

fn provider(tuple: &[u32]) -> Option<Provider> {
    match tuple[0] {
        bus::BITS | bus::POWER | bus::AND | bus::OR | bus::XOR | bus::BYTES => Some(Provider::Table),
        bus::PROGRAM => Some(Provider::Chip(ChipId::Decode)),
        bus::PERMUTATION => Some(Provider::Chip(ChipId::Poseidon2)),
        _ => None,
    }
}

/// The tags of lookups that no preprocessed table has.
fn false_lookups(balance: &Balance) -> BTreeSet<u32> {
    let is_true = |tuple: &[u32]| match *tuple {
        [bus::BITS, k, v] => k <= 16 && v < 1 << k,
        [bus::POWER, k, power] => k <= 16 && power == 1 << k,
        [bus::BYTES, a, b] => a < 256 && b < 256,
        [tag @ (bus::AND | bus::OR | bus::XOR), a, b, c] => {
            let of = [a & b, a | b, a ^ b][(tag - bus::AND) as usize];
            a < 256 && b < 256 && c == of
        }
        _ => true,
    };
    let is_lookup = |tuple: &[u32]| provider(tuple) == Some(Provider::Table);
    let wrong = |(tuple, count): &(&Vec<u32>, &i64)| is_lookup(tuple) && !(is_true(tuple) && **count > 0);
    balance.iter().filter(wrong).map(|(tuple, _)| tuple[0]).collect()
}

/// Rows of a record.
const fn rows_of(chip: ChipId) -> usize {
    match chip {
        ChipId::Keccak => KECCAK_ROWS,
        _ => 1,
    }
}

/// How many records a table is filled from.
fn records(chip: ChipId, events: &SegmentEvents, tree: &TreeEvents) -> usize {
    match chip {
        ChipId::AddSub => events.add_sub.len(),
        ChipId::Bitwise => events.bitwise.len(),
        ChipId::Shift => events.shift.len(),
        ChipId::Compare => events.compare.len(),
        ChipId::Branch => events.branch.len(),
        ChipId::Jump => events.jump.len(),
        ChipId::Load => events.load.len(),
        ChipId::Store => events.store.len(),
        ChipId::Misaligned => events.misaligned.len(),
        ChipId::Mul => events.mul.len(),
        ChipId::DivRem => events.div_rem.len(),
        ChipId::Ecall => events.ecall.len(),
        ChipId::Keccak => events.keccak.len(),
        ChipId::MulMod => events.mulmod.len(),
        ChipId::Bridge => events.bridge.len(),
        ChipId::Decode => events.decode.len(),
        ChipId::Leaf => tree.leaves.len(),
        ChipId::Tree => tree.nodes.len(),
        ChipId::Poseidon2 => tree.permutations.len(),
        ChipId::Segment => 1,
        ChipId::ByteTable | ChipId::BitsTable => 0,
    }
}
