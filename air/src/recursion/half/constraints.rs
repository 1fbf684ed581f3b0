//! Constraints of the chip of halves.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::{HalfCols, HalfPreCols, MONTGOMERY_INVERSE, WORDS};
use crate::builder::{ChipBuilder, Label};
use crate::layout::Columns;
use crate::recursion::bus;
use crate::recursion::gadgets::{base_wire, digest, product, wire};

/// States everything about a row of which the circuit fixes `fixed`; each limb is looked up `lookups` times.
pub(in crate::recursion) fn constrain<B: ChipBuilder>(builder: &mut B, fixed: &HalfPreCols<B::Var>, lookups: &B::Expr) {
    let main = builder.main();
    let row: &HalfCols<B::Var> = HalfCols::of(main.current_slice());
    limbs(builder, row, fixed, lookups);
    canonical(builder, row, fixed);
    words(builder, row, fixed);
    reduction(builder, row, fixed);
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

/// All limbs are below 2^16, and the high limb of a canonical word is at most the top one.
fn limbs<B: ChipBuilder>(builder: &mut B, row: &HalfCols<B::Var>, fixed: &HalfPreCols<B::Var>, lookups: &B::Expr) {
    let range = fixed.canonical.into() * (B::constant(bus::TOP) - B::constant(bus::U16)) + B::constant(bus::U16);
    for i in 0..WORDS {
        builder.send("half::low_limb", bus::U16, [row.limbs[2 * i].into()], lookups.clone());
        builder.message("half::high_limb", [range.clone(), high::<B>(row, i)].to_vec(), lookups.clone());
    }
    builder.fixed("half::half", bus::HALF, digest::<B>(fixed.addr_half, row.limbs), fixed.mult_half);
}

/// A canonical word with the top high limb has the low limb zero: where the low limb is another, `high - top` has an inverse, so is not zero.
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

/// `acc_out` is `acc_in` after eight steps `acc = acc * beta + mask_i * element_i`; a column in the middle keeps the degree at five.
fn reduction<B: ChipBuilder>(builder: &mut B, row: &HalfCols<B::Var>, fixed: &HalfPreCols<B::Var>) {
    let beta = row.beta.map(Into::into);
    let mut step = |label: Label, acc: [B::Var; 5], words: core::ops::Range<usize>, result: [B::Var; 5]| {
        let folded = words.fold(acc.map(Into::into), |acc, i| {
            let mut acc = product::<B::Expr>(&acc, &beta);
            acc[0] += element::<B>(row, i) * fixed.mask[i].into();
            acc
        });
        folded.into_iter().zip(result).for_each(|(folded, result)| builder.check_eq(label, folded, result));
    };
    step("half::reduce_low", row.acc_in, 0..WORDS / 2, row.acc_mid);
    step("half::reduce_high", row.acc_mid, WORDS / 2..WORDS, row.acc_out);
    builder.fixed("half::beta", bus::WIRE, wire::<B>(fixed.addr_beta, row.beta), -fixed.read_reduce.into());
    builder.fixed("half::acc_in", bus::WIRE, wire::<B>(fixed.addr_in, row.acc_in), -fixed.read_reduce.into());
    builder.fixed("half::acc_out", bus::WIRE, wire::<B>(fixed.addr_out, row.acc_out), fixed.mult_out);
}
