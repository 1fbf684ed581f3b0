//! Arithmetic of the challenge field.
//!
//! *Given* a circuit, *this chip proves* of each row `a * b + c = d`, where each operand stands on
//! the wire that the circuit names, if it names one.
//!
//! | operation | a | b | c | d |
//! |---|---|---|---|---|
//! | `d = a b + c` | read | read | read | written |
//! | `c = d - a b` | read | read | written | read |
//! | `a = (d - c) / b` | written | read | read | read |
//! | assert `d = a b + c` | read | read | read | read |
//!
//! The constraint is the same for all: an operand is an input or the output only by the sign of its
//! multiplicity. A division by zero is unsatisfiable unless `d = c`, and leaves `a` free then:
//! programs must know divisors to be nonzero, or prove it (one has an inverse).
//!
//! **Why signed multiplicities are sound.** They are preprocessed, so the prover has no say in who
//! reads and who writes. The circuit has one row that writes an address, and the others that name
//! it read it (-1). Let the writer hold `v`. A reader with another value would leave a message
//! `(address, value)` that only readers count: the sum over at most all readers, each -1, is not
//! zero modulo `p` because a proof has fewer than `p` messages. So all readers hold `v`, and the
//! fan-out is their number. No order in time is needed: an assertion and an equation that is solved
//! backwards are sound, since it is the constraint that is proved and not a computation. Hence
//! these messages declare no bound ([`ChipBuilder::fixed`]): bounds are for counts that the prover
//! chooses.

mod columns;
mod constraints;

#[cfg(test)]
mod tests;

pub use columns::{AluCols, AluPreCols};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::Chip;

/// The chip of arithmetic.
#[derive(Clone, Debug, Default)]
pub struct AluChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for AluChip {
    const NAME: &'static str = "alu";
    /// That of a product.
    const DEGREE: usize = 2;
    type Main<T> = AluCols<T>;
    type Fixed<T> = AluPreCols<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
