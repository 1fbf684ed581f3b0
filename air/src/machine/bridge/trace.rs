//! Filling the bridge chip's table.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::Word;

use super::{BridgeChip, BridgeCols};
use crate::events::BridgeEvent;
use crate::fill::{FillRow, fill_table};
use crate::lookups::{Count, Lookups};
use crate::records::BridgeRecord;

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[BridgeEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<BridgeChip>(events, height, lookups)
}

impl FillRow for BridgeChip {
    type Event = BridgeEvent;
    type Record<T> = BridgeRecord<T>;

    fn record(event: &BridgeEvent) -> BridgeRecord<u32> {
        event.into()
    }

    fn row<W: Word>(record: &BridgeRecord<W>, lookups: &mut impl Count<W>) -> BridgeCols<W> {
        let one = W::from(1);
        let parts = |time: W| [0, 16].map(|first| time.bits(first, 16));
        let [new_time, gap] = [parts(record.new_time), parts(record.new_time.minus(record.old_time).minus(one))];
        for [low, high] in [new_time, gap] {
            lookups.count_bits(W::from(16), low, one);
            lookups.count_bits(W::from(10), high, one);
        }
        BridgeCols { is_real: one, key: record.key, value: record.value().limbs(), old_time: record.old_time, new_time, gap_high: gap[1] }
    }
}
