//! One whole segment on paper: every table satisfies its constraints, all messages balance, and on
//! every bus a single changed cell or public value unbalances them.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_air::bus;
use tern_air::check::{Balance, check, total};
use tern_air::lookups::Lookups;
use tern_air::machine::{self, MachineAir};
use tern_field::F;
use tern_verifier::multilinear::machine::public_values;
use tern_vm::exec::SegmentLimits;
use tern_vm::testing::workload;

use crate::support::{cut, provable};

/// Every tag, with its name.
const TAGS: [(u32, &str); 21] = [
    (bus::EXECUTION, "execution"),
    (bus::PROGRAM, "program"),
    (bus::MEMORY, "memory"),
    (bus::BITS, "bits"),
    (bus::POWER, "power"),
    (bus::AND, "and"),
    (bus::OR, "or"),
    (bus::XOR, "xor"),
    (bus::BYTES, "bytes"),
    (bus::NODE, "node"),
    (bus::PERMUTATION, "permutation"),
    (bus::KECCAK, "keccak"),
    (bus::MULMOD, "mulmod"),
    (bus::HALT, "halt"),
    (bus::MULMOD384, "mulmod384"),
    (bus::SHA256, "sha256"),
    (bus::SHA256_STATE, "sha256_state"),
    (bus::SHA256_ROUNDS, "sha256_rounds"),
    (bus::SHA256_SCHEDULE, "sha256_schedule"),
    (bus::BLAKE2F, "blake2f"),
    (bus::BLAKE2F_NEXT, "blake2f_next"),
];

/// Tags of messages from a table's rows to others of its own, which cancel within the table: by its name.
const INNER: [(&str, u32); 2] = [("sha256_rounds", bus::SHA256_ROUNDS), ("blake2f", bus::BLAKE2F_NEXT)];

/// The tables of a run of the workload in one segment, with all that is needed to check them.
struct Tables {
    airs: Vec<MachineAir>,
    traces: Vec<RowMajorMatrix<F>>,
    public_values: Vec<Vec<F>>,
    /// What each table leaves on the bus.
    balances: Vec<Balance>,
}

/// A place where a table can be changed.
#[derive(Clone, Copy)]
enum Place {
    Cell(usize),
    PublicValue(usize),
}

impl Tables {
    fn new() -> Self {
        let program = provable(&workload::elf());
        let segments = cut(&program, workload::INPUT, &SegmentLimits::cycles(SegmentLimits::MAX_CYCLES));
        let [segment] = &segments[..] else { panic!("the run is one segment") };
        let bounds = &program.key.bounds;
        let traces = machine::fill(&segment.events, &segment.tree, bounds, segment.cycles, Lookups::default());
        let public_values = public_values(&segment.statement, bounds);
        let mut tables = Self { airs: MachineAir::all(), traces, public_values, balances: Vec::new() };
        for (table, air) in tables.airs.iter().enumerate() {
            let report = check(air, &tables.traces[table], &tables.public_values[table]);
            assert!(report.failures.is_empty(), "{}: {:?}", air.name(), report.failures);
            assert!(report.overcounted.is_empty(), "{}: {:?}", air.name(), report.overcounted);
            tables.balances.push(report.balance);
        }
        tables
    }

    /// What can be changed about a table: its public values, and the cells of its first rows, on
    /// which its first records are.
    fn places(&self, table: usize) -> impl Iterator<Item = Place> + use<> {
        let (width, height) = (self.traces[table].width(), self.traces[table].height());
        let cells = (0..width * height.min(4)).map(Place::Cell);
        cells.chain((0..self.public_values[table].len()).map(Place::PublicValue))
    }

    fn at(&mut self, table: usize, place: Place) -> &mut F {
        match place {
            Place::Cell(cell) => &mut self.traces[table].values[cell],
            Place::PublicValue(value) => &mut self.public_values[table][value],
        }
    }

    /// The tags on which the segment is unbalanced once `table` is changed in one place.
    fn unbalanced_by(&mut self, table: usize, place: Place) -> BTreeSet<u32> {
        let honest = *self.at(table, place);
        *self.at(table, place) = honest + F::ONE;
        let changed = check(&self.airs[table], &self.traces[table], &self.public_values[table]).balance;
        *self.at(table, place) = honest;
        let others = self.balances.iter().enumerate().filter(|(other, _)| *other != table).map(|(_, balance)| balance.clone());
        total(others.chain([changed])).into_keys().map(|message| message[0]).collect()
    }

    /// The tags of a table's messages.
    fn tags(&self, table: usize) -> BTreeSet<u32> {
        let name = self.airs[table].name();
        let inner = INNER.into_iter().filter(|&(owner, _)| owner == name).map(|(_, tag)| tag);
        self.balances[table].keys().map(|message| message[0]).chain(inner).collect()
    }
}

#[test]
fn a_segment_satisfies_every_constraint_and_balances_every_bus() {
    let tables = Tables::new();
    let left = total(tables.balances.clone());
    assert!(left.is_empty(), "{left:?}");
    let used: BTreeSet<_> = (0..tables.balances.len()).flat_map(|table| tables.tags(table)).collect();
    assert_eq!(used, TAGS.iter().map(|&(tag, _)| tag).collect(), "the segment uses every bus");
}

#[test]
fn a_change_unbalances_every_bus_at_every_table_on_it() {
    let mut tables = Tables::new();
    let mut found: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for table in 0..tables.airs.len() {
        let mut wanted = tables.tags(table);
        for place in tables.places(table) {
            if wanted.is_empty() {
                break;
            }
            for tag in tables.unbalanced_by(table, place) {
                if wanted.remove(&tag) {
                    found.entry(tag).or_default().push(tables.airs[table].name());
                }
            }
        }
        assert!(wanted.is_empty(), "{}: no change unbalances the tags {wanted:?}", tables.airs[table].name());
    }
    for (tag, name) in TAGS {
        println!("{name}: {}", found.get(&tag).unwrap_or_else(|| panic!("nothing unbalances {name}")).join(", "));
    }
}
