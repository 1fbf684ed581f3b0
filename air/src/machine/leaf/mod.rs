//! The boundary of memory: the leaves that a segment touches.
//!
//! *Given* the pair of tokens of a leaf, *this chip proves* that its digests are those of the
//! leaf's four dwords at the start and at the end of the segment, puts the four cells on the memory
//! bus at time 0 with their initial values, and takes them off with their last values.
//!
//! **Keys do not alias.** The tree chip lets each leaf index below 2^27 occur once
//! ([`crate::machine::tree`]). A row's region is the one in which its page lies, by ranges that do
//! not overlap ([`Bounds::check`]) and that the verifying key fixes. A cell's key is
//! `dword index + region * 2^29` with a dword index below 2^29; as an integer it is below
//! `3 * 2^29`, or, for the register page, below `3 * 2^29 + 512`, and `p > 3.7 * 2^29`. So every
//! key is put on the bus once and taken off once, a chip that names a key by (dword index below
//! 2^29, region) gets that cell of that region or none, and pages outside all ranges (the guard
//! pages) have no cells.
//!
//! **Cells hold dwords.** Initial limbs are range-checked here, because the private input's root is
//! the prover's choice; every later value is range-checked by the chip that writes it. Last limbs
//! are therefore below 2^16 without another check.

mod bounds;
mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use bounds::{Bounds, BoundsError, PAGE_LEAVES};
pub use columns::LeafCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::{Chip, PublicField};
use crate::layout::NoColumns;

/// The chip of the memory's boundary.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeafChip;

impl Chip for LeafChip {
    const NAME: &'static str = "leaf";
    const PUBLIC: &'static [PublicField] = &bounds::PUBLIC;
    type Main<T> = LeafCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
