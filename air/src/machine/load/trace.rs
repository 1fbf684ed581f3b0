//! Filling the load chip's table.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::Word;

use super::{LoadChip, LoadCols};
use crate::address;
use crate::events::{MemoryEvent, TICK_MEMORY, TICK_RD, TICK_RS1};
use crate::fill::{FillRow, fill_table};
use crate::lookups::{ByteLookup, Count, Lookups};
use crate::records::MemoryRecord;

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[MemoryEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<LoadChip>(events, height, lookups)
}

impl FillRow for LoadChip {
    type Event = MemoryEvent;
    type Record<T> = MemoryRecord<T>;

    fn record(event: &MemoryEvent) -> MemoryRecord<u32> {
        event.into()
    }

    fn row<W: Word>(record: &MemoryRecord<W>, lookups: &mut impl Count<W>) -> LoadCols<W> {
        let names = record.names();
        let (one, offset, widths) = (W::from(1), record.offset(), record.widths());
        let [is_byte, is_half, is_word, _] = widths;
        let at = |offset: W| record.dword().shifted_right(offset << W::from(3), W::from(0));
        let raw = record.accessed(at(offset));
        let other_byte = is_byte.then(at(offset ^ one).low().bits(0, 8));

        // The top byte or limb of the loaded bytes, in signed loads without the sign.
        let top = is_word.select(raw.low().bits(16, 16), raw.low().bits(0, 16));
        let (is_narrow, is_unsigned) = (is_byte | is_half | is_word, record.is_unsigned());
        let below_sign = is_unsigned.select(top, top & is_byte.select(W::from(0x7f), W::from(0x7fff)));
        lookups.count_bits(is_byte.select(W::from(7), W::from(15)), below_sign, is_narrow & is_unsigned.not());
        lookups.count_byte(W::from(ByteLookup::Bytes as u32), raw.low().bits(0, 8), other_byte, is_byte);
        lookups.count_access(record.t_rs1, record.time, TICK_RS1, one);
        lookups.count_access(record.t_memory, record.time, TICK_MEMORY, one);
        lookups.count_access(record.t_register, record.time, TICK_RD, one);
        LoadCols {
            pc: record.pc,
            time: record.time,
            rd: names.rd,
            rs1: names.rs1,
            widths,
            is_unsigned,
            address: address::fill(record, lookups),
            offset: [0, 1, 2].map(|i| offset.bit(i)),
            region: record.region,
            dword: record.dword().limbs(),
            other_byte,
            below_sign: is_narrow.then(below_sign),
            rd_old: record.register().limbs(),
            result: record.extended(raw).limbs(),
            t_rs1: record.t_rs1,
            t_memory: record.t_memory,
            t_rd: record.t_register,
        }
    }
}
