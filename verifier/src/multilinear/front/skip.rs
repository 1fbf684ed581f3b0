//! The univariate skip: the zerocheck's first round over several row bits at once.
//!
//! Gruen, "Some Improvements for the PIOP for ZeroCheck" (eprint 2024/108). The skipped bits of a
//! row are a number `j` below 32, which stands for the point `w^j` of the subgroup `D` of order 32.
//! With every column replaced by the polynomial of degree 31 through its values on `D`, the sum
//! over all rows that agree in `j`, with the equality weights of the other bits, is a polynomial
//! `s(Z)` of degree `31 d`. The prover sends its coefficients. That the sum over all rows is what
//! it should be is `sum over j of e_j s(w^j) = claim`, with the equality weights `e_j` of the
//! skipped coordinates; the other rounds continue with `s(r0)`.
//!
//! On `D` only the coefficients' sums over positions that agree modulo 32 count.

use crate::multilinear::claim::Claim;
use crate::multilinear::equality::inner_product;
use crate::multilinear::polynomial::horner;
use crate::multilinear::roots::{bit_weights, reduced};
use crate::multilinear::transcript::Transcript;
use crate::ops::{Checked, MultilinearOps};
use crate::reason::Reason;

/// Plays the round: checks the sum, draws the challenge `r0` and gives it with the polynomial's
/// value there. `skipped` are the coordinates of the skipped bits, the lowest first.
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
    let weights = bit_weights(ops, skipped);
    let on_domain = reduced(ops, coefficients, weights.len());
    let sum = inner_product(ops, &on_domain, &weights);
    ops.assert_equal(claim, &sum, Reason::Multilinear(Claim::Skip))?;
    let point = transcript.challenge(ops);
    let value = horner(ops, coefficients, &point);
    Ok((point, value))
}
