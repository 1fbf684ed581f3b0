//! Constraints of the compression chip.

use core::array::from_fn;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::round::{Bytes, Limbs, State, known, limbs, quarter, xor};
use super::semantics::{PARAMETERS, permute};
use super::{CompressCols, CompressPreCols, IV, QUARTERS};
use crate::builder::ChipBuilder;
use crate::layout::Columns;
use crate::recursion::bus;
use crate::recursion::gadgets::{base_wire, digest};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = CompressCols::of(main.current_slice());
    let pre = *CompressPreCols::of(builder.preprocessed().current_slice());
    inputs(builder, row, &pre);
    let mut state = first_state::<B>(row, &pre);
    rounds(builder, row, &mut state, &pre.real.into());
    output(builder, row, &pre, &state);
}

/// The row reads the halves and the bit of its addresses; the bit is zero where there is none.
fn inputs<B: ChipBuilder>(builder: &mut B, row: &CompressCols<B::Var>, pre: &CompressPreCols<B::Var>) {
    let swap = |x: B::Var, y: B::Var| x.into() + row.bit.into() * (y.into() - x.into());
    let own: [B::Expr; 16] = from_fn(|i| swap(row.left[i], row.right[i]));
    let sibling: [B::Expr; 16] = from_fn(|i| swap(row.right[i], row.left[i]));
    let cv = row.cv_low.map(|word| word.map(Into::into)).into_iter().chain(row.cv_high.map(|word| limbs(&word.map(Into::into))));
    builder.receive("compress::cv", bus::HALF, digest::<B>(pre.addr_cv, cv.flatten()), pre.real);
    builder.receive("compress::own", bus::HALF, digest::<B>(pre.addr_own, own), pre.real);
    builder.receive("compress::sibling", bus::HALF, digest::<B>(pre.addr_sibling, sibling), pre.real);
    builder.check_bool("compress::bit_boolean", row.bit);
    builder.check("compress::bit_unread", row.bit.into() * (B::Expr::ONE - pre.read_bit.into()));
    builder.receive("compress::bit", bus::WIRE, base_wire::<B>(pre.addr_bit, row.bit), pre.read_bit);
}

/// The chaining value, the initial value, the counter, the length and the flags.
fn first_state<B: ChipBuilder>(row: &CompressCols<B::Var>, pre: &CompressPreCols<B::Var>) -> State<B::Expr> {
    let parameters = [pre.counter[0], pre.counter[1], pre.len, pre.flags];
    State {
        a: row.cv_low.map(|word| word.map(Into::into)),
        b: row.cv_high.map(|word| word.map(Into::into)),
        c: from_fn(|i| [IV[i] & 0xffff, IV[i] >> 16].map(|limb| pre.real.into() * B::constant(limb))),
        d: PARAMETERS.map(|word| word.map(|byte| byte.map(|i| parameters[i].into()))),
    }
}

/// Seven rounds, each with the block in its own order.
fn rounds<B: ChipBuilder>(builder: &mut B, row: &CompressCols<B::Var>, state: &mut State<B::Expr>, real: &B::Expr) {
    let half = |limbs: &[B::Var; 16], i: usize| [limbs[2 * i].into(), limbs[2 * i + 1].into()];
    let mut block: [Limbs<B::Expr>; 16] = from_fn(|i| if i < 8 { half(&row.left, i) } else { half(&row.right, i - 8) });
    for (round, quarters) in row.rounds.iter().enumerate() {
        for (i, cols) in quarters.iter().enumerate() {
            let d1 = first_exclusive_or::<B>(row, QUARTERS * round + i);
            quarter(builder, cols, d1, state, [&block[2 * i], &block[2 * i + 1]], i, real);
        }
        block = permute(&block);
    }
}

/// `(d ^ a1) >>> 16` of a quarter round, counted through all rounds.
fn first_exclusive_or<B: ChipBuilder>(row: &CompressCols<B::Var>, number: usize) -> Bytes<B::Expr> {
    match number.checked_sub(PARAMETERS.len()) {
        Some(whole) => row.d1[whole].map(Into::into),
        None => {
            let a1 = row.rounds[0][number].a1;
            let byte = |j: usize| PARAMETERS[number][j].map_or(a1[j], |i| row.start[i]).into();
            from_fn(|j| byte((j + 2) % 4))
        }
    }
}

/// The output is the sum of the last state's halves, and written as often as it is read.
fn output<B: ChipBuilder>(builder: &mut B, row: &CompressCols<B::Var>, pre: &CompressPreCols<B::Var>, state: &State<B::Expr>) {
    let [.., last] = &row.rounds;
    // The diagonal that word `i` of a, and of c, is on.
    let low = (0..4).map(|i| last[4 + i].a2.map(Into::into)).chain(state.b.clone());
    let high = (0..4).map(|i| last[4 + (i + 2) % 4].c2.map(Into::into)).chain(state.d.clone().map(|word| word.map(known)));
    for ((low, high), out) in low.zip(high).zip(row.out) {
        xor(builder, "compress::xor", bus::XOR, &low, &high, |j| [out[j].into()], &pre.real.into());
    }
    let out = row.out.iter().flat_map(|word| limbs(&word.map(Into::<B::Expr>::into)));
    builder.fixed("compress::out", bus::HALF, digest::<B>(pre.addr_out, out), pre.mult_out);
}
