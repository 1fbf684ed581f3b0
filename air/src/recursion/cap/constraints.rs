//! Constraints of the chip of digests at an index.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::{CapCols, CapPreCols};
use crate::builder::ChipBuilder;
use crate::layout::Columns;
use crate::recursion::bus;
use crate::recursion::gadgets::{base_wire, digest};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row: &CapCols<B::Var> = CapCols::of(main.current_slice());
    let fixed: CapPreCols<B::Var> = *CapPreCols::of(builder.preprocessed().current_slice());
    halves(builder, row, &fixed);
    entry(builder, row, &fixed);
    limbs(builder, row, &fixed);
}

/// Both halves are the row's digest.
fn halves<B: ChipBuilder>(builder: &mut B, row: &CapCols<B::Var>, fixed: &CapPreCols<B::Var>) {
    builder.fixed("cap::one", bus::HALF, digest::<B>(fixed.addr_one, row.limbs), fixed.mult_one);
    builder.fixed("cap::two", bus::HALF, digest::<B>(fixed.addr_two, row.limbs), fixed.mult_two);
}

/// The digest is entry `cap + index` where an index is read, and serves as entry `cap` itself where
/// it is provided: without the first constraint a provider could stand anywhere.
fn entry<B: ChipBuilder>(builder: &mut B, row: &CapCols<B::Var>, fixed: &CapPreCols<B::Var>) {
    let index: B::Expr = row.index.into();
    let read: B::Expr = fixed.read_index.into();
    builder.check("cap::provider_stays", (B::Expr::ONE - read.clone()) * index.clone());
    builder.fixed("cap::index", bus::WIRE, base_wire::<B>(fixed.addr_index, index.clone()), -read.clone());
    let uses = fixed.provides.into() * row.uses.into();
    let tuple = core::iter::once(B::constant(bus::CAP)).chain(digest::<B>(fixed.cap.into() + index, row.limbs));
    builder.provide("cap::entry", tuple.collect(), read - uses);
}

/// Each limb is on a wire of its own.
fn limbs<B: ChipBuilder>(builder: &mut B, row: &CapCols<B::Var>, fixed: &CapPreCols<B::Var>) {
    for (i, limb) in (0..).zip(row.limbs) {
        let address = fixed.addr_limbs.into() + B::constant(i);
        builder.fixed("cap::limb", bus::WIRE, base_wire::<B>(address, limb), fixed.mult_limbs);
    }
}
