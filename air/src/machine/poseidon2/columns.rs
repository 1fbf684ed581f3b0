//! Columns of the Poseidon2 chip.

use tern_field::DIGEST_LEN;
use tern_field::poseidon2::{DOMAIN_WORD, HALF_FULL_ROUNDS, PARTIAL_ROUNDS, WIDTH};

use crate::columns;

/// A row: one permutation. All but the inputs, the domain and the multiplicity are differences to
/// the permutation of zeros, so that a zero row is that permutation, provided zero times.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Poseidon2Cols<T> {
    /// The state's words below the domain; any values: whoever looks the compression up fixes them.
    pub inputs: [T; DOMAIN_WORD],
    /// The state's word that tells leaves from nodes; any value, likewise. The words behind it are
    /// zero and have no columns.
    pub domain: T,
    /// The state after each full round before the partial ones; determined by the inputs.
    pub beginning: [[T; WIDTH]; HALF_FULL_ROUNDS],
    /// Word 0 behind the S-box of each partial round; determined by the columns before.
    pub partial: [T; PARTIAL_ROUNDS],
    /// The state after each full round behind the partial ones but the last; determined by the
    /// columns before.
    pub ending: [[T; WIDTH]; HALF_FULL_ROUNDS - 1],
    /// The sum of the last state and the inputs in the words of a digest; determined by the columns before.
    pub outputs: [T; DIGEST_LEN],
    /// How often the compression is looked up; any value, as a row proves a true statement whatever it is.
    pub multiplicity: T,
}

columns!(Poseidon2Cols);
