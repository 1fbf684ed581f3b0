//! Dense matrices in device memory, with their commitments.

use p3_field::PrimeField32;
use p3_matrix::Matrix as _;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_fri::hash::Digest;
use tern_fri::multilinear::backend::Relation;
use tern_fri::multilinear::layout::{Group, Layout};
use tern_fri::multilinear::params::Params;
use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_fri::multilinear::source::Source;

use crate::encode::Encoder;
use crate::fill::{Kernels, fill};
use crate::memory::Words;
use crate::merkle::{DIGEST_WORDS, Gathered, Leaves, Tree, gather, hash_leaves};
use crate::{Gpu, GpuError};

/// The used cells of tables in the order of a layout. Of their codeword nothing is kept: rows that
/// are opened are encoded again.
pub struct Matrix {
    layout: Layout,
    /// Rows of each table that are stored.
    heights: Vec<usize>,
    /// The cells, row by row.
    cells: Words,
    encoder: Encoder,
    tree: Tree,
}

impl Matrix {
    /// Fills tables, in whole blocks of `2^log_block` rows, and commits to them in a matrix of
    /// `2^log_rows` rows. The host waits for the commitment.
    ///
    /// # Errors
    ///
    /// If the device fails.
    ///
    /// # Panics
    ///
    /// If the tables are not those of the layout, or do not fit.
    pub fn commit(
        gpu: &Gpu,
        params: &Params,
        layout: &Layout,
        (kernels, tables): (&Kernels, &[Source<'_>]),
        (log_rows, log_block): (usize, usize),
    ) -> Result<Self, GpuError> {
        assert!(tables.iter().map(Source::width).eq(layout.widths().iter().copied()), "tables of the layout");
        let heights: Vec<usize> = tables.iter().map(|table| table.height().next_multiple_of(1 << log_block)).collect();
        assert!(layout.cells(&heights) <= 1 << (log_rows + layout.log_width()), "cells that fit");
        let cells = fill(gpu, kernels, layout, tables, &heights)?;
        Self::of_cells(gpu, params, layout, heights, cells, log_rows)
    }

    /// The same of cells that are in device memory.
    fn of_cells(gpu: &Gpu, params: &Params, layout: &Layout, heights: Vec<usize>, cells: Words, log_rows: usize) -> Result<Self, GpuError> {
        let (used, width) = (cells.len(), 1 << layout.log_width());
        let encoder = Encoder::new(gpu, width, log_rows, params.log_blowup)?;
        let leaves = gpu.words(DIGEST_WORDS * encoder.rows() * encoder.cosets())?;
        let values = gpu.words(width * encoder.rows())?;
        for coset in 0..encoder.cosets() {
            encoder.encode(gpu, &cells, used, coset, &values)?;
            hash_leaves(gpu, &values, Leaves::Rows, (encoder.rows(), width), &leaves, coset * encoder.rows())?;
        }
        let tree = Tree::new(gpu, leaves, params.cap_height.min(log_rows + params.log_blowup))?;
        Ok(Self { layout: layout.clone(), heights, cells, encoder, tree })
    }

    /// The commitment.
    #[must_use]
    pub fn cap(&self) -> &[Digest] {
        self.tree.cap()
    }

    /// Where columns lie.
    #[must_use]
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Rows of each table that are stored.
    #[must_use]
    pub fn heights(&self) -> &[usize] {
        &self.heights
    }

    /// The cells.
    #[must_use]
    pub const fn cells(&self) -> &Words {
        &self.cells
    }

    /// Each group with the place of its first cell.
    pub fn groups(&self) -> impl Iterator<Item = (&Group, usize)> {
        self.layout.groups().iter().zip(self.layout.starts(&self.heights))
    }

    /// Where a table's columns are.
    fn columns(&self, table: usize, is_fixed: bool) -> Vec<Column> {
        let groups = self.groups().filter(|(group, _)| group.table == table);
        let mut columns: Vec<(usize, Column)> = groups
            .flat_map(|(group, start)| {
                let column = move |i| Column { is_fixed, start: start + i, stride: 1 << group.log_width, rows: self.heights[table] };
                (0..group.columns).map(move |i| (group.first + i, column(i)))
            })
            .collect();
        columns.sort_unstable_by_key(|(number, _)| *number);
        columns.into_iter().map(|(_, column)| column).collect()
    }

    /// The rows of the codeword at these positions, which rise, in device memory.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn gathered(&self, gpu: &Gpu, positions: &[usize]) -> Result<Gathered, GpuError> {
        let (rows, width) = (self.encoder.rows(), 1 << self.layout.log_width());
        let values = gpu.words(width * rows)?;
        let mut leaves = Vec::new();
        for coset in 0..self.encoder.cosets() {
            let inside = coset * rows..(coset + 1) * rows;
            let own: Vec<usize> =
                positions.iter().filter(|position| inside.contains(position)).map(|position| position - inside.start).collect();
            if !own.is_empty() {
                self.encoder.encode(gpu, &self.cells, self.cells.len(), coset, &values)?;
                leaves.push(gather(gpu, &values, width, &own)?);
            }
        }
        self.tree.opened(gpu, leaves, width, positions)
    }
}

/// Where a column's cells are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Whether they are in the array of fixed columns, not in that of main ones.
    pub is_fixed: bool,
    /// The place of its first cell.
    pub start: usize,
    /// From one row to the next.
    pub stride: usize,
    /// Rows; it is zero after them.
    pub rows: usize,
}

/// A table's columns: the main ones, then the fixed ones.
pub struct Columns<'a> {
    /// The array that main columns are in.
    pub main: &'a Words,
    /// The array that fixed columns are in.
    pub fixed: &'a Words,
    /// Where each is.
    pub columns: Vec<Column>,
    /// Rows of the highest, in whole blocks.
    pub rows: usize,
}

/// The fixed columns of a relation in device memory: those that are committed to in their matrix,
/// the others row by row, one table after the other.
pub struct Fixed {
    committed: Option<Matrix>,
    known: Words,
    /// Of each table, whether its fixed columns are committed to, and where they are.
    places: Vec<(bool, Vec<Column>)>,
}

impl Fixed {
    /// Uploads a relation's fixed columns.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub fn new(gpu: &Gpu, relation: &Relation<'_>) -> Result<Self, GpuError> {
        let known: Vec<&RowMajorMatrix<F>> = relation.fixed.iter().flatten().collect();
        let mut places = vec![(false, Vec::new()); relation.fixed.len()];
        let is_committed = |table: usize| relation.fixed_matrix.is_some_and(|matrix| matrix.shape().has(table));
        let words = gpu.words(known.iter().map(|table| table.values.len()).sum())?;
        let mut start = 0;
        for (table, fixed) in relation.fixed.iter().enumerate() {
            let Some(fixed) = fixed.as_ref().filter(|_| !is_committed(table)) else { continue };
            gpu.write(&words, start, fixed.values.len(), |i| fixed.values[i].to_unique_u32())?;
            let column = |column| Column { is_fixed: true, start: start + column, stride: fixed.width, rows: fixed.height() };
            places[table].1 = (0..fixed.width).map(column).collect();
            start += fixed.values.len();
        }
        let Some(matrix) = relation.fixed_matrix else { return Ok(Self { committed: None, known: words, places }) };
        let heights: Vec<usize> = matrix.shape().heights().into_iter().map(|blocks| blocks << LOG_BLOCK).collect();
        let cells = gpu.upload(matrix.committed().cells())?;
        let committed = Matrix::of_cells(gpu, relation.params, matrix.layout(), heights, cells, matrix.shape().log_rows)?;
        for (own, fixed) in matrix.shape().tables.iter().enumerate() {
            places[fixed.table] = (true, committed.columns(own, true));
        }
        Ok(Self { committed: Some(committed), known: words, places })
    }

    /// The committed matrix.
    #[must_use]
    pub const fn committed(&self) -> Option<&Matrix> {
        self.committed.as_ref()
    }

    /// The columns of a table whose main ones are in a matrix.
    #[must_use]
    pub fn columns<'a>(&'a self, main: &'a Matrix, table: usize) -> Columns<'a> {
        let (is_committed, places) = &self.places[table];
        let mut columns = main.columns(table, false);
        columns.extend(places);
        let fixed = self.committed.as_ref().filter(|_| *is_committed).map_or(&self.known, Matrix::cells);
        let highest = places.iter().map(|column| column.rows).fold(main.heights()[table], usize::max);
        Columns { main: main.cells(), fixed, columns, rows: highest.next_multiple_of(1 << LOG_BLOCK) }
    }
}
