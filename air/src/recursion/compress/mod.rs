//! BLAKE3 compressions, one a row.
//!
//! *Given* halves and a bit at the addresses of a row, *this chip proves* that the half at its
//! output's address is the first 32 bytes of the BLAKE3 compression (specification, section 2.2)
//! with the chaining value, the block, and the row's counter, length and flags. The block is the
//! two other halves, in the order that the bit tells: a step of a Merkle path; or as they stand,
//! where the row reads no bit.
//!
//! **Rounds.** The row holds the new words of seven rounds ([`round`]). A round begins with the
//! words that the one before has left, which are its cells or linear in them, and with the row's
//! block in the round's order; the first one begins with the chaining value, the initial value, and
//! what the circuit fixes. So what follows is what the row says, and no round can be left out,
//! repeated or given another block.
//!
//! **Bytes.** Every byte of every exclusive or is looked up with its operands, four words' in each
//! of 56 quarter rounds and 32 of output, but for twelve: where a byte of the first state's
//! counter, length or flags is zero whatever the circuit says, the byte of `d1` is that of `a1`.
//! All words of a row are then of bytes: `a1`, `c1`, `a2`, `c2`, `d1` and a chaining value's words
//! 4 to 7 are operands of lookups (a byte of `a1` that has none is one of `d1`, which has another
//! with `a2`), `b1`, `d2`, `b2` and the output are results. Limbs that are added are of two bytes,
//! or those of the chaining value's words 0 to 3 and of the block, which are below 2^16 by their
//! halves' writers: here, since those of an output are two bytes. A half's limb that is two bytes
//! in the row splits in one way.
//!
//! **The flag.** Lookups count `real`, and the initial value is multiplied by it: rows of zeros
//! satisfy all constraints and say nothing. It is a preprocessed column, so nothing that a prover
//! chooses changes it. A circuit must set it wherever another of the row's preprocessed columns is
//! not zero, since a row that wrote its output without it would owe its readers the proof; setup
//! has [`is_flagged`] to check a circuit's table.

mod columns;
mod constraints;
mod round;
mod semantics;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::{CompressCols, CompressPreCols, QUARTERS, QuarterCols};
pub use semantics::{Compression, IV, ROUNDS, SCHEDULE};
pub use trace::{CompressRecord, counter, fill, row};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{Circuit, circuit};
use crate::builder::ChipBuilder;
use crate::chip::Chip;

/// The chip of BLAKE3 compressions.
#[derive(Clone, Debug, Default)]
pub struct CompressChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for CompressChip {
    const NAME: &'static str = "compress";
    /// That of a sum of three.
    const DEGREE: usize = 3;
    type Main<T> = CompressCols<T>;
    type Fixed<T> = CompressPreCols<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}

/// Whether each row of a circuit's table either is zero or has the flag.
///
/// # Panics
///
/// If the table has another width than the chip's preprocessed columns.
#[must_use]
pub fn is_flagged(table: &RowMajorMatrix<F>) -> bool {
    circuit::is_flagged(table, |row: &CompressPreCols<F>| row.real)
}
