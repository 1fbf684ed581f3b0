//! Elements of the challenge field and their coordinates.
//!
//! *Given* a circuit, *this chip proves* of each row that one wire holds an element `(x_0, …, x_4)`
//! of the challenge field, and five wires one after another hold `x_0, …, x_4` as elements of the
//! base field.
//!
//! Either side may be the one that is written (multiplicities are signed, sound as in
//! [`super::alu`]). Where the coordinates are read, a wire with an element that is not of the base
//! field matches none of the five messages, which end in four zeros: so a packed element is made of
//! elements of the base field, whoever wrote them.

mod columns;
mod constraints;

#[cfg(test)]
mod tests;

pub use columns::{PackCols, PackPreCols};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::Chip;

/// The chip of packing.
#[derive(Clone, Debug, Default)]
pub struct PackChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for PackChip {
    const NAME: &'static str = "pack";
    /// Messages are linear.
    const DEGREE: usize = 1;
    type Main<T> = PackCols<T>;
    type Fixed<T> = PackPreCols<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
