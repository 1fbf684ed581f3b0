//! Filling the bitwise chip's table.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::Word;

use super::{BitwiseChip, BitwiseCols};
use crate::bus;
use crate::events::{AluEvent, TICK_RD, TICK_RS1, TICK_RS2};
use crate::fill::{FillRow, fill_table};
use crate::isa::Opcode;
use crate::lookups::{ByteLookup, Count, Lookups};
use crate::records::AluRecord;

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[AluEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<BitwiseChip>(events, height, lookups)
}

impl FillRow for BitwiseChip {
    type Event = AluEvent;
    type Record<T> = AluRecord<T>;

    fn record(event: &AluEvent) -> AluRecord<u32> {
        event.into()
    }

    fn row<W: Word>(record: &AluRecord<W>, lookups: &mut impl Count<W>) -> BitwiseCols<W> {
        let names = record.names();
        let is_and = names.is_of(&[Opcode::And, Opcode::Andi]);
        let is_or = names.is_of(&[Opcode::Or, Opcode::Ori]);
        let is_xor = names.is_of(&[Opcode::Xor, Opcode::Xori]);
        let choose = |and: u32, or: u32, xor: u32| is_and.then(W::from(and)) | is_or.then(W::from(or)) | is_xor.then(W::from(xor));
        let is_immediate = names.reads_rs2().not();
        let (a, b) = (record.a(), record.b());
        let result = a.zip(b, |a, b| is_and.then(a & b) | is_or.then(a | b) | is_xor.then(a ^ b));
        let [imm0, _, imm_sign] = record.imm_parts().map(|part| is_immediate.then(part));

        let (lookup, one) = (choose(ByteLookup::And as u32, ByteLookup::Or as u32, ByteLookup::Xor as u32), W::from(1));
        for (a, b) in a.bytes().into_iter().zip(b.bytes()) {
            lookups.count_byte(lookup, a, b, one);
        }
        lookups.count_access(record.t_rs1, record.time, TICK_RS1, one);
        lookups.count_access(record.t_rs2, record.time, TICK_RS2, is_immediate.not());
        lookups.count_access(record.t_rd, record.time, TICK_RD, one);
        BitwiseCols {
            is_real: one,
            is_immediate,
            operation: choose(bus::AND, bus::OR, bus::XOR),
            pc: record.pc,
            time: record.time,
            rd: names.rd,
            rs1: names.rs1,
            rs2: names.rs2,
            a: a.bytes(),
            b: b.bytes(),
            result: result.bytes(),
            imm0,
            imm_sign,
            rd_old: record.rd_old().limbs(),
            t_rs1: record.t_rs1,
            t_rs2: is_immediate.not().then(record.t_rs2),
            t_rd: record.t_rd,
        }
    }
}
