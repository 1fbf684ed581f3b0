//! BLAKE3 compressions.
//!
//! *Given* halves and a bit at the addresses of a row, *this chip proves* that the half at its output's address is the first 32 bytes of the BLAKE3
//! compression (specification, section 2.2) with the chaining value, the block, and the row's counter, length and flags. The block is the two other halves, in the order that the bit
//! tells: a step of a Merkle path; or as they stand, where the row reads no bit.
//!
//! The seven rounds are rows of [`super::rounds`], between a state that this row sends and one that it takes. Rows have distinct keys, at
//! distance eight, so that the states of two rows are not mixed up.
//!
//! Halves that are read have limbs below 2^16 by their writers: here, since bytes of output are bytes by their lookups.

mod columns;
mod constraints;
mod semantics;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::{CompressCols, CompressPreCols};
pub use semantics::{Compression, IV};
pub use trace::{fill, key};

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
    /// Eight messages share a column; the block's count for two each.
    const DEGREE: usize = 9;

    fn width(&self) -> usize {
        <CompressCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }

    fn preprocessed_width(&self) -> usize {
        <CompressPreCols<F> as Columns<F>>::WIDTH
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
