//! Constraints of the segment chip. All are linear: public values are constants of a proof.

use alloc::vec::Vec;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::statement::Layout;
use super::{SegmentCols, SegmentFixed, Statement};
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::FIRST_TIME;
use crate::layout::Columns;

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = SegmentCols::of(main.current_slice());
    let is_first: B::Expr = SegmentFixed::of(builder.preprocessed().current_slice()).is_first.into();
    let public: Vec<B::Expr> = builder.public_values().iter().map(|&v| v.into()).collect();
    let public = Statement::layout(&public);

    halting(builder, &is_first, &public);
    execution(builder, row, &is_first, &public);
    memory(builder, &is_first, &public);
}

/// A segment that halts has no next pc; one that does not has no exit code and no digest.
fn halting<B: ChipBuilder>(builder: &mut B, is_first: &B::Expr, public: &Layout<'_, B::Expr>) {
    let halted = is_first.clone() * public.halted.clone();
    builder.check("segment::halted_boolean", halted.clone() * (public.halted.clone() - B::Expr::ONE));
    for limb in public.pc_out {
        builder.check("segment::halted_has_no_pc", halted.clone() * limb.clone());
    }
    let running = is_first.clone() - halted;
    for limb in public.exit_code.iter().chain(public.output_digest) {
        builder.check("segment::running_has_no_exit", running.clone() * limb.clone());
    }
}

/// One token starts the execution; one ends it, or the halt call does.
fn execution<B: ChipBuilder>(builder: &mut B, row: &SegmentCols<B::Var>, is_first: &B::Expr, public: &Layout<'_, B::Expr>) {
    let pc = |limbs: &[B::Expr]| limbs[0].clone() + limbs[1].clone() * B::constant(1 << 16);
    let halted = is_first.clone() * public.halted.clone();
    builder.send("segment::start", bus::EXECUTION, [pc(public.pc_in), B::constant(FIRST_TIME)], is_first.clone());
    builder.receive("segment::end", bus::EXECUTION, [pc(public.pc_out), row.end_time.into()], is_first.clone() - halted.clone());
    builder.receive("segment::halt", bus::HALT, public.exit_code.iter().chain(public.output_digest).cloned(), halted);
}

/// The root of the memory tree before and after.
fn memory<B: ChipBuilder>(builder: &mut B, is_first: &B::Expr, public: &Layout<'_, B::Expr>) {
    let node = |kind: u32, root: &[B::Expr]| {
        let at_root = [B::constant(kind), B::Expr::ZERO, B::Expr::ZERO];
        at_root.into_iter().chain(root.iter().cloned()).collect::<Vec<_>>()
    };
    builder.send("segment::root_in", bus::NODE, node(0, public.root_in), is_first.clone());
    builder.send("segment::root_out", bus::NODE, node(1, public.root_out), is_first.clone());
}
