//! Constraints of the shift chip.

use p3_air::WindowAccess;
use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;

use super::ShiftCols;
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::{TICK_RD, TICK_RS1, TICK_RS2};
use crate::gadgets::{self, Access, Decoded, limb_exprs, register_key};
use crate::isa::Opcode;
use crate::layout::Columns;
use crate::{access_labels, instruction_labels};

// The opcode is that of `SLL`, plus 1 if logical, 2 if arithmetic, 3 in immediate forms, 6 in W-forms.
const _: () = assert!(Opcode::Srl as u32 == Opcode::Sll as u32 + 1 && Opcode::Sra as u32 == Opcode::Sll as u32 + 2);
const _: () = assert!(Opcode::Slli as u32 == Opcode::Sll as u32 + 3 && Opcode::Srai as u32 == Opcode::Sra as u32 + 3);
const _: () = assert!(Opcode::Sllw as u32 == Opcode::Sll as u32 + 6 && Opcode::Sraiw as u32 == Opcode::Sra as u32 + 9);

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = ShiftCols::of(main.current_slice());
    selectors(builder, row);
    fetch(builder, row);
    operands(builder, row);
    amount(builder, row);
    split(builder, row);
    for limb in 0..4 {
        assemble(builder, row, limb);
    }
    sign(builder, row);
    write_back(builder, row);
}

/// Whether the row is a left shift.
fn is_left<B: ChipBuilder>(row: &ShiftCols<B::Var>) -> B::Expr {
    row.is_real - row.is_logical - row.is_arithmetic
}

/// Whether the row is a right shift.
fn is_right<B: ChipBuilder>(row: &ShiftCols<B::Var>) -> B::Expr {
    row.is_logical + row.is_arithmetic
}

/// Whether the amount has 0, 1, 2, 3 whole limbs.
fn whole_limbs<B: ChipBuilder>(row: &ShiftCols<B::Var>) -> [B::Expr; 4] {
    let [one, two, three] = row.limbs.map(Into::<B::Expr>::into);
    [row.is_real - (one.clone() + two.clone() + three.clone()), one, two, three]
}

/// The row is padding or one of the twelve instructions.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &ShiftCols<B::Var>) {
    for selector in [row.is_real, row.is_logical, row.is_arithmetic] {
        builder.check_bool("shift::selector_boolean", selector);
    }
    builder.check_bool("shift::selectors_exclusive", is_left::<B>(row));
    for flag in [row.is_immediate, row.is_word] {
        let is_other = flag - row.is_real;
        builder.check("shift::flag_boolean", flag * is_other);
    }
}

/// The instruction is the one that the program has at `pc`.
fn fetch<B: ChipBuilder>(builder: &mut B, row: &ShiftCols<B::Var>) {
    let direction = row.is_logical + row.is_arithmetic * B::constant(2);
    let form = row.is_immediate * B::constant(3) + row.is_word * B::constant(6);
    let decoded = Decoded {
        op: row.is_real * B::constant(Opcode::Sll as u32) + direction + form,
        rd: row.rd.into(),
        rs1: row.rs1.into(),
        rs2: row.rs2.into(),
        imm0: row.imm0.into(),
        imm1: B::Expr::ZERO,
        sign: B::Expr::ZERO,
    };
    let (pc, time): (B::Expr, B::Expr) = (row.pc.into(), row.time.into());
    let next_pc = pc.clone() + B::constant(4);
    gadgets::instruction(builder, instruction_labels!("shift"), pc, time, next_pc, decoded, row.is_real);
}

/// `a` is the value of `rs1`; `b` is the value of `rs2` in register forms.
fn operands<B: ChipBuilder>(builder: &mut B, row: &ShiftCols<B::Var>) {
    let at = |tick: u32| row.time.into() + B::constant(tick);
    let (rs1, rs2) = (register_key::<B>(row.rs1), register_key::<B>(row.rs2));
    let reads_rs2 = row.is_real - row.is_immediate;
    gadgets::read(builder, access_labels!("shift::rs1"), rs1, limb_exprs::<B>(row.a), row.t_rs1, at(TICK_RS1), row.is_real);
    gadgets::read(builder, access_labels!("shift::rs2"), rs2, limb_exprs::<B>(row.b), row.t_rs2, at(TICK_RS2), reads_rs2);
}

/// `16 q + r`, with `q` below 4 and `r` below 16, is the immediate or the six low bits of `b`, and
/// `power` is `2^r`.
///
/// W-forms ignore bit 5 of `b`: they take `q` modulo 2 ([`moves`]).
fn amount<B: ChipBuilder>(builder: &mut B, row: &ShiftCols<B::Var>) {
    for whole in whole_limbs::<B>(row) {
        builder.check_bool("shift::limbs_one_hot", whole);
    }
    for whole in row.limbs {
        builder.check_bool("shift::limbs_boolean", whole);
    }
    gadgets::bits(builder, "shift::bits_range", 4, row.bits, row.is_real);
    builder.send("shift::power", bus::POWER, [row.bits.into(), row.power.into()], row.is_real);

    let [one, two, three] = row.limbs;
    let amount = (one + two * B::constant(2) + three * B::constant(3)) * B::constant(16) + row.bits;
    builder.check_eq("shift::immediate", row.imm0, row.is_immediate * amount.clone());
    let rest = (row.b[0].into() - amount) * F::from_u32(64).inverse();
    gadgets::bits(builder, "shift::rest_range", 10, rest, row.is_real - row.is_immediate);
}

/// Each input limb is made of `moving` below `2^r` and `staying` below `2^(16 - r)`, in the order
/// that the direction asks for. With both in range that is one number below 2^16 and splits in one
/// way.
///
/// Left: `input = staying + moving * 2^(16 - r)`, multiplied here by the nonzero `power`. Right:
/// `input = moving + staying * power`. The upper input limbs of W-forms are those of the sign
/// extension in arithmetic shifts and zero in others.
fn split<B: ChipBuilder>(builder: &mut B, row: &ShiftCols<B::Var>) {
    let is_double = B::Expr::ONE - row.is_word;
    let extension = row.is_arithmetic * row.is_word * row.sign * B::constant(0xffff);
    for i in 0..4 {
        let (moving, staying) = (row.moving[i], row.staying[i]);
        builder.send("shift::moving_range", bus::BITS, [row.bits, moving].map(Into::into), row.is_real);
        builder.send("shift::staying_range", bus::BITS, [B::constant(16) - row.bits, staying.into()], row.is_real);

        let (input, extension) = match i {
            0 | 1 => (row.a[i].into(), B::Expr::ZERO),
            _ => (is_double.clone() * row.a[i], extension.clone()),
        };
        let left = row.power * (input.clone() - staying) - moving * B::constant(1 << 16);
        builder.check("shift::split_left", is_left::<B>(row) * left);
        let right = moving + staying * row.power - input;
        builder.check("shift::split_right", is_right::<B>(row) * right - extension);
    }
}

/// How many limbs the result's limb `limb` moves: `q`, but modulo 2 for the lower limbs of W-forms.
fn moves<B: ChipBuilder>(row: &ShiftCols<B::Var>, limb: usize) -> [B::Expr; 4] {
    let [zero, one, two, three] = whole_limbs::<B>(row);
    if limb >= 2 {
        return [zero, one, two, three];
    }
    let (wrap_two, wrap_three) = (two.clone() * row.is_word, three.clone() * row.is_word);
    [zero + wrap_two.clone(), one + wrap_three.clone(), two - wrap_two, three - wrap_three]
}

/// A limb of the result, the upper ones only of 64-bit shifts: it is made of what stays in the limb
/// that moves there and what moves in from that limb's neighbour. Right shifts are multiplied by
/// the nonzero `power`; what comes in from above the top limb repeats the sign.
fn assemble<B: ChipBuilder>(builder: &mut B, row: &ShiftCols<B::Var>, limb: usize) {
    let in_use = if limb < 2 { B::Expr::ONE } else { B::Expr::ONE - row.is_word };
    let moves = moves::<B>(row, limb);
    let left = (0..=limb).map(|from| {
        let enters = if from == 0 { B::Expr::ZERO } else { row.moving[from - 1].into() };
        moves[limb - from].clone() * (row.staying[from] * row.power + enters)
    });
    let left: B::Expr = left.sum();
    builder.check("shift::left", in_use.clone() * is_left::<B>(row) * (row.result[limb].into() - left));

    let right = (limb..4).map(|from| {
        let enters = if from == 3 { B::Expr::ZERO } else { row.moving[from + 1] * B::constant(1 << 16) };
        moves[from - limb].clone() * (row.staying[from] * row.power + enters)
    });
    let right: B::Expr = right.sum();
    // The top limb takes in `r` ones (2^r - 1); limbs above it are all ones.
    let into_top = moves[3 - limb].clone() * (row.power - B::Expr::ONE) * B::constant(1 << 16);
    let above_top: B::Expr = moves[4 - limb..].iter().cloned().sum::<B::Expr>() * row.power * B::constant(0xffff);
    let signs = row.is_arithmetic * row.sign * (into_top + above_top);
    let right = is_right::<B>(row) * (row.power * row.result[limb] - right) - signs;
    builder.check("shift::right", in_use * right);
}

/// `sign` is bit 15 of the limb that has the sign: of the result in logical W-forms, of `a` in
/// arithmetic shifts. (The result of an arithmetic W-form has the sign of `a`.) The upper limbs of
/// W-forms repeat it.
fn sign<B: ChipBuilder>(builder: &mut B, row: &ShiftCols<B::Var>) {
    let arithmetic_word = row.is_arithmetic * row.is_word;
    let logical_word = row.is_word - arithmetic_word.clone();
    let arithmetic_double = row.is_arithmetic - arithmetic_word.clone();
    let has_sign = row.is_arithmetic + logical_word.clone();
    builder.check("shift::sign_boolean", row.sign * (row.sign - has_sign.clone()));
    let signed_limb = arithmetic_double * row.a[3] + arithmetic_word * row.a[1] + logical_word * row.result[1];
    builder.check_eq("shift::sign", row.below_sign + row.sign * B::constant(1 << 15), signed_limb);
    gadgets::bits(builder, "shift::below_sign_range", 15, row.below_sign, has_sign);

    for limb in &row.result[2..] {
        let extension = row.sign * B::constant(0xffff);
        builder.check("shift::sign_extension", row.is_word * ((*limb).into() - extension));
    }
}

/// The result is written to `rd`.
fn write_back<B: ChipBuilder>(builder: &mut B, row: &ShiftCols<B::Var>) {
    let write = Access {
        key: register_key::<B>(row.rd),
        old: limb_exprs::<B>(row.rd_old),
        new: limb_exprs::<B>(row.result),
        old_time: row.t_rd.into(),
        time: row.time.into() + B::constant(TICK_RD),
    };
    gadgets::access(builder, access_labels!("shift::rd"), write, row.is_real);
}
