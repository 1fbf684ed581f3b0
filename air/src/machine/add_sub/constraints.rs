//! Constraints of the add/sub chip.

use p3_air::WindowAccess;
use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;

use super::AddSubCols;
use super::trace::OPCODES;
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::{TICK_RD, TICK_RS1, TICK_RS2};
use crate::gadgets::{self, Access, Decoded, limb_exprs, register_key};
use crate::layout::Columns;
use crate::{access_labels, instruction_labels};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = AddSubCols::of(main.current_slice());
    let kind = selectors(builder, row);
    fetch(builder, row, &kind);
    operands(builder, row, &kind);
    sum(builder, row, &kind);
    sign_extension(builder, row, &kind);
    write_back(builder, row, &kind);
}

/// What the selectors say.
struct Kind<E> {
    is_real: E,
    is_sub: E,
    is_immediate: E,
    is_word: E,
}

/// The selectors are boolean and at most one is set.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &AddSubCols<B::Var>) -> Kind<B::Expr> {
    let [add, sub, addi, addw, subw, addiw] = row.selectors.map(Into::<B::Expr>::into);
    for selector in row.selectors {
        builder.check_bool("add_sub::selector_boolean", selector);
    }
    let is_sub = sub + subw.clone();
    let is_immediate = addi + addiw.clone();
    let is_word = addw.clone() + subw + addiw;
    let is_real = add + is_sub.clone() + is_immediate.clone() + addw;
    builder.check_bool("add_sub::selectors_exclusive", is_real.clone());
    Kind { is_real, is_sub, is_immediate, is_word }
}

/// The instruction is the one that the program has at `pc`.
fn fetch<B: ChipBuilder>(builder: &mut B, row: &AddSubCols<B::Var>, kind: &Kind<B::Expr>) {
    let op = row.selectors.iter().zip(OPCODES).map(|(&s, op)| s.into() * B::constant(op as u32)).sum();
    let sign: B::Expr = row.imm_sign.into();
    let decoded = Decoded {
        op,
        rd: row.rd.into(),
        rs1: row.rs1.into(),
        rs2: row.rs2.into(),
        imm0: row.imm0.into(),
        imm1: sign.clone() * B::constant(0xffff),
        sign,
    };
    let (pc, time): (B::Expr, B::Expr) = (row.pc.into(), row.time.into());
    let next_pc = pc.clone() + B::constant(4);
    gadgets::instruction(builder, instruction_labels!("add_sub"), pc, time, next_pc, decoded, kind.is_real.clone());
}

/// `a` is the value of `rs1`; `b` is the value of `rs2` or the sign-extended immediate.
fn operands<B: ChipBuilder>(builder: &mut B, row: &AddSubCols<B::Var>, kind: &Kind<B::Expr>) {
    let at = |tick: u32| row.time.into() + B::constant(tick);
    let (rs1, rs2) = (register_key::<B>(row.rs1), register_key::<B>(row.rs2));
    gadgets::read(builder, access_labels!("add_sub::rs1"), rs1, limb_exprs::<B>(row.a), row.t_rs1, at(TICK_RS1), kind.is_real.clone());
    let reads_rs2 = kind.is_real.clone() - kind.is_immediate.clone();
    gadgets::read(builder, access_labels!("add_sub::rs2"), rs2, limb_exprs::<B>(row.b), row.t_rs2, at(TICK_RS2), reads_rs2);

    let immediate = kind.is_immediate.clone();
    builder.check("add_sub::immediate_low", immediate.clone() * (row.b[0] - row.imm0));
    for limb in &row.b[1..] {
        let extension = row.imm_sign.into() * B::constant(0xffff);
        builder.check("add_sub::immediate_extension", immediate.clone() * ((*limb).into() - extension));
    }
}

/// `a + b = result`, or `result + b = a`, limb by limb with carries that are boolean, so that the
/// equation holds over the integers modulo 2^64 (modulo 2^32 in W-forms, where the two upper limbs
/// take no part).
fn sum<B: ChipBuilder>(builder: &mut B, row: &AddSubCols<B::Var>, kind: &Kind<B::Expr>) {
    let inverse = F::from_u32(1 << 16).inverse();
    let mut carry = B::Expr::ZERO;
    for i in 0..4 {
        let swap = kind.is_sub.clone() * (row.result[i] - row.a[i]);
        let left = row.a[i].into() + swap.clone();
        let total = row.result[i].into() - swap;
        carry = (left + row.b[i].into() + carry - total) * inverse;
        let in_use = if i < 2 { B::Expr::ONE } else { B::Expr::ONE - kind.is_word.clone() };
        builder.check("add_sub::carry_boolean", in_use * carry.clone() * (carry.clone() - B::Expr::ONE));
    }
}

/// In W-forms the two upper limbs repeat bit 31 of the result, which [`write_back`] pins; elsewhere
/// there is no sign.
fn sign_extension<B: ChipBuilder>(builder: &mut B, row: &AddSubCols<B::Var>, kind: &Kind<B::Expr>) {
    let sign: B::Expr = row.sign.into();
    builder.check("add_sub::sign_boolean", sign.clone() * (sign.clone() - kind.is_word.clone()));
    for limb in &row.result[2..] {
        let extension = sign.clone() * B::constant(0xffff);
        builder.check("add_sub::sign_extension", kind.is_word.clone() * ((*limb).into() - extension));
    }
}

/// The result's limbs are below 2^16, and it is written to `rd`.
///
/// The limb with the word's sign loses it before its check, which has one bit less then.
fn write_back<B: ChipBuilder>(builder: &mut B, row: &AddSubCols<B::Var>, kind: &Kind<B::Expr>) {
    for (i, limb) in row.result.into_iter().enumerate() {
        if i == 1 {
            let bits = B::constant(16) - kind.is_word.clone();
            let below_sign = limb.into() - row.sign.into() * B::constant(1 << 15);
            builder.send("add_sub::result_range", bus::BITS, [bits, below_sign], kind.is_real.clone());
        } else {
            gadgets::bits(builder, "add_sub::result_range", 16, limb, kind.is_real.clone());
        }
    }
    let write = Access {
        key: register_key::<B>(row.rd),
        old: limb_exprs::<B>(row.rd_old),
        new: limb_exprs::<B>(row.result),
        old_time: row.t_rd.into(),
        time: row.time.into() + B::constant(TICK_RD),
    };
    gadgets::access(builder, access_labels!("add_sub::rd"), write, kind.is_real.clone());
}
