//! Branches: `BEQ BNE BLT BGE BLTU BGEU`.
//!
//! *Given* an execution token at (`pc`, `time`), *this chip proves* that the instruction at `pc` is
//! one of the six, reads `rs1` and `rs2`, and that the machine goes on at `pc` plus the immediate
//! if the branch's condition holds of them, else at `pc + 4`.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell
//! proves, and leaves it to the decode chip, which takes the token that it sends, that a target is
//! a multiple of 4 inside the text.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::BranchCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of [`crate::isa::Family::Branch`].
#[derive(Clone, Copy, Debug, Default)]
pub struct BranchChip;

impl Chip for BranchChip {
    const NAME: &'static str = "branch";
    type Main<T> = BranchCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
