//! Constraints of the compression chip.

use core::array::from_fn;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::{CompressCols, CompressPreCols, IV};
use crate::builder::ChipBuilder;
use crate::layout::Columns;
use crate::recursion::bus;
use crate::recursion::gadgets::{base_wire, digest};
use crate::recursion::rounds::ROUNDS;

/// A half as its limbs.
type Half<E> = [E; 16];

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = CompressCols::of(main.current_slice());
    let pre = *CompressPreCols::of(builder.preprocessed().current_slice());
    inputs(builder, row, &pre);
    start(builder, row, &pre);
    block(builder, row, &pre);
    end(builder, row, &pre);
    output(builder, row, &pre);
}

/// The row reads the halves and the bit of its addresses; the bit is zero where there is none.
fn inputs<B: ChipBuilder>(builder: &mut B, row: &CompressCols<B::Var>, pre: &CompressPreCols<B::Var>) {
    builder.receive("compress::cv", bus::HALF, digest::<B>(pre.addr_cv, row.cv), pre.real);
    builder.receive("compress::own", bus::HALF, digest::<B>(pre.addr_own, row.own), pre.real);
    builder.receive("compress::sibling", bus::HALF, digest::<B>(pre.addr_sibling, row.sibling), pre.real);
    builder.check_bool("compress::bit_boolean", row.bit);
    builder.check("compress::bit_unread", row.bit.into() * (B::Expr::ONE - pre.read_bit.into()));
    builder.receive("compress::bit", bus::WIRE, base_wire::<B>(pre.addr_bit, row.bit), pre.read_bit);
}

/// The rounds begin with the chaining value, the initial value, the counter, the length and the flags.
fn start<B: ChipBuilder>(builder: &mut B, row: &CompressCols<B::Var>, pre: &CompressPreCols<B::Var>) {
    let constants = IV[..4].iter().flat_map(|&word| [B::constant(word & 0xffff), B::constant(word >> 16)]);
    let zero = || B::Expr::ZERO;
    let rest = [pre.counter.into(), zero(), zero(), zero(), pre.len.into(), zero(), pre.flags.into(), zero()];
    builder.send("compress::start_ab", bus::STATE_AB, digest::<B>(pre.key, row.cv), pre.real);
    builder.send("compress::start_cd", bus::STATE_CD, digest::<B>(pre.key, constants.chain(rest)), pre.real);
}

/// The block is the two halves in the order that the bit tells.
fn block<B: ChipBuilder>(builder: &mut B, row: &CompressCols<B::Var>, pre: &CompressPreCols<B::Var>) {
    let swap = |x: B::Var, y: B::Var| x.into() + row.bit.into() * (y.into() - x.into());
    let left: Half<B::Expr> = from_fn(|i| swap(row.own[i], row.sibling[i]));
    let right: Half<B::Expr> = from_fn(|i| swap(row.sibling[i], row.own[i]));
    builder.send("compress::message_low", bus::MESSAGE_LOW, digest::<B>(pre.key, left), pre.real);
    builder.send("compress::message_high", bus::MESSAGE_HIGH, digest::<B>(pre.key, right), pre.real);
}

/// The rounds end with the state of the row.
fn end<B: ChipBuilder>(builder: &mut B, row: &CompressCols<B::Var>, pre: &CompressPreCols<B::Var>) {
    let key = pre.key.into() + B::Expr::from_usize(ROUNDS);
    builder.receive("compress::end_ab", bus::STATE_AB, digest::<B>(key.clone(), limbs::<B>(&row.low)), pre.real);
    builder.receive("compress::end_cd", bus::STATE_CD, digest::<B>(key, limbs::<B>(&row.high)), pre.real);
}

/// The output is the sum of the state's halves, and written as often as it is read.
fn output<B: ChipBuilder>(builder: &mut B, row: &CompressCols<B::Var>, pre: &CompressPreCols<B::Var>) {
    for i in 0..32 {
        builder.send("compress::xor", bus::XOR, [row.low[i], row.high[i], row.out[i]].map(Into::into), pre.real);
    }
    builder.fixed("compress::out", bus::HALF, digest::<B>(pre.addr_out, limbs::<B>(&row.out)), pre.mult_out);
}

fn limbs<B: ChipBuilder>(bytes: &[B::Var; 32]) -> Half<B::Expr> {
    from_fn(|i| bytes[2 * i].into() + bytes[2 * i + 1].into() * B::constant(256))
}
