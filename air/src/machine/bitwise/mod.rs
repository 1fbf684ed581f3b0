//! Bitwise operations: `AND OR XOR ANDI ORI XORI`.
//!
//! *Given* an execution token at (`pc`, `time`), *this chip proves* that the instruction at `pc` is
//! one of the six, reads `rs1` and, in the register forms, `rs2`, and writes their conjunction,
//! disjunction or exclusive disjunction to `rd`; the machine goes on at `pc + 4`.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell proves.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::BitwiseCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of [`crate::isa::Family::Bitwise`].
#[derive(Clone, Copy, Debug, Default)]
pub struct BitwiseChip;

impl Chip for BitwiseChip {
    const NAME: &'static str = "bitwise";
    type Main<T> = BitwiseCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
