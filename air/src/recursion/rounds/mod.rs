//! The rounds of BLAKE3 compressions.
//!
//! *Given* for each compression of the circuit a token with its first state under a key `8 r`, one with its block, and a taker of its state under the
//! key `8 r + 7` ([`super::compress`]), *this chip proves* that the latter is the state after seven rounds (BLAKE3 specification, section 2.2) with that block.
//!
//! **A round.** Words that are only added to are 16-bit limbs, words of exclusive ors are bytes. A sum's carries are linear in the limbs and need no cells; every new word is of bytes
//! by its lookup, so a sum has only one value. Rotations by 16 and 8 permute bytes. Those by 12 and 7 put together parts of bytes, which the lookup of the exclusive or provides. Limbs
//! that are taken in tokens are in range because those that are sent are: the compression's are digests, constants or bytes, a round's are bytes.
//!
//! **Exactly seven rounds.** Let `n(k)` be the number of rows with key `k`. The state's tokens under `k` balance if `n(k) = n(k - 1) + 1` where a compression starts, at `k = 8 r`,
//! `n(k) = n(k - 1) - 1` where it ends, at `k = 8 r + 7`, and `n(k) = n(k - 1)` for all others; these hold in the integers since a table has far fewer rows than the field has elements. So
//! `n` is some constant outside of the calls and one more inside; as `n` cannot be positive for all elements of the field the constant is zero. Each key of a call has one row, which takes
//! the only tokens under its key: those that the row before has left. The row with key `8 r + 6` is the last, since nothing takes a block under the key `8 r + 7`, and no row before
//! is, since the next one needs the block.

mod columns;
pub(super) mod constraints;
mod semantics;
mod trace;

#[cfg(test)]
pub(super) mod tests;

pub use columns::{QuarterCols, RoundsCols};
pub use semantics::{ROUNDS, SCHEDULE, permute, round};
pub use trace::{fill, fill_used, rows};

use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;

/// The chip of rounds of BLAKE3. It has no preprocessed columns: its rows are the same in all circuits.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoundsChip;

impl Chip for RoundsChip {
    const NAME: &'static str = "rounds";
    /// Eight messages share a column.
    const DEGREE: usize = 9;

    fn width(&self) -> usize {
        <RoundsCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder, |_| B::Expr::ONE);
    }
}
