//! The univariate skip: the zerocheck's first round over several row bits at once.
//!
//! Gruen, "Some Improvements for the PIOP for ZeroCheck" (eprint 2024/108). The skipped bits of a row are a number `j` below 32, which stands for the point `w^j` of the subgroup `D` of order 32. With every column
//! replaced by the polynomial of degree 31 through its values on `D`, the sum over all rows that agree in `j`, with the equality weights of the other bits, is a polynomial `s(Z)` of degree `31 d`. The prover
//! sends its coefficients. That the sum over all rows is what it should be is `sum over j of e_j s(w^j) = claim`, with the equality weights `e_j` of the skipped coordinates; the other rounds continue with `s(r0)`.
//!
//! On `D` only the coefficients' sums over positions that agree modulo 32 count. The sum over `j` of `e_j w^(jc)` is the product over the bits of `1 - q_b + q_b w^(c 2^b)`.

#![expect(clippy::arithmetic_side_effects, reason = "arithmetic of constants of the base field, which has no overflow")]

use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, TwoAdicField};
use tern_field::{EF, F};

use crate::multilinear::claim::Claim;
use crate::multilinear::equality::inner_product;
use crate::multilinear::transcript::Transcript;
use crate::ops::{Checked, MultilinearOps};
use crate::reason::Reason;

/// Plays the round: checks the sum, draws the challenge `r0` and gives it with the polynomial's value there. `skipped` are the coordinates of the skipped bits, the lowest first.
///
/// # Errors
///
/// [`Claim::Skip`] if the polynomial, weighted, does not add up to the claim.
pub(super) fn play<O: MultilinearOps>(
    ops: &mut O,
    transcript: &mut Transcript<O>,
    coefficients: &[O::Ext],
    skipped: &[O::Ext],
    claim: &O::Ext,
) -> Checked<O, (O::Ext, O::Ext)> {
    transcript.observe_extension(coefficients);
    let weights = weights(ops, skipped);
    let on_domain = folded(ops, coefficients, weights.len());
    let sum = inner_product(ops, &on_domain, &weights);
    ops.assert_equal(claim, &sum, Reason::Multilinear(Claim::Skip))?;
    let point = transcript.challenge(ops);
    let zero = ops.constant(EF::ZERO);
    let value = coefficients.iter().rev().fold(zero, |value, coefficient| ops.mul_add(&value, &point, coefficient));
    Ok((point, value))
}

/// The weights of the coefficients: for each `c` the sum over `j` of `e_j w^(jc)`. The highest bit's factor has two values, each lower one's twice as many.
fn weights<O: MultilinearOps>(ops: &mut O, skipped: &[O::Ext]) -> Vec<O::Ext> {
    let mut weights = alloc::vec![ops.constant(EF::ONE)];
    for (bits, coordinate) in (1..).zip(skipped.iter().rev()) {
        let period = weights.len().saturating_mul(2);
        let powers = F::two_adic_generator(bits).powers().take(period);
        let product = |(weight, power): (&O::Ext, F)| {
            // weight * (1 + coordinate (power - 1))
            let slope = ops.constant((power - F::ONE).into());
            let one = ops.constant(EF::ONE);
            let factor = ops.mul_add(coordinate, &slope, &one);
            ops.mul(weight, &factor)
        };
        weights = weights.iter().cycle().zip(powers).map(product).collect();
    }
    weights
}

/// The polynomial modulo `Z^count - 1`.
fn folded<O: MultilinearOps>(ops: &mut O, coefficients: &[O::Ext], count: usize) -> Vec<O::Ext> {
    let mut rows = coefficients.chunks(count);
    let mut sums = rows.next().map_or_else(Vec::new, <[O::Ext]>::to_vec);
    for row in rows {
        for (sum, coefficient) in sums.iter_mut().zip(row) {
            *sum = ops.add(sum, coefficient);
        }
    }
    sums
}
