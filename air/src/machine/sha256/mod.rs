//! Calls of the compression function of SHA-256 (FIPS 180-4, section 6.2.2).
//!
//! *Given* a [`bus::SHA256`](crate::bus::SHA256) message (`time`, two pointers) from the ecall
//! chip, *this chip proves* that the pointers are multiples of 8; that the eight dwords of the
//! block lie in one region and are read at the first of
//! [`TICKS_SHA256`](crate::events::TICKS_SHA256); and that at the second the four writable dwords
//! of the state become `H + V`, word by word modulo 2^32, where `H` is what they were and `V` are
//! the working variables behind the 64 rounds that begin with `H` and take the block.
//!
//! That `V` are is left to [`super::sha256_rounds`], which takes `H` and the block's dwords from
//! this row and gives `V` back. Word `i` of the state is in dword `i / 2`, the even one in its
//! lower half. The block's bytes lie in memory as they stand in the message.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell proves.

mod columns;
mod constraints;
mod semantics;
mod trace;

#[cfg(test)]
pub(crate) mod tests;

pub use columns::Sha256Cols;
pub use semantics::{ROUND_CONSTANTS, Schedule, compress, message_words, state_words};
pub(crate) use semantics::{big_sigma0, big_sigma1, choice, majority, small_sigma0, small_sigma1};
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of the `sha256_compress` call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sha256Chip;

impl Chip for Sha256Chip {
    const NAME: &'static str = "sha256";
    const DEGREE: usize = 3;
    type Main<T> = Sha256Cols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
