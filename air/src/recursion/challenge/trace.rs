//! Filling a row of the challenge chip.

use core::array::from_fn;

use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use super::ChallengeCols;

/// Fills a row that uses word `used` of a half.
///
/// # Panics
///
/// If there is no such word: `used` is above 3.
pub fn fill_row(row: &mut ChallengeCols<F>, half: &[u8; 32], used: usize) {
    let word = |k: usize| u64::from_le_bytes(from_fn(|i| half[8 * k + i]));
    row.limbs = from_fn(|i| F::from_u16((word(i / 4) >> (16 * (i % 4))) as u16));
    let used = word(used);
    row.bits = from_fn(|i| F::from_bool(used >> i & 1 == 1));
}
