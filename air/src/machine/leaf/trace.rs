//! Filling the leaf chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::bounds::{PAGE_LEAVES, Range};
use super::{Bounds, LeafCols};
use crate::events::Region;
use crate::fill::fill_rows;
use crate::lookups::{ByteLookup, Lookups};
use crate::memory::{LeafUpdate, leaf_limbs};

/// Fills a table of `height` rows. A leaf in no range of pages gets no row: no such proof exists.
///
/// # Panics
///
/// If there are more leaves than rows.
pub fn fill(leaves: &[LeafUpdate], bounds: &Bounds, height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(leaves, height, lookups, |leaf, row, lookups| fill_row(leaf, bounds, row, lookups))
}

fn fill_row(update: &LeafUpdate, bounds: &Bounds, row: &mut LeafCols<F>, lookups: &mut Lookups) {
    let leaf = &update.leaf;
    let page = leaf.index / PAGE_LEAVES;
    let Some((range, [first, end])) = bounds.range_of(page) else {
        debug_assert!(false, "leaf {} lies in no range", leaf.index);
        return;
    };
    debug_assert_eq!(leaf.region, region(range), "region of leaf {}", leaf.index);
    row.ranges[range as usize] = F::ONE;
    row.is_changed = F::from_bool(leaf.initial != leaf.last);
    row.index = F::from_u32(leaf.index);
    row.page = F::from_u32(page);
    let (above, below) = (page - first, end - 1 - page);
    row.above_high = F::from_u32(above >> 16);
    row.below_high = F::from_u32(below >> 16);
    row.initial = leaf_limbs(&leaf.initial);
    row.last = leaf_limbs(&leaf.last);
    row.last_time = leaf.last_time.map(F::from_u32);
    row.before = update.node.before;
    row.after = update.node.after;

    lookups.bits(PAGE_LEAVES.ilog2(), leaf.index % PAGE_LEAVES);
    lookups.bits(16, above & 0xffff);
    lookups.bits(16, below & 0xffff);
    lookups.byte(ByteLookup::Bytes, (above >> 16) as u8, (below >> 16) as u8);
    leaf.initial.iter().for_each(|&dword| lookups.limbs(dword));
}

/// The region that the executor gives a leaf of this range.
const fn region(range: Range) -> Region {
    match range.key_region() {
        1 => Region::ReadOnly,
        2 => Region::Text,
        _ => Region::ReadWrite,
    }
}
