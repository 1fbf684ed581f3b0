//! Filling a row of the chip of halves.

use core::array::from_fn;

use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;

use super::{HalfCols, MONTGOMERY_INVERSE, WORDS};
use crate::recursion::bus;

/// The element whose Montgomery word is `word`, modulo `p`.
pub fn element(word: u32) -> F {
    F::from_u32(word) * MONTGOMERY_INVERSE
}

/// Fills a row from its eight words. The row's [`lookups`] are to be counted.
pub fn fill_row(row: &mut HalfCols<F>, words: &[u32; WORDS]) {
    row.limbs = from_fn(|i| F::from_u32(limb(words[i / 2], i % 2)));
    row.inverses = words.map(|word| (F::from_u32(limb(word, 1)) - F::from_u32(bus::MAX_TOP)).try_inverse().unwrap_or(F::ZERO));
}

/// What a row looks up in the byte table: for each limb the tag, [`bus::U16`] or [`bus::TOP`], and
/// the value.
pub fn lookups(words: &[u32; WORDS], canonical: bool) -> [(u32, u32); 2 * WORDS] {
    let high = if canonical { bus::TOP } else { bus::U16 };
    from_fn(|i| (if i % 2 == 0 { bus::U16 } else { high }, limb(words[i / 2], i % 2)))
}

const fn limb(word: u32, i: usize) -> u32 {
    if i == 0 { word & 0xffff } else { word >> 16 }
}
