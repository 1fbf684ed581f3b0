//! Constraints of the branch chip.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::BranchCols;
use crate::builder::ChipBuilder;
use crate::comparison;
use crate::events::{TICK_RS1, TICK_RS2};
use crate::gadgets::{self, Decoded, limb_exprs, register_key, signed_immediate};
use crate::isa::Opcode;
use crate::layout::Columns;
use crate::{access_labels, comparison_labels, instruction_labels};

// The opcode is that of `BEQ`, plus 2 if signed, 4 if unsigned, 1 if negated.
const _: () = assert!(Opcode::Bne as u32 == Opcode::Beq as u32 + 1);
const _: () = assert!(Opcode::Blt as u32 == Opcode::Beq as u32 + 2 && Opcode::Bge as u32 == Opcode::Beq as u32 + 3);
const _: () = assert!(Opcode::Bltu as u32 == Opcode::Beq as u32 + 4 && Opcode::Bgeu as u32 == Opcode::Beq as u32 + 5);

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = BranchCols::of(main.current_slice());
    selectors(builder, row);
    fetch(builder, row);
    operands(builder, row);
    let (is_signed, is_real) = (row.is_signed.into(), row.is_real.into());
    comparison::constrain(builder, comparison_labels!("branch"), &row.comparison, row.a, row.b, is_signed, is_real);
    target(builder, row);
}

/// Compares for equality, not order.
fn is_equality<B: ChipBuilder>(row: &BranchCols<B::Var>) -> B::Expr {
    row.is_real - row.is_signed - row.is_unsigned
}

/// The row is padding or one of the six instructions.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &BranchCols<B::Var>) {
    for selector in [row.is_real, row.is_signed, row.is_unsigned] {
        builder.check_bool("branch::selector_boolean", selector);
    }
    builder.check_bool("branch::selectors_exclusive", is_equality::<B>(row));
    let is_other = row.is_negated - row.is_real;
    builder.check("branch::is_negated_boolean", row.is_negated * is_other);
}

/// The instruction is the one that the program has at `pc`.
fn fetch<B: ChipBuilder>(builder: &mut B, row: &BranchCols<B::Var>) {
    let sign: B::Expr = row.imm_sign.into();
    let kind = row.is_signed * B::constant(2) + row.is_unsigned * B::constant(4) + row.is_negated;
    let decoded = Decoded {
        op: row.is_real * B::constant(Opcode::Beq as u32) + kind,
        rd: B::Expr::ZERO,
        rs1: row.rs1.into(),
        rs2: row.rs2.into(),
        imm0: row.imm0.into(),
        imm1: sign.clone() * B::constant(0xffff),
        sign,
    };
    let [pc, time, next_pc] = [row.pc, row.time, row.next_pc].map(Into::into);
    gadgets::instruction(builder, instruction_labels!("branch"), pc, time, next_pc, decoded, row.is_real);
}

/// `a` is the value of `rs1`; `b` is the value of `rs2`.
fn operands<B: ChipBuilder>(builder: &mut B, row: &BranchCols<B::Var>) {
    let at = |tick: u32| row.time.into() + B::constant(tick);
    let (rs1, rs2) = (register_key::<B>(row.rs1), register_key::<B>(row.rs2));
    gadgets::read(builder, access_labels!("branch::rs1"), rs1, limb_exprs::<B>(row.a), row.t_rs1, at(TICK_RS1), row.is_real);
    gadgets::read(builder, access_labels!("branch::rs2"), rs2, limb_exprs::<B>(row.b), row.t_rs2, at(TICK_RS2), row.is_real);
}

/// The machine goes on at the branch's target if the condition holds, else behind the branch.
///
/// A sum that leaves 0 to 2^30 wraps around the field to a value that is no address of the text.
fn target<B: ChipBuilder>(builder: &mut B, row: &BranchCols<B::Var>) {
    let is_equal = B::Expr::ONE - row.comparison.is_different::<B::Expr>();
    let holds = is_equality::<B>(row) * is_equal + (row.is_signed + row.is_unsigned) * row.comparison.less;
    let taken = holds.clone() + row.is_negated - holds.double() * row.is_negated;
    let sign: B::Expr = row.imm_sign.into();
    let offset = signed_immediate::<B>(row.imm0.into(), sign.clone() * B::constant(0xffff), sign);
    let advance = row.is_real * B::constant(4) + taken * (offset - B::constant(4));
    builder.check_eq("branch::target", row.next_pc, row.pc + advance);
}
