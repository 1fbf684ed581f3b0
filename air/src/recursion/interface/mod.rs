//! Constants and public values.

mod columns;

pub use columns::{InterfaceCols, InterfacePreCols};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;

/// The chip of constants and public values.
#[derive(Clone, Debug, Default)]
pub struct InterfaceChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for InterfaceChip {
    const NAME: &'static str = "interface";
    const DEGREE: usize = 9;
    const PUBLIC_VALUES: usize = 16;

    fn width(&self) -> usize {
        <InterfaceCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, _builder: &mut B) {}

    fn preprocessed_width(&self) -> usize {
        <InterfacePreCols<F> as Columns<F>>::WIDTH
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
