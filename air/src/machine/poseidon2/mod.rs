//! The compression of the memory tree: Poseidon2 of width 24 with feed-forward, one permutation a
//! row, without registers for the S-boxes.
//!
//! *This chip proves* that every tuple (domain, 18 inputs, 9 outputs) it provides satisfies
//! `outputs = permutation(inputs, domain, 0, 0, 0, 0, 0)[..9] + inputs[..9]`, which is
//! [`tern_field::compress`] or [`tern_field::hash_leaf`] by the domain.
//!
//! **Columns are differences.** Every computed column holds its value less the value that it has in
//! the permutation of zeros ([`Poseidon2Chip::zeros`]). So a zero row is the permutation of zeros:
//! it satisfies every constraint like any other row, and there is no flag. Whatever a row holds, a
//! row that satisfies the constraints states something true; its multiplicity says how often, which
//! on a zero row is zero.
//!
//! **Why a row has one filling.** Each constraint is `polynomial of earlier columns - column = 0`,
//! so inputs and domain determine all columns but the multiplicity. The five capacity words behind
//! the domain are constants.
//!
//! **Degree 7.** The state behind each full round and the S-box of each partial round are columns.
//! The nine outputs are columns too, although the last round could stand in the message: messages
//! stay linear in the columns, which costs nine columns of 218 and keeps the lookups' claims free
//! of S-boxes.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::Poseidon2Cols;
pub use trace::{RECORD_WORDS, fill, record, row};

use alloc::boxed::Box;

use p3_field::PrimeCharacteristicRing;
use tern_field::poseidon2::{DOMAIN_WORD, HALF_FULL_ROUNDS, PARTIAL_ROUNDS, WIDTH};
use tern_field::{DIGEST_LEN, F};

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of the memory tree's compressions.
#[derive(Clone, Debug)]
pub struct Poseidon2Chip {
    /// What the columns would hold in the permutation of zeros if they were no differences.
    zeros: Box<Poseidon2Cols<F>>,
}

impl Poseidon2Chip {
    /// What the columns are differences to.
    #[must_use]
    pub const fn zeros(&self) -> &Poseidon2Cols<F> {
        &self.zeros
    }
}

impl Default for Poseidon2Chip {
    fn default() -> Self {
        let nothing = Poseidon2Cols {
            inputs: [F::ZERO; DOMAIN_WORD],
            domain: F::ZERO,
            beginning: [[F::ZERO; WIDTH]; HALF_FULL_ROUNDS],
            partial: [F::ZERO; PARTIAL_ROUNDS],
            ending: [[F::ZERO; WIDTH]; HALF_FULL_ROUNDS - 1],
            outputs: [F::ZERO; DIGEST_LEN],
            multiplicity: F::ZERO,
        };
        Self { zeros: Box::new(trace::columns_less(&[F::ZERO; WIDTH], &nothing, || {})) }
    }
}

impl Chip for Poseidon2Chip {
    const NAME: &'static str = "poseidon2";
    /// That of the S-box.
    const DEGREE: usize = 7;
    type Main<T> = Poseidon2Cols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder, &self.zeros);
    }
}
