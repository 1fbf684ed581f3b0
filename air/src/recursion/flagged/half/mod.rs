//! Hashed data as elements, and sums over them, on rows in use alone.
//!
//! *Given* a circuit, *this chip proves* of each row that the circuit uses what [`crate::recursion::half`] proves: 16 limbs below 2^16 are the half that the circuit names, the eight wires it names hold the elements whose Montgomery words are the half's
//! words, canonical where the circuit wants it, and a step of a sum is taken.
//!
//! Columns, constraints and messages are those of that chip. Only the 16 lookups of limbs count `real` in place of one.
//!
//! **The flag.** `real` is a preprocessed column, as it is in the chip of compressions: the circuit has one in every row that it uses and zero in padding rows, and its key commits to it, so nothing that a prover chooses changes it. A circuit
//! must set it wherever another of the row's preprocessed columns is not zero: a row that wrote a half or words without it would owe its readers the ranges. [`HalfFixed::used`] makes a row so, and setup has [`is_flagged`] to check a circuit's
//! table. On rows of zeros all counts are zero and all constraints hold.

mod columns;

#[cfg(test)]
mod tests;

pub use columns::HalfFixed;

use p3_air::WindowAccess;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;
use crate::recursion::half::{HalfCols, constraints};
use crate::recursion::{Circuit, circuit};

/// The chip of halves.
#[derive(Clone, Debug, Default)]
pub struct HalfChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for HalfChip {
    const NAME: &'static str = "half";
    /// That of four steps of a sum.
    const DEGREE: usize = 5;

    fn width(&self) -> usize {
        <HalfCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        let fixed: HalfFixed<B::Var> = *HalfFixed::of(builder.preprocessed().current_slice());
        constraints::constrain(builder, &fixed.circuit, &fixed.real.into());
    }

    fn preprocessed_width(&self) -> usize {
        <HalfFixed<F> as Columns<F>>::WIDTH
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
    circuit::is_flagged(table, |row: &HalfFixed<F>| row.real)
}
