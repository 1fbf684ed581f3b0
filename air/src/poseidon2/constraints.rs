//! Constraints of the Poseidon2 chip.

use p3_air::{Air, BaseAir, WindowAccess};
use tern_field::DIGEST_LEN;
use tern_field::poseidon2::{DOMAIN_WORD, HALF_FULL_ROUNDS};

use super::labelled::Labelled;
use super::{PERMUTATION, Poseidon2Cols};
use crate::builder::ChipBuilder;
use crate::bus;
use crate::layout::Columns;

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let width = PERMUTATION.width();
    PERMUTATION.eval(&mut Labelled::new(builder, "poseidon2::permutation", width));

    let main = builder.main();
    let row = Poseidon2Cols::of(main.current_slice());
    capacity(builder, row);
    provide(builder, row);
}

/// The capacity words behind the domain are zero: a free one would be a handle for collisions.
fn capacity<B: ChipBuilder>(builder: &mut B, row: &Poseidon2Cols<B::Var>) {
    for word in &row.rounds.inputs[DOMAIN_WORD + 1..] {
        builder.check("poseidon2::capacity", *word);
    }
}

/// The compression's inputs and, fed forward, its outputs. Whoever looks it up fixes the domain.
fn provide<B: ChipBuilder>(builder: &mut B, row: &Poseidon2Cols<B::Var>) {
    let inputs = row.rounds.inputs.map(Into::<B::Expr>::into);
    let permuted = row.rounds.ending_full_rounds[HALF_FULL_ROUNDS - 1].post;
    let mut tuple = alloc::vec![B::constant(bus::PERMUTATION), inputs[DOMAIN_WORD].clone()];
    tuple.extend_from_slice(&inputs[..DOMAIN_WORD]);
    tuple.extend((0..DIGEST_LEN).map(|i| inputs[i].clone() + permuted[i].into()));
    debug_assert_eq!(tuple.len(), bus::message_len(bus::PERMUTATION));
    builder.provide("poseidon2::provide", tuple, row.multiplicity.into());
}
