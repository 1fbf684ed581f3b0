//! Constraints of the arithmetic chip.

use p3_air::WindowAccess;

use super::{AluCols, AluPreCols};
use crate::builder::{ChipBuilder, Label};
use crate::layout::Columns;
use crate::recursion::bus;
use crate::recursion::gadgets::{product, wire};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row: &AluCols<B::Var> = AluCols::of(main.current_slice());
    let fixed: AluPreCols<B::Var> = *AluPreCols::of(builder.preprocessed().current_slice());
    operation(builder, row);
    wires(builder, row, &fixed);
}

/// `a * b + c = d`, on every row: zeros satisfy it.
fn operation<B: ChipBuilder>(builder: &mut B, op: &AluCols<B::Var>) {
    let [a, b] = [op.a, op.b].map(|x| x.map(Into::into));
    for ((product, c), d) in product::<B::Expr>(&a, &b).into_iter().zip(op.c).zip(op.d) {
        builder.check_eq("alu::operation", product + c.into(), d);
    }
}

/// Each operand reads its wire, or writes it.
fn wires<B: ChipBuilder>(builder: &mut B, op: &AluCols<B::Var>, fixed: &AluPreCols<B::Var>) {
    const LABELS: [Label; 4] = ["alu::a", "alu::b", "alu::c", "alu::d"];
    let operands = [op.a, op.b, op.c, op.d];
    for (i, (label, value)) in LABELS.into_iter().zip(operands).enumerate() {
        builder.fixed(label, bus::WIRE, wire::<B>(fixed.addr[i], value), fixed.mult[i]);
    }
}
