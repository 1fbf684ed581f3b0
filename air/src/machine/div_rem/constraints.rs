//! Constraints of the division chip. The numbers in the comments are those of the chip's argument.

use p3_air::WindowAccess;
use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;

use super::DivRemCols;
use super::trace::CARRY_BITS;
use crate::builder::{ChipBuilder, Label};
use crate::bus;
use crate::events::{TICK_RD, TICK_RS1, TICK_RS2};
use crate::gadgets::{self, Access, Decoded, Limbs, limb_exprs, register_key};
use crate::isa::Opcode;
use crate::layout::Columns;
use crate::{access_labels, instruction_labels};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = DivRemCols::of(main.current_slice());
    flags(builder, row);
    fetch(builder, row);
    operands(builder, row);
    let magnitudes = Magnitudes {
        divisor: limbs_of::<B>(row.divisor),
        quotient: limbs_of::<B>(row.quotient),
        remainder: limb_exprs::<B>(row.remainder),
    };
    ranges(builder, row);
    signs(builder, row);
    divisor(builder, row, &magnitudes);
    identity(builder, row);
    let by_zero = remainder_below_divisor(builder, row, &magnitudes);
    result(builder, row, &magnitudes, by_zero);
    sign_extension(builder, row);
    write_back(builder, row);
}

/// The limbs of the magnitudes.
struct Magnitudes<E> {
    divisor: Limbs<E>,
    quotient: Limbs<E>,
    remainder: Limbs<E>,
}

fn limbs_of<B: ChipBuilder>(bytes: [B::Var; 8]) -> Limbs<B::Expr> {
    core::array::from_fn(|i| bytes[2 * i].into() + bytes[2 * i + 1].into() * B::constant(256))
}

fn not<B: ChipBuilder>(flag: B::Var) -> B::Expr {
    B::Expr::ONE - flag
}

/// Flags are boolean; every combination of the last three is an opcode.
fn flags<B: ChipBuilder>(builder: &mut B, row: &DivRemCols<B::Var>) {
    for flag in [row.is_real, row.is_unsigned, row.is_remainder, row.is_word] {
        builder.check_bool("div_rem::flag_boolean", flag);
    }
    builder.check("div_rem::unsigned_real", row.is_unsigned * not::<B>(row.is_real));
}

/// The instruction is the one that the program has at `pc`.
fn fetch<B: ChipBuilder>(builder: &mut B, row: &DivRemCols<B::Var>) {
    const { assert!(Opcode::Divu as u32 == Opcode::Div as u32 + 1 && Opcode::Rem as u32 == Opcode::Div as u32 + 2) };
    const { assert!(Opcode::Divw as u32 == Opcode::Div as u32 + 4 && Opcode::Remuw as u32 == Opcode::Div as u32 + 7) };
    let form = row.is_unsigned.into() + row.is_remainder.into() * B::constant(2) + row.is_word.into() * B::constant(4);
    let decoded = Decoded {
        op: row.is_real.into() * B::constant(Opcode::Div as u32) + form,
        rd: row.rd.into(),
        rs1: row.rs1.into(),
        rs2: row.rs2.into(),
        imm0: B::Expr::ZERO,
        imm1: B::Expr::ZERO,
        sign: B::Expr::ZERO,
    };
    let (pc, time): (B::Expr, B::Expr) = (row.pc.into(), row.time.into());
    let next_pc = pc.clone() + B::constant(4);
    gadgets::instruction(builder, instruction_labels!("div_rem"), pc, time, next_pc, decoded, row.is_real);
}

/// `a` and `b` are the values of `rs1` and `rs2`.
fn operands<B: ChipBuilder>(builder: &mut B, row: &DivRemCols<B::Var>) {
    let at = |tick: u32| row.time.into() + B::constant(tick);
    let (rs1, rs2) = (register_key::<B>(row.rs1), register_key::<B>(row.rs2));
    gadgets::read(builder, access_labels!("div_rem::rs1"), rs1, limb_exprs::<B>(row.a), row.t_rs1, at(TICK_RS1), row.is_real);
    gadgets::read(builder, access_labels!("div_rem::rs2"), rs2, limb_exprs::<B>(row.b), row.t_rs2, at(TICK_RS2), row.is_real);
}

/// Magnitudes, carries and result are small. The limb with the word's sign loses it before its
/// check, which has one bit less then.
fn ranges<B: ChipBuilder>(builder: &mut B, row: &DivRemCols<B::Var>) {
    for i in 0..4 {
        let pair = |bytes: [B::Var; 8]| [bytes[2 * i].into(), bytes[2 * i + 1].into()];
        builder.send("div_rem::divisor_bytes", bus::BYTES, pair(row.divisor), row.is_real);
        builder.send("div_rem::quotient_bytes", bus::BYTES, pair(row.quotient), row.is_real);
        gadgets::bits(builder, "div_rem::remainder_range", 16, row.remainder[i], row.is_real);
        if i == 1 {
            let below_sign = row.result[i].into() - row.word_sign.into() * B::constant(1 << 15);
            let bits = B::constant(16) - row.is_word;
            builder.send("div_rem::result_range", bus::BITS, [bits, below_sign], row.is_real);
        } else {
            gadgets::bits(builder, "div_rem::result_range", 16, row.result[i], row.is_real);
        }
    }
    for carry in row.carries {
        gadgets::bits(builder, "div_rem::carry_range", CARRY_BITS, carry, row.is_real);
    }
}

/// 1. Signs are top bits: 15 bits remain below them.
fn signs<B: ChipBuilder>(builder: &mut B, row: &DivRemCols<B::Var>) {
    for ((limbs, sign), below_sign) in [row.a, row.b].into_iter().zip(row.signs).zip(row.below_sign) {
        let top = limbs[3].into() + row.is_word * (limbs[1] - limbs[3]);
        builder.check_bool("div_rem::sign_boolean", sign);
        builder.check("div_rem::sign_unsigned", row.is_unsigned * sign);
        builder.check("div_rem::below_sign", below_sign.into() + sign.into() * B::constant(1 << 15) - top);
        gadgets::bits(builder, "div_rem::sign", 15, below_sign, row.is_real - row.is_unsigned);
    }
}

/// Where limbs 0 and 1, and 2 and 3, take part: the upper two only outside of W-forms.
fn in_use<B: ChipBuilder>(row: &DivRemCols<B::Var>) -> Limbs<B::Expr> {
    let upper = not::<B>(row.is_word);
    [B::Expr::ONE, B::Expr::ONE, upper.clone(), upper]
}

/// Labels of [`magnitude`].
struct MagnitudeLabels {
    copied: Label,
    negated: Label,
}

/// Where `gate` is one, `value = magnitude`, or `value + magnitude = 0` modulo `2^N` if `negated`
/// is one: all carries of the sum are boolean, and limbs that add up to 2^16 times a boolean have
/// no choice.
///
/// `gate` has degree at most 1.
fn magnitude<B: ChipBuilder>(
    builder: &mut B,
    labels: MagnitudeLabels,
    row: &DivRemCols<B::Var>,
    (value, magnitude): (&Limbs<B::Var>, &Limbs<B::Expr>),
    negated: B::Var,
    gate: B::Expr,
) {
    let inverse = F::from_u32(1 << 16).inverse();
    let mut carry = B::Expr::ZERO;
    for (i, in_use) in in_use::<B>(row).into_iter().enumerate() {
        let gate = gate.clone() * in_use;
        let copied = magnitude[i].clone() - value[i];
        builder.check(labels.copied, gate.clone() * not::<B>(negated) * copied);
        carry = (magnitude[i].clone() + value[i] + carry) * inverse;
        builder.check(labels.negated, gate * negated * carry.clone() * (carry.clone() - B::Expr::ONE));
    }
}

/// 2. `divisor` is the magnitude of `b`.
fn divisor<B: ChipBuilder>(builder: &mut B, row: &DivRemCols<B::Var>, magnitudes: &Magnitudes<B::Expr>) {
    let labels = MagnitudeLabels { copied: "div_rem::divisor_copied", negated: "div_rem::divisor_negated" };
    magnitude(builder, labels, row, (&row.b, &magnitudes.divisor), row.signs[1], B::Expr::ONE);
    for limb in &magnitudes.divisor[2..] {
        builder.check("div_rem::divisor_word", row.is_word * limb.clone());
    }
}

/// 3. `quotient * divisor + remainder = |A|`.
///
/// `|A|` is the lower `N` bits of `a` times 1 or -1, plus `2^N` if negative. Carries are not
/// negative: each is a multiple of 2^16 above `-2^16`, divided by it.
fn identity<B: ChipBuilder>(builder: &mut B, row: &DivRemCols<B::Var>) {
    let convolution = |t: usize| -> B::Expr { (t.saturating_sub(7)..=t.min(7)).map(|i| row.quotient[i] * row.divisor[t - i]).sum() };
    builder.check("div_rem::no_high_product", (8..15).map(convolution).sum::<B::Expr>());

    let sign: B::Expr = row.signs[0].into();
    let direction = B::Expr::ONE - sign.clone() * B::Expr::TWO;
    let word_top = row.is_word * sign.clone();
    let mut carry = B::Expr::ZERO;
    for (k, in_use) in in_use::<B>(row).into_iter().enumerate() {
        let mut dividend = in_use * direction.clone() * row.a[k];
        if k == 2 {
            dividend += word_top.clone();
        }
        let step = convolution(2 * k) + convolution(2 * k + 1) * B::constant(256);
        let next = if k < 3 { row.carries[k].into() } else { sign.clone() - word_top.clone() };
        builder.check("div_rem::identity", step + row.remainder[k] + carry - dividend - next.clone() * B::constant(1 << 16));
        carry = next;
    }
}

/// 4. `remainder < divisor`, or the divisor is zero. Returns whether the latter is claimed (and so
///    proven), zero on padding rows.
fn remainder_below_divisor<B: ChipBuilder>(builder: &mut B, row: &DivRemCols<B::Var>, magnitudes: &Magnitudes<B::Expr>) -> B::Expr {
    let mut lower_differs = B::Expr::ZERO;
    for (i, differs) in row.differs.into_iter().enumerate() {
        let gap = magnitudes.divisor[i].clone() - row.remainder[i];
        builder.check_bool("div_rem::differs_boolean", differs);
        builder.check("div_rem::equal_above", lower_differs.clone() * gap.clone());
        builder.check("div_rem::difference", differs * (gap - B::Expr::ONE - row.difference));
        lower_differs += differs;
    }
    let differs = lower_differs;
    gadgets::bits(builder, "div_rem::difference_range", 16, row.difference, differs.clone());
    let by_zero = row.is_real - differs;
    builder.check_bool("div_rem::by_zero_boolean", by_zero.clone());
    let bytes: B::Expr = row.divisor.into_iter().map(Into::into).sum();
    builder.check("div_rem::by_zero", by_zero.clone() * bytes);
    by_zero
}

/// 5 and 6. The result is the magnitude that the form asks for, with its sign; all ones for a
/// quotient by zero.
fn result<B: ChipBuilder>(builder: &mut B, row: &DivRemCols<B::Var>, magnitudes: &Magnitudes<B::Expr>, by_zero: B::Expr) {
    let [a_sign, b_sign]: [B::Expr; 2] = row.signs.map(Into::into);
    let differ = a_sign.clone() + b_sign.clone() - a_sign.clone() * b_sign * B::Expr::TWO;
    let is_quotient = not::<B>(row.is_remainder);
    let is_negated = differ.clone() + row.is_remainder * (a_sign - differ);
    builder.check_eq("div_rem::is_negated", row.is_negated, is_negated);

    let labels = MagnitudeLabels { copied: "div_rem::quotient_copied", negated: "div_rem::quotient_negated" };
    magnitude(builder, labels, row, (&row.result, &magnitudes.quotient), row.is_negated, is_quotient.clone());
    let labels = MagnitudeLabels { copied: "div_rem::remainder_copied", negated: "div_rem::remainder_negated" };
    magnitude(builder, labels, row, (&row.result, &magnitudes.remainder), row.is_negated, row.is_remainder.into());
    for limb in row.result {
        let gap = limb.into() - B::constant(0xffff);
        builder.check("div_rem::quotient_by_zero", by_zero.clone() * is_quotient.clone() * gap);
    }
}

/// W-forms repeat bit 31 above the word; elsewhere no sign is taken from the limb.
fn sign_extension<B: ChipBuilder>(builder: &mut B, row: &DivRemCols<B::Var>) {
    let sign: B::Expr = row.word_sign.into();
    builder.check_bool("div_rem::word_sign_boolean", row.word_sign);
    builder.check("div_rem::word_sign_unused", not::<B>(row.is_word) * sign.clone());
    for limb in &row.result[2..] {
        let extension = sign.clone() * B::constant(0xffff);
        builder.check("div_rem::sign_extension", row.is_word * ((*limb).into() - extension));
    }
}

/// The result is written to `rd`.
fn write_back<B: ChipBuilder>(builder: &mut B, row: &DivRemCols<B::Var>) {
    let write = Access {
        key: register_key::<B>(row.rd),
        old: limb_exprs::<B>(row.rd_old),
        new: limb_exprs::<B>(row.result),
        old_time: row.t_rd.into(),
        time: row.time.into() + B::constant(TICK_RD),
    };
    gadgets::access(builder, access_labels!("div_rem::rd"), write, row.is_real);
}
