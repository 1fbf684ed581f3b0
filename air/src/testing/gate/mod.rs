//! The gate: every constraint, message and range of a chip is needed by a negative test.
//!
//! A *weakness* is a chip with one statement less: a constraint left out, a message never sent, a
//! range one bit wider. An *attack* is a change of an honest table that the chip rejects. The gate
//! demands, for every weakness of a chip, an attack that the weakened chip would accept: then
//! nothing else in the chip rejects it, and whoever loses the statement sees the attack pass.
//!
//! Attacks are data, `attacks.txt` or another file beside the chip's tests, so that they do not
//! come from the constraints that they judge: a constraint that is deleted leaves its attacks
//! behind, and they are accepted. Most change several cells, so that everything else still holds
//! ([`search`] finds them, once: `TERN_GATE=search cargo test --release -p tern-air gate`); each is
//! checked anew in every run.
//!
//! What counts as accepted. All constraints hold on the rows that the attack touches, and
//! everything that is looked up in a fixed table stands there. Of all other messages the rest of
//! the machine is taken to agree to whatever the table says, since the forger makes the other
//! tables too; but for an attack on a message, it agrees to every change except that message's.

mod evaluate;
mod record;
mod search;

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use std::println;
use tern_field::F;

use crate::chip::System;

pub use evaluate::{Subject, Verdict, is_lookup, provided};

/// A statement that a chip makes about a row, by its place in the order in which `constrain` makes them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Statement {
    /// A constraint.
    Constraint(usize),
    /// A message.
    Message(usize),
}

/// A statement that a chip lacks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Weakness {
    /// The statement is not made.
    Dropped(Statement),
    /// The lookup of this message allows one bit more: in its only range, or in one of two bytes.
    Widened(usize, usize),
}

/// A value for a cell of a table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Change {
    /// Where.
    pub cell: Cell,
    /// The value that it is given.
    pub value: F,
}

/// What a forger may choose.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cell {
    /// A main column of a row.
    Main(usize, usize),
    /// A public value: what is claimed.
    Public(usize),
}

/// An honest table, and the rows of it that attacks change.
#[derive(Clone)]
pub struct Table {
    /// The main columns.
    pub main: RowMajorMatrix<F>,
    /// The preprocessed columns.
    pub fixed: RowMajorMatrix<F>,
    /// The public values.
    pub public: Vec<F>,
    /// Rows to attack.
    pub rows: Vec<usize>,
}

impl Table {
    /// A table of a chip, of which these rows are attacked. Where rows do not depend on their
    /// places, no others are kept.
    pub fn new(air: &impl System, main: &RowMajorMatrix<F>, public: &[F], rows: impl IntoIterator<Item = usize>) -> Self {
        let rows: Vec<usize> = rows.into_iter().collect();
        let public = public.to_vec();
        let Some(fixed) = air.preprocessed_trace() else {
            let fixed = RowMajorMatrix::new(Vec::new(), 0);
            if !air.main_next_row_columns().is_empty() {
                return Self { main: main.clone(), fixed, public, rows };
            }
            let values = rows.iter().flat_map(|row| main.values[row * main.width..(row + 1) * main.width].iter().copied()).collect();
            return Self { main: RowMajorMatrix::new(values, main.width), fixed, public, rows: (0..rows.len()).collect() };
        };
        Self { main: main.clone(), fixed, public, rows }
    }
}

/// A change of a table that only one statement rejects.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Attack {
    /// The weakness under which it is accepted.
    pub weakness: Weakness,
    /// Which of the chip's honest tables is changed.
    pub table: usize,
    /// How.
    pub changes: Vec<Change>,
}

/// Where a chip's attacks are kept.
pub struct File {
    /// The chip's tests, beside which they are.
    pub path: &'static str,
    /// The file's name.
    pub name: &'static str,
    /// Their text.
    pub text: &'static str,
    /// Attacks that are computed.
    pub forgeries: Vec<Forgery>,
}

impl File {
    /// With attacks that are computed besides.
    pub fn and(self, forgeries: impl IntoIterator<Item = Forgery>) -> Self {
        Self { forgeries: forgeries.into_iter().collect(), ..self }
    }
}

/// A row in place of an honest one.
pub struct Forgery {
    /// Name of the weakness that it is an attack on; without one, the only statement that rejects it.
    pub weakness: Option<String>,
    pub table: usize,
    pub row: usize,
    pub forged: Vec<F>,
}

impl Forgery {
    fn attack<S: System>(&self, subject: &Subject<'_, S>, tables: &[Table]) -> Attack {
        let table = &tables[self.table];
        let honest = table.main.row_slice(self.row).expect("a row of the table").to_vec();
        let differing = honest.iter().zip(&self.forged).enumerate().filter(|(_, (honest, forged))| honest != forged);
        let changes: Vec<_> = differing.map(|(column, (_, &value))| Change { cell: Cell::Main(self.row, column), value }).collect();
        let weakness = match &self.weakness {
            Some(name) => subject.weaknesses().into_iter().find(|&weakness| subject.name(weakness) == *name),
            None => subject.verdict(table, &changes).needs().first().copied(),
        };
        let weakness = weakness
            .unwrap_or_else(|| panic!("{}: no one statement rejects {:?} in row {}", subject.air().name(), self.weakness, self.row));
        Attack { weakness, table: self.table, changes }
    }
}

/// The attacks of the chip whose tests call this, from `attacks.txt` or a file of another name.
macro_rules! attacks {
    () => {
        $crate::testing::gate::attacks!("attacks.txt")
    };
    ($name:literal) => {
        $crate::testing::gate::File { path: file!(), name: $name, text: include_str!($name), forgeries: alloc::vec::Vec::new() }
    };
}
pub(crate) use attacks;

/// Asserts that every weakness of a chip has an attack among those recorded, but for `exceptions`:
/// names of weaknesses, and why nothing can show them.
///
/// With `TERN_GATE=search` it first looks for attacks that are missing, and writes them to the file.
pub fn assert_gate(air: &impl System, tables: &[Table], file: &File, exceptions: &[(&str, &str)]) {
    let subject = Subject::new(air);
    assert_honest(&subject, tables);
    let mut attacks = if std::env::var_os("TERN_GATE").is_some_and(|mode| mode == "search") {
        search_missing(&subject, tables, file, exceptions)
    } else {
        record::parse(&subject, file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path))
    };
    attacks.extend(file.forgeries.iter().map(|forgery| forgery.attack(&subject, tables)));
    let noticed = judge(&subject, tables, &attacks);
    let weaknesses = subject.weaknesses();
    let missing: Vec<String> =
        weaknesses.iter().filter(|weakness| !noticed.contains(weakness)).map(|&weakness| subject.name(weakness)).collect();
    report(&subject, &weaknesses, attacks.len(), missing.len());
    let unexpected: Vec<&String> = missing.iter().filter(|name| !is_excepted(exceptions, name)).collect();
    assert!(unexpected.is_empty(), "{}: no attack needs {unexpected:?}", air.name());
    let stale: Vec<&str> = exceptions
        .iter()
        .filter(|&&exception| !missing.iter().any(|name| is_excepted(&[exception], name)))
        .map(|&(name, _)| name)
        .collect();
    assert!(stale.is_empty(), "{}: excepted, but an attack needs {stale:?}", air.name());
}

/// Whether a weakness is among the exceptions; `label[*]` stands for all under one label.
fn is_excepted(exceptions: &[(&str, &str)], name: &str) -> bool {
    exceptions.iter().any(|&(excepted, _)| match excepted.strip_suffix("*]") {
        Some(label) => name.starts_with(label),
        None => excepted == name,
    })
}

/// One line of the gate's table.
fn report<S: System>(subject: &Subject<'_, S>, weaknesses: &[Weakness], attacks: usize, exceptions: usize) {
    let [constraints, messages] = subject.sizes();
    let ranges = weaknesses.len() - constraints - messages;
    let noticed = weaknesses.len() - exceptions;
    println!(
        "gate | {} | {constraints} constraints | {messages} messages | {ranges} ranges | {noticed} noticed | {exceptions} exceptions | {attacks} attacks",
        subject.air().name()
    );
}

/// Every row that is attacked is honest.
fn assert_honest<S: System>(subject: &Subject<'_, S>, tables: &[Table]) {
    for table in tables {
        for &row in &table.rows {
            let outcome = subject.outcome(table, row);
            let mut verdict = Verdict::default();
            subject.judge(&outcome, &outcome, &mut verdict);
            assert!(verdict.failing.is_empty() && verdict.unprovided.is_empty(), "{}: row {row}: {verdict:?}", subject.air().name());
        }
    }
}

/// Asserts that every attack is rejected, and returns the weaknesses that the attacks are for and need.
fn judge<S: System>(subject: &Subject<'_, S>, tables: &[Table], attacks: &[Attack]) -> BTreeSet<Weakness> {
    let mut noticed = BTreeSet::new();
    for attack in attacks {
        let verdict = subject.verdict(&tables[attack.table], &attack.changes);
        let rejected = !(verdict.failing.is_empty() && verdict.unprovided.is_empty() && verdict.changed.is_empty());
        let name = subject.name(attack.weakness);
        assert!(rejected, "{}: the attack on {name} is accepted", subject.air().name());
        let needs = verdict.needs();
        assert!(needs.contains(&attack.weakness), "{}: the attack on {name} is rejected by more: {verdict:?}", subject.air().name());
        noticed.extend(needs);
    }
    noticed
}

/// Keeps the recorded attacks that still hold, and finds those that are missing.
fn search_missing<S: System>(subject: &Subject<'_, S>, tables: &[Table], file: &File, exceptions: &[(&str, &str)]) -> Vec<Attack> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file.path).with_file_name(file.name);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let mut attacks = record::parse(subject, &text).unwrap_or_default();
    attacks.retain(|attack| subject.verdict(&tables[attack.table], &attack.changes).needs().contains(&attack.weakness));
    let finder = search::Finder::new(subject);
    let forged: Vec<Attack> = file.forgeries.iter().map(|forgery| forgery.attack(subject, tables)).collect();
    let mut noticed = judge(subject, tables, &attacks);
    noticed.extend(judge(subject, tables, &forged));
    for weakness in subject.weaknesses() {
        let name = subject.name(weakness);
        if noticed.contains(&weakness) || is_excepted(exceptions, &name) {
            continue;
        }
        match finder.find(weakness, tables) {
            Some(attack) => {
                noticed.extend(subject.verdict(&tables[attack.table], &attack.changes).needs());
                attacks.push(attack);
            }
            None => println!("gate: {}: nothing found for {name}", subject.air().name()),
        }
    }
    std::fs::write(&path, record::print(subject, &attacks)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    attacks
}
