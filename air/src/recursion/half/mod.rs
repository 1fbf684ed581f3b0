//! Hashed data as elements, and sums over them.
//!
//! *Given* a circuit, *this chip proves* of each row that 16 limbs below 2^16 are the half that the circuit names; that the eight wires it names hold the elements whose Montgomery words are the half's eight
//! 32-bit words; where the circuit wants it, that each word is below `p`, so that elements determine bytes; and that
//! `acc_out = acc_in * beta^8 + sum of mask_i * element_i * beta^(7 - i)`, the sum over a row of a matrix by Horner's rule.
//!
//! Half and words may each be read or written (multiplicities are signed, sound as in [`super::alu`]). Where both are written, the row holds data of the prover: an opened row, a digest of the proof.
//!
//! **Limbs and canonical words.** Every limb is looked up, on padding rows too (they look zero up): a writer of a half owes its readers limbs below 2^16. A canonical word has its high limb looked up below or at `0x7800` in place of 2^16;
//! since `p = 0x7800 * 2^16 + 1`, it is below `p` unless the high limb is `0x7800` and the low one is not zero. Then `low * ((high - 0x7800) * inverse - 1) = -low` is not zero whatever the inverse, and else there is an inverse,
//! or the low limb is zero.
//!
//! A circuit leaves words uncanonical only where a half is read that is no data of the field (a digest); their wires then hold the words modulo `p`.

mod columns;
pub(super) mod constraints;
mod trace;

#[cfg(test)]
pub(super) mod tests;

pub use columns::{HalfCols, HalfPreCols, WORDS};
pub use trace::{Reduction, element, fill_row, lookups};

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::Columns;

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
    /// Four messages share a LogUp column; eight would save three columns and a half-way sum for four more chunks of the quotient.
    const DEGREE: usize = 5;

    fn width(&self) -> usize {
        <HalfCols<F> as Columns<F>>::WIDTH
    }

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        let fixed: HalfPreCols<B::Var> = *HalfPreCols::of(builder.preprocessed().current_slice());
        constraints::constrain(builder, &fixed, &B::Expr::ONE);
    }

    fn preprocessed_width(&self) -> usize {
        <HalfPreCols<F> as Columns<F>>::WIDTH
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
