//! Misaligned loads and stores: `LH LW LD LHU LWU SH SW SD` at any address but a multiple of 8,
//! crossing a dword or not.
//!
//! *Given* an execution token at (`pc`, `time`), *this chip proves* that the instruction at `pc` is
//! one of the eight, that the address of every byte accessed is below 2^32, and that `rd` receives
//! the addressed bytes, sign- or zero-extended, or that the low bytes of `rs2` replace them while
//! all other bytes of the one or two dwords stay; the machine goes on at `pc + 4`.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell
//! proves. Naturally aligned accesses at offsets 2, 4 and 6 have a row here too, as true as that of
//! [`crate::machine::load`] or [`crate::machine::store`].
//!
//! # Two dwords
//!
//! Width and offset force whether the access reaches into the second dword. Both dwords are of one
//! region, and of region 0 in stores. The second key is the first plus one; it names the next dword
//! unless the first is the last of its region, index 2^29 - 1: then it is the key of dword 0 of the
//! next region, or of register 0 after region 2. No row has that access: the null page has no cells
//! in the regions 0 to 2, so there is no token with the key of dword 0 of region 1 or 2; and text
//! lies below 2^30, so there is no token of the last dword of region 2. Hence no last byte lies at
//! or above 2^32.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::MisalignedCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of loads and stores at addresses that are no multiple of the width.
#[derive(Clone, Copy, Debug, Default)]
pub struct MisalignedChip;

impl Chip for MisalignedChip {
    const NAME: &'static str = "misaligned";
    type Main<T> = MisalignedCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
