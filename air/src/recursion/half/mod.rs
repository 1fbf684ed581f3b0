//! Hashed data as elements.
//!
//! *Given* a circuit, *this chip proves* of each row that the circuit uses that 16 limbs below 2^16
//! are the half that the circuit names; that the eight wires it names hold the elements whose
//! Montgomery words are the half's eight 32-bit words; and, where the circuit wants it, that each
//! word is below `p`, so that elements determine bytes.
//!
//! Half and words may each be read or written (multiplicities are signed, sound as in
//! [`super::alu`]). Where both are written, the row holds data of the prover: an opened row, a
//! digest of the proof.
//!
//! **Limbs and canonical words.** Every limb of a row in use is looked up: a writer of a half owes
//! its readers limbs below 2^16. A canonical word has its high limb looked up below or at `0x7800`
//! in place of 2^16; since `p = 0x7800 * 2^16 + 1`, it is below `p` unless the high limb is
//! `0x7800` and the low one is not zero. Then `low * ((high - 0x7800) * inverse - 1) = -low` is not
//! zero whatever the inverse, and else there is an inverse, or the low limb is zero.
//!
//! A circuit leaves words uncanonical only where a half is read that is no data of the field (a
//! digest); their wires then hold the words modulo `p`.
//!
//! **The flag.** The lookups count `real`, a preprocessed column, as it is in the chip of
//! compressions: the circuit has one in every row that it uses and zero in padding rows, and its
//! key commits to it, so nothing that a prover chooses changes it. A circuit must set it wherever
//! another of the row's preprocessed columns is not zero: a row that wrote a half or words without
//! it would owe its readers the ranges. Setup has [`is_flagged`] to check a circuit's table. On
//! rows of zeros all counts are zero and all constraints hold.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::{HalfCols, HalfPreCols, WORDS};
pub use trace::{element, fill_row, lookups};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{Circuit, circuit};
use crate::builder::ChipBuilder;
use crate::chip::Chip;

/// The inverse of 2^32: an element is its Montgomery word times this.
const MONTGOMERY_INVERSE: F = F::new(943_718_400);

/// The chip of halves.
#[derive(Clone, Debug, Default)]
pub struct HalfChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for HalfChip {
    const NAME: &'static str = "half";
    /// That of canonical words.
    const DEGREE: usize = 4;
    type Main<T> = HalfCols<T>;
    type Fixed<T> = HalfPreCols<T>;

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
    circuit::is_flagged(table, |row: &HalfPreCols<F>| row.real)
}
