//! A chip's part of a circuit.

use alloc::sync::Arc;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::layout::Columns;

/// The preprocessed columns of a chip in one circuit, where they are needed: for setup and proving.
/// A verifier has their commitment instead.
#[derive(Clone, Debug, Default)]
pub struct Circuit(Option<Arc<RowMajorMatrix<F>>>);

impl Circuit {
    /// A chip's columns.
    #[must_use]
    pub fn new(columns: RowMajorMatrix<F>) -> Self {
        Self(Some(Arc::new(columns)))
    }

    /// A copy of the columns, where they are known.
    #[must_use]
    pub fn columns(&self) -> Option<RowMajorMatrix<F>> {
        self.0.as_deref().cloned()
    }
}

/// Whether each row of a circuit's table either is zero or has its flag.
///
/// # Panics
///
/// If the table has another width than the columns.
pub(super) fn is_flagged<C: Columns<F>>(table: &RowMajorMatrix<F>, real: impl Fn(&C) -> F) -> bool {
    table.values.chunks(table.width.max(1)).all(|row| real(C::of(row)) == F::ONE || row.iter().all(|&x| x == F::ZERO))
}
