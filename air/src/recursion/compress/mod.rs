//! BLAKE3 compressions.

mod columns;

pub use columns::{CompressCols, CompressPreCols};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;

/// The chip of BLAKE3 compressions.
#[derive(Clone, Debug, Default)]
pub struct CompressChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for CompressChip {
    const NAME: &'static str = "compress";
    const DEGREE: usize = 9;

    fn width(&self) -> usize {
        <CompressCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, _builder: &mut B) {}

    fn preprocessed_width(&self) -> usize {
        <CompressPreCols<F> as Columns<F>>::WIDTH
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
