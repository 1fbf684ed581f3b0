//! Filling the compare chip's table.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::Word;

use super::{CompareChip, CompareCols};
use crate::comparison;
use crate::events::{AluEvent, TICK_RD, TICK_RS1, TICK_RS2};
use crate::fill::{FillRow, fill_table};
use crate::isa::Opcode;
use crate::lookups::{Count, Lookups};
use crate::records::AluRecord;

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[AluEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<CompareChip>(events, height, lookups)
}

impl FillRow for CompareChip {
    type Event = AluEvent;
    type Record<T> = AluRecord<T>;

    fn record(event: &AluEvent) -> AluRecord<u32> {
        event.into()
    }

    fn row<W: Word>(record: &AluRecord<W>, lookups: &mut impl Count<W>) -> CompareCols<W> {
        let names = record.names();
        let is_signed = names.is_of(&[Opcode::Slt, Opcode::Slti]);
        let is_immediate = names.reads_rs2().not();
        let (a, b) = (record.a(), record.b());
        let [imm0, _, imm_sign] = record.imm_parts().map(|part| is_immediate.then(part));
        let one = W::from(1);
        lookups.count_access(record.t_rs1, record.time, TICK_RS1, one);
        lookups.count_access(record.t_rs2, record.time, TICK_RS2, is_immediate.not());
        lookups.count_access(record.t_rd, record.time, TICK_RD, one);
        CompareCols {
            is_real: one,
            is_signed,
            is_immediate,
            pc: record.pc,
            time: record.time,
            rd: names.rd,
            rs1: names.rs1,
            rs2: names.rs2,
            a: a.limbs(),
            b: b.limbs(),
            comparison: comparison::fill(a, b, is_signed, lookups),
            imm0,
            imm_sign,
            rd_old: record.rd_old().limbs(),
            t_rs1: record.t_rs1,
            t_rs2: is_immediate.not().then(record.t_rs2),
            t_rd: record.t_rd,
        }
    }
}
