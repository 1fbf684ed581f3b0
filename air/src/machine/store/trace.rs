//! Filling the store chip's table.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::Word;

use super::{StoreChip, StoreCols};
use crate::address;
use crate::events::{MemoryEvent, TICK_MEMORY, TICK_RS1, TICK_RS2};
use crate::fill::{FillRow, fill_table};
use crate::isa::Opcode;
use crate::lookups::{ByteLookup, Count, Lookups};
use crate::records::MemoryRecord;

/// Opcodes in the order of [`StoreCols::selectors`].
pub(super) const OPCODES: [Opcode; 4] = [Opcode::Sb, Opcode::Sh, Opcode::Sw, Opcode::Sd];

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[MemoryEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<StoreChip>(events, height, lookups)
}

impl FillRow for StoreChip {
    type Event = MemoryEvent;
    type Record<T> = MemoryRecord<T>;

    fn record(event: &MemoryEvent) -> MemoryRecord<u32> {
        event.into()
    }

    fn row<W: Word>(record: &MemoryRecord<W>, lookups: &mut impl Count<W>) -> StoreCols<W> {
        let names = record.names();
        let (one, offset, old, value) = (W::from(1), record.offset(), record.dword(), record.register());
        let selectors = OPCODES.map(|op| names.is(op));
        let is_byte = selectors[0];
        let by = offset << W::from(3);
        let new = old.replaced(record.mask().shifted_left(by), record.accessed(value).shifted_left(by));

        let [stored_byte, above] = [0, 8].map(|first| value.low().bits(first, 8));
        let byte_of_old = |offset: W| is_byte.then(old.shifted_right(offset << W::from(3), W::from(0)).low().bits(0, 8));
        let (lost_byte, kept_byte) = (byte_of_old(offset), byte_of_old(offset ^ one));
        let lookup = W::from(ByteLookup::Bytes as u32);
        lookups.count_byte(lookup, stored_byte, above, is_byte);
        lookups.count_byte(lookup, lost_byte, kept_byte, is_byte);
        lookups.count_access(record.t_rs1, record.time, TICK_RS1, one);
        lookups.count_access(record.t_register, record.time, TICK_RS2, one);
        lookups.count_access(record.t_memory, record.time, TICK_MEMORY, one);
        StoreCols {
            pc: record.pc,
            time: record.time,
            rs1: names.rs1,
            rs2: names.rs2,
            selectors,
            address: address::fill(record, lookups),
            offset: [0, 1, 2].map(|i| offset.bit(i)),
            old: old.limbs(),
            new: new.limbs(),
            value: value.limbs(),
            stored_byte: is_byte.then(stored_byte),
            lost_byte,
            kept_byte,
            t_rs1: record.t_rs1,
            t_rs2: record.t_register,
            t_memory: record.t_memory,
        }
    }
}
