//! What an opening consists of: everything that is fixed before it but the heights of tables.

use alloc::vec::Vec;

use p3_field::{PrimeField32, TwoAdicField};
use tern_field::F;
use thiserror::Error;

use super::fixed::FixedShape;
use super::layout::{Layout, MIN_LOG_GROUP};
use super::params::Params;

/// How the weights of a block's rows factor: four lanes of a vector, then the bits that the
/// constraints' first round binds.
pub const ROW_BLOCK: [usize; 5] = [1, 1, 1, 1, 5];

/// Base-2 logarithm of the rows in a block.
pub const LOG_BLOCK: usize = 9;

/// The shape of the opening of one or two dense matrices of the same number of rows.
///
/// The columns of the first come first; the second's, at most as many, start at the number of the
/// first's. Columns beyond are zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningShape {
    /// The parameter set.
    pub params: Params,
    /// Base-2 logarithm of the number of rows of the matrices.
    pub log_rows: usize,
    /// How the weights of a block's rows factor: for each factor the number of a row's bits that it
    /// depends on, the lowest first. Tables are stored in whole blocks.
    pub block: Vec<usize>,
    /// Base-2 logarithm of the largest height in blocks: coordinates of the rest of the point.
    pub block_variables: usize,
    /// The matrices.
    pub layouts: Vec<Layout>,
}

/// A shape for which the verifier's arithmetic or the accounting of its security does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("unusable opening: {0}")]
pub struct UnusableShape(pub(super) &'static str);

impl OpeningShape {
    /// Checks what the verifier relies on.
    ///
    /// # Errors
    ///
    /// The first condition that does not hold.
    pub fn check(&self) -> Result<(), UnusableShape> {
        let Params { log_width, max_log_rows, max_column_variables, .. } = self.params;
        // A group's place in blocks of its own width, before the next height is added to it and the
        // next group's unit is taken.
        let places = || {
            let place = 1_u64.checked_shl(u32::try_from(self.log_rows).ok()?.checked_add(1)?)?;
            let height = 1_u64.checked_shl(u32::try_from(self.block_variables).ok()?.checked_add(1)?)?;
            place.checked_add(height)?.checked_mul(1_u64.checked_shl(u32::try_from(log_width - MIN_LOG_GROUP).ok()?)?)
        };
        let conditions = [
            (matches!(self.layouts.len(), 1 | 2), "one or two matrices"),
            (self.layouts.first().is_some_and(|layout| layout.log_width() == log_width), "the first matrix has the parameters' width"),
            (
                self.layouts.iter().all(|layout| (MIN_LOG_GROUP..=log_width).contains(&layout.log_width())),
                "matrices are no wider than the first",
            ),
            (self.column_variables() <= max_column_variables, "no more columns than the security is counted for"),
            (self.log_rows <= max_log_rows, "no more rows than the security is counted for"),
            (self.log_rows >= self.log_block(), "a block fits into a matrix"),
            (self.log_domain() <= F::TWO_ADICITY, "the field has so many roots of unity"),
            (self.block_variables < 30, "heights are below the characteristic"),
            (places().is_some_and(|places| places < u64::from(F::ORDER_U32)), "places are below the characteristic"),
            (self.columns() > 0, "a column"),
        ];
        conditions.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, condition)| Err(UnusableShape(condition)))
    }

    /// The shape of the opening of tables of these heights in blocks, `2^row_variables` rows at
    /// most, in as few rows of the dense matrix as hold them.
    #[must_use]
    pub fn of_tables(params: &Params, layout: &Layout, heights: &[usize], row_variables: usize) -> Self {
        let blocks =
            layout.groups().iter().map(|group| heights.get(group.table).map_or(0, |height| height.saturating_mul(1 << group.log_width)));
        let cells = blocks.fold(0_usize, usize::saturating_add).saturating_mul(1 << LOG_BLOCK);
        let log_cells = cells.checked_next_power_of_two().map_or(usize::BITS, usize::trailing_zeros) as usize;
        Self {
            params: *params,
            log_rows: log_cells.saturating_sub(layout.log_width()).max(LOG_BLOCK),
            block: ROW_BLOCK.to_vec(),
            block_variables: row_variables.saturating_sub(LOG_BLOCK),
            layouts: alloc::vec![layout.clone()],
        }
    }

    /// The same with a matrix of fixed columns, whose rows are then those of both.
    ///
    /// # Errors
    ///
    /// If the main columns need more.
    pub fn with_fixed(mut self, fixed: &FixedShape, layout: &Layout) -> Result<Self, UnusableShape> {
        if self.log_rows > fixed.log_rows {
            return Err(UnusableShape("main columns fit into a matrix with the rows of the fixed ones"));
        }
        self.log_rows = fixed.log_rows;
        self.layouts.push(layout.clone());
        Ok(self)
    }

    /// Base-2 logarithm of the rows in a block.
    #[must_use]
    pub fn log_block(&self) -> usize {
        self.block.iter().sum()
    }

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

    /// One weight for each column, in their order, as a list for each table. Weights beyond make a
    /// list of their own, which fits no shape.
    #[must_use]
    pub fn each_column<E: Clone>(&self, weights: &[E]) -> Vec<Vec<E>> {
        let mut weights = weights.iter().cloned();
        let widths = self.layouts.iter().flat_map(Layout::widths);
        let mut columns: Vec<Vec<E>> = widths.map(|width| weights.by_ref().take(*width).collect()).collect();
        columns.extend(weights.next().map(|weight| alloc::vec![weight]));
        columns
    }

    /// Number of columns that are committed to.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.layouts.iter().flat_map(Layout::widths).sum()
    }
}
