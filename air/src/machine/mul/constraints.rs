//! Constraints of the multiplication chip.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::MulCols;
use super::trace::{CARRY_BITS, CARRY_OFFSET, OPCODES};
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::{TICK_RD, TICK_RS1, TICK_RS2};
use crate::gadgets::{self, Access, Decoded, Limbs, limb_exprs, register_key};
use crate::layout::Columns;
use crate::{access_labels, instruction_labels};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = MulCols::of(main.current_slice());
    let kind = selectors(builder, row);
    fetch(builder, row, &kind);
    let operands = operands(builder, row, &kind);
    ranges(builder, row, &kind);
    lower_half(builder, row, &kind);
    upper_half(builder, row, &kind, &operands);
    sign_extension(builder, row, &kind);
    write_back(builder, row, &kind);
}

/// What the selectors say.
struct Kind<E> {
    is_real: E,
    /// The result is the upper half.
    is_high: E,
    /// And `a` is signed.
    a_is_signed: E,
    /// And `b` is signed.
    b_is_signed: E,
    is_word: E,
}

/// The selectors are boolean and at most one is set.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &MulCols<B::Var>) -> Kind<B::Expr> {
    for selector in row.selectors {
        builder.check_bool("mul::selector_boolean", selector);
    }
    let [mul, mulh, mulhsu, mulhu, mulw] = row.selectors.map(Into::<B::Expr>::into);
    let a_is_signed = mulh.clone() + mulhsu;
    let is_high = a_is_signed.clone() + mulhu;
    let is_real = mul + is_high.clone() + mulw.clone();
    builder.check_bool("mul::selectors_exclusive", is_real.clone());
    Kind { is_real, is_high, a_is_signed, b_is_signed: mulh, is_word: mulw }
}

/// The instruction is the one that the program has at `pc`.
fn fetch<B: ChipBuilder>(builder: &mut B, row: &MulCols<B::Var>, kind: &Kind<B::Expr>) {
    let op = row.selectors.iter().zip(OPCODES).map(|(&s, op)| s.into() * B::constant(op as u32)).sum();
    let decoded = Decoded {
        op,
        rd: row.rd.into(),
        rs1: row.rs1.into(),
        rs2: row.rs2.into(),
        imm0: B::Expr::ZERO,
        imm1: B::Expr::ZERO,
        sign: B::Expr::ZERO,
    };
    let (pc, time): (B::Expr, B::Expr) = (row.pc.into(), row.time.into());
    let next_pc = pc.clone() + B::constant(4);
    gadgets::instruction(builder, instruction_labels!("mul"), pc, time, next_pc, decoded, kind.is_real.clone());
}

/// `a` and `b` are the values of `rs1` and `rs2`, in bytes. Returns their limbs.
fn operands<B: ChipBuilder>(builder: &mut B, row: &MulCols<B::Var>, kind: &Kind<B::Expr>) -> [Limbs<B::Expr>; 2] {
    let at = |tick: u32| row.time.into() + B::constant(tick);
    let operands = [row.a, row.b].map(|bytes| byte_pairs::<B>(bytes).map(|[low, high]| low + high * B::constant(256)));
    for pair in byte_pairs::<B>(row.a).into_iter().chain(byte_pairs::<B>(row.b)) {
        builder.send("mul::operand_bytes", bus::BYTES, pair, kind.is_real.clone());
    }
    let (rs1, rs2) = (register_key::<B>(row.rs1), register_key::<B>(row.rs2));
    let [a, b] = operands.clone();
    gadgets::read(builder, access_labels!("mul::rs1"), rs1, a, row.t_rs1, at(TICK_RS1), kind.is_real.clone());
    gadgets::read(builder, access_labels!("mul::rs2"), rs2, b, row.t_rs2, at(TICK_RS2), kind.is_real.clone());
    operands
}

/// The bytes of each limb, low and high.
fn byte_pairs<B: ChipBuilder>(bytes: [B::Var; 8]) -> Limbs<[B::Expr; 2]> {
    core::array::from_fn(|i| [bytes[2 * i].into(), bytes[2 * i + 1].into()])
}

/// Result, lower half and carries are small where they take part; see the chip's page for the bounds.
///
/// The limb with the word's sign loses it before its check, which has one bit less then.
fn ranges<B: ChipBuilder>(builder: &mut B, row: &MulCols<B::Var>, kind: &Kind<B::Expr>) {
    for (i, limb) in row.result.into_iter().enumerate() {
        if i == 1 {
            let bits = B::constant(16) - kind.is_word.clone();
            let below_sign = limb.into() - row.word_sign.into() * B::constant(1 << 15);
            builder.send("mul::result_range", bus::BITS, [bits, below_sign], kind.is_real.clone());
        } else {
            gadgets::bits(builder, "mul::result_range", 16, limb, kind.is_real.clone());
        }
    }
    for limb in row.low {
        gadgets::bits(builder, "mul::low_range", 16, limb, kind.is_high.clone());
    }
    for (i, carry) in row.carries.into_iter().enumerate() {
        let in_use = match i {
            0 | 1 => kind.is_real.clone(),
            2 | 3 => kind.is_real.clone() - kind.is_word.clone(),
            _ => kind.is_high.clone(),
        };
        let shifted = carry.into() + B::constant(CARRY_OFFSET);
        gadgets::bits(builder, "mul::carry_range", CARRY_BITS, shifted, in_use);
    }
}

/// `conv(2k) + 256 conv(2k + 1)`.
fn step<B: ChipBuilder>(row: &MulCols<B::Var>, k: usize) -> B::Expr {
    let convolution = |t: usize| -> B::Expr { (t.saturating_sub(7)..=t.min(7)).map(|i| row.a[i] * row.b[t - i]).sum() };
    convolution(2 * k) + convolution(2 * k + 1) * B::constant(256)
}

/// Steps 0 to 3: they give `low` where the result is the upper half, else the result. `MULW` only
/// takes the first two.
fn lower_half<B: ChipBuilder>(builder: &mut B, row: &MulCols<B::Var>, kind: &Kind<B::Expr>) {
    let mut carry = B::Expr::ZERO;
    for k in 0..4 {
        let limb = row.result[k].into() + kind.is_high.clone() * (row.low[k] - row.result[k]);
        let next: B::Expr = row.carries[k].into();
        let equation = step::<B>(row, k) + carry - limb - next.clone() * B::constant(1 << 16);
        if k < 2 {
            builder.check("mul::low_word", equation);
        } else {
            builder.check("mul::low_dword", (B::Expr::ONE - kind.is_word.clone()) * equation);
        }
        carry = next;
    }
}

/// Steps 4 to 7 give the result where it is the upper half; the last carry is `-borrow`.
fn upper_half<B: ChipBuilder>(builder: &mut B, row: &MulCols<B::Var>, kind: &Kind<B::Expr>, [a, b]: &[Limbs<B::Expr>; 2]) {
    let [a_sign, b_sign]: [B::Expr; 2] = row.signs.map(Into::into);
    builder.check_bool("mul::borrow_boolean", row.borrow);
    for k in 4..8 {
        let carry = row.carries[k - 1];
        let next = if k < 7 { row.carries[k].into() } else { -row.borrow.into() };
        let unsigned = step::<B>(row, k) + carry - row.result[k - 4] - next * B::constant(1 << 16);
        let signed =
            kind.a_is_signed.clone() * a_sign.clone() * b[k - 4].clone() + kind.b_is_signed.clone() * b_sign.clone() * a[k - 4].clone();
        builder.check("mul::high", kind.is_high.clone() * unsigned - signed);
    }

    let below_sign = |top: B::Var, sign: &B::Expr| (top.into() - sign.clone() * B::constant(1 << 7)) * B::constant(2);
    for sign in row.signs {
        builder.check_bool("mul::sign_boolean", sign);
    }
    // The bytes below 2^8 minus their top bits, doubled, are bytes: so they are below 2^7.
    let doubled = [below_sign(row.a[7], &a_sign), below_sign(row.b[7], &b_sign)];
    builder.send("mul::signs", bus::BYTES, doubled, kind.is_high.clone());
}

/// `MULW` repeats bit 31 above the word; elsewhere no sign is taken from the limb.
fn sign_extension<B: ChipBuilder>(builder: &mut B, row: &MulCols<B::Var>, kind: &Kind<B::Expr>) {
    let sign: B::Expr = row.word_sign.into();
    builder.check_bool("mul::word_sign_boolean", row.word_sign);
    builder.check("mul::word_sign_unused", (B::Expr::ONE - kind.is_word.clone()) * sign.clone());
    for limb in &row.result[2..] {
        let extension = sign.clone() * B::constant(0xffff);
        builder.check("mul::sign_extension", kind.is_word.clone() * ((*limb).into() - extension));
    }
}

/// The result is written to `rd`.
fn write_back<B: ChipBuilder>(builder: &mut B, row: &MulCols<B::Var>, kind: &Kind<B::Expr>) {
    let write = Access {
        key: register_key::<B>(row.rd),
        old: limb_exprs::<B>(row.rd_old),
        new: limb_exprs::<B>(row.result),
        old_time: row.t_rd.into(),
        time: row.time.into() + B::constant(TICK_RD),
    };
    gadgets::access(builder, access_labels!("mul::rd"), write, kind.is_real.clone());
}
