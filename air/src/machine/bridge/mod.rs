//! Bridges over long gaps between two accesses to a cell.
//!
//! *Given* a cell's value and the time of its last access, *this chip proves* a read of that cell
//! at a later time below 2^26, and leaves the value as it was.
//!
//! Accesses of other chips prove only that less than 2^16 ticks have passed since the last access,
//! with one lookup instead of two; a longer gap is crossed here first. The new time need not come
//! from an execution token: it is range-checked, so a chain of bridges cannot wrap around the
//! field, and the access that follows proves that its own time is later.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::BridgeCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of [`crate::events::BridgeEvent`].
#[derive(Clone, Copy, Debug, Default)]
pub struct BridgeChip;

impl Chip for BridgeChip {
    const NAME: &'static str = "bridge";
    type Main<T> = BridgeCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
