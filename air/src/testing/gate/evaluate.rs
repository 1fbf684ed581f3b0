//! Rows under a chip's statements, and what a change of some cells does to them.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use p3_air::{AirBuilder, RowWindow};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{Cell, Change, Statement, Table, Weakness};
use crate::builder::{ChipBuilder, Label};
use crate::bus;
use crate::check::concrete_builder;
use crate::chip::System;
use crate::recursion::bus as recursion;

/// A chip, with names for everything that it states.
pub struct Subject<'a, S> {
    air: &'a S,
    reads_next: bool,
    /// Whether it is one of the fixed tables, whose messages provide.
    is_table: bool,
    constraints: Vec<String>,
    messages: Vec<String>,
    /// Tags of the messages on a row of zeros; a tag that depends on columns is zero there.
    tags: Vec<u32>,
}

/// A message: its tuple, and its count.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub tuple: Vec<u32>,
    pub count: F,
}

/// What a chip states about one row.
#[derive(Clone, Default)]
pub struct Outcome {
    pub constraints: Vec<F>,
    pub messages: Vec<Message>,
}

/// A place in the two rows that a row's statements read, or among the public values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Local(usize),
    Next(usize),
    Public(usize),
}

/// What a chip says to a changed table.
#[derive(Clone, Default, Debug)]
pub struct Verdict {
    /// Constraints that fail.
    pub failing: BTreeSet<usize>,
    /// Lookups of what is not in the fixed tables, and which of their ranges would have to be one
    /// bit wider.
    pub unprovided: BTreeMap<usize, BTreeSet<Option<usize>>>,
    /// Messages that differ from the honest table's.
    pub changed: BTreeSet<usize>,
}

impl Verdict {
    /// The weaknesses under which the change is accepted: those of the only statement that rejects it.
    pub fn needs(&self) -> Vec<Weakness> {
        match (self.failing.len(), self.unprovided.len()) {
            (1, 0) => self.failing.iter().map(|&i| Weakness::Dropped(Statement::Constraint(i))).collect(),
            (0, 1) => self.unprovided.iter().flat_map(|(&i, widths)| lookup_needs(i, widths)).collect(),
            (0, 0) => self.changed.iter().map(|&i| Weakness::Dropped(Statement::Message(i))).collect(),
            _ => Vec::new(),
        }
    }
}

/// A lookup that fails is needed; its width is too, if one bit more in one place would do on every row.
fn lookup_needs(message: usize, widths: &BTreeSet<Option<usize>>) -> Vec<Weakness> {
    let widened = match widths.iter().collect::<Vec<_>>()[..] {
        [&Some(field)] => Some(Weakness::Widened(message, field)),
        _ => None,
    };
    [Weakness::Dropped(Statement::Message(message))].into_iter().chain(widened).collect()
}

/// The ranges in a lookup with this tag.
pub const fn ranges(tag: u32) -> usize {
    match tag {
        bus::BITS | recursion::U16 | recursion::TOP => 1,
        bus::BYTES => 2,
        _ => 0,
    }
}

/// Whether a message looks something up in a table that is the same for every program.
pub const fn is_lookup(tag: u32) -> bool {
    matches!(tag, bus::BITS..=bus::BYTES | recursion::XOR..=recursion::TOP)
}

/// Whether the fixed tables have a tuple: `Err` says which range would have to be one bit wider, if
/// that would do.
pub fn provided(tuple: &[u32]) -> Result<(), Option<usize>> {
    let byte = |x: u32| x < 256;
    let check = |holds: bool| if holds { Ok(()) } else { Err(None) };
    let range = |v: u32, end: u32, wider: u32| if v < end { Ok(()) } else { Err((v < wider).then_some(0)) };
    match *tuple {
        [bus::BITS, k, v] if k <= 16 => range(v, 1 << k, 2 << k),
        [bus::BYTES, a, b] => match (byte(a), byte(b)) {
            (true, true) => Ok(()),
            (false, true) => Err((a < 512).then_some(0)),
            (true, false) => Err((b < 512).then_some(1)),
            _ => Err(None),
        },
        [bus::POWER, k, power] => check(k <= 16 && power == 1 << k),
        [bus::AND, a, b, c] => check(byte(a) && byte(b) && c == a & b),
        [bus::OR, a, b, c] => check(byte(a) && byte(b) && c == a | b),
        [bus::XOR | recursion::XOR, a, b, c] => check(byte(a) && byte(b) && c == a ^ b),
        [recursion::XOR_12, a, b, high, low] => check(byte(a) && byte(b) && high == (a ^ b) >> 4 && low == (a ^ b) & 15),
        [recursion::XOR_7, a, b, high, low] => check(byte(a) && byte(b) && high == (a ^ b) >> 7 && low == (a ^ b) & 127),
        [recursion::U16, v] => range(v, 1 << 16, 2 << 16),
        [recursion::TOP, v] => range(v, recursion::MAX_TOP + 1, 2 * (recursion::MAX_TOP + 1)),
        [tag, ..] => check(!is_lookup(tag)),
        [] => Err(None),
    }
}

impl<'a, S: System> Subject<'a, S> {
    /// Names a chip's statements: by its label, and by its place among those with the same label if
    /// there are several.
    pub fn new(air: &'a S) -> Self {
        let zeros = |width: usize| vec![F::ZERO; width];
        let (main, fixed, public) = (zeros(air.width()), zeros(air.preprocessed_width()), zeros(air.num_public_values()));
        let mut recorder = Recorder::new([&main, &main], [&fixed, &fixed], &public, [false, false]);
        air.constrain(&mut recorder);
        let tags = recorder.outcome.messages.iter().map(|message| message.tuple[0]).collect();
        Self {
            air,
            reads_next: !air.main_next_row_columns().is_empty(),
            is_table: air.name().ends_with("_table"),
            constraints: numbered(&recorder.constraint_labels),
            messages: numbered(&recorder.message_labels),
            tags,
        }
    }

    /// The chip.
    pub const fn air(&self) -> &S {
        self.air
    }

    /// Number of constraints and messages.
    pub fn sizes(&self) -> [usize; 2] {
        [self.constraints.len(), self.messages.len()]
    }

    /// Every weakness.
    pub fn weaknesses(&self) -> Vec<Weakness> {
        let constraints = (0..self.constraints.len()).map(|i| Weakness::Dropped(Statement::Constraint(i)));
        let messages = (0..self.messages.len()).map(|i| Weakness::Dropped(Statement::Message(i)));
        let fields = |i: usize| 0..if self.is_table { 0 } else { ranges(self.tags[i]) };
        let widened = (0..self.messages.len()).flat_map(|i| fields(i).map(move |field| Weakness::Widened(i, field)));
        constraints.chain(messages).chain(widened).collect()
    }

    /// What a weakness is called.
    pub fn name(&self, weakness: Weakness) -> String {
        match weakness {
            Weakness::Dropped(Statement::Constraint(i)) => self.constraints[i].clone(),
            Weakness::Dropped(Statement::Message(i)) => format!("{}!", self.messages[i]),
            Weakness::Widened(i, field) => format!("{}+{field}", self.messages[i]),
        }
    }

    /// The rows that read a row of a table.
    pub fn readers(&self, table: &Table, row: usize) -> Vec<usize> {
        let height = table.main.height();
        let previous = (row + height - 1) % height;
        if self.reads_next && previous != row { vec![previous, row] } else { vec![row] }
    }

    /// The rows whose statements depend on a cell.
    pub fn rows_of(&self, table: &Table, cell: Cell) -> Vec<usize> {
        match cell {
            Cell::Main(row, _) => self.readers(table, row),
            Cell::Public(_) => (0..table.main.height()).collect(),
        }
    }

    /// What the chip states about a row.
    pub fn outcome(&self, table: &Table, row: usize) -> Outcome {
        let height = table.main.height();
        let next = (row + 1) % height;
        let slice =
            |m: &RowMajorMatrix<F>, row: usize| if m.width == 0 { vec![] } else { m.values[row * m.width..(row + 1) * m.width].to_vec() };
        let (local, next_row) = (slice(&table.main, row), slice(&table.main, next));
        let (fixed, next_fixed) = (slice(&table.fixed, row), slice(&table.fixed, next));
        let mut recorder = Recorder::new([&local, &next_row], [&fixed, &next_fixed], &table.public, [row == 0, next == 0]);
        self.air.constrain(&mut recorder);
        recorder.outcome
    }

    /// What the chip says to a table after changes.
    pub fn verdict(&self, table: &Table, changes: &[Change]) -> Verdict {
        let rows: BTreeSet<usize> = changes.iter().flat_map(|change| self.rows_of(table, change.cell)).collect();
        let forged = changed(table, changes);
        let mut verdict = Verdict::default();
        for row in rows {
            self.judge(&self.outcome(table, row), &self.outcome(&forged, row), &mut verdict);
        }
        verdict
    }

    /// Adds what the chip says to one row, which is `honest` in the honest table.
    pub fn judge(&self, honest: &Outcome, forged: &Outcome, verdict: &mut Verdict) {
        verdict.failing.extend(forged.constraints.iter().enumerate().filter(|(_, x)| **x != F::ZERO).map(|(i, _)| i));
        for (i, (before, after)) in honest.messages.iter().zip(&forged.messages).enumerate() {
            if self.looks_up(after) {
                if let Err(width) = provided(&after.tuple) {
                    verdict.unprovided.entry(i).or_default().insert(width);
                }
            } else if before != after && (before.count != F::ZERO || after.count != F::ZERO) && !self.looks_up(before) {
                verdict.changed.insert(i);
            }
        }
    }

    /// Whether a message asks one of the fixed tables.
    pub fn looks_up(&self, message: &Message) -> bool {
        !self.is_table && message.count != F::ZERO && is_lookup(message.tuple[0])
    }

    /// The constraints and the messages in which each place occurs, found by changing it where
    /// everything else is random.
    pub fn occurrences(&self) -> Vec<(Place, [BTreeSet<usize>; 2])> {
        let mut state = 1_u64;
        let mut random = |width: usize| -> Vec<F> {
            let mut next = || {
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
                F::from_u64(state >> 33)
            };
            (0..width).map(|_| next()).collect()
        };
        let air = self.air;
        let (local, next, public) = (random(air.width()), random(air.width()), random(air.num_public_values()));
        let (fixed, next_fixed) = (random(air.preprocessed_width()), random(air.preprocessed_width()));
        let state = |local: &[F], next: &[F], public: &[F]| {
            let mut recorder = Recorder::new([local, next], [&fixed, &next_fixed], public, [true, false]);
            air.constrain(&mut recorder);
            recorder.outcome
        };
        let base = state(&local, &next, &public);
        let places = (0..air.width()).map(Place::Local);
        let places = places.chain((0..if self.reads_next { air.width() } else { 0 }).map(Place::Next));
        let places = places.chain((0..public.len()).map(Place::Public));
        let occur = |place: Place| {
            let (mut local, mut next, mut public) = (local.clone(), next.clone(), public.clone());
            match place {
                Place::Local(i) => local[i] += F::ONE,
                Place::Next(i) => next[i] += F::ONE,
                Place::Public(i) => public[i] += F::ONE,
            }
            let other = state(&local, &next, &public);
            (place, differences(&base, &other))
        };
        places.map(occur).collect()
    }
}

fn differences(a: &Outcome, b: &Outcome) -> [BTreeSet<usize>; 2] {
    let constraints = (0..a.constraints.len()).filter(|&i| a.constraints[i] != b.constraints[i]).collect();
    let messages = (0..a.messages.len()).filter(|&i| a.messages[i] != b.messages[i]).collect();
    [constraints, messages]
}

/// The table after changes.
pub fn changed(table: &Table, changes: &[Change]) -> Table {
    let mut forged = table.clone();
    for change in changes {
        match change.cell {
            Cell::Main(row, column) => forged.main.values[row * table.main.width + column] = change.value,
            Cell::Public(i) => forged.public[i] = change.value,
        }
    }
    forged
}

/// Labels with the place of each among its equals, where it has any.
fn numbered(labels: &[Label]) -> Vec<String> {
    let mut seen: BTreeMap<Label, usize> = BTreeMap::new();
    let mut name = |&label: &Label| {
        let place = seen.entry(label).or_default();
        *place += 1;
        if labels.iter().filter(|other| **other == label).count() == 1 { label.to_owned() } else { format!("{label}[{}]", *place - 1) }
    };
    labels.iter().map(&mut name).collect()
}

struct Recorder<'a> {
    main: RowWindow<'a, F>,
    preprocessed: RowWindow<'a, F>,
    public_values: &'a [F],
    is_first: bool,
    is_last: bool,
    constraint_labels: Vec<Label>,
    message_labels: Vec<Label>,
    outcome: Outcome,
}

concrete_builder!(Recorder, |b: &Recorder<'_>| b.is_first, |b: &Recorder<'_>| b.is_last);

impl<'a> Recorder<'a> {
    fn new(main: [&'a [F]; 2], fixed: [&'a [F]; 2], public_values: &'a [F], [is_first, is_last]: [bool; 2]) -> Self {
        Self {
            main: RowWindow::from_two_rows(main[0], main[1]),
            preprocessed: RowWindow::from_two_rows(fixed[0], fixed[1]),
            public_values,
            is_first,
            is_last,
            constraint_labels: Vec::new(),
            message_labels: Vec::new(),
            outcome: Outcome::default(),
        }
    }
}

impl ChipBuilder for Recorder<'_> {
    fn check(&mut self, label: Label, x: impl Into<F>) {
        self.constraint_labels.push(label);
        self.outcome.constraints.push(x.into());
    }

    fn message(&mut self, label: Label, tuple: Vec<F>, count: F) {
        let tuple = tuple.iter().map(PrimeField32::as_canonical_u32).collect();
        self.message_labels.push(label);
        self.outcome.messages.push(Message { tuple, count });
    }

    fn provide(&mut self, label: Label, tuple: Vec<F>, count: F) {
        self.message(label, tuple, -count);
    }
}
