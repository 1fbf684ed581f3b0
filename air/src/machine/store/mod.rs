//! Naturally aligned stores: `SB SH SW SD`.
//!
//! *Given* an execution token at (`pc`, `time`), *this chip proves* that the instruction at `pc` is
//! one of the four, that its effective address is below 2^32 and a multiple of the access's width,
//! and that the low bytes of `rs2` replace the addressed bytes of the dword while its other bytes
//! stay; the machine goes on at `pc + 4`.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell
//! proves. The key is always of region 0: read-only memory and the input have cells in other
//! regions only, the null and guard pages in none, so no store to them has a row.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::StoreCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of [`crate::isa::Family::Store`] where the address is a multiple of the width.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreChip;

impl Chip for StoreChip {
    const NAME: &'static str = "store";
    type Main<T> = StoreCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
