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
    for (element, lane) in row.elements.iter().zip(&fixed.lanes) {
        builder.fixed("pack::element", bus::WIRE, wire::<B>(lane.addr_ext, *element), lane.mult_ext);
        for (i, coordinate) in (0..).zip(*element) {
            let addr = lane.addr_base.into() + B::constant(i);
            builder.fixed("pack::coordinate", bus::WIRE, base_wire::<B>(addr, coordinate), lane.mult_base);
        }
    }
}
