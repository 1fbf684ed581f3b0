//! Polynomials on the `2^n`-th roots of unity `w^j`, which stand for the `2^n` values that `n` bits
//! of a row's number have.

use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing, TwoAdicField};
use tern_field::{EF, F};

use super::equality::factors;
use crate::ops::Ops;

/// The coefficients modulo `X^count - 1`: a polynomial that is the same on the roots of unity of
/// that order.
pub(crate) fn reduced<O: Ops>(ops: &mut O, coefficients: &[O::Ext], count: usize) -> Vec<O::Ext> {
    let mut rows = coefficients.chunks(count);
    let mut sums = rows.next().map_or_else(Vec::new, <[O::Ext]>::to_vec);
    for row in rows {
        for (sum, coefficient) in sums.iter_mut().zip(row) {
            *sum = ops.add(sum, coefficient);
        }
    }
    sums
}

/// For each power of `X` below `2^bits.len()`: the sum of its values at the roots `w^j` with the
/// weights `eq(bits, j)`, which is the product over the bits `b` of `1 - q_b + q_b w^(c 2^b)` for
/// `X^c`.
pub(crate) fn bit_weights<O: Ops>(ops: &mut O, bits: &[O::Ext]) -> Vec<O::Ext> {
    let factors = factors(ops, bits);
    products(ops, &factors, F::two_adic_generator)
}

/// The Lagrange polynomials of the `2^bits` roots at a point: for `w^j` it is
/// `sum over c of (w^-j x)^c / 2^bits`, a product of `(1 + (w^-j x)^(2^b)) / 2` over the bits.
pub(crate) fn lagrange<O: Ops>(ops: &mut O, point: &O::Ext, bits: usize) -> Vec<O::Ext> {
    let half = ops.constant(EF::ONE.halve());
    let mut power = point.clone();
    let mut factors = Vec::with_capacity(bits);
    for bit in 0..bits {
        if bit > 0 {
            power = ops.mul(&power, &power);
        }
        factors.push([half.clone(), ops.mul(&power, &half)]);
    }
    products(ops, &factors, |log| F::two_adic_generator(log).inverse())
}

/// For each `m` below `2^factors.len()`: the product over `b` of
/// `factors[b][0] + factors[b][1] r^(m 2^b)`, with `root(k)` the power of `r` that has the order
/// `2^k`.
///
/// The highest bit's factor has two values, each lower one's twice as many.
fn products<O: Ops>(ops: &mut O, factors: &[[O::Ext; 2]], root: impl Fn(usize) -> F) -> Vec<O::Ext> {
    let mut products = alloc::vec![ops.constant(EF::ONE)];
    for (log, [constant, linear]) in (1..).zip(factors.iter().rev()) {
        let period = products.len().saturating_mul(2);
        let product = |(product, power): (&O::Ext, F)| {
            let power = ops.constant(power.into());
            let factor = ops.mul_add(linear, &power, constant);
            ops.mul(product, &factor)
        };
        products = products.iter().cycle().zip(root(log).powers().take(period)).map(product).collect();
    }
    products
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "a test may stop")]
mod tests {
    use p3_field::BasedVectorSpace;

    use super::*;
    use crate::multilinear::equality::table;
    use crate::native::Native;

    fn root(bits: usize, power: usize) -> EF {
        EF::from(F::two_adic_generator(bits).exp_u64(u64::try_from(power).unwrap_or(0)))
    }

    /// Elements without pattern.
    fn elements(seed: usize, count: usize) -> Vec<EF> {
        let coordinate = |index| F::from_usize(100 * seed + 10 * index + 3);
        (0..count).map(|number| EF::from_basis_coefficients_fn(|index| (coordinate(index) + F::from_usize(number)).inverse())).collect()
    }

    #[test]
    fn weights_are_sums_over_roots() {
        for bits in 0..=5 {
            let size = 1 << bits;
            let point = elements(bits, bits);
            let equality = table(&mut Native, &point);
            let expected: Vec<EF> =
                (0..size).map(|power| equality.iter().enumerate().map(|(j, weight)| *weight * root(bits, j * power)).sum()).collect();
            assert_eq!(bit_weights(&mut Native, &point), expected);
        }
    }

    #[test]
    fn lagrange_polynomials_are_one_at_a_root_and_zero_at_the_others() {
        for bits in 0..=5 {
            let size = 1 << bits;
            let point: EF = elements(bits, 1).into_iter().sum();
            let polynomial = |own: usize| -> EF {
                let others = (0..size).filter(|j| *j != own);
                others.map(|j| (point - root(bits, j)) * (root(bits, own) - root(bits, j)).inverse()).product()
            };
            assert_eq!(lagrange(&mut Native, &point, bits), (0..size).map(polynomial).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_reduced_polynomial_is_the_same_on_the_roots() {
        let coefficients = elements(1, 21);
        let sums = reduced(&mut Native, &coefficients, 8);
        let value = |coefficients: &[EF], x: EF| coefficients.iter().rev().fold(EF::ZERO, |sum, coefficient| sum * x + *coefficient);
        assert_eq!(sums.len(), 8);
        assert!((0..8).all(|j| value(&sums, root(3, j)) == value(&coefficients, root(3, j))));
    }
}
