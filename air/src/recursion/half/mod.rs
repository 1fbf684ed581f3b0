//! Elements as words of hashed data, and their sums weighted by powers.

mod columns;

pub use columns::{HalfCols, HalfPreCols};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;

/// The chip of elements as words of hashed data, and their sums weighted by powers.
#[derive(Clone, Debug, Default)]
pub struct HalfChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for HalfChip {
    const NAME: &'static str = "half";
    const DEGREE: usize = 9;

    fn width(&self) -> usize {
        <HalfCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, _builder: &mut B) {}

    fn preprocessed_width(&self) -> usize {
        <HalfPreCols<F> as Columns<F>>::WIDTH
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
