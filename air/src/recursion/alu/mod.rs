//! Arithmetic of extension elements.

mod columns;

pub use columns::{AluCols, AluPreCols};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;

/// The chip of arithmetic of extension elements.
#[derive(Clone, Debug, Default)]
pub struct AluChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for AluChip {
    const NAME: &'static str = "alu";

    fn width(&self) -> usize {
        <AluCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, _builder: &mut B) {}

    fn preprocessed_width(&self) -> usize {
        <AluPreCols<F> as Columns<F>>::WIDTH
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
