//! Constraints of the ecall chip.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::{BLAKE2F_ROUND, EcallCols, HALT, KECCAK_F1600, MULMOD256, MULMOD384, NO_OPS, REGISTERS, SHA256_COMPRESS};
use crate::access_labels;
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::{TICK_RS1, TICKS_PER_INSTRUCTION};
use crate::gadgets::{self, AccessLabels, limb_exprs, register_key};
use crate::isa::Opcode;
use crate::layout::Columns;

/// Labels of the register reads, in the order of [`REGISTERS`].
const READS: [AccessLabels; 6] = [
    access_labels!("ecall::a7"),
    access_labels!("ecall::a0"),
    access_labels!("ecall::a1"),
    access_labels!("ecall::a2"),
    access_labels!("ecall::a3"),
    access_labels!("ecall::a4"),
];

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = EcallCols::of(main.current_slice());
    let is_ecall = selectors(builder, row);
    fetch(builder, row, is_ecall.clone());
    number(builder, row);
    registers(builder, row, is_ecall);
    words(builder, row);
    hand_over(builder, row);
}

/// The selectors are boolean and at most one is set. Returns whether the row is an `ecall`.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &EcallCols<B::Var>) -> B::Expr {
    let calls = [row.is_halt, row.is_no_op, row.is_keccak, row.is_mulmod, row.is_mulmod384, row.is_sha256, row.is_blake2f];
    for selector in calls.into_iter().chain([row.is_fence]) {
        builder.check_bool("ecall::selector_boolean", selector);
    }
    let is_ecall: B::Expr = calls.into_iter().map(Into::into).sum();
    builder.check_bool("ecall::selectors_exclusive", is_ecall.clone() + row.is_fence);
    is_ecall
}

/// The instruction is the one that the program has at `pc`, and the token goes on to `pc + 4`, or
/// nowhere after `halt`.
fn fetch<B: ChipBuilder>(builder: &mut B, row: &EcallCols<B::Var>, is_ecall: B::Expr) {
    let (pc, time): (B::Expr, B::Expr) = (row.pc.into(), row.time.into());
    let is_real = is_ecall.clone() + row.is_fence;
    builder.receive("ecall::execute", bus::EXECUTION, [pc.clone(), time.clone()], is_real.clone());
    let next = [pc.clone() + B::constant(4), time + B::constant(TICKS_PER_INSTRUCTION)];
    builder.send("ecall::next", bus::EXECUTION, next, is_real.clone() - row.is_halt);
    let op = is_ecall * B::constant(Opcode::Ecall as u32) + row.is_fence.into() * B::constant(Opcode::Fence as u32);
    let no_fields = core::iter::repeat_n(B::Expr::ZERO, 6);
    builder.send("ecall::program", bus::PROGRAM, [pc, op].into_iter().chain(no_fields), is_real);
}

/// Each selector belongs to the call's number, so that every other number is left without a row.
fn number<B: ChipBuilder>(builder: &mut B, row: &EcallCols<B::Var>) {
    let minus = |number: u32| row.number.into() - B::constant(number);
    builder.check("ecall::halt_number", row.is_halt.into() * minus(HALT));
    let is_other = NO_OPS.map(minus).fold(row.is_no_op.into(), |product, difference| product * difference);
    builder.check("ecall::no_op_number", is_other);
    builder.check("ecall::keccak_number", row.is_keccak.into() * minus(KECCAK_F1600));
    builder.check("ecall::mulmod_number", row.is_mulmod.into() * minus(MULMOD256));
    builder.check("ecall::mulmod384_number", row.is_mulmod384.into() * minus(MULMOD384));
    builder.check("ecall::sha256_number", row.is_sha256.into() * minus(SHA256_COMPRESS));
    builder.check("ecall::blake2f_number", row.is_blake2f.into() * minus(BLAKE2F_ROUND));
}

/// A call reads its six registers, all at the tick at which it begins; `x17` is the number alone.
fn registers<B: ChipBuilder>(builder: &mut B, row: &EcallCols<B::Var>, is_ecall: B::Expr) {
    let number = [row.number.into(), B::Expr::ZERO, B::Expr::ZERO, B::Expr::ZERO];
    let values = core::iter::once(number).chain(row.args.map(limb_exprs::<B>));
    for (i, value) in values.enumerate() {
        let key = register_key::<B>(B::constant(REGISTERS[i]));
        let time = row.time.into() + B::constant(TICK_RS1);
        gadgets::read(builder, READS[i], key, value, row.t_regs[i], time, is_ecall.clone());
    }
}

/// The exit code and all pointers of accelerators are below 2^32: their two upper limbs are zero. A
/// schedule of BLAKE2b is below 2^16.
fn words<B: ChipBuilder>(builder: &mut B, row: &EcallCols<B::Var>) {
    let [a0, a1, others @ ..] = row.args;
    for limb in &a0[2..] {
        let is_word = row.is_halt.into() + row.is_keccak + row.is_mulmod + row.is_mulmod384 + row.is_sha256 + row.is_blake2f;
        builder.check("ecall::a0_is_word", is_word * *limb);
    }
    for limb in &a1[2..] {
        builder.check("ecall::a1_is_word", (row.is_mulmod.into() + row.is_mulmod384 + row.is_sha256 + row.is_blake2f) * *limb);
    }
    for limb in &row.args[2][1..] {
        builder.check("ecall::schedule_is_limb", row.is_blake2f.into() * *limb);
    }
    for limb in others.iter().flat_map(|arg| &arg[2..]) {
        builder.check("ecall::pointer_is_word", (row.is_mulmod.into() + row.is_mulmod384) * *limb);
    }
}

/// The segment chip gets exit code and digest, the accelerators' chips their pointers and the time.
fn hand_over<B: ChipBuilder>(builder: &mut B, row: &EcallCols<B::Var>) {
    let time: B::Expr = row.time.into();
    let low_limbs = row.args.map(|[l0, l1, _, _]| [l0.into(), l1.into()]);
    let [code, second, [schedule, _], ..] = low_limbs.clone();
    let digest = row.args[1..].iter().flatten().map(|&limb| limb.into());
    builder.send("ecall::halt", bus::HALT, code.clone().into_iter().chain(digest), row.is_halt);
    let state = core::iter::once(time.clone()).chain(code.clone());
    builder.send("ecall::keccak", bus::KECCAK, state, row.is_keccak);
    let compression = core::iter::once(time.clone()).chain(code).chain(second);
    builder.send("ecall::sha256", bus::SHA256, compression.clone(), row.is_sha256);
    builder.send("ecall::blake2f", bus::BLAKE2F, compression.chain([schedule]), row.is_blake2f);
    let pointers = core::iter::once(time).chain(low_limbs.into_iter().flatten());
    builder.send("ecall::mulmod", bus::MULMOD, pointers.clone(), row.is_mulmod);
    builder.send("ecall::mulmod384", bus::MULMOD384, pointers, row.is_mulmod384);
}
