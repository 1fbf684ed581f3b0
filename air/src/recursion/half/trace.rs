//! Filling a row of the chip of halves.

use core::array::from_fn;

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing};
use tern_field::{EF, F};

use super::{HalfCols, MONTGOMERY_INVERSE, WORDS};
use crate::recursion::bus;

/// The step of a sum that a row takes: where it stands, its base, and which words it takes. All zero on rows that take none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reduction {
    /// The base.
    pub beta: EF,
    /// The sum so far.
    pub acc_in: EF,
    /// The words taken, as in the circuit.
    pub mask: [bool; WORDS],
}

/// The element whose Montgomery word is `word`, modulo `p`.
pub fn element(word: u32) -> F {
    F::from_u32(word) * MONTGOMERY_INVERSE
}

/// Fills a row from its eight words and gives the sum after it. The row's [`lookups`] are to be counted.
pub fn fill_row(row: &mut HalfCols<F>, words: &[u32; WORDS], reduction: &Reduction) -> EF {
    row.limbs = from_fn(|i| F::from_u32(limb(words[i / 2], i % 2)));
    row.inverses = words.map(|word| (F::from_u32(limb(word, 1)) - F::from_u32(bus::MAX_TOP)).try_inverse().unwrap_or(F::ZERO));
    let Reduction { beta, acc_in, mask } = *reduction;
    let fold = |acc: EF, range: core::ops::Range<usize>| {
        range.fold(acc, |acc, i| if mask[i] { acc * beta + element(words[i]) } else { acc * beta })
    };
    let acc_mid = fold(acc_in, 0..WORDS / 2);
    let acc_out = fold(acc_mid, WORDS / 2..WORDS);
    row.beta = coordinates(beta);
    row.acc_in = coordinates(acc_in);
    row.acc_mid = coordinates(acc_mid);
    row.acc_out = coordinates(acc_out);
    acc_out
}

/// What a row looks up in the byte table: for each limb the tag, [`bus::U16`] or [`bus::TOP`], and the value. A padding row looks up zero words that are not canonical.
pub fn lookups(words: &[u32; WORDS], canonical: bool) -> [(u32, u32); 2 * WORDS] {
    let high = if canonical { bus::TOP } else { bus::U16 };
    from_fn(|i| (if i % 2 == 0 { bus::U16 } else { high }, limb(words[i / 2], i % 2)))
}

const fn limb(word: u32, i: usize) -> u32 {
    if i == 0 { word & 0xffff } else { word >> 16 }
}

fn coordinates(x: EF) -> [F; 5] {
    from_fn(|i| x.as_basis_coefficients_slice()[i])
}
