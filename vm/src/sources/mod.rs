//! What a proof's tables are made of, for a device: records where each row is made of one, by steps
//! recorded from the code that fills the table on the host; states of Keccak calls; and the cells of
//! tables that are filled otherwise.

mod circuit;
mod machine;
#[cfg(test)]
mod tests;

pub use circuit::compressions;
pub use machine::segment_tables;

use p3_matrix::dense::RowMajorMatrix;
use tern_air::machine::keccak_bits;
use tern_field::F;
use tern_field::keccak::State;
use tern_fri::multilinear::recipe::{Cell, Lookup, Name, Recipe, Recorder};
use tern_fri::multilinear::source::{Records, Source};

/// What a table is made of.
pub enum Table<'a> {
    /// Its cells.
    Cells(RowMajorMatrix<F>),
    /// Counts of lookups, to which those of records' rows come.
    Counts(RowMajorMatrix<F>),
    /// A record for each row.
    Records(&'static Recipe, Box<dyn Records + 'a>),
    /// Keccak calls' states.
    States(Vec<[State; keccak_bits::PARTS]>),
}

impl Table<'_> {
    /// As the prover takes it.
    pub fn source(&self) -> Source<'_> {
        match self {
            Self::Cells(cells) => Source::Cells(cells),
            Self::Counts(cells) => Source::Counts(cells),
            Self::Records(recipe, records) => Source::Records(recipe, &**records),
            Self::States(states) => Source::States(states, keccak_bits::height(states.len())),
        }
    }
}

/// All tables as the prover takes them.
pub fn sources<'a>(tables: &'a [Table<'_>]) -> Vec<Source<'a>> {
    tables.iter().map(Table::source).collect()
}

/// Records of so many words that are made of what is listed.
struct Listed<'a, E> {
    events: &'a [E],
    words: usize,
    write: fn(&E, &mut [u32]),
}

impl<E: Sync> Records for Listed<'_, E> {
    fn count(&self) -> usize {
        self.events.len()
    }

    fn write(&self, first: usize, to: &mut [u32]) {
        for (event, to) in self.events[first..].iter().zip(to.chunks_exact_mut(self.words)) {
            (self.write)(event, to);
        }
    }
}

/// Records what rows look up.
struct Looked<'a> {
    recorder: &'a Recorder,
    lookups: Vec<Lookup>,
}

impl<'a> Looked<'a> {
    const fn new(recorder: &'a Recorder) -> Self {
        Self { recorder, lookups: Vec::new() }
    }

    /// A lookup in a table with so many columns, where it is active.
    fn look_up(&mut self, (table, width): (usize, usize), column: Name<'a>, row: Name<'a>, active: Name<'a>) {
        let [column, row, active] = [column, row, active].map(|name| self.recorder.number_of(name));
        self.lookups.push(Lookup { table, width, column, row, active });
    }

    /// The recipe of rows with these cells, of records of so many words.
    fn recipe(self, words: usize, cells: &[Name<'a>]) -> Recipe {
        let cells = cells.iter().map(|&name| Cell::Number(self.recorder.number_of(name))).collect();
        self.recorder.recipe(words, cells, self.lookups)
    }
}
