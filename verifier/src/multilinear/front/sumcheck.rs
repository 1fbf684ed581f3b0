//! What verifiers of sumchecks compute: round polynomials at challenges.

#![expect(clippy::arithmetic_side_effects, reason = "field arithmetic has no overflow; what is inverted is a small number other than zero")]

use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::{EF, F};

use crate::multilinear::transcript::Transcript;
use crate::ops::MultilinearOps;

/// Plays the rounds of a sumcheck that starts from `sum`: absorbs each round polynomial's values
/// and draws a challenge. Gives the point that the challenges are and what is claimed there.
///
/// The caller checks the claim: the sumcheck by itself checks nothing.
pub(super) fn play<'a, O: MultilinearOps>(
    ops: &mut O,
    transcript: &mut Transcript<O>,
    rounds: impl Iterator<Item = &'a [O::Ext]>,
    sum: O::Ext,
) -> (Vec<O::Ext>, O::Ext)
where
    O::Ext: 'a,
{
    let (mut point, mut sum) = (Vec::with_capacity(rounds.size_hint().0), sum);
    for values in rounds {
        transcript.observe_extension(values);
        let challenge = transcript.challenge(ops);
        sum = round_value(ops, values, &sum, &challenge);
        point.push(challenge);
    }
    (point, sum)
}

/// The value at `x` of the polynomial `h` of degree `d` given by
/// `values = h(0), h(2), h(3), …, h(d)` and `sum = h(0) + h(1)`, by Newton's formula: with the
/// differences `D_k` of the values at 0, 1, 2, … it is
/// `D_0 + x (D_1 + (x - 1)/2 (D_2 + (x - 2)/3 (D_3 + …)))`. No division, so that no challenge is
/// special.
pub(super) fn round_value<O: MultilinearOps>(ops: &mut O, values: &[O::Ext], sum: &O::Ext, x: &O::Ext) -> O::Ext {
    let Some((at_zero, others)) = values.split_first() else {
        // A polynomial without values: excluded by the shape.
        return ops.constant(EF::ZERO);
    };
    let at_one = ops.sub(sum, at_zero);
    let mut row: Vec<O::Ext> = [at_zero, &at_one].into_iter().chain(others).cloned().collect();
    let mut differences = Vec::with_capacity(row.len());
    while let Some(first) = row.first() {
        differences.push(first.clone());
        row = row.iter().zip(row.iter().skip(1)).map(|(low, high)| ops.sub(high, low)).collect();
    }
    let mut from_highest = differences.iter().enumerate().rev();
    let Some((_, highest)) = from_highest.next() else {
        return ops.constant(EF::ZERO);
    };
    from_highest.fold(highest.clone(), |value, (k, difference)| {
        let factor = binomial_factor(ops, x, k);
        ops.mul_add(&value, &factor, difference)
    })
}

/// `(x - k) / (k + 1)`.
fn binomial_factor<O: MultilinearOps>(ops: &mut O, x: &O::Ext, k: usize) -> O::Ext {
    if k == 0 {
        return x.clone();
    }
    let inverse = F::from_usize(k.saturating_add(1)).inverse();
    let (slope, constant) = (ops.constant(inverse.into()), ops.constant((-inverse * F::from_usize(k)).into()));
    ops.mul_add(x, &slope, &constant)
}
