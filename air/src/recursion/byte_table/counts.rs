//! How often each row of the table is looked up.

use alloc::vec;
use alloc::vec::Vec;

use tern_field::word::Word;

use super::HEIGHT;

/// The lookups of the table.
#[repr(usize)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteLookup {
    /// `(a, b, a ^ b)`.
    Xor = 0,
    /// `(a, b, a ^ b)`, split in nibbles.
    Xor12 = 1,
    /// `(a, b, a ^ b)`, the highest bit apart.
    Xor7 = 2,
    /// A value below 2^16.
    U16 = 3,
    /// A value up to [`crate::recursion::bus::MAX_TOP`].
    Top = 4,
}

/// Multiplicities of the table, counted by the fills that send the lookups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteLookups {
    /// By [`ByteLookup`]: entry `a + 256 b`, or the value, of each.
    pub counts: [Vec<u32>; 5],
}

impl Default for ByteLookups {
    fn default() -> Self {
        Self { counts: core::array::from_fn(|_| vec![0; HEIGHT]) }
    }
}

impl ByteLookups {
    /// Counts a lookup of a value.
    pub fn value(&mut self, lookup: ByteLookup, value: u16) {
        self.counts[lookup as usize][usize::from(value)] += 1;
    }

    /// Adds the counts of another fill.
    #[must_use]
    pub fn merge(mut self, other: &Self) -> Self {
        for (sum, counts) in self.counts.iter_mut().zip(&other.counts) {
            sum.iter_mut().zip(counts).for_each(|(a, b)| *a += b);
        }
        self
    }
}

/// What counts the lookups of rows that are written over words.
pub trait CountPairs<W: Word> {
    /// Counts a lookup of two bytes.
    fn count_pair(&mut self, lookup: ByteLookup, a: W, b: W);

    /// Says that little of what was computed so far is used from here on.
    fn part(&mut self) {}
}

impl CountPairs<u32> for ByteLookups {
    fn count_pair(&mut self, lookup: ByteLookup, a: u32, b: u32) {
        self.counts[lookup as usize][(a + 256 * b) as usize] += 1;
    }
}
