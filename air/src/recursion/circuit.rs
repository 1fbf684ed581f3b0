//! A chip's part of a circuit.

use alloc::sync::Arc;

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

/// The preprocessed columns of a chip in one circuit, where they are needed: for setup and proving. A verifier has their commitment instead.
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
