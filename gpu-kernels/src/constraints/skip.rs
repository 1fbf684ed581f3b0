//! The sums of the skip round.

use core::ops::Range;

use tern_field::{EF, EXTENSION_DEGREE};
use tern_fri::multilinear::zerocheck::{Protocol, Weights};

use super::kernels::shifts;
use super::prepared::{Class, Interpreted};
use super::{BLOCK, Data, LANES, POINTS, Run};
use crate::gpu::ext_elements;
use crate::kernel::GROUP;
use crate::matrix::Columns;
use crate::memory::Words;
use crate::{GpuError, kernel};

/// Where sums of points lie before they are added up: `count` for each.
#[derive(Clone, Copy)]
struct Partial {
    first: usize,
    count: usize,
}

/// What one table's kernels are told.
struct Places {
    /// Weights of blocks and lanes, of terms, and public values.
    blocks: u32,
    lanes: u32,
    terms: u32,
    public_values: u32,
    /// Columns that weigh something, and their weights.
    columns: u32,
    column_count: usize,
    /// Partial sums of each class of terms, and of the rests.
    classes: Vec<Partial>,
    rests: Partial,
}

/// The list of all tables' sums, one table after the other.
#[derive(Default)]
struct List {
    /// The first partial sum of each, and how many they are.
    words: Vec<u32>,
    /// Partial sums of the last table so far. They use the same memory as those of other tables.
    partial: usize,
    /// Most partial sums of a table.
    most: usize,
}

impl List {
    /// Adds sums at the points of so many sets; the first `missing` sets have none.
    fn add(&mut self, sets: usize, missing: usize, count: usize) -> Partial {
        let first = self.partial;
        for point in 0..sets * POINTS {
            let count = if point < missing * POINTS { 0 } else { count };
            self.words.extend([(first + point * count) as u32, count as u32]);
        }
        self.partial += sets * POINTS * count;
        self.most = self.most.max(self.partial);
        Partial { first, count }
    }
}

/// A table's sums and the sum of its blocks' weights.
type Sums = (Vec<EF>, EF);

impl Run<'_> {
    /// What [`Protocol::skip`] takes of each table; and the rests on all rows of those that have
    /// some, coordinate by coordinate.
    pub(super) fn skip(&self, protocol: &Protocol<'_>) -> Result<(Vec<Sums>, Vec<Option<Words>>), GpuError> {
        let block_weights = protocol.block_weights(self.tables.iter().map(super::Table::blocks).max().unwrap_or(0));
        let mut data = Data::default();
        let (blocks, lanes) = (data.ext(&block_weights), data.ext(&protocol.lane_weights()));
        let mut list = List::default();
        let mut places = Vec::with_capacity(self.tables.len());
        let mut ends = vec![0];
        for (table, weights) in protocol.weights().iter().enumerate() {
            places.push(self.places(table, weights, (blocks, lanes), &mut data, &mut list));
            ends.push(list.words.len() / 2);
            list.partial = 0;
        }
        let (data, partial) = (self.gpu.upload_words(&data.0)?, self.gpu.words(EXTENSION_DEGREE * list.most)?);
        let (list, sums) = (self.gpu.upload_words(&list.words)?, self.gpu.ext_words(list.words.len() / 2)?);
        let mut rests = Vec::with_capacity(self.tables.len());
        for ((table, weights), places) in protocol.weights().iter().enumerate().zip(&places) {
            for (number, chunk) in self.chunks(table).iter().enumerate() {
                self.terms(table, weights, places, (number, chunk), &data, &partial)?;
            }
            let has_rests = weights.columns.is_some() && self.tables[table].blocks() > 0;
            rests.push(has_rests.then(|| self.rests(table, places, &data, &partial)).transpose()?);
            self.add_up(&partial, (&list, 0), (&sums, 0), ends[table]..ends[table + 1])?;
        }
        let sums = ext_elements(&self.gpu.read_base(&sums, 0, sums.len())?);
        let of_table = |(table, range): (&super::Table<'_>, &[usize])| {
            (sums[range[0]..range[1]].to_vec(), block_weights[..table.blocks()].iter().copied().sum())
        };
        Ok((self.tables.iter().zip(ends.windows(2)).map(of_table).collect(), rests))
    }

    /// Adds up partial sums, which a list names from a place on: of those of its sums whose numbers
    /// are in a range. The list's first goes to a place.
    pub(super) fn add_up(
        &self,
        partial: &Words,
        (list, first): (&Words, usize),
        (sums, place): (&Words, usize),
        range: Range<usize>,
    ) -> Result<(), GpuError> {
        let params = [range.end, first, range.start, place].map(|number| number as u32);
        self.gpu.dispatch(&kernel!("shared", "sums"), &params, &[partial, list, sums], GROUP * range.len())
    }

    /// Workgroups that share the sum of a table's terms over so many blocks.
    fn groups(&self, table: usize, blocks: usize) -> usize {
        let slots = GROUP * self.prepared.tables[table].skip_slots();
        blocks.min(self.sizes.groups).min(self.sizes.scratch / slots.max(1)).max(1)
    }

    /// Workgroups that share the sum of a table's rests.
    fn rest_groups(&self, table: usize) -> usize {
        self.tables[table].blocks().min(self.sizes.groups)
    }

    fn places(&self, table: usize, weights: &Weights, (blocks, lanes): (u32, u32), data: &mut Data, list: &mut List) -> Places {
        let instance = self.tables[table].instance;
        let terms = data.ext(weights.terms.values());
        let public_values = data.base(instance.public_values);
        let columns = data.0.len() as u32;
        let of_columns = weights.columns.iter().flat_map(|columns| columns.values().iter().enumerate());
        let mut column_count = 0;
        for (column, weight) in of_columns.filter(|(_, weight)| **weight != EF::default()) {
            data.0.push(column as u32);
            data.ext(&[*weight]);
            column_count += 1;
        }
        let chunks = self.chunks(table);
        let of_chunks: usize = chunks.iter().map(|chunk| self.groups(table, chunk.len())).sum();
        let has_rows = !chunks.is_empty();
        let parts = self.prepared.tables[table].classes.iter().map(Class::skip_parts);
        let classes = weights.classes.iter().zip(parts).filter(|_| has_rows);
        let classes = classes.map(|(class, parts)| list.add(class.degree, usize::from(!class.on_rows), parts * of_chunks)).collect();
        let rests = if weights.columns.is_some() { self.rest_groups(table) } else { 0 };
        let rests = list.add(usize::from(has_rows), 0, rests);
        Places { blocks, lanes, terms, public_values, columns, column_count, classes, rests }
    }

    /// The terms' sums over a chunk.
    fn terms(
        &self,
        table: usize,
        weights: &Weights,
        places: &Places,
        (number, chunk): (usize, &Range<usize>),
        data: &Words,
        partial: &Words,
    ) -> Result<(), GpuError> {
        let own = &self.prepared.tables[table];
        if weights.classes.is_empty() {
            return Ok(());
        }
        let values = self.cells(table, chunk, own.stored.len())?;
        self.extend(table, chunk, &values)?;
        let (rows, groups) = (chunk.len() * BLOCK, self.groups(table, chunk.len()));
        let set_places = own.stored.iter().scan(0, |next, stored| Some(core::mem::replace(next, *next + stored * rows) as u32));
        let set_places: Vec<u32> = set_places.collect();
        // All chunks before have as many blocks as the first.
        let before = number * self.groups(table, self.chunks(table)[0].len());
        for ((class, of_class), own) in weights.classes.iter().zip(&places.classes).zip(&own.classes) {
            let first_set = usize::from(!class.on_rows);
            let workgroups = 2 * groups * (class.degree - first_set);
            let of_part = of_class.count / own.skip_parts();
            for part in 0..own.skip_parts() {
                let blocks = places.blocks + (EXTENSION_DEGREE * chunk.start) as u32;
                let first = of_class.first + part * of_part + before;
                let mut params = vec![rows as u32, chunk.len() as u32, blocks, places.lanes, groups as u32, first_set as u32];
                params.extend([workgroups as u32, first as u32, of_class.count as u32]);
                if let Some((kernel, first_term)) = own.kernels.get(part) {
                    params.extend([places.terms + (EXTENSION_DEGREE * first_term) as u32, places.public_values]);
                    params.extend(&set_places);
                    self.gpu.dispatch(kernel, &params, &[&values, data, partial], GROUP * workgroups)?;
                } else {
                    let Interpreted { words, slots } = &own.parts[part];
                    params.extend([places.terms, places.public_values, words.start as u32, words.end as u32, *slots as u32]);
                    params.extend(&set_places);
                    let slots = self.gpu.words(slots * GROUP * workgroups)?;
                    let given = [&values, data, &self.prepared.code, &slots, partial];
                    let kernel = kernel!("shared", "data", "interpret_base", "interpret", "terms", "accumulate");
                    self.gpu.dispatch(&kernel, &params, &given, GROUP * workgroups)?;
                }
            }
        }
        Ok(())
    }

    /// Cells' values on cosets, after those on `D`.
    fn extend(&self, table: usize, chunk: &Range<usize>, values: &Words) -> Result<(), GpuError> {
        let stored = &self.prepared.tables[table].stored;
        let Some(cells) = stored.get(1) else { return Ok(()) };
        let (rows, of_cell) = (chunk.len() * BLOCK, chunk.len() * LANES);
        let count = stored.len() - 1;
        let mut params = vec![rows as u32, (cells * of_cell) as u32, count as u32, of_cell as u32];
        let mut place = stored[0] * rows;
        for cells in &stored[1..] {
            params.extend([place as u32, *cells as u32]);
            place += cells * rows;
        }
        params.extend(shifts(count));
        self.gpu.dispatch(&self.prepared.cosets, &params, &[values], cells * of_cell)
    }

    /// The rests of all rows, and their sums.
    fn rests(&self, table: usize, places: &Places, data: &Words, partial: &Words) -> Result<Words, GpuError> {
        let Columns { main, fixed, rows, .. } = self.tables[table].columns;
        let (blocks, groups) = (self.tables[table].blocks(), self.rest_groups(table));
        let rests = self.gpu.ext_words(rows)?;
        let mut params = vec![rows as u32, blocks as u32, places.blocks, places.lanes, groups as u32, 0, 2 * groups as u32];
        params.extend([places.rests.first as u32, places.rests.count as u32, self.first_columns[table] as u32]);
        params.extend([places.columns, places.column_count as u32]);
        let given = [main, fixed, &self.columns, data, partial, &rests];
        self.gpu.dispatch(&kernel!("columns", "shared", "data", "rests", "accumulate"), &params, &given, GROUP * 2 * groups)?;
        Ok(rests)
    }
}
