//! The rounds of a layer's sumcheck.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;
use tern_fri::multilinear::keccak::{LayerProof, Point, SKIP, Shape};

use super::super::Transcript;
use super::super::equality::inner_product;
use super::super::roots::{bit_weights, reduced};
use crate::multilinear::polynomial::horner;
use crate::ops::MultilinearOps;

/// Where a layer's columns are claimed, over the instances.
pub(super) struct Outer<E> {
    /// With the skip: the low four variables.
    pub(super) first: First<E>,
    /// The other variables, the lowest first.
    pub(super) others: Vec<E>,
}

/// A point of the low four instance variables.
pub(super) enum First<E> {
    /// One coordinate for each: columns are multilinear.
    Bits(Vec<E>),
    /// A point of polynomials on the 16th roots of unity.
    Root(E),
}

impl<E> From<Point<E>> for Outer<E> {
    fn from(point: Point<E>) -> Self {
        Self { first: point.first.map_or_else(|| First::Bits(Vec::new()), First::Root), others: point.instances }
    }
}

/// Follows the rounds of a layer and observes its claims: gives the point and what is left to show
/// there, for the sum's term without `eq` over the instances.
///
/// Each message lacks the constant coefficient, which the claim before it gives.
pub(super) fn sumcheck<O: MultilinearOps>(
    ops: &mut O,
    shape: &Shape,
    outer: &Outer<O::Ext>,
    claim: &O::Ext,
    proof: &LayerProof<O::Ext>,
    transcript: &mut Transcript<O>,
) -> (Point<O::Ext>, O::Ext) {
    let mut claim = claim.clone();
    let mut round = |ops: &mut O, constant: &O::Ext, message: &[O::Ext]| {
        transcript.observe_extension(message);
        let challenge = transcript.challenge(ops);
        let claim = extend(ops, constant, message, &challenge);
        (challenge, claim)
    };
    let mut first = None;
    if shape.skip {
        let rest = on_roots(ops, &outer.first, &proof.first);
        let constant = ops.sub(&claim, &rest);
        let challenge;
        (challenge, claim) = round(ops, &constant, &proof.first);
        first = Some(challenge);
    }
    let mut instances = Vec::new();
    for (coordinate, message) in outer.others.iter().rev().zip(&proof.instances) {
        // (1 - p) h(0) + p h(1) is the constant and p times the other coefficients.
        let others = total(ops, message);
        let constant = ops.sub_mul(coordinate, &others, &claim);
        let challenge;
        (challenge, claim) = round(ops, &constant, message);
        instances.push(challenge);
    }
    let half = ops.constant(EF::ONE.halve());
    let mut positions = Vec::new();
    for message in &proof.positions {
        // s(0) + s(1) is twice the constant and the other coefficients.
        let others = total(ops, message);
        let twice = ops.sub(&claim, &others);
        let constant = ops.mul(&twice, &half);
        let challenge;
        (challenge, claim) = round(ops, &constant, message);
        positions.push(challenge);
    }
    transcript.observe_extension(&proof.claims);
    instances.reverse();
    positions.reverse();
    (Point { first, instances, positions }, claim)
}

/// The weighted sum over the 16th roots of unity of the polynomial with these coefficients, the
/// first of them that of `X`.
fn on_roots<O: MultilinearOps>(ops: &mut O, point: &First<O::Ext>, message: &[O::Ext]) -> O::Ext {
    let mut coefficients = vec![ops.constant(EF::ZERO)];
    coefficients.extend_from_slice(message);
    let sums = reduced(ops, &coefficients, SKIP);
    match point {
        First::Root(root) => horner(ops, &sums, root),
        First::Bits(bits) => {
            let weights = bit_weights(ops, bits);
            inner_product(ops, &sums, &weights)
        }
    }
}

/// The value of the polynomial with this constant coefficient and these others.
fn extend<O: MultilinearOps>(ops: &mut O, constant: &O::Ext, others: &[O::Ext], point: &O::Ext) -> O::Ext {
    let rest = horner(ops, others, point);
    ops.mul_add(&rest, point, constant)
}

/// The sum.
fn total<O: MultilinearOps>(ops: &mut O, values: &[O::Ext]) -> O::Ext {
    let zero = ops.constant(EF::ZERO);
    values.iter().fold(zero, |sum, value| ops.add(&sum, value))
}
