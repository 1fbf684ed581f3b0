//! Digests at an index that is a value.
//!
//! *Given* a circuit, *this chip proves* of each row that one digest is both halves that the
//! circuit names, and, where the circuit says so, that it is entry `cap + index` of the circuit's
//! list of digests, with the index on the wire that the circuit names. Where the circuit wants it,
//! the digest's 16-bit limbs are on 16 consecutive wires.
//!
//! | row | half one | half two | entry |
//! |---|---|---|---|
//! | a digest becomes an entry | read | | provided at `cap` |
//! | the entry at an index | | written | read at `cap + index` |
//! | two digests are equal | read | read | |
//! | a digest's limbs become wires | read | | |
//!
//! Multiplicities of halves are signed, sound as in [`super::alu`]. How often an entry is read
//! depends on values, so its provider counts that in a column that the prover fills (`uses`): any
//! value is sound, as it only says how often a true statement is provided. A provider's index is
//! zero by constraint, so each address `cap` has one provider, whose digest is the half that it
//! reads; reads count one each, by the circuit, and fewer than `p` of them exist. So each read
//! finds the digest at its address. That `cap + index` stays in the caller's list is the circuit's
//! duty: it composes the index of as many bits as the list's size has, and gives lists disjoint
//! ranges of addresses. Beyond a list there is no provider, or another list's.

mod columns;
mod constraints;

#[cfg(test)]
mod tests;

pub use columns::{CapCols, CapPreCols};

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::Circuit;
use crate::builder::ChipBuilder;
use crate::chip::Chip;

/// The chip of digests at an index.
#[derive(Clone, Debug, Default)]
pub struct CapChip {
    /// The chip's part of the circuit.
    pub circuit: Circuit,
}

impl Chip for CapChip {
    const NAME: &'static str = "cap";
    /// That of an index that the circuit asks for.
    const DEGREE: usize = 2;
    type Main<T> = CapCols<T>;
    type Fixed<T> = CapPreCols<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<F>> {
        self.circuit.columns()
    }
}
