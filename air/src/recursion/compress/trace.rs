//! Filling the compression chip's table.

use core::array::from_fn;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::F;

use super::semantics::{PARAMETERS, Quarter, lane, permute, quarter};
use super::{CompressCols, Compression, QUARTERS, ROUNDS};
use crate::layout::Columns;
use crate::recursion::byte_table::{ByteLookup, ByteLookups};

/// Rows that one task fills.
const CHUNK: usize = 1 << 10;

/// Fills the main columns of a table of `height` rows, a row a compression; the rows behind them
/// stay zero (padding).
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

/// A counter as its bytes in [`super::CompressPreCols`].
///
/// # Panics
///
/// If it is 2^16 or more.
pub fn counter(counter: u32) -> [F; 2] {
    u16::try_from(counter).expect("a counter below 2^16").to_le_bytes().map(F::from_u8)
}

fn fill_row(compression: &Compression, row: &mut CompressCols<F>, lookups: &mut ByteLookups) {
    fill_inputs(compression, row);
    let (mut state, mut block) = (compression.first_state(), compression.block());
    for number in 0..ROUNDS * QUARTERS {
        let i = number % QUARTERS;
        let (b, d) = (state[4 + lane(i, 1)], state[12 + lane(i, 3)]);
        let words = quarter(&mut state, &block, i);
        fill_quarter(&words, number, row);
        count(&words, number, b, d, lookups);
        if i == QUARTERS - 1 {
            block = permute(&block);
        }
    }
    for i in 0..8 {
        row.out[i] = bytes(state[i] ^ state[i + 8]);
        pairs(ByteLookup::Xor, state[i], state[i + 8], lookups);
    }
}

/// The chaining value, the block and the bit.
pub(super) fn fill_inputs(compression: &Compression, row: &mut CompressCols<F>) {
    let block = compression.block();
    row.cv_low = from_fn(|i| limbs(compression.cv[i]));
    row.cv_high = from_fn(|i| bytes(compression.cv[4 + i]));
    row.left = from_fn(|i| limbs(block[i / 2])[i % 2]);
    row.right = from_fn(|i| limbs(block[8 + i / 2])[i % 2]);
    row.bit = F::from_bool(compression.swapped);
}

/// A quarter round, counted through all rounds.
pub(super) fn fill_quarter(words: &Quarter, number: usize, row: &mut CompressCols<F>) {
    let d1 = bytes(words.d1);
    match number.checked_sub(PARAMETERS.len()) {
        Some(whole) => row.d1[whole] = d1,
        None => {
            for (j, parameter) in PARAMETERS[number].iter().enumerate() {
                parameter.iter().for_each(|&i| row.start[i] = d1[(j + 2) % 4]);
            }
        }
    }
    let cols = &mut row.rounds[number / QUARTERS][number % QUARTERS];
    cols.a1 = bytes(words.a1);
    cols.c1 = bytes(words.c1);
    cols.b1 = words.b1.to_le_bytes().map(|byte| [F::from_u8(byte >> 4), F::from_u8(byte & 15)]);
    cols.a2 = bytes(words.a2);
    cols.d2 = bytes(words.d2);
    cols.c2 = bytes(words.c2);
    cols.b2 = words.b2.to_le_bytes().map(|byte| [F::from_u8(byte >> 7), F::from_u8(byte & 127)]);
}

/// Counts the lookups of a quarter round that found `b` and `d`.
fn count(words: &Quarter, number: usize, b: u32, d: u32, lookups: &mut ByteLookups) {
    for (j, (x, y)) in d.to_le_bytes().into_iter().zip(words.a1.to_le_bytes()).enumerate() {
        if PARAMETERS.get(number).is_none_or(|word| word[j].is_some()) {
            lookups.pair(ByteLookup::Xor, x, y);
        }
    }
    pairs(ByteLookup::Xor12, b, words.c1, lookups);
    pairs(ByteLookup::Xor, words.d1, words.a2, lookups);
    pairs(ByteLookup::Xor7, words.b1.rotate_right(12), words.c2, lookups);
}

fn pairs(lookup: ByteLookup, x: u32, y: u32, lookups: &mut ByteLookups) {
    for (x, y) in x.to_le_bytes().into_iter().zip(y.to_le_bytes()) {
        lookups.pair(lookup, x, y);
    }
}

fn limbs(word: u32) -> [F; 2] {
    [F::from_u16(word as u16), F::from_u16((word >> 16) as u16)]
}

pub(super) fn bytes(word: u32) -> [F; 4] {
    word.to_le_bytes().map(F::from_u8)
}
