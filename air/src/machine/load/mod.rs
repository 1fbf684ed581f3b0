//! Naturally aligned loads: `LB LH LW LD LBU LHU LWU`.
//!
//! *Given* an execution token at (`pc`, `time`), *this chip proves* that the instruction at `pc` is
//! one of the seven, that its effective address is below 2^32 and a multiple of the access's width,
//! and that `rd` receives the addressed bytes of the dword, sign- or zero-extended; the machine
//! goes on at `pc + 4`. Memory stays as it was.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell
//! proves, and that the null and guard pages have no cells. The region is the prover's choice of
//! {0, 1, 2}: a cell exists in one region only.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::LoadCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of [`crate::isa::Family::Load`] where the address is a multiple of the width.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadChip;

impl Chip for LoadChip {
    const NAME: &'static str = "load";
    type Main<T> = LoadCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
