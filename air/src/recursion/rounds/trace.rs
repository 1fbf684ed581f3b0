//! Filling the table of rounds.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::F;

use super::semantics::{Quarter, ROUNDS, lane, permute, quarter};
use super::{QuarterCols, RoundsCols};
use crate::layout::Columns;
use crate::recursion::byte_table::{ByteLookup, ByteLookups};
use crate::recursion::compress::{Compression, key};

/// Compressions that one task fills.
const CHUNK: usize = 1 << 11;

/// Rows of the table that compressions take.
#[must_use]
pub const fn rows(compressions: usize) -> usize {
    ROUNDS * compressions
}

/// Fills a table of `height` rows with the rounds of compressions, seven rows each; the rows behind them stay zero (padding).
///
/// # Panics
///
/// If there are more [`rows`] than `height`.
#[must_use]
pub fn fill(compressions: &[Compression], height: usize, lookups: &mut ByteLookups) -> RowMajorMatrix<F> {
    let padding = height.checked_sub(rows(compressions.len())).expect("the rounds fit the table");
    let table = fill_used(compressions, height, lookups);
    // Sixteen pairs of bytes in each of eight quarter rounds, half of them in parts.
    for (lookup, count) in [(ByteLookup::Xor, 64), (ByteLookup::Xor12, 32), (ByteLookup::Xor7, 32)] {
        lookups.zeros(lookup, count * padding);
    }
    table
}

/// [`fill`] where padding rows look nothing up.
///
/// # Panics
///
/// If there are more [`rows`] than `height`.
#[must_use]
pub fn fill_used(compressions: &[Compression], height: usize, lookups: &mut ByteLookups) -> RowMajorMatrix<F> {
    assert!(rows(compressions.len()) <= height, "the rounds fit the table");
    let width = <RoundsCols<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(height * width);
    let counted: alloc::vec::Vec<ByteLookups> = values
        .par_chunks_mut(CHUNK * ROUNDS * width)
        .zip(compressions.par_chunks(CHUNK))
        .enumerate()
        .map(|(chunk, (rows, compressions))| {
            let mut counted = ByteLookups::default();
            for (i, (rows, compression)) in rows.chunks_exact_mut(ROUNDS * width).zip(compressions).enumerate() {
                fill_compression(compression, key(CHUNK * chunk + i), rows, &mut counted);
            }
            counted
        })
        .collect();
    *lookups = counted.iter().fold(core::mem::take(lookups), ByteLookups::merge);
    RowMajorMatrix::new(values, width)
}

fn fill_compression(compression: &Compression, key: u32, rows: &mut [F], lookups: &mut ByteLookups) {
    let (mut state, mut block) = (compression.first_state(), compression.block());
    let width = <RoundsCols<F> as Columns<F>>::WIDTH;
    for (round, row) in (0..).zip(rows.chunks_exact_mut(width)) {
        let row = RoundsCols::of_mut(row);
        row.key = F::from_u32(key + round);
        row.last = F::from_bool(round as usize == ROUNDS - 1);
        fill_round(&mut state, &block, row, lookups);
        block = permute(&block);
    }
}

pub(super) fn fill_round(state: &mut [u32; 16], block: &[u32; 16], row: &mut RoundsCols<F>, lookups: &mut ByteLookups) {
    row.real = F::ONE;
    for i in 0..4 {
        row.a[i] = limbs(state[i]);
        row.b[i] = bytes(state[4 + i]);
        row.c[i] = limbs(state[8 + i]);
        row.d[i] = bytes(state[12 + i]);
    }
    row.m = block.map(limbs);
    for (i, cols) in row.quarters.iter_mut().enumerate() {
        let (b, d) = (state[4 + lane(i, 1)], state[12 + lane(i, 3)]);
        let words = quarter(state, block, i);
        fill_quarter(&words, cols);
        count(&words, b, d, lookups);
    }
}

pub(super) fn fill_quarter(words: &Quarter, cols: &mut QuarterCols<F>) {
    cols.a1 = bytes(words.a1);
    cols.d1 = bytes(words.d1);
    cols.c1 = bytes(words.c1);
    cols.b1 = words.b1.to_le_bytes().map(|byte| [F::from_u8(byte >> 4), F::from_u8(byte & 15)]);
    cols.a2 = bytes(words.a2);
    cols.d2 = bytes(words.d2);
    cols.c2 = bytes(words.c2);
    cols.b2 = words.b2.to_le_bytes().map(|byte| [F::from_u8(byte >> 7), F::from_u8(byte & 127)]);
}

/// Counts the lookups of a quarter round that found `b` and `d`.
fn count(words: &Quarter, b: u32, d: u32, lookups: &mut ByteLookups) {
    let mut pairs = |lookup, x: u32, y: u32| {
        for (x, y) in x.to_le_bytes().into_iter().zip(y.to_le_bytes()) {
            lookups.pair(lookup, x, y);
        }
    };
    pairs(ByteLookup::Xor, d, words.a1);
    pairs(ByteLookup::Xor12, b, words.c1);
    pairs(ByteLookup::Xor, words.d1, words.a2);
    pairs(ByteLookup::Xor7, words.b1.rotate_right(12), words.c2);
}

fn limbs(word: u32) -> [F; 2] {
    [F::from_u16(word as u16), F::from_u16((word >> 16) as u16)]
}

fn bytes(word: u32) -> [F; 4] {
    word.to_le_bytes().map(F::from_u8)
}
