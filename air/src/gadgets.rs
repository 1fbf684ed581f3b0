//! Claims that several chips share.
//!
//! Each function says what it proves and what it assumes of its caller.

use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use crate::builder::{ChipBuilder, Label};
use crate::bus;
use crate::events::TICKS_PER_INSTRUCTION;
use crate::lookups::Lookups;

/// A 64-bit value as four 16-bit limbs, lowest first.
pub type Limbs<T> = [T; 4];

/// Splits a dword into its limbs.
pub fn limbs(x: u64) -> Limbs<F> {
    core::array::from_fn(|i| F::from_u16((x >> (16 * i)) as u16))
}

/// The expressions of four limb columns.
pub fn limb_exprs<B: ChipBuilder>(limbs: Limbs<B::Var>) -> Limbs<B::Expr> {
    limbs.map(Into::into)
}

/// Labels of one access: the value received, the value sent, the range check of the time in between.
#[derive(Clone, Copy, Debug)]
pub struct AccessLabels {
    /// Message that takes the old value.
    pub receive: Label,
    /// Message that leaves the new value.
    pub send: Label,
    /// Lookup that proves `old time < new time`.
    pub order: Label,
}

/// The labels of an access: `access_labels!("load::rs1")` is `load::rs1_receive`, `load::rs1_send`,
/// `load::rs1_order`. The prefix may be given in parts.
#[macro_export]
macro_rules! access_labels {
    ($($prefix:literal),+) => {
        $crate::gadgets::AccessLabels {
            receive: concat!($($prefix,)+ "_receive"),
            send: concat!($($prefix,)+ "_send"),
            order: concat!($($prefix,)+ "_order"),
        }
    };
}

/// One access to a memory cell: where, what it holds before and after, and when.
pub struct Access<E> {
    /// Key of the cell ([`register_key`], [`memory_key`]).
    pub key: E,
    /// Limbs before the access.
    pub old: Limbs<E>,
    /// Limbs after the access.
    pub new: Limbs<E>,
    /// Time of the previous access.
    pub old_time: E,
    /// Time of this access.
    pub time: E,
}

/// Given a boolean `active` and a time that derives from an execution token, proves that the cell
/// held `old`, last touched at `old_time` with `0 <= time - old_time - 1 < 2^16`, and leaves `new`
/// at `time`.
///
/// Limbs of `new` must be below 2^16 by the caller's constraints, unless they equal those of `old`.
pub fn access<B: ChipBuilder>(builder: &mut B, labels: AccessLabels, access: Access<B::Expr>, active: impl Into<B::Expr>) {
    let active = active.into();
    let Access { key, old, new, old_time, time } = access;
    builder.receive(labels.receive, bus::MEMORY, cell(key.clone(), old, old_time.clone()), active.clone());
    builder.send(labels.send, bus::MEMORY, cell(key, new, time.clone()), active.clone());
    bits(builder, labels.order, 16, time - old_time - B::Expr::ONE, active);
}

/// [`access`] that leaves the value as it was.
pub fn read<B: ChipBuilder>(
    builder: &mut B,
    labels: AccessLabels,
    key: B::Expr,
    value: Limbs<B::Expr>,
    old_time: impl Into<B::Expr>,
    time: B::Expr,
    active: impl Into<B::Expr>,
) {
    let access_ = Access { key, old: value.clone(), new: value, old_time: old_time.into(), time };
    access(builder, labels, access_, active);
}

/// The payload of a [`bus::MEMORY`] message.
pub fn cell<E>(key: E, value: Limbs<E>, time: E) -> impl Iterator<Item = E> {
    core::iter::once(key).chain(value).chain(core::iter::once(time))
}

/// Key of a register whose index is `register` (at most 32 by the decode chip).
pub fn register_key<B: ChipBuilder>(register: impl Into<B::Expr>) -> B::Expr {
    register.into() + B::constant(bus::REGISTER_KEY)
}

/// Key of a dword of memory; `index` is below 2^29 and `region` in {0, 1, 2} by the caller's constraints.
pub fn memory_key<B: ChipBuilder>(index: B::Expr, region: impl Into<B::Expr>) -> B::Expr {
    index + region.into() * B::constant(bus::REGION_STRIDE)
}

/// Proves `x < 2^k` where `active` is one, for `k <= 16`.
pub fn bits<B: ChipBuilder>(builder: &mut B, label: Label, k: u32, x: impl Into<B::Expr>, active: impl Into<B::Expr>) {
    builder.send(label, bus::BITS, [B::constant(k), x.into()], active);
}

/// Labels of the messages that every instruction row has.
#[derive(Clone, Copy, Debug)]
pub struct InstructionLabels {
    /// Takes the execution token.
    pub execute: Label,
    /// Leaves it at the next instruction.
    pub next: Label,
    /// Looks the decoded instruction up.
    pub program: Label,
}

/// The labels of an instruction's messages: `instruction_labels!("load")` is `load::execute`,
/// `load::next`, `load::program`.
#[macro_export]
macro_rules! instruction_labels {
    ($chip:literal) => {
        $crate::gadgets::InstructionLabels {
            execute: concat!($chip, "::execute"),
            next: concat!($chip, "::next"),
            program: concat!($chip, "::program"),
        }
    };
}

/// A decoded instruction as it travels on the program bus.
///
/// `imm0` and `imm1` are the low and high 16 bits of the immediate in two's complement, `sign` is
/// one where it is negative. Fields that the instruction lacks are zero.
pub struct Decoded<E> {
    /// Opcode number.
    pub op: E,
    /// Destination register.
    pub rd: E,
    /// First source register.
    pub rs1: E,
    /// Second source register.
    pub rs2: E,
    /// Bits 0 to 15 of the immediate.
    pub imm0: E,
    /// Bits 16 to 31 of the immediate.
    pub imm1: E,
    /// Whether the immediate is negative.
    pub sign: E,
}

/// Given a boolean `is_real`, proves that the machine executes at (`pc`, `time`) the instruction
/// `decoded` and goes on at `next_pc`.
pub fn instruction<B: ChipBuilder>(
    builder: &mut B,
    labels: InstructionLabels,
    pc: B::Expr,
    time: B::Expr,
    next_pc: B::Expr,
    decoded: Decoded<B::Expr>,
    is_real: impl Into<B::Expr>,
) {
    let is_real = is_real.into();
    builder.receive(labels.execute, bus::EXECUTION, [pc.clone(), time.clone()], is_real.clone());
    let next_time = time + B::constant(TICKS_PER_INSTRUCTION);
    builder.send(labels.next, bus::EXECUTION, [next_pc, next_time], is_real.clone());
    let Decoded { op, rd, rs1, rs2, imm0, imm1, sign } = decoded;
    builder.send(labels.program, bus::PROGRAM, [pc, op, rd, rs1, rs2, imm0, imm1, sign], is_real);
}

/// The immediate as a signed field element, for instructions whose immediate has at most 21 bits.
pub fn signed_immediate<B: ChipBuilder>(imm0: B::Expr, imm1: B::Expr, sign: B::Expr) -> B::Expr {
    imm0 + (imm1 - sign * B::constant(1 << 16)) * B::constant(1 << 16)
}

/// Counts the lookup of an access's [`AccessLabels::order`].
pub fn count_access(lookups: &mut Lookups, old_time: u32, time: u32) {
    debug_assert!(old_time < time, "access at {time} after {old_time}");
    lookups.bits(16, time.wrapping_sub(old_time).wrapping_sub(1));
}
