//! What the tables of a segment say about changed records: the checker's constraints, and the
//! balance of all messages.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use tern_air::builder::Label;
use tern_air::bus;
use tern_air::check::{Balance, check, total};
use tern_air::events::{FIRST_TIME, SegmentEvents, TICKS_PER_INSTRUCTION};
use tern_air::layout::Columns;
use tern_air::lookups::Lookups;
use tern_air::machine::keccak::KeccakCols;
use tern_air::machine::segment::SegmentCols;
use tern_air::machine::segment::Statement;
use tern_air::machine::{self, MachineAir, MachineChip, fill_table, keccak_bits};
use tern_air::memory::TreeEvents;
use tern_field::F;
use tern_field::keccak::{ROUNDS, State, stages};
use tern_verifier::multilinear::machine::public_values;
use tern_vm::prove::ExecutedSegment;

use super::program::Run;

/// Records of a segment of which one list is filled.
pub type Put<E> = fn(Vec<E>) -> (SegmentEvents, TreeEvents);

/// The rows of one record, mostly one, judged on their own: no constraint ties them to those of
/// another record.
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
/// The rows of decode and poseidon2, and the preprocessed tables, *provide* what others use, any
/// number of times: a prover that changes a record would change their counts with it. So a message
/// with such a tag is in order if some row can provide it, whatever the counts; all others have to
/// add up to zero.
pub struct Segment {
    values: Vec<Vec<F>>,
    airs: Vec<MachineAir>,
    bounds: tern_air::machine::leaf::Bounds,
    cycles: u32,
    /// Net counts of what has to add up to zero, and uses of what is provided.
    used: BTreeMap<Vec<u32>, i64>,
    /// Rows that provide a message.
    provided: BTreeMap<Vec<u32>, i64>,
}

impl Segment {
    /// Fills and checks all tables of an executed segment, and demands that nothing complains.
    pub fn honest(run: &Run, executed: &ExecutedSegment) -> Self {
        let (segment, complaints) = Self::whole(run, executed);
        assert_eq!(complaints, Complaints::default());
        segment
    }

    /// Fills and checks all tables of a segment.
    pub fn whole(run: &Run, executed: &ExecutedSegment) -> (Self, Complaints) {
        Self::altered(run, executed, |_, _| ())
    }

    /// The same with tables that are altered after they are filled.
    pub fn altered(run: &Run, executed: &ExecutedSegment, alter: impl Fn(MachineChip, &mut RowMajorMatrix<F>)) -> (Self, Complaints) {
        let bounds = run.program.key.bounds;
        let values = public_values(&executed.statement, &bounds);
        let mut segment =
            Self { values, airs: MachineAir::all(), bounds, cycles: executed.cycles, used: BTreeMap::new(), provided: BTreeMap::new() };
        let mut complaints = Complaints::default();
        let mut calls = None;
        for &chip in MachineChip::ALL.iter().filter(|&&chip| !matches!(chip, MachineChip::ByteTable | MachineChip::BitsTable)) {
            let mut table = segment.fill(chip, &executed.events, &executed.tree).expect("a fill");
            alter(chip, &mut table);
            let rows = segment.check(chip, &table);
            complaints.failures.extend(&rows.failures);
            complaints.tags.extend(false_lookups(&rows.balance));
            segment.add(chip, &rows.balance, 1);
            match chip {
                MachineChip::Keccak => calls = Some(table),
                MachineChip::KeccakBits if !calls.as_ref().is_some_and(|calls| are_bits(calls, &table)) => {
                    complaints.failures.insert(BITS);
                }
                _ => {}
            }
        }
        complaints.tags.extend(segment.unbalanced());
        (segment, complaints)
    }

    /// The row of the segment's chip for a statement; its cells and the public values.
    pub fn statement(&self, statement: &Statement, cycles: u32) -> Rows {
        let values = public_values(statement, &self.bounds).swap_remove(MachineChip::Segment as usize);
        let mut table = machine::segment::fill(0);
        let end_time = FIRST_TIME.wrapping_add(cycles.wrapping_mul(TICKS_PER_INSTRUCTION));
        SegmentCols::of_mut(&mut table.values).end_time = F::from_u32(end_time);
        let mut rows = checked(MachineChip::Segment, &self.airs[MachineChip::Segment as usize], &table, &values);
        rows.cells.extend(values);
        rows
    }

    /// Fills the table of a chip for some records.
    fn fill(&self, chip: MachineChip, events: &SegmentEvents, tree: &TreeEvents) -> Option<RowMajorMatrix<F>> {
        let fill = || fill_table(chip, events, tree, &self.bounds, self.cycles, &mut Lookups::default());
        catch_unwind(AssertUnwindSafe(fill)).ok()
    }

    fn check(&self, chip: MachineChip, table: &RowMajorMatrix<F>) -> Rows {
        checked(chip, &self.airs[chip as usize], table, &self.values[chip as usize])
    }

    /// The rows of each record; none for one on which the fill panics.
    pub fn rows<E: Copy>(&self, chip: MachineChip, list: &[E], put: Put<E>) -> Vec<Option<Rows>> {
        const BATCH: usize = 1 << 12;
        list.chunks(BATCH).flat_map(|list| self.batch(chip, list, put)).collect()
    }

    fn batch<E: Copy>(&self, chip: MachineChip, list: &[E], put: Put<E>) -> Vec<Option<Rows>> {
        let (events, tree) = put(list.to_vec());
        match self.fill(chip, &events, &tree) {
            Some(table) => {
                let rows = table.values.len() / table.width / list.len().max(1);
                assert!(rows > 0 && table.values.len() == list.len() * rows * table.width, "as many rows for each record");
                let tables = table.values.chunks_exact(rows * table.width).map(|cells| RowMajorMatrix::new(cells.to_vec(), table.width));
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
    fn add(&mut self, chip: MachineChip, balance: &Balance, times: i64) {
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

    /// Judges the segment in which rows stand for others. Only messages of these rows can be out of
    /// balance. With `counted`, what is provided has to be provided as often as the rows say.
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

fn checked(chip: MachineChip, air: &MachineAir, table: &RowMajorMatrix<F>, values: &[F]) -> Rows {
    let report = check(air, table, values);
    let mut failures: Vec<Label> = report.failures.into_keys().collect();
    if chip == MachineChip::Keccak && !table.values.chunks_exact(table.width).all(is_permutation) {
        failures.push(PERMUTATION);
    }
    assert!(report.overcounted.is_empty() || !failures.is_empty(), "{} counts twice: {:?}", air.name(), report.overcounted);
    Rows { cells: table.values.clone(), failures, balance: report.balance }
}

/// What a proof shows by the argument about calls of Keccak, and not by constraints: a call's
/// output is the permutation of its input.
pub const PERMUTATION: Label = "keccak::permutation";
/// Likewise: the table of bits has the calls' inputs and their states after half of the rounds.
pub const BITS: Label = "keccak_bits::states";

/// Whether a row is a call whose output is the permutation of its input, or none.
fn is_permutation(row: &[F]) -> bool {
    let row = KeccakCols::of(row);
    let is_limb = |limb: &F| limb.as_canonical_u32() < 1 << 16;
    let mut expected = state(&row.input);
    keccak::f1600(&mut expected);
    row.real == F::ZERO || row.input.iter().chain(&row.output).flatten().all(is_limb) && state(&row.output) == expected
}

/// The dwords of these limbs.
fn state(limbs: &[[F; 4]; 25]) -> State {
    limbs.map(|dword| dword.iter().rev().fold(0, |sum, limb| sum << 16 | u64::from(limb.as_canonical_u32())))
}

/// Whether a table of bits is that of the calls in another.
fn are_bits(calls: &RowMajorMatrix<F>, bits: &RowMajorMatrix<F>) -> bool {
    calls.values.chunks_exact(calls.width).enumerate().all(|(call, row)| {
        let input = state(&KeccakCols::of(row).input);
        let middle = (0..ROUNDS / 2).fold(input, |state, round| stages(&state, round).output);
        [input, middle].into_iter().enumerate().all(|(part, state)| {
            (0..64).all(|z| {
                let cells = &bits.values[keccak_bits::row(call, part, z) * bits.width..][..bits.width];
                cells.iter().zip(state).all(|(cell, lane)| *cell == F::from_bool(lane >> z & 1 == 1))
            })
        })
    })
}

/// Rows in the table of a chip.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    pub chip: MachineChip,
    pub rows: &'a [Rows],
}

impl<'a> Side<'a> {
    fn sorted_cells(self) -> Vec<&'a Vec<F>> {
        let mut cells: Vec<_> = self.rows.iter().map(|rows| &rows.cells).collect();
        cells.sort_unstable();
        cells
    }

    fn balances(self, times: i64) -> impl Iterator<Item = (MachineChip, &'a Balance, i64)> {
        self.rows.iter().map(move |rows| (self.chip, &rows.balance, times))
    }
}

/// Where what is provided any number of times comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Provider {
    /// A preprocessed table.
    Table,
    /// The rows of a chip.
    Chip(MachineChip),
}

fn provider(tuple: &[u32]) -> Option<Provider> {
    match tuple[0] {
        bus::BITS | bus::POWER | bus::AND | bus::OR | bus::XOR | bus::BYTES => Some(Provider::Table),
        bus::PROGRAM => Some(Provider::Chip(MachineChip::Decode)),
        bus::PERMUTATION => Some(Provider::Chip(MachineChip::Poseidon2)),
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
