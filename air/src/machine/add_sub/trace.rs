//! Filling the add/sub chip's table.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::{Dword, Word};

use super::{AddSubChip, AddSubCols};
use crate::events::{AluEvent, TICK_RD, TICK_RS1, TICK_RS2};
use crate::fill::{FillRow, fill_table};
use crate::isa::Opcode;
use crate::lookups::{Count, Lookups};
use crate::records::AluRecord;

/// Opcodes in the order of [`AddSubCols::selectors`].
pub(super) const OPCODES: [Opcode; 6] = [Opcode::Add, Opcode::Sub, Opcode::Addi, Opcode::Addw, Opcode::Subw, Opcode::Addiw];

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[AluEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<AddSubChip>(events, height, lookups)
}

impl FillRow for AddSubChip {
    type Event = AluEvent;
    type Record<T> = AluRecord<T>;

    fn record(event: &AluEvent) -> AluRecord<u32> {
        event.into()
    }

    fn row<W: Word>(record: &AluRecord<W>, lookups: &mut impl Count<W>) -> AddSubCols<W> {
        let names = record.names();
        let is_immediate = names.is_of(&[Opcode::Addi, Opcode::Addiw]);
        let is_word = names.is_of(&[Opcode::Addw, Opcode::Subw, Opcode::Addiw]);
        let (a, b) = (record.a(), record.b());
        let exact = Dword::select(names.is_of(&[Opcode::Sub, Opcode::Subw]), a.minus(b), a.plus(b));
        let result = Dword::select(is_word, Dword::of_signed_word(exact.low()), exact);
        let [imm0, _, imm_sign] = record.imm_parts().map(|part| is_immediate.then(part));

        let one = W::from(1);
        lookups.count_result(result, is_word);
        lookups.count_access(record.t_rs1, record.time, TICK_RS1, one);
        lookups.count_access(record.t_rs2, record.time, TICK_RS2, is_immediate.not());
        lookups.count_access(record.t_rd, record.time, TICK_RD, one);
        AddSubCols {
            pc: record.pc,
            time: record.time,
            rd: names.rd,
            rs1: names.rs1,
            rs2: names.rs2,
            selectors: OPCODES.map(|op| names.is(op)),
            a: a.limbs(),
            b: b.limbs(),
            imm0,
            imm_sign,
            rd_old: record.rd_old().limbs(),
            result: result.limbs(),
            sign: is_word & result.low().bit(31),
            t_rs1: record.t_rs1,
            t_rs2: is_immediate.not().then(record.t_rs2),
            t_rd: record.t_rd,
        }
    }
}
