//! Filling the multiplication chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::MulCols;
use crate::events::{AluEvent, TICK_RD, TICK_RS1, TICK_RS2};
use crate::fill::fill_rows;
use crate::gadgets::{count_access, limbs};
use crate::isa::{Opcode, semantics};
use crate::lookups::{ByteLookup, Lookups};

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
    fill_rows(events, height, lookups, fill_row)
}

fn fill_row(event: &AluEvent, row: &mut MulCols<F>, lookups: &mut Lookups) {
    let result = semantics::alu(event.op, event.a, event.b);
    row.pc = F::from_u32(event.pc);
    row.time = F::from_u32(event.time);
    row.rd = F::from_u8(event.rd);
    row.rs1 = F::from_u8(event.rs1);
    row.rs2 = F::from_u8(event.rs2);
    row.selectors = OPCODES.map(|op| F::from_bool(op == event.op));
    row.a = event.a.to_le_bytes().map(F::from_u8);
    row.b = event.b.to_le_bytes().map(F::from_u8);
    row.rd_old = limbs(event.rd_old);
    row.result = limbs(result);
    row.t_rs1 = F::from_u32(event.t_rs1);
    row.t_rs2 = F::from_u32(event.t_rs2);
    row.t_rd = F::from_u32(event.t_rd);
    count_access(lookups, event.t_rs1, event.time + TICK_RS1);
    count_access(lookups, event.t_rs2, event.time + TICK_RS2);
    count_access(lookups, event.t_rd, event.time + TICK_RD);
    for operand in [event.a, event.b] {
        for [low, high] in operand.to_le_bytes().as_chunks::<2>().0 {
            lookups.byte(ByteLookup::Bytes, *low, *high);
        }
    }
    fill_result(event.op, result, row, lookups);
    fill_product(event, result, row, lookups);
}

/// The word's sign, and the result's range checks.
fn fill_result(op: Opcode, result: u64, row: &mut MulCols<F>, lookups: &mut Lookups) {
    if op == Opcode::Mulw {
        row.word_sign = F::from_bool(result >> 31 & 1 == 1);
        for i in [0, 2, 3] {
            lookups.bits(16, (result >> (16 * i)) as u32 & 0xffff);
        }
        lookups.bits(15, (result >> 16) as u32 & 0x7fff);
    } else {
        lookups.limbs(result);
    }
}

/// The steps of the product: carries, and where the result is the upper half, also the lower half
/// and the signs.
fn fill_product(event: &AluEvent, result: u64, row: &mut MulCols<F>, lookups: &mut Lookups) {
    let is_high = matches!(event.op, Opcode::Mulh | Opcode::Mulhsu | Opcode::Mulhu);
    let low = event.a.wrapping_mul(event.b);
    let limb = |x: u64, i: usize| i64::from((x >> (16 * i)) as u16);
    let steps = match event.op {
        Opcode::Mulw => 2,
        _ if is_high => 8,
        _ => 4,
    };
    let (a_sign, b_sign) = (event.a >> 63, event.b >> 63);
    let subtract_b = a_sign == 1 && matches!(event.op, Opcode::Mulh | Opcode::Mulhsu);
    let subtract_a = b_sign == 1 && event.op == Opcode::Mulh;
    let mut carry = 0;
    for k in 0..steps {
        let mut sum = step(event.a, event.b, k) + carry;
        if k >= 4 {
            sum -= i64::from(subtract_b) * limb(event.b, k - 4) + i64::from(subtract_a) * limb(event.a, k - 4);
        }
        let out = if k < 4 { limb(low, k) } else { limb(result, k - 4) };
        carry = (sum - out) >> 16;
        if k < 7 {
            row.carries[k] = F::from_i64(carry);
            lookups.bits(CARRY_BITS, (carry + i64::from(CARRY_OFFSET)) as u32);
        }
    }
    if is_high {
        row.low = limbs(low);
        row.borrow = F::from_bool(carry == -1);
        row.signs = [a_sign, b_sign].map(|sign| F::from_bool(sign == 1));
        lookups.limbs(low);
        lookups.byte(ByteLookup::Bytes, (event.a >> 55) as u8 & 0xfe, (event.b >> 55) as u8 & 0xfe);
    }
}

/// Step `k` of the unsigned product: byte positions `2k` and `2k + 1`.
fn step(a: u64, b: u64, k: usize) -> i64 {
    let (a, b) = (a.to_le_bytes(), b.to_le_bytes());
    let convolution = |t: usize| -> i64 { (t.saturating_sub(7)..=t.min(7)).map(|i| i64::from(a[i]) * i64::from(b[t - i])).sum() };
    convolution(2 * k) + 256 * convolution(2 * k + 1)
}
