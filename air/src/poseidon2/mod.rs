//! The compression of the memory tree: Poseidon2 of width 24 with feed-forward, one permutation a row.
//!
//! *This chip proves* that every tuple (domain, 18 inputs, 9 outputs) it provides satisfies
//! `outputs = permutation(inputs, domain, 0, 0, 0, 0, 0)[..9] + inputs[..9]`, which is [`tern_field::compress`] or [`tern_field::hash_leaf`] by the domain.
//!
//! The permutation's columns and constraints are those of `p3-poseidon2-air`, with the constants of [`tern_field::poseidon2`].

mod columns;
mod constraints;
mod labelled;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::{Poseidon2Cols, Rounds};
pub use trace::fill;

use p3_baby_bear::GenericPoseidon2LinearLayersBabyBear;
use p3_poseidon2_air::Poseidon2Air;
use tern_field::F;
use tern_field::poseidon2::{HALF_FULL_ROUNDS, PARTIAL_ROUNDS, SBOX_DEGREE, WIDTH, air_round_constants};

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;

/// Intermediate values committed for each S-box: `x^3`, so that `x^7 = (x^3)^2 x` has degree 3.
const SBOX_REGISTERS: usize = 1;

type LinearLayers = GenericPoseidon2LinearLayersBabyBear;
type Permutation = Poseidon2Air<F, LinearLayers, WIDTH, SBOX_DEGREE, SBOX_REGISTERS, HALF_FULL_ROUNDS, PARTIAL_ROUNDS>;

/// The permutation's constraints.
static PERMUTATION: Permutation = Permutation::new(air_round_constants());

/// The chip of the memory tree's compressions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Poseidon2Chip;

impl Chip for Poseidon2Chip {
    const NAME: &'static str = "poseidon2";
    /// The permutation has degree 3, and the one message needs no more.
    const DEGREE: usize = 3;

    fn width(&self) -> usize {
        <Poseidon2Cols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
