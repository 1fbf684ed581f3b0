//! Cells of a proof's tables in device memory, of what they are made of ([`Source`]): uploaded, or
//! made on the device from records by kernels of recorded steps ([`kernel`]), some hundred a kernel
//! ([`part`]).

mod kernel;
mod part;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use p3_field::PrimeField32;
use p3_matrix::Matrix as _;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::words;
use tern_fri::multilinear::keccak::permutation::State;
use tern_fri::multilinear::keccak::{LANES, PARTS, SKIP};
use tern_fri::multilinear::layout::{Group, Layout};
use tern_fri::multilinear::recipe::Recipe;
use tern_fri::multilinear::source::Source;

use crate::memory::{Words, lock};
use crate::{Gpu, GpuError};
use kernel::{Given, Load, Param, PartKernel};

/// Words of records that are on the device at a time, usually.
const BATCH: usize = 16 << 20;

/// Words of a call's states.
const CALL_WORDS: usize = PARTS * LANES * 2;

/// Rows of so many calls' bits, of [`SKIP`].
const CALL_ROWS: usize = SKIP * PARTS * 64;

/// Kernels that were made.
#[derive(Debug)]
pub struct Kernels {
    /// By table, with what they are of.
    made: Mutex<HashMap<usize, (Recipe, Arc<Rows>)>>,
    /// Words of records that are on the device at a time.
    batch: usize,
}

impl Default for Kernels {
    fn default() -> Self {
        Self { made: Mutex::default(), batch: BATCH }
    }
}

/// The kernels of a table's rows.
#[derive(Debug)]
struct Rows {
    parts: Vec<PartKernel>,
    /// Words that are kept of each row between them.
    slots: usize,
}

/// A table's groups with their first cells, and its rows that are stored.
struct Place<'a> {
    table: usize,
    groups: Vec<(&'a Group, usize)>,
    height: usize,
}

/// Where lookups are counted: tables one after the other, row by row.
struct Counts {
    words: Words,
    /// Of each table that counts: the first word and the rows.
    places: BTreeMap<usize, [usize; 2]>,
}

/// Cells of tables in the order of a layout, of so many rows of each table: those of rows that are
/// not made of anything are zero.
///
/// # Errors
///
/// If the device fails.
///
/// # Panics
///
/// If a table looks rows up in one that does not count them.
pub fn fill(gpu: &Gpu, kernels: &Kernels, layout: &Layout, tables: &[Source<'_>], heights: &[usize]) -> Result<Words, GpuError> {
    let cells = gpu.words(layout.cells(heights))?;
    let starts = layout.starts(heights);
    let place = |table: usize| {
        let groups = layout.groups().iter().zip(starts.iter().copied()).filter(|(group, _)| group.table == table).collect();
        Place { table, groups, height: heights[table] }
    };
    let counts = Counts::new(gpu, tables)?;
    for (table, source) in tables.iter().enumerate() {
        let place = place(table);
        let target = Target { gpu, place: &place, cells: &cells, counts: &counts };
        match source {
            Source::Cells(rows) => upload(gpu, rows, &place, &cells)?,
            Source::Records(recipe, records) => {
                let rows = kernels.get(recipe, Load::Record, &place);
                let made = Made { rows: &rows, count: records.count(), unit: (1, recipe.words) };
                made.fill(&target, kernels.batch, |first, to| records.write(first, to))?;
            }
            Source::States(states, _) => {
                let rows = kernels.get(&kernel::bits(LANES), Load::Bits, &place);
                let made = Made { rows: &rows, count: states.len().div_ceil(SKIP), unit: (CALL_ROWS, SKIP * CALL_WORDS) };
                made.fill(&target, kernels.batch, |first, to| write_states(states, first, to))?;
            }
            Source::Counts(_) => {}
        }
    }
    // When all lookups are counted.
    let none = gpu.words(0)?;
    for (&table, &[first, real]) in &counts.places {
        let place = place(table);
        let rows = kernels.get(&Recipe::copy(layout.widths()[table]), Load::Record, &place);
        let target = Target { gpu, place: &place, cells: &cells, counts: &counts };
        Batch { row: 0, real, rows: place.height, records: (&counts.words, first), slots: &none }.dispatch(&target, &rows)?;
    }
    Ok(cells)
}

/// Puts a table's cells where they belong.
fn upload(gpu: &Gpu, rows: &RowMajorMatrix<F>, place: &Place<'_>, cells: &Words) -> Result<(), GpuError> {
    for (group, start) in &place.groups {
        let mask = (1 << group.log_width) - 1;
        let cell = |i: usize| {
            let (row, column) = (i >> group.log_width, i & mask);
            let place = row * rows.width + group.first + column;
            if column < group.columns { rows.values.get(place).map_or(0, PrimeField32::to_unique_u32) } else { 0 }
        };
        gpu.write(cells, *start, place.height << group.log_width, cell)?;
    }
    Ok(())
}

/// Writes states call by call; those behind the last are zero.
fn write_states(states: &[[State; PARTS]], first: usize, to: &mut [u32]) {
    for (call, to) in (first * SKIP..).zip(to.chunks_exact_mut(CALL_WORDS)) {
        let call = states.get(call).copied().unwrap_or_default();
        to.copy_from_slice(call.map(|state| state.map(words)).as_flattened().as_flattened());
    }
}

impl Kernels {
    /// The kernels of a table's rows.
    fn get(&self, recipe: &Recipe, load: Load, place: &Place<'_>) -> Arc<Rows> {
        let mut known = lock(&self.made);
        match known.get(&place.table) {
            Some((of, rows)) if of == recipe => Arc::clone(rows),
            _ => {
                let groups: Vec<&Group> = place.groups.iter().map(|(group, _)| *group).collect();
                let (parts, slots) = kernel::rows(recipe, load, &groups);
                let rows = Arc::new(Rows { parts, slots });
                known.insert(place.table, (recipe.clone(), Arc::clone(&rows)));
                rows
            }
        }
    }
}

/// Where rows are made, and what is counted meanwhile.
struct Target<'a> {
    gpu: &'a Gpu,
    place: &'a Place<'a>,
    cells: &'a Words,
    counts: &'a Counts,
}

/// Rows that are made of records: each unit of words makes so many.
struct Made<'a> {
    rows: &'a Rows,
    /// Units of words.
    count: usize,
    /// Rows and words of each.
    unit: (usize, usize),
}

impl Made<'_> {
    /// Makes all rows, of which `batch` words of records are on the device at a time.
    fn fill(&self, target: &Target<'_>, batch: usize, write: impl Fn(usize, &mut [u32]) + Sync) -> Result<(), GpuError> {
        let (gpu, height, (unit_rows, unit_words)) = (target.gpu, target.place.height, self.unit);
        if height == 0 {
            return Ok(());
        }
        let most = (batch / (unit_words + self.rows.slots * unit_rows)).max(1).min(self.count.max(1));
        let records = gpu.words(unit_words * most)?;
        let slots = gpu.words(self.rows.slots * unit_rows * most)?;
        let mut first = 0;
        loop {
            let count = most.min(self.count - first);
            gpu.write_records(&records, unit_words, count, |unit, to| write(first + unit, to))?;
            let is_last = first + count == self.count;
            let (row, real) = (first * unit_rows, count * unit_rows);
            let rows = if is_last { height - row } else { real };
            Batch { row, real, rows, records: (&records, 0), slots: &slots }.dispatch(target, self.rows)?;
            first += count;
            if is_last {
                return Ok(());
            }
        }
    }
}

/// Rows that are made at once.
struct Batch<'a> {
    /// The first row.
    row: usize,
    /// Rows that are made of records, and all rows: the others are zero.
    real: usize,
    rows: usize,
    /// The records with their first word.
    records: (&'a Words, usize),
    slots: &'a Words,
}

impl Batch<'_> {
    fn dispatch(&self, target: &Target<'_>, rows: &Rows) -> Result<(), GpuError> {
        let Target { gpu, place, cells, counts } = target;
        let param = |param: &Param| match *param {
            Param::Slot(slot) => slot * self.real,
            Param::Word(word) | Param::Element(word) => word as usize,
            Param::Start { group, column } => place.groups[group].1 + column,
            Param::LogStride { group } => place.groups[group].0.log_width,
            Param::Counts(table) => counts.places[&table][0],
            Param::Rows(table) => counts.places[&table][1],
        };
        let own = [self.row, self.real, self.rows, self.records.1];
        for PartKernel { kernel, params, given } in &rows.parts {
            let params: Vec<u32> = own.into_iter().chain(params.iter().map(param)).map(|number| number as u32).collect();
            let words = |given: &Given| match given {
                Given::Records => self.records.0,
                Given::Cells => *cells,
                Given::Counts => &counts.words,
                Given::Slots => self.slots,
            };
            gpu.dispatch(kernel, &params, &given.iter().map(words).collect::<Vec<_>>(), self.rows)?;
        }
        Ok(())
    }
}

impl Counts {
    /// Uploads what tables that count have counted already.
    fn new(gpu: &Gpu, tables: &[Source<'_>]) -> Result<Self, GpuError> {
        let counted = || {
            tables.iter().enumerate().filter_map(|(table, source)| match source {
                Source::Counts(rows) => Some((table, *rows)),
                _ => None,
            })
        };
        let words = gpu.words(counted().map(|(_, rows)| rows.values.len()).sum())?;
        let (mut places, mut start) = (BTreeMap::new(), 0);
        for (table, rows) in counted() {
            gpu.write(&words, start, rows.values.len(), |i| rows.values[i].as_canonical_u32())?;
            places.insert(table, [start, rows.height()]);
            start += rows.values.len();
        }
        Ok(Self { words, places })
    }
}
