//! Filling the decode chip's table.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::{Dword, Word};

use super::{CELL_HIGH_BITS, DecodeChip, DecodeCols};
use crate::events::DecodeEvent;
use crate::fill::{FillRow, fill_table};
use crate::isa::decode;
use crate::lookups::{Count, Lookups};
use crate::records::DecodeRecord;

/// Fills a table of `height` rows. A word that is no instruction gets no row: no such proof exists.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[DecodeEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<DecodeChip>(events, height, lookups)
}

impl FillRow for DecodeChip {
    type Event = DecodeEvent;
    type Record<T> = DecodeRecord<T>;

    fn record(event: &DecodeEvent) -> DecodeRecord<u32> {
        let instruction = decode(event.word);
        debug_assert!(instruction.is_some(), "word {:#010x} at {:#x}", event.word, event.pc);
        instruction.map_or(DecodeRecord::NONE, |instruction| DecodeRecord::new(event, &instruction))
    }

    fn row<W: Word>(record: &DecodeRecord<W>, lookups: &mut impl Count<W>) -> DecodeCols<W> {
        let names = record.names();
        let (cell, second) = (record.pc >> W::from(3), record.pc.bit(2));
        let [cell_low, cell_high] = [0, 16].map(|first| cell.bits(first, 16));
        let [imm0, imm1, sign] = record.imm_parts();
        lookups.count_bits(W::from(16), cell_low, record.is_real);
        lookups.count_bits(W::from(CELL_HIGH_BITS), cell_high, record.is_real);
        DecodeCols {
            opcodes: core::array::from_fn(|op| record.is_real & names.op.equals(W::from(op as u32))),
            bits: core::array::from_fn(|i| record.word.bit(i as u32)),
            cell_low,
            cell_high,
            second,
            order: record.order,
            dword: Dword([second.select(record.other_word, record.word), second.select(record.word, record.other_word)]).limbs(),
            rd_nonzero: record.word.bits(7, 5).equals(W::from(0)).not() & record.is_real,
            rd: names.rd,
            rs1: names.rs1,
            rs2: names.rs2,
            imm0,
            imm1,
            sign,
            multiplicity: record.count,
        }
    }
}
