//! Sizes of circuits.

use tern_fri::multilinear::fixed::FixedTable;
use tern_fri::multilinear::{FixedShape, Params};

use super::super::batch::UnusableTables;
use super::super::circuit::committed;
use super::NodeRelation;
use crate::wire::{Reader, WireError, Writer};

/// Sizes of circuits that are verified alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeShape {
    /// Base-2 logarithm of the largest height of a table.
    pub row_variables: usize,
    /// The matrix of fixed columns.
    pub fixed: FixedShape,
}

impl NodeShape {
    /// What proofs of such circuits prove under a parameter set.
    ///
    /// # Errors
    ///
    /// If there are no such proofs.
    pub fn relation(&self, params: &Params) -> Result<NodeRelation, UnusableTables> {
        NodeRelation::new(params, self.row_variables, &self.fixed)
    }

    /// Reads a shape as [`NodeShape::write`] writes it.
    ///
    /// # Errors
    ///
    /// If the bytes end too early.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let [row_variables, log_rows, log_width] = [reader.length()?, reader.length()?, reader.length()?];
        let table = |table| Ok(FixedTable { table, height: reader.length()? });
        let tables = committed().into_iter().map(table).collect::<Result<_, WireError>>()?;
        Ok(Self { row_variables, fixed: FixedShape { log_rows, log_width, tables } })
    }

    /// Appends the numbers of variables, then the heights of the tables that have fixed columns of
    /// their own, four bytes each.
    pub fn write(&self, writer: &mut Writer) {
        let FixedShape { log_rows, log_width, tables } = &self.fixed;
        let heights = tables.iter().map(|table| table.height);
        for number in [self.row_variables, *log_rows, *log_width].into_iter().chain(heights) {
            writer.u32(u32::try_from(number).unwrap_or(u32::MAX));
        }
    }
}
