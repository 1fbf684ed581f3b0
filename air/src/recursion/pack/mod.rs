//! Extension elements and their coefficients.

mod columns;

pub use columns::{PackCols, PackPreCols};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;

/// The chip of extension elements and their coefficients.
#[derive(Clone, Debug, Default)]
pub struct PackChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for PackChip {
    const NAME: &'static str = "pack";

    fn width(&self) -> usize {
        <PackCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, _builder: &mut B) {}

    fn preprocessed_width(&self) -> usize {
        <PackPreCols<F> as Columns<F>>::WIDTH
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
