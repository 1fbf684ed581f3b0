//! Challenges from a transcript's digest.

mod columns;

pub use columns::{ChallengeCols, ChallengePreCols};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;

/// The chip of challenges from a transcript's digest.
#[derive(Clone, Debug, Default)]
pub struct ChallengeChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for ChallengeChip {
    const NAME: &'static str = "challenge";
    const DEGREE: usize = 9;

    fn width(&self) -> usize {
        <ChallengeCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, _builder: &mut B) {}

    fn preprocessed_width(&self) -> usize {
        <ChallengePreCols<F> as Columns<F>>::WIDTH
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
