//! Constants and public values.
//!
//! *Given* a circuit and the public values, *this chip proves* that the wires and halves that the
//! circuit names hold its constants, and that one half that it names is the public values.
//!
//! The public values are the 16 limbs of the statement's digest. They are read, not written:
//! whoever writes the half owes limbs below 2^16, so public values that are not limbs balance with
//! nothing. A circuit has `is_public` on one row; with it on none, its proofs would say nothing of
//! their public values. Multiplicities are signed, sound as in [`super::alu`].

mod columns;
mod constraints;

#[cfg(test)]
mod tests;

pub use columns::{InterfaceCols, InterfacePreCols};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::{Chip, PublicField};

/// Number of public values: the limbs of the statement's digest.
pub const PUBLIC_VALUES: usize = 16;

/// The chip of constants and public values.
#[derive(Clone, Debug, Default)]
pub struct InterfaceChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for InterfaceChip {
    const NAME: &'static str = "interface";
    const PUBLIC: &'static [PublicField] =
        &[PublicField { name: "statement", len: PUBLIC_VALUES, meaning: "Digest of the statement, in limbs of 16 bits." }];
    /// Constraint and messages are linear.
    const DEGREE: usize = 1;
    type Main<T> = InterfaceCols<T>;
    type Fixed<T> = InterfacePreCols<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
