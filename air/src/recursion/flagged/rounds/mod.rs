//! The rounds of BLAKE3 compressions, on rows in use alone.
//!
//! *Given* for each compression of the circuit a token with its first state under a key `8 r`, one with its block, and a taker of its state under the
//! key `8 r + 7` ([`super::super::compress`]), *this chip proves* that the latter is the state after seven rounds (BLAKE3 specification, section 2.2) with that block.
//!
//! Columns, constraints and tokens are those of [`crate::recursion::rounds`], and so is the argument. Only the 128 lookups count `real` in place of one.
//!
//! **The flag.** `real` is a main column, boolean by `rounds::real_boolean`. It counts the tokens of state and block too, so a row either does everything or nothing: one that takes or leaves a state has all its bytes looked up, which is what the
//! argument for a round needs, and one that looks nothing up takes and leaves nothing, `last` being zero there by `rounds::padding_not_last`. A prover who clears the flag of a round that the circuit's tokens need leaves
//! those tokens over.

#[cfg(test)]
mod tests;

use tern_field::F;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;
use crate::recursion::rounds::{RoundsCols, constraints};

/// Padding rows look nothing up.
pub use crate::recursion::rounds::fill_used as fill;

/// The chip of rounds of BLAKE3. It has no preprocessed columns: its rows are the same in all circuits.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoundsChip;

impl Chip for RoundsChip {
    const NAME: &'static str = "rounds";
    /// That of a sum of three.
    const DEGREE: usize = 3;

    fn width(&self) -> usize {
        <RoundsCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder, |row| row.real.into());
    }
}
