//! Constraints of the leaf chip.

use alloc::vec::Vec;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use tern_field::poseidon2::LEAF_DOMAIN;
use tern_field::{DIGEST_LEN, LEAF_LIMBS};

use super::LeafCols;
use super::bounds::{PAGE_LEAVES, Range};
use crate::builder::{ChipBuilder, Label};
use crate::bus;
use crate::gadgets::{self, Limbs, bits};
use crate::layout::Columns;
use crate::memory::messages::{AFTER, BEFORE, node, permutation};
use crate::memory::{DEPTH, LEAF_DWORDS};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = LeafCols::of(main.current_slice());
    let is_real = selectors(builder, row);
    tokens(builder, row, &is_real);
    digests(builder, row, &is_real);
    range_of_page(builder, row, &is_real);
    initial_limbs(builder, row, &is_real);
    cells(builder, row, &is_real);
}

/// The ranges' selectors are boolean and at most one is set; a padding row has none.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &LeafCols<B::Var>) -> B::Expr {
    for range in row.ranges {
        builder.check_bool("leaf::range_boolean", range);
    }
    let is_real: B::Expr = row.ranges.into_iter().map(Into::into).sum();
    builder.check_bool("leaf::ranges_exclusive", is_real.clone());
    builder.check_bool("leaf::changed_boolean", row.is_changed);
    builder.check("leaf::padding_unchanged", (B::Expr::ONE - is_real.clone()) * row.is_changed.into());
    is_real
}

/// The row takes the leaf's tokens.
fn tokens<B: ChipBuilder>(builder: &mut B, row: &LeafCols<B::Var>, is_real: &B::Expr) {
    let token = |kind: u32, digest: [B::Var; DIGEST_LEN]| node::<B>(kind, B::constant(DEPTH), row.index.into(), digest);
    builder.receive("leaf::token_before", bus::NODE, token(BEFORE, row.before), is_real.clone());
    builder.receive("leaf::token_after", bus::NODE, token(AFTER, row.after), is_real.clone());
}

/// The digests are those of the dwords; a leaf that does not change is hashed once.
fn digests<B: ChipBuilder>(builder: &mut B, row: &LeafCols<B::Var>, is_real: &B::Expr) {
    let mut hash = |label: Label, limbs: [B::Var; LEAF_LIMBS], digest: [B::Var; DIGEST_LEN], count: B::Expr| {
        let inputs = limbs.into_iter().map(Into::into).chain([B::Expr::ZERO, B::Expr::ZERO]);
        builder.send(label, bus::PERMUTATION, permutation::<B>(LEAF_DOMAIN, inputs, digest), count);
    };
    hash("leaf::hash_before", row.initial, row.before, is_real.clone());
    hash("leaf::hash_after", row.last, row.after, row.is_changed.into());

    let unchanged = B::Expr::ONE - row.is_changed.into();
    for (last, initial) in row.last.into_iter().zip(row.initial) {
        builder.check("leaf::unchanged_dwords", unchanged.clone() * (last - initial));
    }
    for (after, before) in row.after.into_iter().zip(row.before) {
        builder.check("leaf::unchanged_digest", unchanged.clone() * (after - before));
    }
}

/// The leaf's page lies in the selected range.
///
/// `page - first` and `last - page` are below 2^24 and the bounds at most 2^20, so the order holds
/// over the integers; then `128 * page + offset` is below 2^27, and equals the index over the
/// integers.
fn range_of_page<B: ChipBuilder>(builder: &mut B, row: &LeafCols<B::Var>, is_real: &B::Expr) {
    let public: Vec<B::Expr> = builder.public_values().iter().map(|&value| value.into()).collect();
    let bounds = core::array::from_fn(|i| public[i].clone());
    let (mut first, mut end) = (B::Expr::ZERO, B::Expr::ZERO);
    for range in Range::ALL {
        let selector: B::Expr = row.ranges[range as usize].into();
        let pages = range.pages(&bounds, B::constant);
        first += selector.clone() * pages[0].clone();
        end += selector * pages[1].clone();
    }
    let page: B::Expr = row.page.into();
    let offset = row.index.into() - page.clone() * B::constant(PAGE_LEAVES);
    bits(builder, "leaf::page_offset", PAGE_LEAVES.ilog2(), offset, is_real.clone());
    let high = |byte: B::Var| byte.into() * B::constant(1 << 16);
    let above = page.clone() - first - high(row.above_high);
    let below = end - B::Expr::ONE - page - high(row.below_high);
    bits(builder, "leaf::page_above_first", 16, above, is_real.clone());
    bits(builder, "leaf::page_below_end", 16, below, is_real.clone());
    let bytes = [row.above_high.into(), row.below_high.into()];
    builder.send("leaf::page_distances", bus::BYTES, bytes, is_real.clone());
}

/// Initial limbs are below 2^16.
fn initial_limbs<B: ChipBuilder>(builder: &mut B, row: &LeafCols<B::Var>, is_real: &B::Expr) {
    for limb in row.initial {
        bits(builder, "leaf::initial_range", 16, limb, is_real.clone());
    }
}

/// The leaf's cells begin with the initial dwords at time 0, and end with the last ones. One that
/// is not accessed cancels itself.
fn cells<B: ChipBuilder>(builder: &mut B, row: &LeafCols<B::Var>, is_real: &B::Expr) {
    let region: B::Expr = Range::ALL.into_iter().map(|range| row.ranges[range as usize].into() * B::constant(range.key_region())).sum();
    let first_key = gadgets::memory_key::<B>(row.index.into() * B::constant(LEAF_DWORDS as u32), region);
    for dword in 0..LEAF_DWORDS {
        let key = first_key.clone() + B::Expr::from_usize(dword);
        let limbs = |leaf: &[B::Var; LEAF_LIMBS]| -> Limbs<B::Expr> { core::array::from_fn(|i| leaf[4 * dword + i].into()) };
        let initial = gadgets::cell(key.clone(), limbs(&row.initial), B::Expr::ZERO);
        let last = gadgets::cell(key, limbs(&row.last), row.last_time[dword].into());
        builder.send("leaf::initial_cell", bus::MEMORY, initial, is_real.clone());
        builder.receive("leaf::last_cell", bus::MEMORY, last, is_real.clone());
    }
}
