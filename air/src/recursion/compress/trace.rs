//! Filling the compression chip's table.

use core::array::from_fn;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::F;
use tern_field::word::Word;

use super::columns::WHOLE;
use super::semantics::{PARAMETERS, Quarter, first_state, lane, permute, quarter_with, rotated, sum};
use super::{CompressCols, Compression, QUARTERS, QuarterCols, ROUNDS};
use crate::columns;
use crate::fill::fill_numbers;
use crate::layout::Columns;
use crate::recursion::byte_table::{ByteLookup, ByteLookups, CountPairs};

/// Rows that one task fills.
const CHUNK: usize = 1 << 10;

/// Sums, and exclusive ors, of a quarter round.
pub(super) const STEPS: usize = 4;

/// A [`Compression`] as words: what a device gets instead of the row.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CompressRecord<T> {
    cv: [T; 8],
    own: [T; 8],
    sibling: [T; 8],
    /// The counter, then the bit.
    counter: T,
    /// The block's length, then the flags.
    parameters: T,
}

columns!(CompressRecord);

impl From<&Compression> for CompressRecord<u32> {
    fn from(of: &Compression) -> Self {
        let (counter, parameters) = (of.counter | u32::from(of.swapped) << 16, of.len | of.flags << 8);
        Self { cv: of.cv, own: of.own, sibling: of.sibling, counter, parameters }
    }
}

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
            for (cells, compression) in rows.chunks_exact_mut(width).zip(compressions) {
                fill_numbers(&row(&compression.into(), &mut counted), cells);
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

/// A record's row, whose lookups are counted.
pub fn row<W: Word>(record: &CompressRecord<W>, lookups: &mut impl CountPairs<W>) -> CompressCols<W> {
    row_with(record, lookups, |_, terms| sum(terms), |_, x, y| x ^ y)
}

/// The same with other sums and exclusive ors, counted through all quarter rounds, [`STEPS`] in each;
/// the exclusive ors of the output come after them.
pub(super) fn row_with<W: Word>(
    record: &CompressRecord<W>,
    lookups: &mut impl CountPairs<W>,
    sum: impl Fn(usize, &[W]) -> W,
    xor: impl Fn(usize, W, W) -> W,
) -> CompressCols<W> {
    let zero = W::from(0);
    let bit = record.counter.bit(16);
    let (left, right): ([W; 8], [W; 8]) =
        (from_fn(|i| bit.select(record.sibling[i], record.own[i])), from_fn(|i| bit.select(record.own[i], record.sibling[i])));
    let mut block: [W; 16] = from_fn(|i| if i < 8 { left[i] } else { right[i - 8] });
    let rest = [record.counter.bits(0, 16), zero, record.parameters.bits(0, 8), record.parameters.bits(8, 24)];
    let mut state = first_state(&record.cv, rest);
    let (mut start, mut d1) = ([zero; 4], [[zero; 4]; WHOLE]);
    let rounds = from_fn(|round| {
        let quarters = from_fn(|i| {
            let number = QUARTERS * round + i;
            lookups.part();
            let before = (state[4 + lane(i, 1)], state[12 + lane(i, 3)]);
            let step = |step| STEPS * number + step;
            let words = quarter_with(&mut state, &block, i, |at, terms| sum(step(at), terms), |at, x, y| xor(step(at), x, y));
            count(&words, number, before, lookups);
            let own = bytes(words.d1);
            match number.checked_sub(PARAMETERS.len()) {
                Some(whole) => d1[whole] = own,
                None => {
                    for (j, parameter) in PARAMETERS[number].iter().enumerate() {
                        parameter.iter().for_each(|&i| start[i] = own[(j + 2) % 4]);
                    }
                }
            }
            quarter_cols(&words)
        });
        block = permute(&block);
        quarters
    });
    lookups.part();
    let out = from_fn(|i| {
        pairs(ByteLookup::Xor, state[i], state[i + 8], lookups);
        bytes(xor(STEPS * ROUNDS * QUARTERS + i, state[i], state[i + 8]))
    });
    let halves = |words: [W; 8]| from_fn(|i| limbs(words[i / 2])[i % 2]);
    CompressCols {
        cv_low: from_fn(|i| limbs(record.cv[i])),
        cv_high: from_fn(|i| bytes(record.cv[4 + i])),
        left: halves(left),
        right: halves(right),
        bit,
        start,
        d1,
        rounds,
        out,
    }
}

/// The columns of a quarter round.
fn quarter_cols<W: Word>(words: &Quarter<W>) -> QuarterCols<W> {
    QuarterCols {
        a1: bytes(words.a1),
        c1: bytes(words.c1),
        b1: bytes(words.b1).map(|byte| [byte.bits(4, 4), byte.bits(0, 4)]),
        a2: bytes(words.a2),
        d2: bytes(words.d2),
        c2: bytes(words.c2),
        b2: bytes(words.b2).map(|byte| [byte.bits(7, 1), byte.bits(0, 7)]),
    }
}

/// Counts the lookups of a quarter round that found `b` and `d`.
fn count<W: Word>(words: &Quarter<W>, number: usize, (b, d): (W, W), lookups: &mut impl CountPairs<W>) {
    for (j, (x, y)) in bytes(d).into_iter().zip(bytes(words.a1)).enumerate() {
        if PARAMETERS.get(number).is_none_or(|word| word[j].is_some()) {
            lookups.count_pair(ByteLookup::Xor, x, y);
        }
    }
    pairs(ByteLookup::Xor12, b, words.c1, lookups);
    pairs(ByteLookup::Xor, words.d1, words.a2, lookups);
    pairs(ByteLookup::Xor7, rotated(words.b1, 12), words.c2, lookups);
}

fn pairs<W: Word>(lookup: ByteLookup, x: W, y: W, lookups: &mut impl CountPairs<W>) {
    bytes(x).into_iter().zip(bytes(y)).for_each(|(x, y)| lookups.count_pair(lookup, x, y));
}

fn limbs<W: Word>(word: W) -> [W; 2] {
    [word.bits(0, 16), word.bits(16, 16)]
}

fn bytes<W: Word>(word: W) -> [W; 4] {
    from_fn(|i| word.bits(8 * i as u32, 8))
}
