//! The bits of states of the Keccak permutation.
//!
//! *This chip proves* of every cell that it is zero or one. It sends nothing: the table is a
//! commitment, and what its bits are bits of is shown outside of constraints, by the argument of
//! `tern_fri::multilinear::keccak`: the inputs of the calls of [`super::keccak`], and the states
//! after twelve rounds of their permutations.
//!
//! A column is a lane, `x + 5y` for lane (x, y). A row is one bit of 25 lanes: bit `z` in part `t`
//! (0 for the input, 1 for the state after twelve rounds) of call `i` is in row
//!
//! ```text
//! (z mod 16) + 16 (i mod 16) + 256 (z / 16 mod 2) + 512 (z / 32) + 1024 t + 2048 (i / 16),
//! ```
//!
//! so that the four low bits of a call, which the argument binds in one round, are among those that
//! a row's weights tell apart by a table, and all other bits of `z`, `t` and `i` are bits of the
//! row.

mod columns;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::KeccakBitsCols;
pub use trace::{CALL_ROWS, CALLS, PARTS, fill, height, row, states};

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::{Columns, NoColumns};

/// The chip of bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeccakBitsChip;

impl Chip for KeccakBitsChip {
    const NAME: &'static str = "keccak_bits";
    const DEGREE: usize = 2;
    type Main<T> = KeccakBitsCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        let main = builder.main();
        for &bit in &KeccakBitsCols::of(main.current_slice()).lanes {
            let bit: B::Expr = bit.into();
            builder.check("keccak_bits::boolean", bit.clone() * (bit - B::Expr::ONE));
        }
    }
}
