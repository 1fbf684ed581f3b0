//! Filling the compression chip's table.

use core::array::from_fn;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::F;

use super::{CompressCols, Compression};
use crate::layout::Columns;
use crate::recursion::byte_table::{ByteLookup, ByteLookups};

/// Rows that one task fills.
const CHUNK: usize = 1 << 13;

/// The key of a row: [`super::CompressPreCols::key`] as an integer.
#[must_use]
pub const fn key(row: usize) -> u32 {
    8 * row as u32
}

/// Fills the main columns of a table of `height` rows, a row a compression; the rows behind them stay zero (padding).
///
/// # Panics
///
/// If there are more compressions than rows.
#[must_use]
pub fn fill(compressions: &[Compression], height: usize, lookups: &mut ByteLookups) -> RowMajorMatrix<F> {
    assert!(compressions.len() <= height, "{} compressions in a table of height {height}", compressions.len());
    let width = <CompressCols<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(height * width);
    let counted: alloc::vec::Vec<ByteLookups> = values
        .par_chunks_mut(CHUNK * width)
        .zip(compressions.par_chunks(CHUNK))
        .map(|(rows, compressions)| {
            let mut counted = ByteLookups::default();
            for (row, compression) in rows.chunks_exact_mut(width).zip(compressions) {
                fill_row(compression, CompressCols::of_mut(row), &mut counted);
            }
            counted
        })
        .collect();
    *lookups = counted.iter().fold(core::mem::take(lookups), ByteLookups::merge);
    RowMajorMatrix::new(values, width)
}

fn fill_row(compression: &Compression, row: &mut CompressCols<F>, lookups: &mut ByteLookups) {
    let state = compression.last_state();
    row.cv = limbs(&compression.cv);
    row.own = limbs(&compression.own);
    row.sibling = limbs(&compression.sibling);
    row.bit = F::from_bool(compression.swapped);
    for i in 0..32 {
        let byte = |word: u32| word.to_le_bytes()[i % 4];
        let (low, high) = (byte(state[i / 4]), byte(state[8 + i / 4]));
        lookups.pair(ByteLookup::Xor, low, high);
        row.low[i] = F::from_u8(low);
        row.high[i] = F::from_u8(high);
        row.out[i] = F::from_u8(low ^ high);
    }
}

fn limbs(words: &[u32; 8]) -> [F; 16] {
    from_fn(|i| F::from_u16((words[i / 2] >> (16 * (i % 2))) as u16))
}
