//! Columns of the Poseidon2 chip.

use tern_field::poseidon2::{HALF_FULL_ROUNDS, PARTIAL_ROUNDS, SBOX_DEGREE, WIDTH};

use super::SBOX_REGISTERS;
use crate::columns;

/// The columns of one permutation, as `p3-poseidon2-air` lays them out.
pub type Rounds<T> = p3_poseidon2_air::Poseidon2Cols<T, WIDTH, SBOX_DEGREE, SBOX_REGISTERS, HALF_FULL_ROUNDS, PARTIAL_ROUNDS>;

/// A row: one permutation. A padding row holds the permutation of zeros, provided zero times.
#[repr(C)]
pub struct Poseidon2Cols<T> {
    /// Input words, S-box intermediates and the state after every round; all determined by the input words.
    pub rounds: Rounds<T>,
    /// How often the compression is looked up; any value, as a row proves a true statement whatever it is.
    pub multiplicity: T,
}

columns!(Poseidon2Cols);
