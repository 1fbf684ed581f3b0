//! Filling the division chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::DivRemCols;
use crate::events::{AluEvent, TICK_RD, TICK_RS1, TICK_RS2};
use crate::fill::fill_rows;
use crate::gadgets::{count_access, limbs};
use crate::isa::{Opcode, semantics};
use crate::lookups::{ByteLookup, Lookups};

/// Bits of a carry.
pub(super) const CARRY_BITS: u32 = 12;

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[AluEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, fill_row)
}

/// What an opcode's name says.
#[derive(Clone, Copy)]
struct Form {
    is_unsigned: bool,
    is_remainder: bool,
    is_word: bool,
}

impl Form {
    const fn of(op: Opcode) -> Self {
        use Opcode::{Divu, Divuw, Divw, Rem, Remu, Remuw, Remw};
        Self {
            is_unsigned: matches!(op, Divu | Divuw | Remu | Remuw),
            is_remainder: matches!(op, Rem | Remu | Remw | Remuw),
            is_word: matches!(op, Divw | Divuw | Remw | Remuw),
        }
    }

    /// Sign and magnitude of an operand.
    const fn split(self, x: u64) -> (bool, u64) {
        let (sign, magnitude) =
            if self.is_word { (x >> 31 & 1 == 1, (x as i32).unsigned_abs() as u64) } else { (x >> 63 == 1, (x as i64).unsigned_abs()) };
        match (self.is_unsigned, self.is_word) {
            (false, _) => (sign, magnitude),
            (true, true) => (false, x & 0xffff_ffff),
            (true, false) => (false, x),
        }
    }
}

fn fill_row(event: &AluEvent, row: &mut DivRemCols<F>, lookups: &mut Lookups) {
    let form = Form::of(event.op);
    let result = semantics::alu(event.op, event.a, event.b);
    row.pc = F::from_u32(event.pc);
    row.time = F::from_u32(event.time);
    row.rd = F::from_u8(event.rd);
    row.rs1 = F::from_u8(event.rs1);
    row.rs2 = F::from_u8(event.rs2);
    row.is_real = F::ONE;
    row.is_unsigned = F::from_bool(form.is_unsigned);
    row.is_remainder = F::from_bool(form.is_remainder);
    row.is_word = F::from_bool(form.is_word);
    row.a = limbs(event.a);
    row.b = limbs(event.b);
    row.rd_old = limbs(event.rd_old);
    row.result = limbs(result);
    row.t_rs1 = F::from_u32(event.t_rs1);
    row.t_rs2 = F::from_u32(event.t_rs2);
    row.t_rd = F::from_u32(event.t_rd);
    count_access(lookups, event.t_rs1, event.time + TICK_RS1);
    count_access(lookups, event.t_rs2, event.time + TICK_RS2);
    count_access(lookups, event.t_rd, event.time + TICK_RD);
    fill_signs(event, form, row, lookups);
    fill_result(form, result, row, lookups);
    fill_magnitudes(event, form, row, lookups);
}

/// Signs of the operands.
fn fill_signs(event: &AluEvent, form: Form, row: &mut DivRemCols<F>, lookups: &mut Lookups) {
    for (i, operand) in [event.a, event.b].into_iter().enumerate() {
        let top = if form.is_word { operand >> 16 } else { operand >> 48 } as u32 & 0xffff;
        let sign = !form.is_unsigned && top >> 15 == 1;
        let below = if sign { top & 0x7fff } else { top };
        row.signs[i] = F::from_bool(sign);
        row.below_sign[i] = F::from_u32(below);
        if !form.is_unsigned {
            lookups.bits(15, below);
        }
    }
}

/// The word's sign, and the result's range checks.
fn fill_result(form: Form, result: u64, row: &mut DivRemCols<F>, lookups: &mut Lookups) {
    if form.is_word {
        row.word_sign = F::from_bool(result >> 31 & 1 == 1);
        for i in [0, 2, 3] {
            lookups.bits(16, (result >> (16 * i)) as u32 & 0xffff);
        }
        lookups.bits(15, (result >> 16) as u32 & 0x7fff);
    } else {
        lookups.limbs(result);
    }
}

/// Magnitudes, the steps of their identity, and the comparison of remainder and divisor.
fn fill_magnitudes(event: &AluEvent, form: Form, row: &mut DivRemCols<F>, lookups: &mut Lookups) {
    let (a_sign, dividend) = form.split(event.a);
    let (b_sign, divisor) = form.split(event.b);
    let (quotient, remainder) = match (dividend.checked_div(divisor), dividend.checked_rem(divisor)) {
        (Some(quotient), Some(remainder)) => (quotient, remainder),
        // All ones, with the sign that the result has.
        _ => (if a_sign { 1 } else { u64::MAX }, dividend),
    };
    row.is_negated = F::from_bool(if form.is_remainder { a_sign } else { a_sign != b_sign });
    row.divisor = divisor.to_le_bytes().map(F::from_u8);
    row.quotient = quotient.to_le_bytes().map(F::from_u8);
    row.remainder = limbs(remainder);
    lookups.limbs(remainder);
    for bytes in [divisor.to_le_bytes(), quotient.to_le_bytes()] {
        for [low, high] in bytes.as_chunks::<2>().0 {
            lookups.byte(ByteLookup::Bytes, *low, *high);
        }
    }

    let limb = |x: u64, i: usize| i64::from((x >> (16 * i)) as u16);
    let mut carry = 0;
    for k in 0..3 {
        let dividend = match (a_sign, form.is_word, k) {
            (_, true, 2) => i64::from(a_sign),
            (false, _, _) => limb(event.a, k),
            (true, _, _) => -limb(event.a, k),
        };
        carry = (step(quotient, divisor, k) + limb(remainder, k) + carry - dividend) >> 16;
        row.carries[k] = F::from_i64(carry);
        lookups.bits(CARRY_BITS, carry as u32);
    }
    if let Some(i) = (0..4).rev().find(|&i| limb(remainder, i) != limb(divisor, i)).filter(|_| divisor != 0) {
        let difference = (limb(divisor, i) - limb(remainder, i) - 1) as u32;
        row.differs[i] = F::ONE;
        row.difference = F::from_u32(difference);
        lookups.bits(16, difference);
    }
}

/// Byte positions `2k` and `2k + 1` of a product, for `k < 4`.
fn step(a: u64, b: u64, k: usize) -> i64 {
    let (a, b) = (a.to_le_bytes(), b.to_le_bytes());
    let convolution = |t: usize| -> i64 { (0..=t).map(|i| i64::from(a[i]) * i64::from(b[t - i])).sum() };
    convolution(2 * k) + 256 * convolution(2 * k + 1)
}
