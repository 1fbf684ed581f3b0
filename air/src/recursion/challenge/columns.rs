//! Columns of the challenge chip.

use crate::columns;

/// A row: four 64-bit words of the transcript's output, of which one is used.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ChallengeCols<T> {
    /// Limbs of the words, the lowest first: word `k` has limbs `4 k` to `4 k + 3`. Below 2^16 by
    /// whoever wrote the half.
    pub limbs: [T; 16],
    /// The low 32 bits of the used word, the lowest first; boolean by constraint.
    pub bits: [T; 32],
}

/// What the circuit fixes of a row.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ChallengePreCols<T> {
    /// Address of the half.
    pub addr_half: T,
    /// One where the half is read: on every row but padding.
    pub real: T,
    /// One at the used word, zero at the three others.
    pub select: [T; 4],
    /// Address of the wire of bit 0; that of bit `i` is `i` further.
    pub addr_bits: T,
    /// Fan-out of each of the 32 bits.
    pub mult_bits: T,
}

columns!(ChallengeCols, ChallengePreCols);
