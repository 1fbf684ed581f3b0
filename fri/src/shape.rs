//! The shape of a relation: everything about its tables that fixes the sizes in a proof.
//!
//! A verifier pins one shape and never takes a size from a proof. The security report is a function of parameters and shape alone.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use p3_air::Air;
use p3_air::symbolic::AirLayout;
use p3_batch_stark::symbolic::{get_log_num_quotient_chunks, get_symbolic_constraints};
use p3_lookup::{InteractionSymbolicBuilder, LogUpGadget, Lookups};
use serde::Serialize;
use tern_field::{EF, EXTENSION_DEGREE, F};
use thiserror::Error;

/// Base-2 logarithm of the tallest table that any parameters could commit.
const MAX_LOG_HEIGHT: usize = 27;

/// The shape of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableShape {
    /// Name of the table, for reports and errors.
    pub name: String,
    /// Base-2 logarithm of the number of rows.
    pub log_height: usize,
    /// Number of main columns.
    pub main_width: usize,
    /// Whether a constraint reads main columns of the next row: they are then opened twice.
    pub reads_next_main: bool,
    /// Number of preprocessed columns.
    pub preprocessed_width: usize,
    /// Whether a constraint reads preprocessed columns of the next row.
    pub reads_next_preprocessed: bool,
    /// Number of public values.
    pub public_values: usize,
    /// Number of extension columns that hold lookup fractions, without the accumulator.
    pub lookup_columns: usize,
    /// Number of interactions on each row.
    pub interactions: usize,
    /// Elements in the widest message.
    pub message_width: usize,
    /// Number of constraints, those of the lookups included.
    pub constraints: usize,
    /// Largest degree of a constraint, those of the lookups included.
    pub constraint_degree: usize,
    /// Base-2 logarithm of the number of quotient chunks.
    pub log_quotient_chunks: usize,
}

impl TableShape {
    /// Number of base-field columns in the lookup argument, the accumulator included.
    #[must_use]
    pub const fn permutation_width(&self) -> usize {
        if self.lookup_columns == 0 { 0 } else { (self.lookup_columns + 1) * EXTENSION_DEGREE }
    }

    /// Number of quotient chunks, of one extension element each.
    #[must_use]
    pub const fn quotient_chunks(&self) -> usize {
        1 << self.log_quotient_chunks
    }

    /// Number of base-field cells the prover commits to for this table, preprocessed ones left out.
    #[must_use]
    pub const fn committed_cells(&self) -> u64 {
        let columns = self.main_width + self.permutation_width() + self.quotient_chunks() * EXTENSION_DEGREE;
        (columns as u64) << self.log_height
    }
}

/// The tables of one batch, in batch order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RelationShape {
    /// One entry for each table.
    pub tables: Vec<TableShape>,
}

/// Why tables and heights form no shape.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ShapeError {
    /// The lists that describe the tables have different lengths.
    #[error("expected {expected} entries of {list}, got {got}")]
    Count {
        /// What the list holds.
        list: &'static str,
        /// Number of tables.
        expected: usize,
        /// Length of the list.
        got: usize,
    },
    /// A table is taller than the field allows.
    #[error("table {table}: expected at most 2^{max} rows, got 2^{got}")]
    TooTall {
        /// Position of the table.
        table: usize,
        /// Largest logarithm.
        max: usize,
        /// The logarithm given.
        got: usize,
    },
}

impl RelationShape {
    /// Derives the shape of a batch the way `p3-batch-stark` does.
    ///
    /// `lookups` is `CommonData::lookups`: how interactions are packed into columns.
    ///
    /// # Errors
    ///
    /// When the lists differ in length or a table is too tall.
    pub fn from_airs<A>(names: &[&str], airs: &[A], log_heights: &[usize], lookups: &[Lookups<F>]) -> Result<Self, ShapeError>
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        check_count("names", airs.len(), names.len())?;
        check_count("heights", airs.len(), log_heights.len())?;
        check_count("lookups", airs.len(), lookups.len())?;
        let tables = airs
            .iter()
            .zip(names)
            .zip(log_heights)
            .zip(lookups)
            .map(|(((air, name), log_height), lookups)| table_shape(air, name, *log_height, lookups))
            .collect();
        let shape = Self { tables };
        shape.check_heights()?;
        Ok(shape)
    }

    /// The same tables at other heights.
    ///
    /// # Errors
    ///
    /// When there is not one height for each table or one is too tall.
    pub fn at_heights(&self, log_heights: &[usize]) -> Result<Self, ShapeError> {
        check_count("heights", self.tables.len(), log_heights.len())?;
        let mut shape = self.clone();
        for (table, log_height) in shape.tables.iter_mut().zip(log_heights) {
            table.log_height = *log_height;
        }
        shape.check_heights()?;
        Ok(shape)
    }

    /// Whether any table has a lookup argument.
    #[must_use]
    pub fn has_lookups(&self) -> bool {
        self.tables.iter().any(|table| table.lookup_columns > 0)
    }

    /// Base-2 logarithm of the tallest table's height, 0 without tables.
    #[must_use]
    pub fn max_log_height(&self) -> usize {
        let heights = self.tables.iter().map(|table| table.log_height);
        heights.max().unwrap_or(0)
    }

    fn check_heights(&self) -> Result<(), ShapeError> {
        for (index, table) in self.tables.iter().enumerate() {
            if table.log_height > MAX_LOG_HEIGHT {
                return Err(ShapeError::TooTall { table: index, max: MAX_LOG_HEIGHT, got: table.log_height });
            }
        }
        Ok(())
    }
}

pub(crate) fn check_count(list: &'static str, expected: usize, got: usize) -> Result<(), ShapeError> {
    if expected == got {
        return Ok(());
    }
    Err(ShapeError::Count { list, expected, got })
}

fn table_shape<A>(air: &A, name: &str, log_height: usize, lookups: &Lookups<F>) -> TableShape
where
    A: Air<InteractionSymbolicBuilder<F, EF>>,
{
    let layout = AirLayout {
        preprocessed_width: air.preprocessed_width(),
        main_width: air.width(),
        num_public_values: air.num_public_values(),
        num_periodic_columns: air.num_periodic_columns(),
        ..AirLayout::default()
    };
    let gadget = LogUpGadget::new();
    let (base, extension) = get_symbolic_constraints::<F, EF, A, _>(air, layout, lookups, &gadget);
    let log_quotient_chunks =
        get_log_num_quotient_chunks::<F, EF, A, _>(air, layout, 1 << log_height.min(MAX_LOG_HEIGHT), lookups, 0, &gadget);
    let degrees = base.iter().map(|c| c.degree_multiple()).chain(extension.iter().map(|c| c.degree_multiple()));
    let messages = || lookups.iter().flat_map(|lookup| &lookup.elements);
    TableShape {
        name: name.to_string(),
        log_height,
        main_width: air.width(),
        reads_next_main: !air.main_next_row_columns().is_empty(),
        preprocessed_width: air.preprocessed_width(),
        reads_next_preprocessed: !air.preprocessed_next_row_columns().is_empty(),
        public_values: air.num_public_values(),
        lookup_columns: lookups.len(),
        interactions: messages().count(),
        message_width: messages().map(Vec::len).max().unwrap_or(0),
        constraints: base.len() + extension.len(),
        constraint_degree: degrees.max().unwrap_or(0),
        log_quotient_chunks,
    }
}
