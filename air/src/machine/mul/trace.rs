//! Filling the multiplication chip's table.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::{Dword, Word};

use super::{MulChip, MulCols};
use crate::events::{AluEvent, TICK_RD, TICK_RS1, TICK_RS2};
use crate::fill::{FillRow, fill_table, signed};
use crate::isa::Opcode;
use crate::lookups::{ByteLookup, Count, Lookups};
use crate::records::AluRecord;

/// Opcodes in the order of [`MulCols::selectors`].
pub(super) const OPCODES: [Opcode; 5] = [Opcode::Mul, Opcode::Mulh, Opcode::Mulhsu, Opcode::Mulhu, Opcode::Mulw];

/// A carry plus this is not negative.
pub(super) const CARRY_OFFSET: u32 = 4;
/// A carry plus [`CARRY_OFFSET`] has so many bits.
pub(super) const CARRY_BITS: u32 = 12;

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[AluEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<MulChip>(events, height, lookups)
}

impl FillRow for MulChip {
    type Event = AluEvent;
    type Record<T> = AluRecord<T>;

    fn record(event: &AluEvent) -> AluRecord<u32> {
        event.into()
    }

    fn row<W: Word>(record: &AluRecord<W>, lookups: &mut impl Count<W>) -> MulCols<W> {
        let names = record.names();
        let selectors = OPCODES.map(|op| names.is(op));
        let [_, is_mulh, is_mulhsu, is_mulhu, is_word] = selectors;
        let is_high = is_mulh | is_mulhsu | is_mulhu;
        let (zero, one) = (W::from(0), W::from(1));
        let (a, b) = (record.a(), record.b());
        let signs = [a, b].map(|x| is_high & x.sign());
        let negative = [signs[0] & is_mulhu.not(), signs[1] & is_mulh];

        // Two bytes a step: what is over 16 bits is carried, with a sign.
        let (mut carry, mut limbs, mut carries) = (zero, [zero; 8], [zero; 7]);
        for k in 0..8 {
            let mut sum = step(a, b, k).plus(carry);
            if k >= 4 {
                sum = sum.minus(negative[0].then(b.limbs()[k - 4])).minus(negative[1].then(a.limbs()[k - 4]));
            }
            limbs[k] = sum.bits(0, 16);
            carry = sum.bits(16, 16) | (sum.bit(31).filled() << W::from(16));
            if k < 7 {
                let is_used = if k < 2 {
                    one
                } else if k < 4 {
                    is_word.not()
                } else {
                    is_high
                };
                carries[k] = is_used.then(signed(carry));
                lookups.count_bits(W::from(CARRY_BITS), carry.plus(W::from(CARRY_OFFSET)), is_used);
            }
        }
        let [low, high] = [0, 4].map(|first| dword(&limbs[first..]));
        let exact = Dword::select(is_high, high, low);
        let result = Dword::select(is_word, Dword::of_signed_word(low.low()), exact);

        lookups.count_result(result, is_word);
        lookups.count_bytes(a, one);
        lookups.count_bytes(b, one);
        lookups.count_limbs(low, is_high);
        let [above_a, above_b] = [a, b].map(|x| x.high().bits(24, 7) << one);
        lookups.count_byte(W::from(ByteLookup::Bytes as u32), above_a, above_b, is_high);
        lookups.count_access(record.t_rs1, record.time, TICK_RS1, one);
        lookups.count_access(record.t_rs2, record.time, TICK_RS2, one);
        lookups.count_access(record.t_rd, record.time, TICK_RD, one);
        MulCols {
            pc: record.pc,
            time: record.time,
            rd: names.rd,
            rs1: names.rs1,
            rs2: names.rs2,
            selectors,
            a: a.bytes(),
            b: b.bytes(),
            rd_old: record.rd_old().limbs(),
            result: result.limbs(),
            low: low.limbs().map(|limb| is_high.then(limb)),
            carries,
            borrow: is_high & carry.equals(W::from(u32::MAX)),
            signs,
            word_sign: is_word & result.low().bit(31),
            t_rs1: record.t_rs1,
            t_rs2: record.t_rs2,
            t_rd: record.t_rd,
        }
    }
}

/// The dword of four limbs.
fn dword<W: Word>(limbs: &[W]) -> Dword<W> {
    Dword([0, 2].map(|i| limbs[i] | (limbs[i + 1] << W::from(16))))
}

/// Step `k` of the unsigned product: byte positions `2k` and `2k + 1`.
fn step<W: Word>(a: Dword<W>, b: Dword<W>, k: usize) -> W {
    let (a, b) = (a.bytes(), b.bytes());
    let products = |t: usize| (t.saturating_sub(7)..=t.min(7)).map(move |i| a[i].times(b[t - i]));
    let convolution = |t: usize| products(t).fold(W::from(0), W::plus);
    convolution(2 * k).plus(convolution(2 * k + 1) << W::from(8))
}
