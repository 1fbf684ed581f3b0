//! The verifier of `tern_fri::multilinear::keccak`, which says what is shown and in which order.
//!
//! The caller sees to what this protocol takes for granted:
//!
//! - the columns of flags, limbs and bits, and what fixes their heights, are observed before
//!   [`draw_output_point`]; every flag, and every input bit of every part, is zero or one;
//! - it uses the claims that it gets back ([`Claims`]): on the flags and on the limbs of outputs, at
//!   the drawn point; on the bits; and for **each** part the linear form of its input: for the first
//!   part the input limbs of the calls, for the others the claims of `middle`;
//! - whoever reads a permutation reads it from a row with a flag;
//! - points are in the order of the bits of a row's number, the lowest first, which is not the order
//!   in which the front binds them.

mod rounds;
#[cfg(test)]
mod tests;
mod tie;
mod weights;

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_fri::multilinear::keccak::{
    LAYERS, LIMBS, LOG_PARTS, LOG_SKIP, Layer, LayerProof, OutputPoint, PART_ROUNDS, Point, Proof, Shape, zero_outputs,
};

use super::Transcript;
use super::claim::Claim;
use super::equality::{inner_product, powers, table};
use crate::multilinear::polynomial::horner;
use crate::ops::{Checked, MultilinearOps};
use crate::reason::Reason;
use rounds::{First, Outer, sumcheck};
use weights::Outgoing;

pub use tie::{Tables, verify_tables};

/// The claims that a proof leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims<E> {
    /// Where the bits are claimed.
    pub point: Point<E>,
    /// The evaluations there of the 25 columns of input bits over positions and instances, zero in
    /// padding rows.
    pub bits: Vec<E>,
    /// For each part but the first, what the output's claim is for the limbs of its input: the sum
    /// of `lambda^c` times the multilinear extension of limb column `c` at the point over the
    /// calls. It is a linear form in the columns of input bits.
    pub middle: Vec<E>,
}

/// Draws where the outputs of calls are claimed.
pub fn draw_output_point<O: MultilinearOps>(ops: &mut O, shape: &Shape, transcript: &mut Transcript<O>) -> OutputPoint<O::Ext> {
    let calls = (0..shape.log_calls).map(|_| transcript.challenge(ops)).collect();
    OutputPoint { calls, lambda: transcript.challenge(ops) }
}

/// Verifies that where flags are set the permutations of the inputs have the outputs that are
/// claimed at `outputs`, up to the claims that it gives back.
///
/// # Errors
///
/// If the proof has another shape, or the first layer that it does not show.
pub fn verify<O: MultilinearOps>(
    ops: &mut O,
    shape: &Shape,
    outputs: &OutputPoint<O::Ext>,
    proof: &Proof<O::Ext>,
    transcript: &mut Transcript<O>,
) -> Checked<O, Claims<O::Ext>> {
    let one = ops.constant(EF::ONE);
    ops.require(proof.fits(shape) && outputs.calls.len() == shape.log_calls, Reason::Multilinear(Claim::Shape))?;
    transcript.observe_extension(&[proof.real.clone(), proof.output.clone()]);
    transcript.observe_extension(&proof.middle);
    let parts: Vec<O::Ext> = (0..LOG_PARTS).map(|_| transcript.challenge(ops)).collect();
    let claim = start(ops, outputs, proof, &parts);
    let outgoing = Outgoing::limbs(ops, &outputs.lambda, &parts);
    let (low, high) = outputs.calls.split_at_checked(LOG_SKIP).filter(|_| shape.skip).unwrap_or((&[], &outputs.calls));
    let mut next = Next { claim, outer: Outer { first: First::Bits(low.to_vec()), others: high.to_vec() }, outgoing };
    let mut left: Signs<O::Ext> = (Point { first: None, instances: Vec::new(), positions: Vec::new() }, Vec::new());
    for (index, (round, layers)) in (0..PART_ROUNDS).rev().zip(&proof.rounds).enumerate() {
        if index > 0 {
            let (point, claims) = left;
            let (claim, powers) = batch(ops, &claims, transcript);
            next = Next { claim, outgoing: Outgoing::point(ops, powers, &point.positions), outer: Outer::from(point) };
        }
        left = verify_round(ops, shape, round, &next, layers, transcript)?;
    }
    let (point, signs) = left;
    let half = ops.constant(EF::ONE.halve());
    let bits = signs.iter().map(|sign| {
        let twice = ops.sub(&one, sign);
        ops.mul(&twice, &half)
    });
    Ok(Claims { point, bits: bits.collect(), middle: proof.middle.clone() })
}

/// What a round starts from.
struct Next<E> {
    /// The claim on all lanes of its output.
    claim: E,
    /// Where they are claimed, over the instances.
    outer: Outer<E>,
    /// How they are weighted, over lanes and positions.
    outgoing: Outgoing<E>,
}

/// The claims that a layer leaves: their point, and the evaluations of signs there.
type Signs<E> = (Point<E>, Vec<E>);

/// The claim on the signs of all parts' outputs: where there is no flag and the columns are zero,
/// they are what a part makes of a zero input.
fn start<O: MultilinearOps>(ops: &mut O, outputs: &OutputPoint<O::Ext>, proof: &Proof<O::Ext>, parts: &[O::Ext]) -> O::Ext {
    let (zero, one) = (ops.constant(EF::ZERO), ops.constant(EF::ONE));
    let padding = ops.sub(&one, &proof.real);
    let part_weights = table(ops, parts);
    let claims = proof.middle.iter().chain([&proof.output]).zip(&part_weights).zip(zero_outputs());
    let sum = claims.fold(zero.clone(), |sum, ((claim, weight), state)| {
        let limbs = state
            .iter()
            .flat_map(|lane| lane.to_le_bytes().as_chunks().0.to_vec())
            .map(|limb| EF::from(F::from_u16(u16::from_le_bytes(limb))));
        let limbs: Vec<O::Ext> = limbs.map(|limb| ops.constant(limb)).collect();
        let limbs = horner(ops, &limbs, &outputs.lambda);
        let claim = ops.mul_add(&padding, &limbs, claim);
        ops.mul_add(&claim, weight, &sum)
    });
    let ones: Vec<O::Ext> = (0..LIMBS).map(|_| one.clone()).collect();
    let weights = horner(ops, &ones, &outputs.lambda);
    // A limb is half of 2^16 - 1 less its signs times powers of two.
    let (largest, two) = (ops.constant(EF::from(F::from_u16(u16::MAX))), ops.constant(EF::TWO));
    let all = ops.mul(&weights, &largest);
    ops.sub_mul(&sum, &two, &all)
}

/// Draws the challenge whose powers batch claims, and gives the batch and the powers.
fn batch<O: MultilinearOps>(ops: &mut O, claims: &[O::Ext], transcript: &mut Transcript<O>) -> (O::Ext, Vec<O::Ext>) {
    let base = transcript.challenge(ops);
    let powers = powers(ops, &base, claims.len());
    (inner_product(ops, claims, &powers), powers)
}

/// The layers of a round: gives the claims that the last leaves, and their point.
fn verify_round<O: MultilinearOps>(
    ops: &mut O,
    shape: &Shape,
    round: usize,
    next: &Next<O::Ext>,
    [chi, theta, parity]: &[LayerProof<O::Ext>; LAYERS.len()],
    transcript: &mut Transcript<O>,
) -> Checked<O, Signs<O::Ext>> {
    let reason = |layer| Reason::Multilinear(Claim::Keccak { round, layer });

    let (point, left) = sumcheck(ops, shape, &next.outer, &next.claim, chi, transcript);
    let value = next.outgoing.chi(ops, round, &point.positions, &chi.claims);
    ops.assert_equal(&left, &value, reason(Layer::Chi))?;

    let (claim, powers) = batch(ops, &chi.claims, transcript);
    let old = point.positions.clone();
    let (point, left) = sumcheck(ops, shape, &Outer::from(point), &claim, theta, transcript);
    let value = weights::theta(ops, &powers, &old, &point.positions, &theta.claims);
    ops.assert_equal(&left, &value, reason(Layer::Theta))?;

    let (claim, powers) = batch(ops, &theta.claims, transcript);
    let old = point.positions.clone();
    let (point, left) = sumcheck(ops, shape, &Outer::from(point), &claim, parity, transcript);
    let value = weights::parity(ops, &powers, &old, &point.positions, &parity.claims);
    ops.assert_equal(&left, &value, reason(Layer::Parity))?;
    Ok((point, parity.claims.clone()))
}
