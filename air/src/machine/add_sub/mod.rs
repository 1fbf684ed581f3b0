//! Addition and subtraction: `ADD SUB ADDI ADDW SUBW ADDIW`.
//!
//! *Given* an execution token at (`pc`, `time`), *this chip proves* that the instruction at `pc` is
//! one of the six, reads `rs1` and, in the register forms, `rs2`, and writes to `rd` their sum or
//! difference modulo 2^64, or modulo 2^32 and sign-extended in the W-forms; the machine goes on at
//! `pc + 4`.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell proves.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::AddSubCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of [`crate::isa::Family::AddSub`].
#[derive(Clone, Copy, Debug, Default)]
pub struct AddSubChip;

impl Chip for AddSubChip {
    const NAME: &'static str = "add_sub";
    type Main<T> = AddSubCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
