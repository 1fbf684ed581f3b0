//! Comparisons: `SLT SLTU SLTI SLTIU`.
//!
//! *Given* an execution token at (`pc`, `time`), *this chip proves* that the instruction at `pc` is
//! one of the four, reads `rs1` and, in the register forms, `rs2`, and writes to `rd` one if the
//! first is less than the second or than the immediate, else zero; the machine goes on at `pc + 4`.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell proves.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::CompareCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of [`crate::isa::Family::Compare`].
#[derive(Clone, Copy, Debug, Default)]
pub struct CompareChip;

impl Chip for CompareChip {
    const NAME: &'static str = "compare";
    type Main<T> = CompareCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
