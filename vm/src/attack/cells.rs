//! Changing cells of filled tables, and counting what they look up.

use std::collections::BTreeMap;

use p3_air::BaseAir;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_air::bus;
use tern_air::check::{Balance, check, total};
use tern_air::chip::System;
use tern_air::layout::Columns;
use tern_air::machine::bits_table::BitsTableCols;
use tern_air::machine::byte_table::ByteTableCols;
use tern_air::machine::decode::DecodeCols;
use tern_air::machine::poseidon2::Poseidon2Cols;
use tern_air::machine::{MachineAir, MachineChip};
use tern_field::F;

use super::AttackError;
use super::change::{CellChange, Edit, Order, RowsChange};
use crate::spec::columns;

/// All tables of a segment.
pub type Tables = Vec<RowMajorMatrix<F>>;

/// The chip with this name.
pub fn chip(name: &str) -> Result<MachineChip, AttackError> {
    let airs = MachineAir::all();
    let position = airs.iter().position(|air| air.name() == name);
    let known = || airs.iter().map(MachineAir::name).collect::<Vec<_>>().join(", ");
    position.map(|position| MachineChip::ALL[position]).ok_or_else(|| AttackError::Chip { chip: name.to_owned(), known: known() })
}

/// The names of a chip's columns.
fn column_names(air: &MachineAir) -> Vec<String> {
    let [main, _] = air.layouts();
    columns::named(&main).into_iter().map(|column| column.name).collect()
}

/// The cells of a row that have this column's name, or are parts of it.
pub fn columns_of(chip: MachineChip, column: &str) -> Result<Vec<usize>, AttackError> {
    let names = column_names(&MachineAir::all()[chip as usize]);
    let is_of = |name: &String| name.strip_prefix(column).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']));
    let found: Vec<usize> = (0..names.len()).filter(|&at| is_of(&names[at])).collect();
    if found.is_empty() {
        return Err(AttackError::Column { chip: name_of(chip).to_owned(), column: column.to_owned(), known: names.join(", ") });
    }
    Ok(found)
}

/// Whether a chip has fixed columns.
pub fn has_fixed(table: usize) -> bool {
    BaseAir::<F>::preprocessed_width(&MachineAir::all()[table]) > 0
}

/// A chip's name.
pub fn name_of(chip: MachineChip) -> &'static str {
    MachineAir::all()[chip as usize].name()
}

/// Changes a cell, and says which.
pub fn apply(tables: &mut Tables, values: &[Vec<F>], change: &CellChange) -> Result<String, AttackError> {
    let mut draw = Draw(change.seed.unwrap_or_default());
    let used: Vec<MachineChip> = MachineChip::ALL.iter().copied().filter(|&chip| tables[chip as usize].height() > 0).collect();
    let at = match (change.chip.as_str(), change.seed) {
        ("any", Some(_)) => used[draw.below(used.len())],
        (name, _) => chip(name)?,
    };
    let table = &mut tables[at as usize];
    if table.height() == 0 {
        return Err(AttackError::NoRow { chip: name_of(at).to_owned(), row: 0, rows: 0 });
    }
    let row = change.row.unwrap_or_else(|| draw.below(table.height()));
    if row >= table.height() {
        return Err(AttackError::NoRow { chip: name_of(at).to_owned(), row, rows: table.height() });
    }
    let names = column_names(&MachineAir::all()[at as usize]);
    let column = match &change.column {
        Some(column) => match columns_of(at, column)?[..] {
            [one] => one,
            _ => return Err(AttackError::Column { chip: name_of(at).to_owned(), column: column.clone(), known: names.join(", ") }),
        },
        None => draw.below(names.len()),
    };
    let before = balance(at, table, values);
    let width = table.width;
    let cell = &mut table.values[row * width + column];
    *cell = match change.edit() {
        Some(edit) => edited(*cell, edit).ok_or_else(|| AttackError::Value { of: name_of(at).to_owned(), field: names[column].clone() })?,
        None => F::from_u64(draw.next()),
    };
    if !change.uncounted {
        let mut used = difference(before, &balance(at, &tables[at as usize], values));
        used.retain(|tuple, _| !provides(at, tuple[0]));
        recount(tables, values, used);
    }
    Ok(format!("{}.{} in row {row}", name_of(at), names[column]))
}

fn edited(cell: F, edit: Edit) -> Option<F> {
    let word = u64::from(cell.as_canonical_u32());
    let is_element = |value: &u64| *value < u64::from(F::ORDER_U32);
    match edit {
        Edit::Set(value) => Some(value).filter(is_element).map(F::from_u64),
        Edit::Add(more) => Some(cell + element(more.cast_signed())),
        Edit::Flip(bit) => Some(word ^ 1_u64.checked_shl(bit)?).filter(is_element).map(F::from_u64),
    }
}

/// A signed number as an element.
fn element(number: i64) -> F {
    let magnitude = F::from_u64(number.unsigned_abs());
    if number < 0 { -magnitude } else { magnitude }
}

/// Puts rows in another order.
pub fn reorder(tables: &mut Tables, change: &RowsChange) -> Result<(), AttackError> {
    let table = &mut tables[chip(&change.chip)? as usize];
    let Order::Reversed = change.order;
    let rows: Vec<F> = table.values.chunks_exact(table.width).rev().flatten().copied().collect();
    table.values = rows;
    Ok(())
}

fn balance(chip: MachineChip, table: &RowMajorMatrix<F>, values: &[Vec<F>]) -> Balance {
    check(&MachineAir::all()[chip as usize], table, &values[chip as usize]).balance
}

fn difference(before: Balance, after: &Balance) -> Balance {
    total([before.into_iter().map(|(tuple, count)| (tuple, -count)).collect(), after.clone()])
}

/// Whether a chip's rows say how often messages with this tag are there for others.
fn provides(chip: MachineChip, tag: u32) -> bool {
    match chip {
        MachineChip::BitsTable => matches!(tag, bus::BITS | bus::POWER),
        MachineChip::ByteTable => matches!(tag, bus::AND | bus::OR | bus::XOR | bus::BYTES),
        MachineChip::Decode => tag == bus::PROGRAM,
        MachineChip::Poseidon2 => tag == bus::PERMUTATION,
        _ => false,
    }
}

/// Counts what is used more or less often, where a row provides it: what is provided is the
/// prover's to say.
fn recount(tables: &mut Tables, values: &[Vec<F>], used: Balance) {
    let mut decoded = None;
    let mut compressed = None;
    for (tuple, more) in used {
        let more = element(more);
        match tuple[..] {
            [bus::BITS, k, v] if k <= 16 && v < 1 << k => {
                row::<BitsTableCols<F>>(tables, MachineChip::BitsTable, (1 << k) + v).bits += more
            }
            [bus::POWER, k, power] if k <= 16 && power == 1 << k => {
                row::<BitsTableCols<F>>(tables, MachineChip::BitsTable, 1 << k).power += more;
            }
            [bus::AND | bus::OR | bus::XOR, a, b, _] | [bus::BYTES, a, b] if a < 256 && b < 256 => {
                let lookup = [bus::AND, bus::OR, bus::XOR, bus::BYTES].iter().position(|tag| *tag == tuple[0]).unwrap_or_default();
                row::<ByteTableCols<F>>(tables, MachineChip::ByteTable, a + 256 * b).counts[lookup] += more;
            }
            [bus::PROGRAM, ..] => {
                let provided = decoded.get_or_insert_with(|| providers(MachineChip::Decode, tables, values, bus::PROGRAM));
                if let Some(&at) = provided.get(&tuple) {
                    row::<DecodeCols<F>>(tables, MachineChip::Decode, at).multiplicity += more;
                }
            }
            [bus::PERMUTATION, ..] => {
                let provided = compressed.get_or_insert_with(|| providers(MachineChip::Poseidon2, tables, values, bus::PERMUTATION));
                if let Some(&at) = provided.get(&tuple) {
                    row::<Poseidon2Cols<F>>(tables, MachineChip::Poseidon2, at).multiplicity += more;
                }
            }
            _ => {}
        }
    }
}

fn row<C: Columns<F>>(tables: &mut Tables, chip: MachineChip, row: u32) -> &mut C {
    let table = &mut tables[chip as usize];
    let start = row as usize * table.width;
    C::of_mut(&mut table.values[start..start + table.width])
}

/// Which row of a table provides a message with this tag.
fn providers(chip: MachineChip, tables: &Tables, values: &[Vec<F>], tag: u32) -> BTreeMap<Vec<u32>, u32> {
    let table = &tables[chip as usize];
    let of = |(row, cells): (u32, &[F])| {
        let balance = balance(chip, &RowMajorMatrix::new(cells.to_vec(), table.width), values);
        balance.into_keys().filter(|tuple| tuple[0] == tag).map(|tuple| (tuple, row)).collect::<Vec<_>>()
    };
    (0..).zip(table.values.chunks_exact(table.width)).flat_map(of).collect()
}

/// A sequence of numbers from a seed: splitmix64.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
