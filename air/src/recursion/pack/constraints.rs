//! Messages of the packing chip. It needs no other constraint: a row is one value in two places.

use p3_air::WindowAccess;

use super::{PackCols, PackPreCols};
use crate::builder::ChipBuilder;
use crate::layout::Columns;
use crate::recursion::bus;
use crate::recursion::gadgets::{base_wire, wire};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row: &PackCols<B::Var> = PackCols::of(main.current_slice());
    let fixed: PackPreCols<B::Var> = *PackPreCols::of(builder.preprocessed().current_slice());
    builder.fixed("pack::element", bus::WIRE, wire::<B>(fixed.addr_ext, row.element), fixed.mult_ext);
    for (i, coordinate) in (0..).zip(row.element) {
        let addr = fixed.addr_base.into() + B::constant(i);
        builder.fixed("pack::coordinate", bus::WIRE, base_wire::<B>(addr, coordinate), fixed.mult_base);
    }
}
