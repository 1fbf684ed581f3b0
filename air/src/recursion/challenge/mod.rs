//! Challenges from the transcript's output.
//!
//! *Given* a circuit, *this chip proves* of each row but padding that the half that the circuit
//! names is four little-endian 64-bit words, and that 32 wires one after another hold the low bits
//! of the word that it selects.
//!
//! Which word is selected is preprocessed (`select` has one one), so the prover has no choice.
//! Limbs are below 2^16 by whoever wrote the half. Multiplicities are signed, sound as in
//! [`super::alu`]; those of the bits are one for all 32, so what needs a bit more often copies it.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::{ChallengeCols, ChallengePreCols};
pub use trace::fill_row;

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::Chip;

/// The chip of challenges.
#[derive(Clone, Debug, Default)]
pub struct ChallengeChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for ChallengeChip {
    const NAME: &'static str = "challenge";
    /// That of bits.
    const DEGREE: usize = 2;
    type Main<T> = ChallengeCols<T>;
    type Fixed<T> = ChallengePreCols<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
