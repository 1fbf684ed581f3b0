//! Constraints of the jump chip.

use p3_air::WindowAccess;
use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;

use super::JumpCols;
use super::trace::OPCODES;
use crate::builder::ChipBuilder;
use crate::events::{TICK_RD, TICK_RS1};
use crate::gadgets::{self, Access, Decoded, limb_exprs, register_key, signed_immediate};
use crate::layout::Columns;
use crate::{access_labels, instruction_labels};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = JumpCols::of(main.current_slice());
    let kind = selectors(builder, row);
    fetch(builder, row, &kind);
    result(builder, row, &kind);
    next(builder, row, &kind);
    register_target(builder, row, &kind);
    write_back(builder, row, &kind);
}

/// What the selectors say.
struct Kind<E> {
    is_real: E,
    /// `LUI` or `AUIPC`.
    is_upper: E,
    is_lui: E,
    is_jal: E,
    is_jalr: E,
}

/// The selectors are boolean and at most one is set.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &JumpCols<B::Var>) -> Kind<B::Expr> {
    for selector in row.selectors {
        builder.check_bool("jump::selector_boolean", selector);
    }
    let [is_lui, is_auipc, is_jal, is_jalr] = row.selectors.map(Into::<B::Expr>::into);
    let is_upper = is_lui.clone() + is_auipc;
    let is_real = is_upper.clone() + is_jal.clone() + is_jalr.clone();
    builder.check_bool("jump::selectors_exclusive", is_real.clone());
    Kind { is_real, is_upper, is_lui, is_jal, is_jalr }
}

/// The instruction is the one that the program has at `pc`.
fn fetch<B: ChipBuilder>(builder: &mut B, row: &JumpCols<B::Var>, kind: &Kind<B::Expr>) {
    let op = row.selectors.iter().zip(OPCODES).map(|(&s, op)| s.into() * B::constant(op as u32)).sum();
    let decoded = Decoded {
        op,
        rd: row.rd.into(),
        rs1: row.rs1.into(),
        rs2: B::Expr::ZERO,
        imm0: row.imm0.into(),
        imm1: row.imm1.into(),
        sign: row.imm_sign.into(),
    };
    let [pc, time, next_pc] = [row.pc, row.time, row.next_pc].map(Into::into);
    gadgets::instruction(builder, instruction_labels!("jump"), pc, time, next_pc, decoded, kind.is_real.clone());
}

/// The result is `pc`, or zero in `LUI`, plus the immediate, or plus 4 in jumps.
///
/// `pc` is split into 16 and 14 bits, in one way as 2^30 is below the field's size. The lower limbs
/// add up with boolean carries, over the integers because every limb is in range; the carry is then
/// determined. Above them stand zero or, under a negative immediate, all ones, and a carry into all
/// ones leaves zeros. A carry cannot come without them: `pc` is below 2^30, and an immediate that
/// is not negative below 2^31.
fn result<B: ChipBuilder>(builder: &mut B, row: &JumpCols<B::Var>, kind: &Kind<B::Expr>) {
    let inverse = F::from_u32(1 << 16).inverse();
    let pc_high = (row.pc - row.pc_low) * inverse;
    gadgets::bits(builder, "jump::pc_low_range", 16, row.pc_low, kind.is_real.clone());
    gadgets::bits(builder, "jump::pc_high_range", 14, pc_high.clone(), kind.is_real.clone());

    let adds_pc = B::Expr::ONE - kind.is_lui.clone();
    let four = (kind.is_real.clone() - kind.is_upper.clone()) * B::constant(4);
    let sum = adds_pc.clone() * row.pc_low + kind.is_upper.clone() * row.imm0 + four;
    let carry = (sum - row.result[0]) * inverse;
    builder.check_bool("jump::result_carry", carry.clone());
    let sum = adds_pc * pc_high + kind.is_upper.clone() * row.imm1 + carry;
    let carry = (sum - row.result[1]) * inverse;
    builder.check_bool("jump::result_carry", carry.clone());
    for limb in row.result {
        gadgets::bits(builder, "jump::result_range", 16, limb, kind.is_real.clone());
    }
    builder.check_eq("jump::result_upper", row.is_negative, kind.is_upper.clone() * row.imm_sign - carry);
}

/// `LUI` and `AUIPC` go on behind themselves, `JAL` at its distance. A sum that leaves 0 to 2^30
/// wraps around the field to a value that is no address of the text.
fn next<B: ChipBuilder>(builder: &mut B, row: &JumpCols<B::Var>, kind: &Kind<B::Expr>) {
    let advance = row.next_pc - row.pc;
    builder.check("jump::next_in_line", kind.is_upper.clone() * (advance.clone() - B::constant(4)));
    let distance = signed_immediate::<B>(row.imm0.into(), row.imm1.into(), row.imm_sign.into());
    builder.check("jump::jal_target", kind.is_jal.clone() * (advance - distance));
}

/// `JALR` goes on at `rs1` plus the immediate modulo 2^64, which has to be below 2^30, without its
/// lowest bit.
///
/// The sum's limbs are 16 and 14 bits that make up `next_pc + cleared_bit`, and zeros; all carries
/// are boolean, the last one is discarded.
fn register_target<B: ChipBuilder>(builder: &mut B, row: &JumpCols<B::Var>, kind: &Kind<B::Expr>) {
    let is_jalr = kind.is_jalr.clone();
    let time = row.time.into() + B::constant(TICK_RS1);
    let rs1 = register_key::<B>(row.rs1);
    gadgets::read(builder, access_labels!("jump::rs1"), rs1, limb_exprs::<B>(row.a), row.t_rs1, time, is_jalr.clone());

    let inverse = F::from_u32(1 << 16).inverse();
    builder.check("jump::cleared_bit_boolean", row.cleared_bit * (row.cleared_bit - is_jalr.clone()));
    let target_high = (row.next_pc + row.cleared_bit - row.target_low) * inverse;
    gadgets::bits(builder, "jump::target_low_range", 16, row.target_low, is_jalr.clone());
    gadgets::bits(builder, "jump::target_high_range", 14, target_high.clone(), is_jalr.clone());

    let extension = row.imm_sign * B::constant(0xffff);
    let immediate = [row.imm0.into(), row.imm1.into(), extension.clone(), extension];
    let target = [row.target_low.into(), target_high, B::Expr::ZERO, B::Expr::ZERO];
    let mut carry = B::Expr::ZERO;
    for ((a, immediate), target) in row.a.into_iter().zip(immediate).zip(target) {
        carry = (a + immediate + carry - target) * inverse;
        builder.check("jump::target_carry", is_jalr.clone() * carry.clone() * (carry.clone() - B::Expr::ONE));
    }
}

/// The result is written to `rd`.
fn write_back<B: ChipBuilder>(builder: &mut B, row: &JumpCols<B::Var>, kind: &Kind<B::Expr>) {
    let upper = row.is_negative * B::constant(0xffff);
    let write = Access {
        key: register_key::<B>(row.rd),
        old: limb_exprs::<B>(row.rd_old),
        new: [row.result[0].into(), row.result[1].into(), upper.clone(), upper],
        old_time: row.t_rd.into(),
        time: row.time.into() + B::constant(TICK_RD),
    };
    gadgets::access(builder, access_labels!("jump::rd"), write, kind.is_real.clone());
}
