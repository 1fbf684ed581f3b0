//! GKR on fractions: that a table of fractions adds up to zero, reduced to one value of its
//! numerators and one of its denominators.
//!
//! Papini and Haböck, "Improving logarithmic derivative lookups using GKR" (eprint 2023/1284), in
//! the layout of `p3-multi-stark`'s `fractional_gkr`: a fraction of `i` coordinates is the sum of
//! the two fractions below it, which are told apart by a new first coordinate, so that the root's
//! coordinate is the last of the final point.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::proof::{LookupLayer, LookupProof};
use super::sumcheck;
use crate::multilinear::claim::Claim;
use crate::multilinear::equality::equality;
use crate::multilinear::transcript::Transcript;
use crate::ops::{Checked, MultilinearOps};
use crate::reason::Reason;

/// Claims about the table: its numerators' and its denominators' multilinear extension at a point.
pub(super) struct Opened<O: MultilinearOps> {
    /// As many coordinates as there are layers.
    pub(super) point: Vec<O::Ext>,
    pub(super) numerator: O::Ext,
    pub(super) denominator: O::Ext,
}

/// Checks all layers, from the root, whose numerator is zero and whose denominator is not.
///
/// # Errors
///
/// If the root's denominator is zero or a layer's sumcheck does not lead to the two fractions that
/// the proof gives for it.
pub(super) fn verify<O: MultilinearOps>(ops: &mut O, transcript: &mut Transcript<O>, proof: &LookupProof<O>) -> Checked<O, Opened<O>> {
    let (zero, one) = (ops.constant(EF::ZERO), ops.constant(EF::ONE));
    ops.div(&one, &proof.root_denominator, Reason::Multilinear(Claim::RootDenominator))?;
    transcript.observe_extension(core::slice::from_ref(&proof.root_denominator));
    let root = Opened { point: Vec::new(), numerator: zero, denominator: proof.root_denominator.clone() };
    proof.layers.iter().enumerate().try_fold(root, |above, (layer, messages)| check_layer(ops, transcript, &above, layer, messages))
}

/// One layer: `numerator + lambda * denominator` of the fraction above is the sum over a cube of
/// `eq * (n0 d1 + n1 d0 + lambda d0 d1)`.
fn check_layer<O: MultilinearOps>(
    ops: &mut O,
    transcript: &mut Transcript<O>,
    above: &Opened<O>,
    layer: usize,
    messages: &LookupLayer<O>,
) -> Checked<O, Opened<O>> {
    let lambda = transcript.challenge(ops);
    let sum = ops.mul_add(&lambda, &above.denominator, &above.numerator);
    let (coordinates, sum) = sumcheck::play(ops, transcript, messages.rounds.iter().map(|values| &values[..]), sum);
    let ([n0, n1], [d0, d1]) = (&messages.numerators, &messages.denominators);
    // n0 d1 + (n1 + lambda d1) d0
    let right = ops.mul_add(&lambda, d1, n1);
    let left = ops.mul(n0, d1);
    let gate = ops.mul_add(&right, d0, &left);
    let weight = equality(ops, &above.point, &coordinates);
    let expected = ops.mul(&weight, &gate);
    ops.assert_equal(&expected, &sum, Reason::Multilinear(Claim::LookupLayer { layer }))?;
    for value in [n0, d0, n1, d1] {
        transcript.observe_extension(core::slice::from_ref(value));
    }
    let branch = transcript.challenge(ops);
    let mut between = |zero: &O::Ext, one: &O::Ext| {
        let difference = ops.sub(one, zero);
        ops.mul_add(&difference, &branch, zero)
    };
    let (numerator, denominator) = (between(n0, n1), between(d0, d1));
    Ok(Opened { point: core::iter::once(branch).chain(coordinates).collect(), numerator, denominator })
}
