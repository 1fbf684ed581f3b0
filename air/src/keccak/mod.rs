//! The Keccak-f\[1600\] permutation of 25 dwords of memory, in place (FIPS 202, section 3.3).
//!
//! *Given* a [`bus::KECCAK`] message (`time`, pointer) from the ecall chip, *this chip proves* that the pointer is a multiple of 8, and that the
//! 25 writable dwords from there hold a state before the access at tick [`TICK_MEMORY`](crate::events::TICK_MEMORY) of the instruction and its
//! permutation after it.
//!
//! A permutation is 24 rows, one a round, stated by Plonky3's [`KeccakAir`](p3_keccak_air::KeccakAir); the last of them does all that
//! concerns the buses. Lane (x, y) of the state is dword `x + 5y`, bit z of the lane is bit z of the dword (FIPS 202, sections 3.1.2 and B.1).
//!
//! It assumes that limbs received from the memory bus are below 2^16, which every writer of a cell proves.

mod columns;
mod constraints;
mod permutation;
mod trace;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

pub use columns::KeccakCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;
use tern_field::F;

/// Rows of one permutation.
pub const ROWS: usize = p3_keccak_air::NUM_ROUNDS;

/// The chip of the `keccak_f1600` call.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeccakChip;

impl Chip for KeccakChip {
    const NAME: &'static str = "keccak";

    fn width(&self) -> usize {
        <KeccakCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        permutation::constrain(builder);
        constraints::constrain(builder);
    }

    fn next_row_columns(&self) -> Vec<usize> {
        permutation::next_row_columns()
    }
}
