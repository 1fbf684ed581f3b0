//! Filling the bridge chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::BridgeCols;
use crate::bus;
use crate::events::{BridgeEvent, Cell};
use crate::fill::fill_rows;
use crate::gadgets::limbs;
use crate::lookups::Lookups;

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[BridgeEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, fill_row)
}

fn fill_row(event: &BridgeEvent, row: &mut BridgeCols<F>, lookups: &mut Lookups) {
    let gap = event.new_time - event.old_time - 1;
    row.is_real = F::ONE;
    row.key = F::from_u32(match event.cell {
        Cell::Register(register) => bus::REGISTER_KEY + u32::from(register),
        Cell::Memory(index) => index + event.region as u32 * bus::REGION_STRIDE,
    });
    row.value = limbs(event.value);
    row.old_time = F::from_u32(event.old_time);
    row.new_time = [F::from_u32(event.new_time & 0xffff), F::from_u32(event.new_time >> 16)];
    row.gap_high = F::from_u32(gap >> 16);
    for time in [event.new_time, gap] {
        lookups.bits(16, time & 0xffff);
        lookups.bits(10, time >> 16);
    }
}
