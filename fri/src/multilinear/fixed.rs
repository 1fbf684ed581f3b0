//! Columns that are fixed with a circuit: the second matrix of an opening, committed to once.
//!
//! With its commitment the shape of that matrix is a circuit's key. Heights belong to the key and
//! never to a proof: the same commitment read with other heights is another circuit.

use alloc::vec::Vec;

use super::layout::{Layout, MIN_LOG_GROUP};
use super::params::Params;
use super::shape::{LOG_BLOCK, UnusableShape};

/// Everything about a matrix of fixed columns but its cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedShape {
    /// Base-2 logarithm of its number of rows. The matrix of main columns has as many, however few
    /// they need.
    pub log_rows: usize,
    /// Base-2 logarithm of its number of columns.
    pub log_width: usize,
    /// The tables whose fixed columns it holds, in rising order.
    pub tables: Vec<FixedTable>,
}

/// A table whose fixed columns are committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedTable {
    /// Its position among all tables.
    pub table: usize,
    /// The fixed columns' height in blocks, which the main columns' need not be.
    pub height: usize,
}

impl FixedShape {
    /// Where the columns lie, for tables of at most `2^row_variables` rows with these numbers of
    /// fixed columns.
    ///
    /// # Errors
    ///
    /// If there is no such matrix for these tables, or none that the parameters allow.
    pub fn layout(&self, params: &Params, widths: &[usize], row_variables: usize) -> Result<Layout, UnusableShape> {
        let unless = |holds: bool, condition| if holds { Ok(()) } else { Err(UnusableShape(condition)) };
        unless((MIN_LOG_GROUP..=params.log_width).contains(&self.log_width), "fixed columns' matrix is no wider than the first")?;
        unless(
            (LOG_BLOCK..=params.max_log_rows).contains(&self.log_rows),
            "fixed columns' matrix has the rows of a block, and no more than the security is counted for",
        )?;
        unless(!self.tables.is_empty() && self.tables.is_sorted_by(|a, b| a.table < b.table), "tables of fixed columns in rising order")?;
        let own: Vec<usize> = self.tables.iter().map(|fixed| widths.get(fixed.table).copied().unwrap_or(0)).collect();
        unless(own.iter().all(|width| *width > 0), "committed fixed columns are those of a table")?;
        let blocks = |log: usize| u32::try_from(log).ok().and_then(|log| 1_usize.checked_shl(log)).unwrap_or(0);
        let highest = blocks(row_variables.saturating_sub(LOG_BLOCK));
        unless(self.tables.iter().all(|fixed| fixed.height <= highest), "fixed columns are no higher than their table")?;
        let layout = Layout::new(&own, self.log_width);
        let groups = layout.groups().iter();
        let used = groups.map(|group| self.tables.get(group.table).map_or(0, |fixed| fixed.height.saturating_mul(blocks(group.log_width))));
        let all = blocks(self.log_rows.saturating_add(self.log_width).saturating_sub(LOG_BLOCK));
        unless(used.fold(0, usize::saturating_add) <= all, "fixed columns fit into their matrix")?;
        Ok(layout)
    }

    /// The heights in blocks of the tables that are committed to.
    #[must_use]
    pub fn heights(&self) -> Vec<usize> {
        self.tables.iter().map(|fixed| fixed.height).collect()
    }

    /// Whether a table's fixed columns are committed to.
    #[must_use]
    pub fn has(&self, table: usize) -> bool {
        self.tables.iter().any(|fixed| fixed.table == table)
    }
}

#[cfg(test)]
mod tests {
    use super::super::params::{FINAL_V2, RECURSION_V2};
    use super::*;

    const WIDTHS: [usize; 4] = [8, 0, 25, 3];

    fn shape() -> FixedShape {
        let tables = [(0, 8), (2, 3), (3, 1)].map(|(table, height)| FixedTable { table, height });
        FixedShape { log_rows: 12, log_width: 5, tables: tables.to_vec() }
    }

    #[test]
    fn columns_are_those_of_the_committed_tables() {
        let layout = shape().layout(&RECURSION_V2, &WIDTHS, 12).expect("a matrix");
        assert_eq!((layout.widths(), layout.log_width()), (&[8, 25, 3][..], 5));
        assert_eq!(shape().heights(), [8, 3, 1]);
        assert_eq!([0, 1, 2, 3].map(|table| shape().has(table)), [true, false, true, true]);
    }

    #[test]
    fn matrices_that_do_not_exist() {
        let refused = |change: &dyn Fn(&mut FixedShape), condition: &str| {
            let mut shape = shape();
            change(&mut shape);
            let error = shape.layout(&FINAL_V2, &WIDTHS, 12).expect_err(condition);
            assert!(alloc::format!("{error}").contains(condition), "{error}");
        };
        for log_width in [0, 1, 7, usize::MAX] {
            refused(&|shape| shape.log_width = log_width, "no wider");
        }
        for log_rows in [0, 8, 20, usize::MAX] {
            refused(&|shape| shape.log_rows = log_rows, "rows of a block");
        }
        refused(&|shape| shape.tables.clear(), "rising order");
        refused(&|shape| shape.tables.swap(0, 1), "rising order");
        refused(&|shape| shape.tables[0] = shape.tables[1], "rising order");
        refused(&|shape| shape.tables[0].table = 1, "those of a table");
        refused(&|shape| shape.tables[2].table = 4, "those of a table");
        refused(&|shape| shape.tables[1].height = 9, "no higher");
        refused(&|shape| shape.tables[1].height = usize::MAX, "no higher");
        // A block's rows have 8, 28 and 4 cells: 152 times 512 cells of 256 times 512.
        refused(&|shape| shape.log_rows = 11, "fit into");
        let full = FixedShape { log_rows: 9, log_width: 2, tables: [FixedTable { table: 3, height: 1 }].to_vec() };
        assert!(full.layout(&FINAL_V2, &WIDTHS, 9).is_ok());
        assert!(FixedShape { tables: [FixedTable { table: 0, height: 1 }].to_vec(), ..full }.layout(&FINAL_V2, &WIDTHS, 9).is_err());
    }
}
