//! The rounds that bind the bits of a cell's column.
//!
//! In a group's cells the lowest bits of the index are the column, and the weight of row `r` in
//! column `c` is a product, `gamma_c eq(point, r)`, or a sum of a few such products where there are
//! further claims. So as long as its own column bits are bound, a group of any height is two short
//! vectors for each of them: its columns' sums over the rows, weighted by `eq(point, r)`, and the
//! columns' weights. When they are bound, its rows are combined into one value each; what is left
//! are vectors of values and weights in the order of the cells.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::super::layout::Layout;
use super::passes::{Passes, Settled, Terms, Wanted};

/// One matrix in the sumcheck.
pub(super) struct Part<P: Passes> {
    /// Number of the matrix.
    matrix: usize,
    /// Base-2 logarithm of its width.
    log_width: usize,
    /// Rounds so far.
    round: usize,
    /// Groups whose column bits are not all bound, the first of the matrix's.
    groups: Vec<OpenGroup>,
    /// Their columns, in the same order. All are folded together: a group has an even number of them
    /// as long as it is here.
    columns: P::Rows,
    /// Values and weights of the others, in the order of the cells.
    rows: P::Rows,
}

/// A group while its column bits are bound.
struct OpenGroup {
    log_width: usize,
    /// The numbers of rows' weights, of which each makes a product with the columns' own weights.
    rows: Vec<usize>,
}

/// Weights of all columns of a table, and the number of those of its rows.
pub(super) struct Weighted {
    pub(super) table: usize,
    pub(super) columns: Vec<EF>,
    pub(super) rows: usize,
}

impl<P: Passes> Part<P> {
    pub(super) fn new(passes: &mut P, matrix: usize, layout: &Layout, weights: &[Weighted]) -> Result<Self, P::Error> {
        let (mut groups, mut wanted) = (Vec::new(), Vec::new());
        for (number, group) in layout.groups().iter().enumerate() {
            let own: Vec<&Weighted> = weights.iter().filter(|weighted| weighted.table == group.table).collect();
            groups.push(OpenGroup { log_width: group.log_width, rows: own.iter().map(|weighted| weighted.rows).collect() });
            wanted.extend(own.into_iter().map(|weighted| {
                let mut weights = weighted.columns[group.first..group.first + group.columns].to_vec();
                weights.resize(1 << group.log_width, EF::ZERO);
                Wanted { group: number, rows: weighted.rows, weights }
            }));
        }
        let columns = passes.columns(matrix, &wanted)?;
        Ok(Self { matrix, log_width: layout.log_width(), round: 0, groups, columns, rows: P::Rows::default() })
    }

    /// Turns the groups whose bits are bound into values and weights by row.
    pub(super) fn settle(&mut self, passes: &mut P, challenges: &[P::Challenge]) -> Result<(), P::Error> {
        let round = self.round;
        let first = self.groups.iter().position(|group| group.log_width <= round).unwrap_or(self.groups.len());
        let settled = self.groups.split_off(first).into_iter().enumerate();
        let settled: Vec<Settled> = settled.map(|(i, group)| Settled { group: first + i, weights: group.rows }).collect();
        if settled.is_empty() {
            return Ok(());
        }
        passes.settle(self.matrix, &settled, &challenges[..round], &mut self.columns, &mut self.rows)
    }

    /// What the round's polynomial is made of. Beyond its own columns the columns' bits are zero.
    pub(super) const fn terms(&mut self) -> [Terms<'_, P::Rows>; 2] {
        let are_bound = self.round < self.log_width;
        [Terms { rows: &mut self.columns, are_bound: true }, Terms { rows: &mut self.rows, are_bound }]
    }

    /// Binds the round's bit.
    pub(super) fn fold(&mut self, passes: &mut P, challenge: P::Challenge) -> Result<(), P::Error> {
        self.round += 1;
        if self.round > self.log_width {
            return passes.scale(&mut self.rows, challenge);
        }
        passes.fold(&mut self.columns, challenge)?;
        passes.fold(&mut self.rows, challenge)
    }

    /// The matrix's rows, when all its column bits are bound.
    pub(super) fn into_rows(self) -> P::Rows {
        assert!(self.groups.is_empty(), "every group is settled");
        self.rows
    }
}
