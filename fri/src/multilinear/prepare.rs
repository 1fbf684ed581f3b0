//! Committing to the fixed columns of a circuit, once for all its proofs.

use alloc::vec::Vec;

use p3_air::BaseAir;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use thiserror::Error;

use super::Transcript;
use super::fixed::{FixedShape, FixedTable};
use super::layout::Layout;
use super::opening::{CommitError, Committed};
use super::params::Params;
use super::shape::{LOG_BLOCK, UnusableShape};
use crate::hash::Digest;

/// The committed matrix of a circuit's fixed columns.
pub struct FixedMatrix {
    params: Params,
    shape: FixedShape,
    layout: Layout,
    committed: Committed,
}

/// Fixed columns that cannot be committed to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FixedError {
    /// A table is named that has none, or whose columns are not known.
    #[error("table {0}: no fixed columns to commit to")]
    Missing(usize),
    /// There is no matrix of this shape.
    #[error(transparent)]
    Shape(#[from] UnusableShape),
    /// The columns do not fit.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl FixedMatrix {
    /// Commits to the fixed columns of some of the tables, in rising order, in a matrix of
    /// `2^log_rows` rows of `2^log_width` cells.
    ///
    /// # Errors
    ///
    /// When a table has no fixed columns, they do not fit, or the parameters do not allow such a matrix.
    pub fn new<A: BaseAir<F>>(
        params: &Params,
        airs: &[A],
        tables: &[usize],
        row_variables: usize,
        (log_rows, log_width): (usize, usize),
    ) -> Result<Self, FixedError> {
        let columns = |&table: &usize| airs.get(table).and_then(BaseAir::preprocessed_trace).ok_or(FixedError::Missing(table));
        let columns: Vec<RowMajorMatrix<F>> = tables.iter().map(columns).collect::<Result<_, _>>()?;
        let heights = columns.iter().map(|columns| columns.height().div_ceil(1 << LOG_BLOCK));
        let tables = tables.iter().zip(heights).map(|(&table, height)| FixedTable { table, height }).collect();
        let shape = FixedShape { log_rows, log_width, tables };
        let widths: Vec<usize> = airs.iter().map(BaseAir::preprocessed_width).collect();
        let layout = shape.layout(params, &widths, row_variables)?;
        let committed = Committed::new(params, &layout, &columns, (log_rows, LOG_BLOCK))?;
        Ok(Self { params: *params, shape, layout, committed })
    }

    /// The shape, which with the commitment is the circuit's key.
    #[must_use]
    pub const fn shape(&self) -> &FixedShape {
        &self.shape
    }

    /// The commitment.
    #[must_use]
    pub fn cap(&self) -> &[Digest] {
        self.committed.cap()
    }

    pub(super) const fn params(&self) -> &Params {
        &self.params
    }

    /// Where the columns lie.
    #[must_use]
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The matrix.
    #[must_use]
    pub const fn committed(&self) -> &Committed {
        &self.committed
    }

    /// The key's part of the transcript: commitment and heights.
    pub(super) fn observe(&self, transcript: &mut Transcript) {
        transcript.observe_digests(self.cap());
        transcript.observe_base(&self.shape.heights().into_iter().map(F::from_usize).collect::<Vec<_>>());
    }
}
