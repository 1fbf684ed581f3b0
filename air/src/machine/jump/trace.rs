//! Filling the jump chip's table.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::{Dword, Word};

use super::{JumpChip, JumpCols};
use crate::events::{AluEvent, TICK_RD, TICK_RS1};
use crate::fill::{FillRow, fill_table};
use crate::isa::Opcode;
use crate::lookups::{Count, Lookups};
use crate::records::AluRecord;

/// Opcodes in the order of [`JumpCols::selectors`].
pub(super) const OPCODES: [Opcode; 4] = [Opcode::Lui, Opcode::Auipc, Opcode::Jal, Opcode::Jalr];

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[AluEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<JumpChip>(events, height, lookups)
}

impl FillRow for JumpChip {
    type Event = AluEvent;
    type Record<T> = AluRecord<T>;

    fn record(event: &AluEvent) -> AluRecord<u32> {
        event.into()
    }

    fn row<W: Word>(record: &AluRecord<W>, lookups: &mut impl Count<W>) -> JumpCols<W> {
        let names = record.names();
        let selectors = OPCODES.map(|op| names.is(op));
        let [is_lui, is_auipc, is_jal, is_jalr] = selectors;
        let (pc, imm) = (Dword::of_word(record.pc), Dword::of_signed_word(record.imm()));
        let next = pc.plus(Dword::of_word(W::from(4)));
        // LUI's is the immediate alone, AUIPC's and JAL's that after the program counter.
        let from = Dword::select(is_jalr, record.a(), pc);
        let sum = Dword::select(is_lui, imm, from.plus(imm));
        let result = Dword::select(is_lui | is_auipc, sum, next);
        let target = (is_jal | is_jalr).select(sum.low(), next.low());
        let [imm0, imm1, imm_sign] = record.imm_parts();
        let [sum0, sum1] = [0, 16].map(|first| sum.low().bits(first, 16));
        let [pc0, pc1] = [0, 16].map(|first| record.pc.bits(first, 16));
        let [result0, result1, ..] = result.limbs();

        let (one, full) = (W::from(1), W::from(16));
        lookups.count_bits(full, pc0, one);
        lookups.count_bits(W::from(14), pc1, one);
        lookups.count_bits(full, result0, one);
        lookups.count_bits(full, result1, one);
        lookups.count_bits(full, sum0, is_jalr);
        lookups.count_bits(W::from(14), sum1, is_jalr);
        lookups.count_access(record.t_rs1, record.time, TICK_RS1, is_jalr);
        lookups.count_access(record.t_rd, record.time, TICK_RD, one);
        JumpCols {
            selectors,
            pc: record.pc,
            time: record.time,
            next_pc: target.minus(is_jalr & target),
            rd: names.rd,
            rs1: names.rs1,
            imm0,
            imm1,
            imm_sign,
            a: record.a().limbs().map(|limb| is_jalr.then(limb)),
            pc_low: pc0,
            result: [result0, result1],
            is_negative: result.sign(),
            target_low: is_jalr.then(sum0),
            cleared_bit: is_jalr & sum0,
            rd_old: record.rd_old().limbs(),
            t_rs1: is_jalr.then(record.t_rs1),
            t_rd: record.t_rd,
        }
    }
}
