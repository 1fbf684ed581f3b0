//! The sums of the skip round.

use core::ops::Range;

use tern_field::{EF, EXTENSION_DEGREE};
use tern_fri::multilinear::zerocheck::{Protocol, Weights};

use super::kernels::{COSET_PARAMS, TERM_PARAMS, cosets, shifts};
use super::{BLOCK, Data, LANES, POINTS, Run, elements};
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

/// The list of sums.
#[derive(Default)]
struct List {
    /// The first partial sum of each, and how many they are.
    words: Vec<u32>,
    /// Partial sums of all.
    partial: usize,
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
        Partial { first, count }
    }
}

/// A table's sums and the sum of its blocks' weights.
type Sums = (Vec<EF>, EF);

impl Run<'_> {
    /// What [`Protocol::skip`] takes of each table; and the rests on all rows of those that have some, coordinate by coordinate.
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
        }
        let data = self.gpu.upload_words(&data.0)?;
        let partial = self.gpu.words(EXTENSION_DEGREE * list.partial)?;
        let mut rests = Vec::with_capacity(self.tables.len());
        for ((table, weights), places) in protocol.weights().iter().enumerate().zip(&places) {
            for (number, chunk) in self.chunks(table).iter().enumerate() {
                self.terms(table, weights, places, (number, chunk), &data, &partial)?;
            }
            let has_rests = weights.columns.is_some() && self.tables[table].blocks() > 0;
            rests.push(has_rests.then(|| self.rests(table, places, &data, &partial)).transpose()?);
        }
        let sums = self.sums(&partial, &self.gpu.upload_words(&list.words)?, 0, list.words.len() / 2)?;
        let of_table = |(table, range): (&super::Table<'_>, &[usize])| {
            (sums[range[0]..range[1]].to_vec(), block_weights[..table.blocks()].iter().copied().sum())
        };
        Ok((self.tables.iter().zip(ends.windows(2)).map(of_table).collect(), rests))
    }

    /// So many sums of partial sums, which a list names from a place on. The host waits for them.
    pub(super) fn sums(&self, partial: &Words, list: &Words, first: usize, count: usize) -> Result<Vec<EF>, GpuError> {
        let sums = self.gpu.words(EXTENSION_DEGREE * count)?;
        self.gpu.dispatch(&kernel!("shared", "sums"), &[count as u32, first as u32], &[partial, list, &sums], GROUP * count)?;
        Ok(elements(&self.gpu.read_base(&sums, 0, EXTENSION_DEGREE * count)?))
    }

    /// Workgroups that share the sum over so many blocks.
    fn groups(&self, blocks: usize) -> usize {
        blocks.min(self.sizes.groups)
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
        let of_chunks: usize = chunks.iter().map(|chunk| self.groups(chunk.len())).sum();
        let has_rows = !chunks.is_empty();
        let parts = self.prepared.tables[table].classes.iter().map(Vec::len);
        let classes = weights.classes.iter().zip(parts).filter(|_| has_rows);
        let classes = classes.map(|(class, parts)| list.add(class.degree, usize::from(!class.on_rows), parts * of_chunks)).collect();
        let rests = if weights.columns.is_some() { self.groups(self.tables[table].blocks()) } else { 0 };
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
        let (rows, groups) = (chunk.len() * BLOCK, self.groups(chunk.len()));
        let set_places = own.stored.iter().scan(0, |next, stored| Some(core::mem::replace(next, *next + stored * rows) as u32));
        let set_places: Vec<u32> = set_places.collect();
        // All chunks before have as many blocks as the first.
        let before = number * self.groups(self.chunks(table)[0].len());
        for ((class, of_class), parts) in weights.classes.iter().zip(&places.classes).zip(&own.classes) {
            let first_set = usize::from(!class.on_rows);
            let workgroups = 2 * groups * (class.degree - first_set);
            let of_part = of_class.count / parts.len();
            for (part, (kernel, first_term)) in parts.iter().enumerate() {
                let blocks = places.blocks + (EXTENSION_DEGREE * chunk.start) as u32;
                let first = of_class.first + part * of_part + before;
                let terms = places.terms + (EXTENSION_DEGREE * first_term) as u32;
                let mut params = vec![rows as u32, chunk.len() as u32, blocks, places.lanes, groups as u32, first_set as u32];
                params.extend([workgroups as u32, first as u32, of_class.count as u32, terms, places.public_values]);
                debug_assert_eq!(params.len(), TERM_PARAMS);
                params.extend(&set_places);
                self.gpu.dispatch(kernel, &params, &[&values, data, partial], GROUP * workgroups)?;
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
        debug_assert_eq!(params.len(), COSET_PARAMS);
        let mut place = stored[0] * rows;
        for cells in &stored[1..] {
            params.extend([place as u32, *cells as u32]);
            place += cells * rows;
        }
        params.extend(shifts(count));
        self.gpu.dispatch(&cosets(), &params, &[values], cells * of_cell)
    }

    /// The rests of all rows, and their sums.
    fn rests(&self, table: usize, places: &Places, data: &Words, partial: &Words) -> Result<Words, GpuError> {
        let Columns { main, fixed, rows, .. } = self.tables[table].columns;
        let blocks = self.tables[table].blocks();
        let groups = self.groups(blocks);
        let rests = self.gpu.ext_words(rows)?;
        let mut params = vec![rows as u32, blocks as u32, places.blocks, places.lanes, groups as u32, 0, 2 * groups as u32];
        params.extend([places.rests.first as u32, places.rests.count as u32, self.first_columns[table]]);
        params.extend([places.columns, places.column_count as u32]);
        let given = [main, fixed, &self.columns, data, partial, &rests];
        self.gpu.dispatch(&kernel!("columns", "shared", "data", "rests", "accumulate"), &params, &given, GROUP * 2 * groups)?;
        Ok(rests)
    }
}
