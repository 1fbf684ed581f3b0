//! Shifts: `SLL SRL SRA SLLI SRLI SRAI SLLW SRLW SRAW SLLIW SRLIW SRAIW`.
//!
//! *Given* an execution token at (`pc`, `time`), *this chip proves* that the instruction at `pc` is
//! one of the twelve, reads `rs1` and, in the register forms, `rs2`, and writes to `rd` the first
//! shifted by the amount that the second or the immediate says, modulo 64, or modulo 32 and
//! sign-extended from 32 bits in the W-forms; the machine goes on at `pc + 4`.
//!
//! The amount is `16 q + r`. Each limb of the input splits into the `r` bits that move on to its
//! neighbour and the `16 - r` bits that stay in their limb; then whole limbs move by `q`.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell proves.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::ShiftCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of [`crate::isa::Family::Shift`].
#[derive(Clone, Copy, Debug, Default)]
pub struct ShiftChip;

impl Chip for ShiftChip {
    const NAME: &'static str = "shift";
    type Main<T> = ShiftCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
