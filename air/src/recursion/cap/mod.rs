//! Digests at an index that is a value.

mod columns;

pub use columns::{CapCols, CapPreCols};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;

/// The chip of digests at an index that is a value.
#[derive(Clone, Debug, Default)]
pub struct CapChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for CapChip {
    const NAME: &'static str = "cap";
    const DEGREE: usize = 9;

    fn width(&self) -> usize {
        <CapCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, _builder: &mut B) {}

    fn preprocessed_width(&self) -> usize {
        <CapPreCols<F> as Columns<F>>::WIDTH
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
