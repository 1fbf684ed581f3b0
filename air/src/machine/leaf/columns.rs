//! Columns of the leaf chip.

use tern_field::{DIGEST_LEN, LEAF_LIMBS};

use super::bounds::Range;
use crate::columns;
use crate::memory::LEAF_DWORDS;

/// A row: one touched leaf. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LeafCols<T> {
    /// Selectors of the ranges of pages, in the order of [`Range`]: boolean, at most one set; none
    /// on padding rows.
    pub ranges: [T; Range::COUNT],
    /// Whether the leaf's dwords may differ at the end; boolean, zero on padding rows.
    pub is_changed: T,
    /// Leaf index; from the leaf's tokens.
    pub index: T,
    /// `index / 128`; nondeterministic, pinned by the range check of the remainder and those
    /// against the range's bounds.
    pub page: T,
    /// Bits 16 to 23 of `page - first page of the range`; a byte, checked here.
    pub above_high: T,
    /// Bits 16 to 23 of `last page of the range - page`; a byte, checked here.
    pub below_high: T,
    /// The dwords at the start, four limbs each; nondeterministic, range-checked here, pinned as
    /// the preimage of `before`.
    pub initial: [T; LEAF_LIMBS],
    /// The dwords at the end; from the memory bus, or equal to `initial`.
    pub last: [T; LEAF_LIMBS],
    /// Time of the last access to each dword, 0 for none; nondeterministic, pinned by the memory bus.
    pub last_time: [T; LEAF_DWORDS],
    /// Digest at the start; from the leaf's token.
    pub before: [T; DIGEST_LEN],
    /// Digest at the end; from the leaf's token.
    pub after: [T; DIGEST_LEN],
}

columns!(LeafCols);
