//! Where the cells of tables lie in a dense matrix.
//!
//! A table's columns are cut into *groups* of `2^w` columns, `w` at most that of the matrix and
//! falling: 451 columns are groups of 128, 128, 128, 64 and 4 (the last with one column that is
//! zero). A group's rows stand one after the other in the matrix's cells, counted along its rows;
//! groups follow each other by falling `w`, and of one `w` in the order of the tables. So each
//! starts at a multiple of its width, whatever the heights are, and the cell of row `r` and column
//! `c` of a group that starts at cell `t` is cell `t + r 2^w + c`: the lowest `w` bits of its index
//! are `c`.
//!
//! Only used rows are stored. Rows from a table's height on read as zero.

use alloc::vec::Vec;

/// Base-2 logarithm of the narrowest group's width.
pub const MIN_LOG_GROUP: usize = 2;

/// Some columns of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Position of the table.
    pub table: usize,
    /// The table's column that is the group's first.
    pub first: usize,
    /// Columns of the table; the rest of the group is zero.
    pub columns: usize,
    /// Base-2 logarithm of the group's width.
    pub log_width: usize,
}

/// The groups of all tables of one dense matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    widths: Vec<usize>,
    log_width: usize,
    groups: Vec<Group>,
}

impl Layout {
    /// The layout of tables with these numbers of columns in a matrix of `2^log_width` columns, at
    /// least [`MIN_LOG_GROUP`].
    #[must_use]
    pub fn new(widths: &[usize], log_width: usize) -> Self {
        let mut groups = Vec::new();
        for log_group in (MIN_LOG_GROUP..=log_width).rev() {
            for (table, &width) in widths.iter().enumerate() {
                groups.extend(groups_of(table, width, log_width).filter(|group| group.log_width == log_group));
            }
        }
        Self { widths: widths.to_vec(), log_width, groups }
    }

    /// Numbers of columns of the tables.
    #[must_use]
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    /// Base-2 logarithm of the number of the matrix's columns.
    #[must_use]
    pub const fn log_width(&self) -> usize {
        self.log_width
    }

    /// The groups in the order in which they lie in the matrix.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Cells of tables of these heights.
    #[must_use]
    pub fn cells(&self, heights: &[usize]) -> usize {
        self.groups.iter().map(|group| heights[group.table] << group.log_width).sum()
    }

    /// The cell at which each group starts.
    #[must_use]
    pub fn starts(&self, heights: &[usize]) -> Vec<usize> {
        let sizes = self.groups.iter().map(|group| heights[group.table] << group.log_width);
        sizes.scan(0, |next, size| Some(core::mem::replace(next, *next + size))).collect()
    }
}

/// Cuts one table into groups of falling width.
fn groups_of(table: usize, width: usize, log_width: usize) -> impl Iterator<Item = Group> {
    let padded = width.next_multiple_of(1 << MIN_LOG_GROUP);
    let full = padded >> log_width;
    let rest = (MIN_LOG_GROUP..log_width).rev().filter(move |log| padded >> log & 1 == 1);
    let mut first = 0;
    core::iter::repeat_n(log_width, full).chain(rest).map(move |log_width| {
        let group = Group { table, first, columns: (width - first).min(1 << log_width), log_width };
        first += 1 << log_width;
        group
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_cover_each_column_once() {
        for log_width in [2, 5, 7] {
            for widths in [&[36, 451, 1, 0, 4][..], &[128, 129, 7], &[]] {
                let layout = Layout::new(widths, log_width);
                for (table, &width) in widths.iter().enumerate() {
                    let mut columns: Vec<usize> = Vec::new();
                    for group in layout.groups().iter().filter(|group| group.table == table) {
                        assert!(group.columns <= 1 << group.log_width && group.log_width <= log_width);
                        columns.extend(group.first..group.first + group.columns);
                    }
                    columns.sort_unstable();
                    assert_eq!(columns, (0..width).collect::<Vec<_>>());
                }
                assert!(layout.groups().is_sorted_by(|a, b| a.log_width >= b.log_width));
            }
        }
    }

    #[test]
    fn groups_start_at_multiples_of_their_width() {
        let layout = Layout::new(&[36, 451, 3, 16], 7);
        let logs: Vec<usize> = layout.groups().iter().map(|group| group.log_width).collect();
        assert_eq!(logs, [7, 7, 7, 6, 5, 4, 2, 2, 2]);
        for heights in [[1, 2, 3, 4], [1000, 77, 0, 13], [0, 0, 0, 0]] {
            let starts = layout.starts(&heights);
            assert!(starts.iter().zip(layout.groups()).all(|(start, group)| start % (1 << group.log_width) == 0));
            let [.., start] = starts[..] else { panic!("groups") };
            assert_eq!(start + (heights[2] << 2), layout.cells(&heights));
            assert_eq!(layout.cells(&heights), heights[0] * 36 + heights[1] * 452 + heights[2] * 4 + heights[3] * 16);
        }
    }
}
