//! A circuit, read back from its fixed columns: what each row does to which value.
//!
//! Nothing here knows the builder. What is read are the columns whose commitment is the circuit's
//! key, without the zeros behind them.

use std::collections::{BTreeMap, BTreeSet};

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_air::layout::Columns;
use tern_air::recursion::CircuitChip;
use tern_air::recursion::alu::AluPreCols;
use tern_air::recursion::byte_table;
use tern_air::recursion::cap::CapPreCols;
use tern_air::recursion::challenge::ChallengePreCols;
use tern_air::recursion::compress::CompressPreCols;
use tern_air::recursion::half::{HalfPreCols, WORDS};
use tern_air::recursion::interface::InterfacePreCols;
use tern_air::recursion::pack::PackPreCols;
use tern_field::{EF, EXTENSION_DEGREE, F};

/// Limbs of a half.
const LIMBS: u32 = 16;
/// Bits that a row of challenge gives.
const BITS: u32 = 32;

/// The fixed columns of every table, by [`CircuitChip`].
pub type Tables = Vec<RowMajorMatrix<F>>;

/// What stands at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// An element of the challenge field.
    Wire(u32),
    /// 32 bytes.
    Half(u32),
}

impl Value {
    /// A number of its own.
    pub const fn index(self) -> usize {
        match self {
            Self::Wire(address) => 2 * address as usize,
            Self::Half(address) => 2 * address as usize + 1,
        }
    }
}

/// Cells of a row that have an address. Where nothing reads what a row writes they are on no bus,
/// but have a name all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// The value that they are.
    pub value: Value,
    /// Whether the row writes it; else it reads it.
    pub writes: bool,
}

/// What a row fixes. Cells without a port are free.
#[derive(Clone, Debug)]
pub enum Row {
    /// `a b + c = d`.
    Alu([Option<Port>; 4]),
    /// An element and its coordinates.
    Pack { element: Port, coordinates: Vec<Port> },
    /// A half and its words.
    Half { half: Option<Port>, words: Vec<Port>, canonical: bool },
    /// A compression.
    Compress { read: [Value; 3], bit: Option<Value>, out: Option<Port> },
    /// A word of a half.
    Challenge { half: Value, bits: Vec<Port> },
    /// A digest: of one half or two, with its limbs, as an entry of a list or read from one.
    Cap { halves: [Option<Port>; 2], limbs: Vec<Port>, index: Option<Value>, first: u32, provides: bool },
}

/// A circuit as its rows.
#[derive(Clone, Debug, Default)]
pub struct Fixed {
    /// The rows that say something, with their table and place.
    pub rows: Vec<(CircuitChip, usize, Row)>,
    /// The constants of wires.
    pub constants: BTreeMap<u32, EF>,
    /// The constant halves.
    pub constant_halves: BTreeSet<u32>,
    /// The half that is the public values.
    pub public: Option<Value>,
    /// What no circuit may have.
    pub malformed: Vec<String>,
    /// How often each value is written, for how many reads, and how often it is read.
    counts: Vec<[u32; 3]>,
}

impl Fixed {
    /// Reads the fixed columns.
    pub fn read(tables: &Tables) -> Self {
        let mut fixed = Self::default();
        let table = |chip| (chip, &tables[chip as usize]);
        fixed.each(table(CircuitChip::Alu), Self::alu);
        fixed.each(table(CircuitChip::Pack), Self::pack);
        fixed.each(table(CircuitChip::Half), Self::half);
        fixed.each(table(CircuitChip::Compress), Self::compress);
        fixed.each(table(CircuitChip::Challenge), Self::challenge);
        fixed.each(table(CircuitChip::Cap), Self::cap);
        fixed.each(table(CircuitChip::Interface), Self::interface);
        fixed.check_balance();
        if fixed.public.is_none() {
            fixed.malformed.push("no half is the public values".to_owned());
        }
        if tables[CircuitChip::ByteTable as usize].values != byte_table::preprocessed().values {
            fixed.malformed.push("the byte table is another".to_owned());
        }
        fixed
    }

    /// Every value that has an address.
    pub fn values(&self) -> impl Iterator<Item = Value> {
        let on_bus = self.counts.iter().enumerate().filter(|(_, counts)| **counts != [0; 3]);
        on_bus.map(|(index, _)| if index % 2 == 0 { Value::Wire(index as u32 / 2) } else { Value::Half(index as u32 / 2) })
    }

    /// Whether a row writes or reads the value.
    pub fn has(&self, value: Value) -> bool {
        self.counts.get(value.index()).is_some_and(|counts| *counts != [0; 3])
    }

    /// One more than the largest index of a value.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    fn each<C: Columns<F>>(&mut self, (chip, table): (CircuitChip, &RowMajorMatrix<F>), read: fn(&mut Self, usize, &C) -> Option<Row>) {
        for index in 0..table.height() {
            let columns = C::of(&table.values[index * C::WIDTH..(index + 1) * C::WIDTH]);
            let before = self.malformed.len();
            if let Some(row) = read(self, index, columns) {
                self.rows.push((chip, index, row));
            }
            self.malformed[before..].iter_mut().for_each(|fault| *fault = format!("{chip:?}, row {index}: {fault}"));
        }
    }
}

/// Row by row.
impl Fixed {
    fn alu(&mut self, _: usize, row: &AluPreCols<F>) -> Option<Row> {
        let ports = core::array::from_fn(|i| self.port(wire(row.addr[i], 0), row.mult[i]));
        ports.iter().any(Option::is_some).then_some(Row::Alu(ports))
    }

    fn pack(&mut self, _: usize, row: &PackPreCols<F>) -> Option<Row> {
        let element = self.port(wire(row.addr_ext, 0), row.mult_ext);
        let coordinates = self.ports(row.addr_base, row.mult_base, EXTENSION_DEGREE as u32);
        // A row with one side only says nothing.
        (!coordinates.is_empty()).then_some(Row::Pack { element: element?, coordinates })
    }

    fn half(&mut self, _: usize, row: &HalfPreCols<F>) -> Option<Row> {
        let real = self.flag("real", row.real);
        let half = self.port(half(row.addr_half), row.mult_half);
        let words = self.ports(row.addr_word, row.mult_word, WORDS as u32);
        let canonical = self.flag("canonical", row.canonical);
        // Limbs are looked up where the flag is set.
        let is_used = half.is_some() || !words.is_empty();
        self.demand(real || !(is_used || canonical), "a row in use has no flag");
        is_used.then_some(Row::Half { half, words, canonical })
    }

    fn compress(&mut self, _: usize, row: &CompressPreCols<F>) -> Option<Row> {
        let (real, reads_bit) = (self.flag("real", row.real), self.flag("read_bit", row.read_bit));
        let bit = reads_bit.then(|| wire(row.addr_bit, 0));
        bit.iter().for_each(|bit| self.count(*bit, F::NEG_ONE));
        let out = self.port(half(row.addr_out), row.mult_out);
        if !real {
            return None;
        }
        let read = [row.addr_cv, row.addr_own, row.addr_sibling].map(half);
        read.iter().for_each(|value| self.count(*value, F::NEG_ONE));
        let numbers = [row.counter[0], row.counter[1], row.len, row.flags];
        self.demand(numbers.iter().all(|number| number.as_canonical_u32() < 1 << 8), "a number is no byte");
        Some(Row::Compress { read, bit, out })
    }

    fn challenge(&mut self, _: usize, row: &ChallengePreCols<F>) -> Option<Row> {
        let bits = self.ports(row.addr_bits, row.mult_bits, BITS);
        let selected = row.select.map(|select| self.flag("select", select)).into_iter().filter(|select| *select).count();
        if !self.flag("real", row.real) {
            return None;
        }
        self.demand(selected == 1, "not one word is selected");
        let half = half(row.addr_half);
        self.count(half, F::NEG_ONE);
        Some(Row::Challenge { half, bits })
    }

    fn cap(&mut self, _: usize, row: &CapPreCols<F>) -> Option<Row> {
        let halves = [(row.addr_one, row.mult_one), (row.addr_two, row.mult_two)].map(|(addr, mult)| self.port(half(addr), mult));
        let limbs = self.ports(row.addr_limbs, row.mult_limbs, LIMBS);
        let (reads, provides) = (self.flag("read_index", row.read_index), self.flag("provides", row.provides));
        let index = reads.then(|| wire(row.addr_index, 0));
        index.iter().for_each(|index| self.count(*index, F::NEG_ONE));
        self.demand(!(reads && provides), "an entry is provided where the index says");
        let first = row.cap.as_canonical_u32();
        halves.iter().any(Option::is_some).then_some(Row::Cap { halves, limbs, index, first, provides })
    }

    fn interface(&mut self, _: usize, row: &InterfacePreCols<F>) -> Option<Row> {
        if self.port(wire(row.addr, 0), row.mult).is_some() {
            self.constants.insert(row.addr.as_canonical_u32(), EF::from_basis_coefficients_fn(|i| row.value[i]));
        }
        if self.port(half(row.addr_half), row.mult_half).is_some() {
            self.constant_halves.insert(row.addr_half.as_canonical_u32());
            self.demand(row.limbs.iter().all(|limb| limb.as_canonical_u32() < 1 << 16), "a limb is none");
        }
        if self.flag("is_public", row.is_public) {
            self.demand(self.public.is_none(), "there are two public values");
            self.count(half(row.addr_public), F::NEG_ONE);
            self.public = Some(half(row.addr_public));
        }
        None
    }
}

/// The buses.
impl Fixed {
    /// Every value has one row that writes it, once for every row that reads it: then all hold one value.
    fn check_balance(&mut self) {
        let wrong = self.values().filter(|value| !matches!(self.counts[value.index()], [1, written, read] if written == read));
        let faults: Vec<String> =
            wrong.map(|value| format!("{value:?}: {:?} writers, copies, readers", self.counts[value.index()])).collect();
        self.malformed.extend(faults);
    }

    /// Address 0 is none.
    fn port(&mut self, value: Value, mult: F) -> Option<Port> {
        if let (Value::Wire(0) | Value::Half(0), F::ZERO) = (value, mult) {
            return None;
        }
        self.count(value, mult);
        Some(Port { value, writes: mult != F::NEG_ONE })
    }

    /// Consecutive wires.
    fn ports(&mut self, first: F, mult: F, count: u32) -> Vec<Port> {
        if first == F::ZERO && mult == F::ZERO {
            return Vec::new();
        }
        (0..count).filter_map(|offset| self.port(wire(first, offset), mult)).collect()
    }

    fn count(&mut self, value: Value, mult: F) {
        self.counts.resize(self.counts.len().max(value.index() + 1), [0; 3]);
        let [writers, written, readers] = &mut self.counts[value.index()];
        if mult == F::NEG_ONE {
            *readers += 1;
        } else {
            *writers += 1;
            *written += mult.as_canonical_u32();
        }
    }

    fn flag(&mut self, name: &str, flag: F) -> bool {
        self.demand(flag == F::ZERO || flag == F::ONE, name);
        flag == F::ONE
    }

    fn demand(&mut self, holds: bool, fault: &str) {
        if !holds {
            self.malformed.push(fault.to_owned());
        }
    }
}

fn wire(first: F, offset: u32) -> Value {
    Value::Wire(first.as_canonical_u32() + offset)
}

fn half(address: F) -> Value {
    Value::Half(address.as_canonical_u32())
}
