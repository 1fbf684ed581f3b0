//! FRI's folding of one query's values.
//!
//! Claim: the value that a query knows of a round's codeword stands at its place in the opened row, the row is committed, and the polynomial through the row has the next codeword's value at the round's challenge.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::field;
use crate::ops::{Checked, Ops};
use crate::reason::Reason;

/// The points of a query, divided by the coset's shift, in the codewords of lengths from `2^log_longest` down to `2^log_shortest`. `index` are the bits of its index, the lowest first.
///
/// At index `i` of a codeword of length `2^n`, the point is `w_n^j`, `w_n` of order `2^n` and `j` the bits of `i` reversed: the product of the roots of order `2^(k+1)` where bit `k` is set. Shorter codewords
/// drop the lowest bit and square the point.
pub(crate) fn points<O: Ops>(ops: &mut O, index: &[O::Bit], log_longest: usize, log_shortest: usize) -> Vec<O::Ext> {
    let mut point = None;
    for (bit, log_order) in index.iter().zip(1..) {
        point = Some(times_root(ops, point, field::root(log_order), bit));
    }
    let mut point = point.unwrap_or_else(|| ops.constant(EF::ONE));
    let mut points = alloc::vec![point.clone()];
    for _ in log_shortest..log_longest {
        point = ops.mul(&point, &point);
        points.push(point.clone());
    }
    points
}

/// `value * root^bit`.
fn times_root<O: Ops>(ops: &mut O, value: Option<O::Ext>, root: tern_field::F, bit: &O::Bit) -> O::Ext {
    let rise = ops.constant(field::minus(root, tern_field::F::ONE).into());
    let bit = ops.bit_value(bit);
    match value {
        None => {
            let one = ops.constant(EF::ONE);
            ops.mul_add(&bit, &rise, &one)
        }
        Some(value) => {
            let change = ops.mul(&value, &rise);
            ops.mul_add(&bit, &change, &value)
        }
    }
}

/// Checks that `value` stands in the row at the place that the bits give, the lowest first.
///
/// # Errors
///
/// If another value does.
pub(crate) fn check_place<O: Ops>(ops: &mut O, row: &[O::Ext], place: &[O::Bit], value: &O::Ext, reason: Reason) -> Checked<O, ()> {
    let mut values = row.to_vec();
    for bit in place {
        values = values.as_chunks::<2>().0.iter().map(|[zero, one]| ops.select(bit, zero, one)).collect();
    }
    match values.first() {
        Some(got) => ops.assert_equal(value, got, reason),
        None => Ok(()),
    }
}

/// Folds a row: the value at `challenge` of the polynomial through its values at the points of the coset that `point` lies in, at the place that the bits give.
///
/// # Errors
///
/// If `point` is zero, which no point is.
pub(crate) fn fold<O: Ops>(
    ops: &mut O,
    row: &[O::Ext],
    place: &[O::Bit],
    point: &O::Ext,
    challenge: &O::Ext,
    query: usize,
) -> Checked<O, O::Ext> {
    // The coset's first point is `point` without the factors of the lowest bits of the index.
    let mut numerator = challenge.clone();
    for (bit, log_order) in place.iter().zip(1..) {
        numerator = times_root(ops, Some(numerator), field::root(log_order), bit);
    }
    let at = ops.div(&numerator, point, Reason::QueryPoint { query })?;
    Ok(interpolate(ops, row, &at))
}

/// The value at `at` of the polynomial whose values at the roots of unity of order `values.len()`, a power of two, in bit-reversed order are `values`.
///
/// Two neighbours are values at `x` and `-x`. The line through them has at `at` a value of the polynomial in `x^2` that is half as long.
pub(crate) fn interpolate<O: Ops>(ops: &mut O, values: &[O::Ext], at: &O::Ext) -> O::Ext {
    let half = ops.constant(EF::ONE.halve());
    let mut values = values.to_vec();
    let mut at = at.clone();
    while values.len() > 1 {
        let log_len = usize::try_from(values.len().ilog2()).unwrap_or(0);
        let (pairs, _) = values.as_chunks::<2>();
        let mut folded = Vec::with_capacity(pairs.len());
        for (index, [plus, minus]) in pairs.iter().enumerate() {
            // The weight of the first value: `(1 + at / x) / 2`.
            let place = reversed(index, log_len.saturating_sub(1));
            let scale = ops.constant(field::half_inverse_root(log_len, place).into());
            let weight = ops.mul_add(&at, &scale, &half);
            let difference = ops.sub(plus, minus);
            folded.push(ops.mul_add(&weight, &difference, minus));
        }
        values = folded;
        if values.len() > 1 {
            at = ops.mul(&at, &at);
        }
    }
    values.into_iter().next().unwrap_or_else(|| ops.constant(EF::ZERO))
}

/// The lowest `bits` bits of a number, reversed.
pub(crate) fn reversed(number: usize, bits: usize) -> usize {
    let mut rest = number;
    let mut reversed = 0_usize;
    for _ in 0..bits {
        reversed = reversed.wrapping_shl(1) | (rest & 1);
        rest = rest.wrapping_shr(1);
    }
    reversed
}
