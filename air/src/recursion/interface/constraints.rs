//! Messages of the chip of constants and public values.

use alloc::vec::Vec;

use p3_air::WindowAccess;

use super::{InterfaceCols, InterfacePreCols};
use crate::builder::ChipBuilder;
use crate::layout::Columns;
use crate::recursion::bus;
use crate::recursion::gadgets::{digest, wire};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row: &InterfaceCols<B::Var> = InterfaceCols::of(main.current_slice());
    let fixed: InterfacePreCols<B::Var> = *InterfacePreCols::of(builder.preprocessed().current_slice());
    let public: Vec<B::Expr> = builder.public_values().iter().map(|&limb| limb.into()).collect();
    builder.check("interface::unused", row.unused);
    builder.fixed("interface::constant", bus::WIRE, wire::<B>(fixed.addr, fixed.value), fixed.mult);
    builder.fixed("interface::constant_half", bus::HALF, digest::<B>(fixed.addr_half, fixed.limbs), fixed.mult_half);
    builder.fixed("interface::public", bus::HALF, digest::<B>(fixed.addr_public, public), -fixed.is_public.into());
}
