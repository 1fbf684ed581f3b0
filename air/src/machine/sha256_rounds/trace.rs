//! Filling the table of SHA-256's rounds.

use core::array;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::columns::{Bits, Halves};
use super::{ROWS, Sha256RoundsCols};
use crate::events::Sha256Event;
use crate::fill::fill_calls;
use crate::lookups::Lookups;
use crate::machine::sha256::{
    ROUND_CONSTANTS, Schedule, big_sigma0, big_sigma1, choice, majority, message_words, small_sigma0, small_sigma1, state_words,
};

/// Fills a table of `height` rows, 33 for each call. It looks nothing up.
///
/// # Panics
///
/// If the calls have more rows.
pub fn fill(events: &[Sha256Event], height: usize) -> RowMajorMatrix<F> {
    fill_calls(events, height, &mut Lookups::default(), |event, rows: &mut [_; ROWS], _| fill_call(event, rows))
}

fn fill_call(event: &Sha256Event, rows: &mut [Sha256RoundsCols<F>; ROWS]) {
    let words = Schedule::new(state_words(event.state), message_words(event.block));
    let [start, rounds @ ..] = rows;
    start.time = F::from_u32(event.time);
    start.is_start = F::ONE;
    variables(&words, 2, start);
    for (i, row) in rounds.iter_mut().enumerate() {
        row.time = F::from_u32(event.time);
        row.groups[i / 8] = F::ONE;
        row.steps[i % 8] = F::ONE;
        variables(&words, 2 * i + 4, row);
        taken_terms(&words, i, row);
        new_variables(&words, 2 * i, row);
        message(&words, 2 * i, event.block[i % 8], row);
    }
}

/// A sum of words, lower and upper halves apart.
fn sum<const N: usize>(words: [u32; N]) -> Halves<u32> {
    [words.iter().map(|word| word & 0xffff).sum(), words.iter().map(|word| word >> 16).sum()]
}

fn halves(sum: Halves<u32>) -> Halves<F> {
    sum.map(F::from_u32)
}

fn less(sum: Halves<u32>, word: u32) -> Halves<F> {
    let [low, high] = halves(sum);
    [low - F::from_u32(word & 0xffff), high - F::from_u32(word >> 16)]
}

fn bits(word: u32) -> Bits<F> {
    array::from_fn(|i| F::from_u32(word >> i & 1))
}

/// The terms of variables e and a in the round whose a, e are words `at - 1`: all that come before
/// K and W, and all but E.
fn terms(words: &Schedule, at: usize) -> (Halves<u32>, Halves<u32>) {
    let (a, e) = (&words.a[at - 4..at], &words.e[at - 4..at]);
    let e_terms = sum([a[0], e[0], big_sigma1(e[3]), choice(e[3], e[2], e[1])]);
    (e_terms, sum([big_sigma0(a[3]), majority(a[3], a[2], a[1])]))
}

/// The bits of the words from `at - 2` to `at + 1`, and what the next row gets of them.
fn variables(words: &Schedule, at: usize, row: &mut Sha256RoundsCols<F>) {
    for i in 0..2 {
        (row.a_old[i], row.e_old[i]) = (bits(words.a[at - 2 + i]), bits(words.e[at - 2 + i]));
        (row.a_new[i], row.e_new[i]) = (bits(words.a[at + i]), bits(words.e[at + i]));
    }
    let (e_terms, a_terms) = terms(words, at + 2);
    row.next_e_terms = halves(e_terms);
    row.next_a_terms = less(a_terms, words.a[at - 2]);
}

/// What row `i` has from the row before.
fn taken_terms(words: &Schedule, i: usize, row: &mut Sha256RoundsCols<F>) {
    let at = 2 * i + 4;
    let (e_terms, a_terms) = terms(words, at);
    row.e_terms = halves(e_terms);
    row.a_terms = less(a_terms, words.a[at - 4]);
    row.a_before = halves(sum([words.a[at - 3]]));
    row.e_before = halves(sum([words.e[at - 3]]));
    if i > 0 {
        row.sigma1 = [2, 1].map(|before| halves(sum([small_sigma1(words.w[2 * i - before])])));
    }
}

/// The carries of rounds `t` and `t + 1`.
fn new_variables(words: &Schedule, t: usize, row: &mut Sha256RoundsCols<F>) {
    for i in 0..2 {
        let (t, at) = (t + i, t + i + 4);
        let (e_terms, a_terms) = terms(words, at);
        let [low, high] = sum([ROUND_CONSTANTS[t], words.w[t]]);
        let low = (e_terms[0] + low) >> 16;
        let high = (e_terms[1] + high + low) >> 16;
        row.e_carries[i] = [low, high].map(|carry| [carry % 3, carry / 3].map(F::from_u32));

        let [e, d] = [words.e[at], words.a[at - 4]].map(|word| sum([word]).map(|half| half as i32));
        let low = (a_terms[0] as i32 + e[0] - d[0]) >> 16;
        let high = (a_terms[1] as i32 + e[1] - d[1] + low) >> 16;
        row.a_carries[i] = [low, high].map(F::from_i32);
    }
}

/// Words `t` and `t + 1` of the schedule, their terms, and what later rows get of them. `dword` is
/// the block's, for the first rows.
fn message(words: &Schedule, t: usize, dword: u64, row: &mut Sha256RoundsCols<F>) {
    let w = &words.w;
    row.words = [bits(w[t]), bits(w[t + 1])];
    row.next_sigma1 = [w[t], w[t + 1]].map(|word| halves(sum([small_sigma1(word)])));
    row.next_base = halves(sum([w[t], small_sigma0(w[t + 1])]));
    row.next_sigma0 = halves(sum([small_sigma0(w[t])]));
    if t < 16 {
        row.base = [dword as u32, (dword >> 32) as u32].map(|word| halves(sum([word])));
        return;
    }
    row.base = [halves(sum([w[t - 16], small_sigma0(w[t - 15])])), halves(sum([w[t - 15]]))];
    row.sigma0 = halves(sum([small_sigma0(w[t - 14])]));
    row.middle = [w[t - 7], w[t - 6]].map(|word| halves(sum([word])));
    for i in 0..2 {
        let t = t + i;
        let [low, high] = sum([w[t - 16], small_sigma0(w[t - 15]), w[t - 7], small_sigma1(w[t - 2])]);
        let carry = low >> 16;
        row.w_carries[i] = [carry, (high + carry) >> 16].map(F::from_u32);
    }
}
