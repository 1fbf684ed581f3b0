//! Constraints of the chip of halves.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::{HalfCols, HalfPreCols, MONTGOMERY_INVERSE, WORDS};
use crate::builder::ChipBuilder;
use crate::layout::Columns;
use crate::recursion::bus;
use crate::recursion::gadgets::{base_wire, digest};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row: &HalfCols<B::Var> = HalfCols::of(main.current_slice());
    let fixed: HalfPreCols<B::Var> = *HalfPreCols::of(builder.preprocessed().current_slice());
    limbs(builder, row, &fixed);
    canonical(builder, row, &fixed);
    words(builder, row, &fixed);
}

/// The high limb of word `i`.
fn high<B: ChipBuilder>(row: &HalfCols<B::Var>, i: usize) -> B::Expr {
    row.limbs[2 * i + 1].into()
}

/// The element whose Montgomery word is word `i`, modulo `p`.
fn element<B: ChipBuilder>(row: &HalfCols<B::Var>, i: usize) -> B::Expr {
    let word = row.limbs[2 * i].into() + high::<B>(row, i) * B::constant(1 << 16);
    word * B::Expr::from(MONTGOMERY_INVERSE)
}

/// All limbs of a row in use are below 2^16, and the high limb of a canonical word is at most the top one.
fn limbs<B: ChipBuilder>(builder: &mut B, row: &HalfCols<B::Var>, fixed: &HalfPreCols<B::Var>) {
    let lookups: B::Expr = fixed.real.into();
    let range = fixed.canonical.into() * (B::constant(bus::TOP) - B::constant(bus::U16)) + B::constant(bus::U16);
    for i in 0..WORDS {
        builder.send("half::low_limb", bus::U16, [row.limbs[2 * i].into()], lookups.clone());
        builder.message("half::high_limb", [range.clone(), high::<B>(row, i)].to_vec(), lookups.clone());
    }
    builder.fixed("half::half", bus::HALF, digest::<B>(fixed.addr_half, row.limbs), fixed.mult_half);
}

/// A canonical word with the top high limb has the low limb zero: where the low limb is another,
/// `high - top` has an inverse, so is not zero.
fn canonical<B: ChipBuilder>(builder: &mut B, row: &HalfCols<B::Var>, fixed: &HalfPreCols<B::Var>) {
    for i in 0..WORDS {
        let below_top = (high::<B>(row, i) - B::constant(bus::MAX_TOP)) * row.inverses[i].into();
        let low: B::Expr = row.limbs[2 * i].into();
        builder.check("half::canonical", low * (below_top - B::Expr::ONE) * fixed.canonical.into());
    }
}

/// Each word's wire holds its element.
fn words<B: ChipBuilder>(builder: &mut B, row: &HalfCols<B::Var>, fixed: &HalfPreCols<B::Var>) {
    for (i, offset) in (0..WORDS).zip(0..) {
        let addr = fixed.addr_word.into() + B::constant(offset);
        builder.fixed("half::word", bus::WIRE, base_wire::<B>(addr, element::<B>(row, i)), fixed.mult_word);
    }
}
