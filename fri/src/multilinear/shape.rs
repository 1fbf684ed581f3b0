//! What an opening consists of: everything that is fixed before it but the heights of tables.

use alloc::vec::Vec;

use super::layout::Layout;
use super::params::Params;

/// The shape of the opening of one or two dense matrices of the same number of rows.
///
/// The columns of the first come first; the second's, at most as many, start at the number of the first's. Columns beyond are zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningShape {
    /// The parameter set.
    pub params: Params,
    /// Base-2 logarithm of the number of rows of the matrices.
    pub log_rows: usize,
    /// Coordinates of the point at which the tables' columns are claimed: base-2 logarithm of the largest height.
    pub row_variables: usize,
    /// The matrices.
    pub layouts: Vec<Layout>,
}

impl OpeningShape {
    /// Number of variables for the columns of all matrices together.
    #[must_use]
    pub fn column_variables(&self) -> usize {
        let first = self.layouts.first().map_or(0, Layout::log_width);
        first + usize::from(self.layouts.len() > 1)
    }

    /// Base-2 logarithms of the arities of the folds, one for each committed word.
    #[must_use]
    pub fn folds(&self) -> Vec<usize> {
        let mut folds = Vec::new();
        let mut left = self.log_rows;
        while left > self.params.log_last + 2 {
            let fold = self.params.log_arity.min(left - self.params.log_last);
            folds.push(fold);
            left -= fold;
        }
        folds
    }

    /// Base-2 logarithm of the number of coefficients of the last polynomial.
    #[must_use]
    pub fn log_last(&self) -> usize {
        self.log_rows - self.folds().iter().sum::<usize>()
    }

    /// Base-2 logarithm of the length of a column's codeword.
    #[must_use]
    pub const fn log_domain(&self) -> usize {
        self.log_rows + self.params.log_blowup
    }

    /// Rounds of the opening's sumcheck.
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.column_variables() + self.log_rows
    }

    /// Rounds that have proof of work: all but those of the last polynomial.
    #[must_use]
    pub fn worked_rounds(&self) -> usize {
        self.rounds() - self.log_last()
    }

    /// Levels of the cap of a tree with `2^log_leaves` leaves.
    #[must_use]
    pub fn log_cap(&self, log_leaves: usize) -> usize {
        self.params.cap_height.min(log_leaves)
    }

    /// Number of claims.
    #[must_use]
    pub fn claims(&self) -> usize {
        self.layouts.iter().flat_map(Layout::widths).sum()
    }
}
