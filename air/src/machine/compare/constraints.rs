//! Constraints of the compare chip.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::CompareCols;
use crate::builder::ChipBuilder;
use crate::comparison;
use crate::events::{TICK_RD, TICK_RS1, TICK_RS2};
use crate::gadgets::{self, Access, Decoded, limb_exprs, register_key};
use crate::isa::Opcode;
use crate::layout::Columns;
use crate::{access_labels, comparison_labels, instruction_labels};

// The opcode is that of `SLTU`, less 1 if signed, plus 2 in immediate forms.
const _: () = assert!(Opcode::Slt as u32 == Opcode::Sltu as u32 - 1);
const _: () = assert!(Opcode::Slti as u32 == Opcode::Slt as u32 + 2 && Opcode::Sltiu as u32 == Opcode::Sltu as u32 + 2);

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = CompareCols::of(main.current_slice());
    selectors(builder, row);
    fetch(builder, row);
    operands(builder, row);
    let (is_signed, is_real) = (row.is_signed.into(), row.is_real.into());
    comparison::constrain(builder, comparison_labels!("compare"), &row.comparison, row.a, row.b, is_signed, is_real);
    write_back(builder, row);
}

/// The row is padding or one of the four instructions.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &CompareCols<B::Var>) {
    builder.check_bool("compare::is_real_boolean", row.is_real);
    for selector in [row.is_signed, row.is_immediate] {
        let is_other = selector - row.is_real;
        builder.check("compare::selector_boolean", selector * is_other);
    }
}

/// The instruction is the one that the program has at `pc`.
fn fetch<B: ChipBuilder>(builder: &mut B, row: &CompareCols<B::Var>) {
    let sign: B::Expr = row.imm_sign.into();
    let decoded = Decoded {
        op: row.is_real * B::constant(Opcode::Sltu as u32) - row.is_signed + row.is_immediate * B::constant(2),
        rd: row.rd.into(),
        rs1: row.rs1.into(),
        rs2: row.rs2.into(),
        imm0: row.imm0.into(),
        imm1: sign.clone() * B::constant(0xffff),
        sign,
    };
    let (pc, time): (B::Expr, B::Expr) = (row.pc.into(), row.time.into());
    let next_pc = pc.clone() + B::constant(4);
    gadgets::instruction(builder, instruction_labels!("compare"), pc, time, next_pc, decoded, row.is_real);
}

/// `a` is the value of `rs1`; `b` is the value of `rs2` or the sign-extended immediate.
fn operands<B: ChipBuilder>(builder: &mut B, row: &CompareCols<B::Var>) {
    let at = |tick: u32| row.time.into() + B::constant(tick);
    let (rs1, rs2) = (register_key::<B>(row.rs1), register_key::<B>(row.rs2));
    let reads_rs2 = row.is_real - row.is_immediate;
    gadgets::read(builder, access_labels!("compare::rs1"), rs1, limb_exprs::<B>(row.a), row.t_rs1, at(TICK_RS1), row.is_real);
    gadgets::read(builder, access_labels!("compare::rs2"), rs2, limb_exprs::<B>(row.b), row.t_rs2, at(TICK_RS2), reads_rs2);

    builder.check("compare::immediate_low", row.is_immediate * (row.b[0] - row.imm0));
    for limb in &row.b[1..] {
        let extension = row.imm_sign * B::constant(0xffff);
        builder.check("compare::immediate_extension", row.is_immediate * ((*limb).into() - extension));
    }
}

/// The comparison's outcome, a boolean, is written to `rd`.
fn write_back<B: ChipBuilder>(builder: &mut B, row: &CompareCols<B::Var>) {
    let write = Access {
        key: register_key::<B>(row.rd),
        old: limb_exprs::<B>(row.rd_old),
        new: [row.comparison.less.into(), B::Expr::ZERO, B::Expr::ZERO, B::Expr::ZERO],
        old_time: row.t_rd.into(),
        time: row.time.into() + B::constant(TICK_RD),
    };
    gadgets::access(builder, access_labels!("compare::rd"), write, row.is_real);
}
