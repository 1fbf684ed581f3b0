//! Calls of the Keccak-f\[1600\] permutation of 25 dwords of memory, in place (FIPS 202, section 3.3).
//!
//! *Given* a [`bus::KECCAK`] message (`time`, pointer) from the ecall chip, *this chip proves* that
//! the pointer is a multiple of 8, and that the 25 writable dwords from there hold the columns
//! `input` before the access at tick [`TICK_MEMORY`](crate::events::TICK_MEMORY) of the instruction
//! and the columns `output` after it.
//!
//! **That the output is the permutation of the input is no constraint of this chip.** Where `real`
//! is one, the proof shows it for all rows together, by the argument of
//! `tern_fri::multilinear::keccak` and with the input's bits in [`super::keccak_bits`]. It holds
//! for the first [`MAX_CALLS`] rows, and the verifier accepts no more.
//!
//! One row is one call. Lane (x, y) of the state is dword `x + 5y`, bit z of the lane is bit z of
//! the dword (FIPS 202, sections 3.1.2 and B.1). Where `real` is zero nothing is sent.
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell
//! proves. For its own outputs the argument does: an output limb is a sum of sixteen bits times
//! their powers of two.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::KeccakCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// Base-2 logarithm of [`MAX_CALLS`].
pub const LOG_CALLS: usize = 15;

/// The largest number of rows.
pub const MAX_CALLS: usize = 1 << LOG_CALLS;

/// The chip of the `keccak_f1600` call.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeccakChip;

impl Chip for KeccakChip {
    const NAME: &'static str = "keccak";
    const DEGREE: usize = 2;
    type Main<T> = KeccakCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
