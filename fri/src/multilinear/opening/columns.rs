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

use super::super::equality;
use super::super::layout::Layout;
use super::passes::{Passes, Settled, Terms, Wanted};
use super::rounds;

/// One matrix in the sumcheck.
pub(super) struct Part<R> {
    /// Number of the matrix.
    matrix: usize,
    /// Base-2 logarithm of its width.
    log_width: usize,
    /// Rounds so far.
    round: usize,
    /// Groups whose column bits are not all bound, the first of the matrix's.
    groups: Vec<OpenGroup>,
    /// Values and weights of the others, in the order of the cells.
    rows: R,
}

/// A group while its column bits are bound.
struct OpenGroup {
    log_width: usize,
    products: Vec<Product>,
}

/// A product of rows' and columns' weights.
struct Product {
    /// The number of the rows' weights.
    rows: usize,
    /// The columns' sums over rows.
    sums: Vec<EF>,
    /// The columns' weights.
    weights: Vec<EF>,
}

/// Weights of all columns of a table, and the number of those of its rows.
pub(super) struct Weighted {
    pub(super) table: usize,
    pub(super) columns: Vec<EF>,
    pub(super) rows: usize,
}

impl<R: Default> Part<R> {
    /// A matrix whose columns are not yet summed.
    pub(super) fn new(matrix: usize, layout: &Layout, weights: &[Weighted]) -> Self {
        let groups = layout.groups().iter().map(|group| {
            let own = weights.iter().filter(|weighted| weighted.table == group.table);
            let product = |weighted: &Weighted| {
                let mut weights = weighted.columns[group.first..group.first + group.columns].to_vec();
                weights.resize(1 << group.log_width, EF::ZERO);
                Product { rows: weighted.rows, sums: Vec::new(), weights }
            };
            OpenGroup { log_width: group.log_width, products: own.map(product).collect() }
        });
        Self { matrix, log_width: layout.log_width(), round: 0, groups: groups.collect(), rows: R::default() }
    }

    /// The columns' sums that are needed.
    pub(super) fn wanted(&self) -> Vec<Wanted> {
        let groups = self.groups.iter().enumerate();
        groups.flat_map(|(i, group)| group.products.iter().map(move |product| Wanted { group: i, rows: product.rows })).collect()
    }

    /// Takes the columns' sums.
    pub(super) fn set_sums(&mut self, sums: Vec<Vec<EF>>) {
        self.groups.iter_mut().flat_map(|group| &mut group.products).zip(sums).for_each(|(product, sums)| product.sums = sums);
    }

    /// Turns the groups whose bits are bound into values and weights by row.
    pub(super) fn settle<P: Passes<Rows = R>>(&mut self, passes: &mut P, challenges: &[EF]) -> Result<(), P::Error> {
        let round = self.round;
        let first = self.groups.iter().position(|group| group.log_width <= round).unwrap_or(self.groups.len());
        let settled = self.groups.split_off(first).into_iter().enumerate().map(|(i, group)| {
            let weights = group.products.iter().map(|product| (product.rows, product.weights[0])).collect();
            Settled { group: first + i, weights }
        });
        let settled: Vec<Settled> = settled.collect();
        if settled.is_empty() {
            return Ok(());
        }
        passes.settle(self.matrix, &settled, &equality::table(&challenges[..round]), &mut self.rows)
    }

    /// The part of the round's polynomial that belongs to groups whose column bits are not all bound.
    pub(super) fn own_message(&self) -> [EF; 2] {
        let products = self.groups.iter().flat_map(|group| &group.products);
        let open = products.map(|product| rounds::message(&product.sums, &product.weights));
        open.fold([EF::ZERO; 2], rounds::added)
    }

    /// What the rest of the round's polynomial is made of. Beyond its own columns the columns' bits
    /// are zero.
    pub(super) const fn terms(&mut self) -> Terms<'_, R> {
        Terms { are_bound: self.round < self.log_width, rows: &mut self.rows }
    }

    /// Binds the round's bit.
    pub(super) fn fold<P: Passes<Rows = R>>(&mut self, passes: &mut P, challenge: EF) -> Result<(), P::Error> {
        self.round += 1;
        if self.round > self.log_width {
            return passes.scale(&mut self.rows, EF::ONE - challenge);
        }
        for product in self.groups.iter_mut().flat_map(|group| &mut group.products) {
            product.sums = rounds::folded(&product.sums, challenge);
            product.weights = rounds::folded(&product.weights, challenge);
        }
        passes.fold(&mut self.rows, challenge)
    }

    /// The matrix's rows, when all its column bits are bound.
    pub(super) fn into_rows(self) -> R {
        assert!(self.groups.is_empty(), "every group is settled");
        self.rows
    }
}
