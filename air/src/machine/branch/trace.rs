//! Filling the branch chip's table.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::Word;

use super::{BranchChip, BranchCols};
use crate::comparison;
use crate::events::{AluEvent, TICK_RS1, TICK_RS2};
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
    fill_table::<BranchChip>(events, height, lookups)
}

impl FillRow for BranchChip {
    type Event = AluEvent;
    type Record<T> = AluRecord<T>;

    fn record(event: &AluEvent) -> AluRecord<u32> {
        event.into()
    }

    fn row<W: Word>(record: &AluRecord<W>, lookups: &mut impl Count<W>) -> BranchCols<W> {
        let names = record.names();
        let is_signed = names.is_of(&[Opcode::Blt, Opcode::Bge]);
        let is_unsigned = names.is_of(&[Opcode::Bltu, Opcode::Bgeu]);
        let is_negated = names.is_of(&[Opcode::Bne, Opcode::Bge, Opcode::Bgeu]);
        let (a, b) = (record.a(), record.b());
        let comparison = comparison::fill(a, b, is_signed, lookups);
        let is_equal = comparison.markers.into_iter().fold(W::from(1), W::minus);
        let holds = is_negated ^ (is_signed | is_unsigned).select(comparison.less, is_equal);
        let is_taken = holds & (is_signed | is_unsigned | names.is_of(&[Opcode::Beq, Opcode::Bne]));
        let [imm0, _, imm_sign] = record.imm_parts();
        let one = W::from(1);
        lookups.count_access(record.t_rs1, record.time, TICK_RS1, one);
        lookups.count_access(record.t_rs2, record.time, TICK_RS2, one);
        BranchCols {
            is_real: one,
            is_signed,
            is_unsigned,
            is_negated,
            pc: record.pc,
            time: record.time,
            next_pc: record.pc.plus(is_taken.select(record.imm(), W::from(4))),
            rs1: names.rs1,
            rs2: names.rs2,
            imm0,
            imm_sign,
            a: a.limbs(),
            b: b.limbs(),
            comparison,
            t_rs1: record.t_rs1,
            t_rs2: record.t_rs2,
        }
    }
}
