//! Rounds of BLAKE3.

mod columns;

pub use columns::{QuarterCols, RoundsCols};

use tern_field::F;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;

/// The chip of rounds of BLAKE3.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoundsChip;

impl Chip for RoundsChip {
    const NAME: &'static str = "rounds";
    const DEGREE: usize = 9;

    fn width(&self) -> usize {
        <RoundsCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, _builder: &mut B) {}
}
