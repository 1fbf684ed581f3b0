//! Jumps and upper immediates: `LUI AUIPC JAL JALR`.
//!
//! *Given* an execution token at (`pc`, `time`), *this chip proves* that the instruction at `pc` is
//! one of the four and writes to `rd` its immediate (`LUI`), `pc` plus its immediate modulo 2^64
//! (`AUIPC`), or `pc + 4` (`JAL`, `JALR`); the machine goes on at `pc + 4`, in `JAL` at `pc` plus
//! the immediate, in `JALR` at the value of `rs1`, which it reads, plus the immediate, modulo 2^64,
//! its lowest bit cleared.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell
//! proves, and of the decode chip that `pc` is a multiple of 4 below 2^30. The decode chip also
//! takes the token that this chip sends, and so proves the same of the target.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::JumpCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of [`crate::isa::Family::Jump`] and [`crate::isa::Family::Upper`].
#[derive(Clone, Copy, Debug, Default)]
pub struct JumpChip;

impl Chip for JumpChip {
    const NAME: &'static str = "jump";
    type Main<T> = JumpCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
