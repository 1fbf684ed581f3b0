//! Constraints of the bridge chip.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::BridgeCols;
use crate::builder::ChipBuilder;
use crate::bus;
use crate::gadgets::{self, limb_exprs};
use crate::layout::Columns;

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = BridgeCols::of(main.current_slice());
    builder.check_bool("bridge::is_real_boolean", row.is_real);

    // Both parts are range-checked, so the new time is an integer below 2^26.
    gadgets::bits(builder, "bridge::new_time_low", 16, row.new_time[0], row.is_real);
    gadgets::bits(builder, "bridge::new_time_high", 10, row.new_time[1], row.is_real);
    let new_time = row.new_time[0].into() + row.new_time[1].into() * B::constant(1 << 16);

    // Old times are below 2^27 + 16, whoever sent them, so the difference is that of integers, and
    // not negative.
    let gap = new_time.clone() - row.old_time - B::Expr::ONE;
    let gap_low = gap - row.gap_high.into() * B::constant(1 << 16);
    gadgets::bits(builder, "bridge::gap_low", 16, gap_low, row.is_real);
    gadgets::bits(builder, "bridge::gap_high", 10, row.gap_high, row.is_real);

    let value = || limb_exprs::<B>(row.value);
    builder.receive("bridge::receive", bus::MEMORY, gadgets::cell(row.key.into(), value(), row.old_time.into()), row.is_real);
    builder.send("bridge::send", bus::MEMORY, gadgets::cell(row.key.into(), value(), new_time), row.is_real);
}
