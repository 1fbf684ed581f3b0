//! Filling the misaligned chip's table.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::{Dword, Word};

use super::{MisalignedChip, MisalignedCols};
use crate::address;
use crate::events::{MemoryEvent, TICK_MEMORY, TICK_RD, TICK_RS1, TICK_RS2};
use crate::fill::{FillRow, fill_table};
use crate::isa::Opcode;
use crate::lookups::{Count, Lookups};
use crate::records::MisalignedRecord;

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[MemoryEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<MisalignedChip>(events, height, lookups)
}

impl FillRow for MisalignedChip {
    type Event = MemoryEvent;
    type Record<T> = MisalignedRecord<T>;

    fn record(event: &MemoryEvent) -> MisalignedRecord<u32> {
        event.into()
    }

    fn row<W: Word>(record: &MisalignedRecord<W>, lookups: &mut impl Count<W>) -> MisalignedCols<W> {
        let access = &record.access;
        let names = access.names();
        let (zero, one) = (W::from(0), W::from(1));
        let (offset, widths) = (access.offset(), access.widths());
        let is_store = names.is_of(&[Opcode::Sb, Opcode::Sh, Opcode::Sw, Opcode::Sd]);
        let [_, is_half, is_word, is_dword] = widths;
        let old = [access.dword(), record.next()];

        // What lies below and above the end of the first dword, of bytes that begin at the offset.
        let (by, rest) = (offset << W::from(3), (offset << W::from(3)) ^ W::from(63));
        let split = |x: Dword<W>| [x.shifted_left(by), x.shifted_right(one, zero).shifted_right(rest, zero)];
        let stored = split(access.accessed(access.register()));
        let masks = split(access.mask());
        let new: [Dword<W>; 2] = core::array::from_fn(|d| Dword::select(is_store, old[d].replaced(masks[d], stored[d]), old[d]));
        let both = old[0].shifted_right(by, zero).zip(record.next().shifted_left(one).shifted_left(rest), |low, high| low | high);
        let raw = access.accessed(both);
        let value = Dword::select(is_store, access.register(), access.extended(raw));

        let is_short_load = is_store.not() & (is_half | is_word);
        let is_unsigned = is_short_load & access.is_unsigned();
        let top = is_word.select(raw.low().bits(16, 16), raw.low().bits(0, 16));
        let below_sign = is_unsigned.select(top, top.bits(0, 15));
        let size = is_half.then(W::from(2)) | is_word.then(W::from(4)) | is_dword.then(W::from(8));
        let crosses = W::from(8).is_below(offset.plus(size));
        let is_used = [one, crosses];
        let times = [access.t_memory, record.t_next];

        lookups.count_bits(W::from(15), below_sign, is_short_load & is_unsigned.not());
        lookups.count_bytes(value, is_store);
        lookups.count_access(access.t_rs1, access.time, TICK_RS1, one);
        lookups.count_access(access.t_register, access.time, TICK_RS2, is_store);
        lookups.count_access(access.t_register, access.time, TICK_RD, is_store.not());
        for d in 0..2 {
            lookups.count_access(times[d], access.time, TICK_MEMORY, is_used[d]);
            lookups.count_bytes(old[d], is_used[d]);
        }
        MisalignedCols {
            pc: access.pc,
            time: access.time,
            rd: names.rd,
            rs1: names.rs1,
            rs2: names.rs2,
            widths: [is_half, is_word, is_dword],
            is_unsigned,
            is_store,
            address: address::fill(access, lookups),
            offsets: core::array::from_fn(|i| offset.equals(W::from(i as u32 + 1))),
            region: access.region,
            old: core::array::from_fn(|i| is_used[i / 8].then(old[i / 8].bytes()[i % 8])),
            new: core::array::from_fn(|i| is_used[i / 4].then(new[i / 4].limbs()[i % 4])),
            value: value.bytes(),
            register_old: access.register().limbs(),
            below_sign: is_short_load.then(below_sign),
            t_rs1: access.t_rs1,
            t_register: access.t_register,
            t_memory: core::array::from_fn(|d| is_used[d].then(times[d])),
        }
    }
}
