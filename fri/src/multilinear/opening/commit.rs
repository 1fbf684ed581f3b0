//! Committing to the used rows of tables.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use p3_symmetric::CryptographicHasher;
use p3_util::log2_ceil_usize;
use tern_field::F;
use thiserror::Error;

use super::super::encoding::Columns;
use super::super::layout::{Group, Layout};
use super::super::merkle::MerkleTree;
use super::super::params::Params;
use super::super::proof::Opened;
use crate::hash::{DIGEST_BYTES, Digest, LeafHasher};

/// Tables that cannot be committed to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommitError {
    /// A table has another width than the layout gives it.
    #[error("table {table}: expected {expected} columns, got {got}")]
    Width {
        /// Position of the table.
        table: usize,
        /// Its width in the layout.
        expected: usize,
        /// Its width.
        got: usize,
    },
    /// The number of tables is not that of the layout.
    #[error("expected {expected} tables, got {got}")]
    Tables {
        /// Tables of the layout.
        expected: usize,
        /// Tables given.
        got: usize,
    },
    /// More cells than the dense matrix has.
    #[error("{cells} cells do not fit into 2^{log_rows} rows of 2^{log_width} cells")]
    Cells {
        /// Cells of the tables.
        cells: usize,
        /// Base-2 logarithm of the matrix's number of rows.
        log_rows: usize,
        /// Base-2 logarithm of its width.
        log_width: usize,
    },
}

/// A dense matrix with its commitment.
pub struct Committed {
    layout: Layout,
    /// Rows that are stored.
    heights: Vec<usize>,
    log_block: usize,
    /// The cells that are used, row by row.
    cells: Vec<F>,
    log_rows: usize,
    log_blowup: usize,
    tree: MerkleTree,
}

impl Committed {
    /// Commits to the used rows of tables, in whole blocks of `2^log_block` rows, in a matrix of
    /// `2^log_rows` rows.
    ///
    /// # Errors
    ///
    /// When the tables are not those of the layout or do not fit.
    pub fn new(
        params: &Params,
        layout: &Layout,
        tables: &[RowMajorMatrix<F>],
        (log_rows, log_block): (usize, usize),
    ) -> Result<Self, CommitError> {
        if tables.len() != layout.widths().len() {
            return Err(CommitError::Tables { expected: layout.widths().len(), got: tables.len() });
        }
        for (table, (matrix, &expected)) in tables.iter().zip(layout.widths()).enumerate() {
            if matrix.width() != expected {
                return Err(CommitError::Width { table, expected, got: matrix.width() });
            }
        }
        let heights: Vec<usize> = tables.iter().map(|table| table.height().next_multiple_of(1 << log_block)).collect();
        let cells = layout.cells(&heights);
        let log_width = layout.log_width();
        if log2_ceil_usize(cells) > log_rows + log_width {
            return Err(CommitError::Cells { cells, log_rows, log_width });
        }
        let cells = packed(layout, tables, &heights, cells);
        let columns = Columns { cells: &cells, width: 1 << log_width, log_rows };
        let mut leaves = vec![[0; DIGEST_BYTES]; 1 << (log_rows + params.log_blowup)];
        columns.encode(params.log_blowup, &mut leaves, |_, rows, leaves| LeafHasher.hash_many(rows, leaves));
        let tree = MerkleTree::of_leaves(leaves, params.cap_height.min(log_rows + params.log_blowup));
        Ok(Self { layout: layout.clone(), heights, log_block, cells, log_rows, log_blowup: params.log_blowup, tree })
    }

    /// The commitment.
    #[must_use]
    pub fn cap(&self) -> &[Digest] {
        self.tree.cap()
    }

    /// The tables' heights in blocks.
    #[must_use]
    pub fn heights(&self) -> Vec<usize> {
        self.heights.iter().map(|height| height >> self.log_block).collect()
    }

    /// The cells that are used, row by row.
    pub fn cells(&self) -> &[F] {
        &self.cells
    }

    pub(super) fn height(&self, table: usize) -> usize {
        self.heights[table]
    }

    pub(super) fn max_height(&self) -> usize {
        self.heights.iter().copied().max().unwrap_or(0)
    }

    pub(super) const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Each group with its cells.
    pub(super) fn groups(&self) -> impl Iterator<Item = (&Group, &[F])> {
        let starts = self.layout.starts(&self.heights);
        self.layout.groups().iter().zip(starts).map(|(group, start)| {
            let len = self.heights[group.table] << group.log_width;
            (group, &self.cells[start..start + len])
        })
    }

    /// The rows of the codeword at these positions, which rise.
    #[must_use]
    pub fn opened(&self, positions: &[usize]) -> Opened<F> {
        let columns = Columns { cells: &self.cells, width: 1 << self.layout.log_width(), log_rows: self.log_rows };
        Opened { leaves: columns.at(self.log_blowup, positions), path: self.tree.path(positions) }
    }
}

/// The tables' cells in the order of the layout.
fn packed(layout: &Layout, tables: &[RowMajorMatrix<F>], heights: &[usize], len: usize) -> Vec<F> {
    let mut cells = F::zero_vec(len);
    let mut rest = cells.as_mut_slice();
    for group in layout.groups() {
        let table = &tables[group.table];
        let (own, after) = rest.split_at_mut(heights[group.table] << group.log_width);
        rest = after;
        let columns = group.first..group.first + group.columns;
        own.par_chunks_exact_mut(1 << group.log_width)
            .zip(table.values.par_chunks_exact(table.width().max(1)))
            .for_each(|(cells, row)| cells[..group.columns].copy_from_slice(&row[columns.clone()]));
    }
    cells
}
