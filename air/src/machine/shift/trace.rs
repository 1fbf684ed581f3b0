//! Filling the shift chip's table.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::{Dword, Word};

use super::{ShiftChip, ShiftCols};
use crate::events::{AluEvent, TICK_RD, TICK_RS1, TICK_RS2};
use crate::fill::{FillRow, fill_table};
use crate::isa::Opcode::{self, Sll, Slli, Slliw, Sllw, Sra, Srai, Sraiw, Sraw, Srl, Srli, Srliw, Srlw};
use crate::lookups::{Count, Lookups};
use crate::records::AluRecord;

/// Shifts of words.
const WORDS: [Opcode; 6] = [Sllw, Srlw, Sraw, Slliw, Srliw, Sraiw];

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[AluEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<ShiftChip>(events, height, lookups)
}

impl FillRow for ShiftChip {
    type Event = AluEvent;
    type Record<T> = AluRecord<T>;

    fn record(event: &AluEvent) -> AluRecord<u32> {
        event.into()
    }

    fn row<W: Word>(record: &AluRecord<W>, lookups: &mut impl Count<W>) -> ShiftCols<W> {
        let names = record.names();
        let [zero, one, full] = [0, 1, 16].map(W::from);
        let is_left = names.is_of(&[Sll, Slli, Sllw, Slliw]);
        let is_arithmetic = names.is_of(&[Sra, Srai, Sraw, Sraiw]);
        let is_logical = names.is_of(&[Srl, Srli, Srlw, Srliw]);
        let is_word = names.is_of(&WORDS);
        let is_register = names.reads_rs2();
        let (a, b) = (record.a(), record.b());
        let amount = b.low().bits(0, 6);
        let (bits, limbs) = (amount.bits(0, 4), amount.bits(4, 2));

        let fill = (is_arithmetic & is_word.select(a.low().bit(31), a.sign())).filled();
        let input = Dword([a.low(), is_word.select(fill, a.high())]);
        let by = is_word.select(amount.bits(0, 5), amount);
        let exact = Dword::select(is_left, input.shifted_left(by), input.shifted_right(by, fill));
        let result = Dword::select(is_word, Dword::of_signed_word(exact.low()), exact);

        let has_sign = is_word | is_arithmetic;
        let signed = is_arithmetic.select(is_word.select(a.low(), a.high()), result.low()).bits(16, 16);
        let below_sign = signed.bits(0, 15);
        lookups.count_bits(W::from(15), below_sign, has_sign);
        lookups.count_bits(W::from(10), b.low().bits(6, 10), is_register);
        lookups.count_bits(W::from(4), bits, one);
        lookups.count_power(bits, one);
        let others = full.minus(bits);
        let lower_bits = is_left.select(others, bits);
        let pieces = input.limbs().map(|limb| {
            let upper = limb >> lower_bits;
            let lower = limb ^ (upper << lower_bits);
            let [moving, staying] = [is_left.select(upper, lower), is_left.select(lower, upper)];
            lookups.count_bits(bits, moving, one);
            lookups.count_bits(others, staying, one);
            [moving, staying]
        });
        lookups.count_access(record.t_rs1, record.time, TICK_RS1, one);
        lookups.count_access(record.t_rs2, record.time, TICK_RS2, is_register);
        lookups.count_access(record.t_rd, record.time, TICK_RD, one);
        let [imm0, ..] = record.imm_parts();
        ShiftCols {
            is_real: one,
            is_logical,
            is_arithmetic,
            is_immediate: is_register.not(),
            is_word,
            pc: record.pc,
            time: record.time,
            rd: names.rd,
            rs1: names.rs1,
            rs2: names.rs2,
            a: a.limbs(),
            b: b.limbs().map(|limb| is_register.then(limb)),
            imm0: is_register.select(zero, imm0),
            limbs: [1, 2, 3].map(|whole| limbs.equals(W::from(whole))),
            bits,
            power: one << bits,
            moving: pieces.map(|[moving, _]| moving),
            staying: pieces.map(|[_, staying]| staying),
            result: result.limbs(),
            sign: has_sign & signed.bit(15),
            below_sign: has_sign.then(below_sign),
            rd_old: record.rd_old().limbs(),
            t_rs1: record.t_rs1,
            t_rs2: is_register.then(record.t_rs2),
            t_rd: record.t_rd,
        }
    }
}
