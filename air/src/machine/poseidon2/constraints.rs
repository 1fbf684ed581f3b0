//! Constraints of the Poseidon2 chip.

use core::array::from_fn;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use tern_field::poseidon2::{
    DOMAIN_WORD, FINAL_CONSTANTS, INITIAL_CONSTANTS, PARTIAL_CONSTANTS, WIDTH, external_linear_layer, internal_linear_layer,
};
use tern_field::{DIGEST_LEN, F};

use super::Poseidon2Cols;
use crate::builder::{ChipBuilder, Label};
use crate::bus;
use crate::layout::Columns;

type State<B> = [<B as p3_air::AirBuilder>::Expr; WIDTH];

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B, zeros: &Poseidon2Cols<F>) {
    let main = builder.main();
    let row = Poseidon2Cols::of(main.current_slice());
    let mut state = input::<B>(row);
    external_linear_layer(&mut state);
    for ((constants, columns), zeros) in INITIAL_CONSTANTS.iter().zip(row.beginning).zip(zeros.beginning) {
        state = full_round(builder, "poseidon2::beginning_round", &state, constants, columns, zeros);
    }
    partial_rounds(builder, row, zeros, &mut state);
    let [constants @ .., last] = FINAL_CONSTANTS;
    for ((constants, columns), zeros) in constants.iter().zip(row.ending).zip(zeros.ending) {
        state = full_round(builder, "poseidon2::ending_round", &state, constants, columns, zeros);
    }
    outputs(builder, row, zeros, &after_full_round::<B>(&state, &last));
}

/// The permutation's input. Words behind the domain are zero: a free one would be a handle for collisions.
fn input<B: ChipBuilder>(row: &Poseidon2Cols<B::Var>) -> State<B> {
    from_fn(|i| match row.inputs.get(i) {
        Some(&word) => word.into(),
        None if i == DOMAIN_WORD => row.domain.into(),
        None => B::Expr::ZERO,
    })
}

/// `x^7`.
fn sbox<E: PrimeCharacteristicRing>(x: &E) -> E {
    x.cube().square() * x.clone()
}

fn after_full_round<B: ChipBuilder>(state: &State<B>, constants: &[F; WIDTH]) -> State<B> {
    let mut next = from_fn(|i| sbox(&(state[i].clone() + constants[i])));
    external_linear_layer(&mut next);
    next
}

/// The columns hold the state after a full round, which is given back as they have it.
fn full_round<B: ChipBuilder>(
    builder: &mut B,
    label: Label,
    state: &State<B>,
    constants: &[F; WIDTH],
    columns: [B::Var; WIDTH],
    zeros: [F; WIDTH],
) -> State<B> {
    let held: State<B> = from_fn(|i| columns[i].into() + zeros[i]);
    for (computed, held) in after_full_round::<B>(state, constants).into_iter().zip(&held) {
        builder.check_eq(label, computed, held.clone());
    }
    held
}

/// Each partial round's column holds its S-box; the other words stay linear.
fn partial_rounds<B: ChipBuilder>(builder: &mut B, row: &Poseidon2Cols<B::Var>, zeros: &Poseidon2Cols<F>, state: &mut State<B>) {
    for ((constant, column), zero) in PARTIAL_CONSTANTS.into_iter().zip(row.partial).zip(zeros.partial) {
        let held = column.into() + zero;
        builder.check_eq("poseidon2::partial_round", sbox(&(state[0].clone() + constant)), held.clone());
        state[0] = held;
        internal_linear_layer(state);
    }
}

/// The inputs and, fed forward, the outputs are what is provided. Whoever looks it up fixes the domain.
fn outputs<B: ChipBuilder>(builder: &mut B, row: &Poseidon2Cols<B::Var>, zeros: &Poseidon2Cols<F>, last: &State<B>) {
    let outputs: [B::Expr; DIGEST_LEN] = from_fn(|i| row.outputs[i].into() + zeros.outputs[i]);
    for ((last, input), output) in last.iter().zip(row.inputs).zip(&outputs) {
        builder.check_eq("poseidon2::outputs", last.clone() + input.into(), output.clone());
    }
    let inputs = row.inputs.into_iter().map(Into::into);
    let tuple: alloc::vec::Vec<B::Expr> =
        [B::constant(bus::PERMUTATION), row.domain.into()].into_iter().chain(inputs).chain(outputs).collect();
    debug_assert_eq!(tuple.len(), bus::message_len(bus::PERMUTATION));
    builder.provide("poseidon2::provide", tuple, row.multiplicity.into());
}
