//! What a proof's tables are made of.
//!
//! The host needs their cells. A device can make most of them by itself, of a fraction as many bytes.

use alloc::vec::Vec;

use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::keccak::permutation::State;
use super::keccak::{LANES, PARTS};
use super::recipe::Recipe;

/// What a table is made of.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    /// The used rows of its main columns.
    Cells(&'a RowMajorMatrix<F>),
    /// A record for each row.
    Records(&'a Recipe, &'a dyn Records),
    /// Of main columns that count what other tables look up: what those have counted that are not
    /// made of records.
    Counts(&'a RowMajorMatrix<F>),
    /// Of the bits of states of Keccak calls: the inputs of all parts, in as many rows.
    States(&'a [[State; PARTS]], usize),
}

/// Records that rows are made of.
pub trait Records: Sync {
    /// How many there are.
    fn count(&self) -> usize;

    /// Writes the words of records, from one on, that fill `to`.
    fn write(&self, first: usize, to: &mut [u32]);
}

impl Source<'_> {
    /// Main columns.
    #[must_use]
    pub const fn width(&self) -> usize {
        match self {
            Self::Cells(cells) | Self::Counts(cells) => cells.width,
            Self::Records(recipe, _) => recipe.cells.len(),
            Self::States(..) => LANES,
        }
    }

    /// Used rows.
    #[must_use]
    pub fn height(&self) -> usize {
        match self {
            Self::Cells(cells) | Self::Counts(cells) => cells.height(),
            Self::Records(_, records) => records.count(),
            Self::States(_, height) => *height,
        }
    }
}

/// Tables whose cells are known.
#[must_use]
pub fn of_cells(tables: &[RowMajorMatrix<F>]) -> Vec<Source<'_>> {
    tables.iter().map(Source::Cells).collect()
}
