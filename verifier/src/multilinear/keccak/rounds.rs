//! The rounds of a layer's sumcheck.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing, TwoAdicField};
use tern_field::{EF, F};
use tern_fri::multilinear::keccak::{LOG_SKIP, LayerProof, Point, SKIP, Shape};

use super::super::Transcript;
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
    // Modulo X^16 - 1.
    let mut chunks = coefficients.chunks(SKIP);
    let mut sums = chunks.next().unwrap_or_default().to_vec();
    for chunk in chunks {
        for (sum, coefficient) in sums.iter_mut().zip(chunk) {
            *sum = ops.add(sum, coefficient);
        }
    }
    match point {
        First::Root(root) => evaluate(ops, &sums, root),
        First::Bits(bits) => {
            let kernel = bit_kernel(ops, bits);
            dot(ops, &sums, &kernel)
        }
    }
}

/// For each power of `X`: the sum over the 16th roots of unity `w^j` of its values with the weights
/// `eq(bits, j)`.
pub(super) fn bit_kernel<O: MultilinearOps>(ops: &mut O, bits: &[O::Ext]) -> Vec<O::Ext> {
    let one = ops.constant(EF::ONE);
    let pairs = bits.iter().map(|bit| (ops.sub(&one, bit), bit.clone())).collect::<Vec<_>>();
    root_products(ops, &pairs, F::two_adic_generator(LOG_SKIP))
}

/// The weights of the instances of a block at a point of their polynomials ([`Point::first`]): the
/// Lagrange polynomials of the 16th roots of unity, in the order of powers.
pub fn root_kernel<O: MultilinearOps>(ops: &mut O, point: &O::Ext) -> Vec<O::Ext> {
    // The sum of X^m / 16 for m < 16, with X = point / w^j, is the product of (1 + X^(2^b)) / 2.
    let half = ops.constant(EF::ONE.halve());
    let mut power = point.clone();
    let mut pairs = Vec::new();
    for _ in 0..LOG_SKIP {
        pairs.push((half.clone(), ops.mul(&power, &half)));
        power = ops.mul(&power, &power);
    }
    root_products(ops, &pairs, F::two_adic_generator(LOG_SKIP).inverse())
}

/// For each `m < 16`: the product over `b` of `pairs[b].0 + pairs[b].1 * root^(2^b m)`.
#[expect(clippy::arithmetic_side_effects, reason = "field arithmetic has no overflow")]
fn root_products<O: MultilinearOps>(ops: &mut O, pairs: &[(O::Ext, O::Ext)], root: F) -> Vec<O::Ext> {
    let mut products = vec![ops.constant(EF::ONE)];
    for (b, (constant, linear)) in pairs.iter().enumerate().rev() {
        // The factors of b and above repeat after this many m: twice as many as those above b.
        let step = root.exp_power_of_2(b);
        let mut power = F::ONE;
        let mut next = Vec::new();
        for product in products.iter().chain(&products) {
            let value = ops.constant(EF::from(power));
            let factor = ops.mul_add(linear, &value, constant);
            next.push(ops.mul(product, &factor));
            power *= step;
        }
        products = next;
    }
    products
}

/// The value of the polynomial with this constant coefficient and these others.
fn extend<O: MultilinearOps>(ops: &mut O, constant: &O::Ext, others: &[O::Ext], point: &O::Ext) -> O::Ext {
    let rest = evaluate(ops, others, point);
    ops.mul_add(&rest, point, constant)
}

/// The value of a polynomial.
pub(super) fn evaluate<O: MultilinearOps>(ops: &mut O, coefficients: &[O::Ext], point: &O::Ext) -> O::Ext {
    let mut rest = coefficients.iter().rev();
    let highest = rest.next().cloned().unwrap_or_else(|| ops.constant(EF::ZERO));
    rest.fold(highest, |sum, coefficient| ops.mul_add(&sum, point, coefficient))
}

/// The sum.
fn total<O: MultilinearOps>(ops: &mut O, values: &[O::Ext]) -> O::Ext {
    let zero = ops.constant(EF::ZERO);
    values.iter().fold(zero, |sum, value| ops.add(&sum, value))
}

/// The sum of products.
pub(super) fn dot<O: MultilinearOps>(ops: &mut O, left: &[O::Ext], right: &[O::Ext]) -> O::Ext {
    let zero = ops.constant(EF::ZERO);
    left.iter().zip(right).fold(zero, |sum, (left, right)| ops.mul_add(left, right, &sum))
}

/// The first powers of an element.
pub(super) fn powers<O: MultilinearOps>(ops: &mut O, base: &O::Ext, count: usize) -> Vec<O::Ext> {
    let mut power = ops.constant(EF::ONE);
    let mut powers = Vec::new();
    for _ in 0..count {
        powers.push(power.clone());
        power = ops.mul(&power, base);
    }
    powers
}
