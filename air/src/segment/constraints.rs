//! Constraints of the segment chip.

use alloc::vec::Vec;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::statement::Layout;
use super::{SegmentCols, Statement};
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::FIRST_TIME;
use crate::layout::Columns;

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = SegmentCols::of(main.current_slice());
    let next = SegmentCols::of(main.next_slice());
    let public: Vec<B::Expr> = builder.public_values().iter().map(|&v| v.into()).collect();
    let public = Statement::layout(&public);

    one_real_row(builder, row, next);
    halting(builder, row, &public);
    execution(builder, row, &public);
    memory(builder, row, &public);
}

/// The first row is real and no row after it is.
fn one_real_row<B: ChipBuilder>(builder: &mut B, row: &SegmentCols<B::Var>, next: &SegmentCols<B::Var>) {
    let first = builder.is_first_row();
    let transition = builder.is_transition();
    builder.check("segment::first_row_real", first * (row.is_real.into() - B::Expr::ONE));
    builder.check("segment::other_rows_padding", transition * next.is_real.into());
}

/// A segment that halts has no next pc; one that does not has no exit code and no digest.
fn halting<B: ChipBuilder>(builder: &mut B, row: &SegmentCols<B::Var>, public: &Layout<'_, B::Expr>) {
    let real: B::Expr = row.is_real.into();
    let halted = public.halted.clone();
    builder.check("segment::halted_boolean", real.clone() * halted.clone() * (halted.clone() - B::Expr::ONE));
    for limb in public.pc_out {
        builder.check("segment::halted_has_no_pc", real.clone() * halted.clone() * limb.clone());
    }
    let running = real * (B::Expr::ONE - halted);
    for limb in public.exit_code.iter().chain(public.output_digest) {
        builder.check("segment::running_has_no_exit", running.clone() * limb.clone());
    }
}

/// One token starts the execution; one ends it, or the halt call does.
fn execution<B: ChipBuilder>(builder: &mut B, row: &SegmentCols<B::Var>, public: &Layout<'_, B::Expr>) {
    let pc = |limbs: &[B::Expr]| limbs[0].clone() + limbs[1].clone() * B::constant(1 << 16);
    let real: B::Expr = row.is_real.into();
    let halted = real.clone() * public.halted.clone();
    builder.send("segment::start", bus::EXECUTION, [pc(public.pc_in), B::constant(FIRST_TIME)], real.clone());
    builder.receive("segment::end", bus::EXECUTION, [pc(public.pc_out), row.end_time.into()], real - halted.clone());
    builder.receive("segment::halt", bus::HALT, public.exit_code.iter().chain(public.output_digest).cloned(), halted);
}

/// The root of the memory tree before and after.
fn memory<B: ChipBuilder>(builder: &mut B, row: &SegmentCols<B::Var>, public: &Layout<'_, B::Expr>) {
    let node = |kind: u32, root: &[B::Expr]| {
        let at_root = [B::constant(kind), B::Expr::ZERO, B::Expr::ZERO];
        at_root.into_iter().chain(root.iter().cloned()).collect::<Vec<_>>()
    };
    builder.send("segment::root_in", bus::NODE, node(0, public.root_in), row.is_real);
    builder.send("segment::root_out", bus::NODE, node(1, public.root_out), row.is_real);
}
