//! The rounds of SHA-256's compression (FIPS 180-4, section 6.2.2), two a row.
//!
//! *Given* a call's words H of the state and its block in messages of [`super::sha256`], *this chip
//! proves* that the words which it gives back, the first time and the only one at the call's
//! `time`, are the working variables a to h behind the 64 rounds that begin with H and take the
//! message schedule of the block.
//!
//! A call has 33 rows: one that takes over the state and does no round, and row 0 to row 31, of
//! which row `i` does rounds `2 i` and `2 i + 1`. Every row receives what the row before has sent
//! ([`bus::SHA256_ROUNDS`](crate::bus::SHA256_ROUNDS)), under the call's time and its own number,
//! and terms of its two message words from rows further up
//! ([`bus::SHA256_SCHEDULE`](crate::bus::SHA256_SCHEDULE)), or from the call's row the block.
//! Variables b, c, d and f, g, h are what a and e were one, two and three rounds before: so a row
//! has bits of the two words that a and e take in it and of the two before.
//!
//! It assumes that no two calls have the same time, which the execution token sees to.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::Sha256RoundsCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// Rows of a call.
pub const ROWS: usize = 33;

/// Of a [`bus::SHA256_STATE`](crate::bus::SHA256_STATE) message: the words before the rounds.
pub const START: u32 = 0;
/// The words behind them.
pub const FINISH: u32 = 1;

/// Which terms of a row's message words a [`bus::SHA256_SCHEDULE`](crate::bus::SHA256_SCHEDULE)
/// message has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Halves of `W[t - 16] + σ0(W[t - 15])` of the even word, then of `W[t - 16]` of the odd word.
    /// For the first 16 words the dword of the block, as it lies in memory.
    Base = 0,
    /// Halves of `σ0(W[t - 15])` of the odd word.
    Sigma = 1,
    /// Halves of `W[t - 7]` of the even word.
    Even = 2,
    /// Halves of `W[t - 7]` of the odd word.
    Odd = 3,
}

/// The chip of SHA-256's rounds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sha256RoundsChip;

impl Chip for Sha256RoundsChip {
    const NAME: &'static str = "sha256_rounds";
    const DEGREE: usize = 4;
    type Main<T> = Sha256RoundsCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
