//! Polynomials by coefficients, the lowest first, and by values.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Algebra, Field, PrimeCharacteristicRing, TwoAdicField};
use tern_field::{EF, F};

/// What makes the coefficients of a polynomial from its values at fixed points, as many as coefficients.
pub(crate) struct Interpolation {
    /// For each point, the coefficients of its Lagrange polynomial.
    basis: Vec<Vec<F>>,
}

impl Interpolation {
    /// Prepares for distinct points.
    pub(crate) fn new(points: &[F]) -> Self {
        let mut vanishing = vec![F::ONE];
        for point in points {
            // Times X - point.
            vanishing.insert(0, F::ZERO);
            for index in 1..vanishing.len() {
                let next = vanishing[index];
                vanishing[index - 1] -= *point * next;
            }
        }
        Self { basis: points.iter().map(|point| lagrange(&vanishing, *point)).collect() }
    }

    /// For the points `0, 1, ..., count - 1`.
    pub(crate) fn at_numbers(count: usize) -> Self {
        Self::new(&(0..count).map(F::from_usize).collect::<Vec<_>>())
    }

    /// The matrix that makes the coefficients, the constant one first, row by row.
    #[cfg(feature = "prover")]
    pub(crate) fn matrix(&self) -> Vec<Vec<F>> {
        let row = |place: usize| self.basis.iter().map(|polynomial| polynomial[place]).collect();
        (0..self.basis.len()).map(row).collect()
    }

    /// The coefficients, the constant one first.
    pub(crate) fn coefficients(&self, values: &[EF]) -> Vec<EF> {
        let mut coefficients = vec![EF::ZERO; self.basis.len()];
        for (polynomial, value) in self.basis.iter().zip(values) {
            for (sum, coefficient) in coefficients.iter_mut().zip(polynomial) {
                *sum += *value * *coefficient;
            }
        }
        coefficients
    }
}

/// The polynomial that is one at `point` and zero at the other roots of `vanishing`.
fn lagrange(vanishing: &[F], point: F) -> Vec<F> {
    let mut quotient = vec![F::ZERO; vanishing.len() - 1];
    let mut rest = F::ZERO;
    for (place, coefficient) in quotient.iter_mut().zip(&vanishing[1..]).rev() {
        rest = rest * point + *coefficient;
        *place = rest;
    }
    let scale = evaluate(&quotient, point).inverse();
    quotient.iter_mut().for_each(|coefficient| *coefficient *= scale);
    quotient
}

/// A polynomial's value.
pub(crate) fn evaluate<E: PrimeCharacteristicRing + Copy>(coefficients: &[E], point: E) -> E {
    coefficients.iter().rev().fold(E::ZERO, |sum, coefficient| sum * point + *coefficient)
}

/// The values at a point of the Lagrange polynomials of the roots of unity `w^j` of order `2^bits`:
/// of `w^j`, the sum of `(point / w^j)^m / 2^bits`.
pub(crate) fn lagrange_on_roots<E: Field + Algebra<F>>(point: E, bits: usize) -> Vec<E> {
    let size = 1 << bits;
    let powers = point.powers().collect_n(size);
    let factors = lagrange_factors(bits);
    let value = |j: usize| powers.iter().enumerate().map(|(m, power)| *power * factors[j * m % size]).sum();
    (0..size).map(value).collect()
}

/// The factors there: of `w^-m`, by `m`, divided by `2^bits`.
pub(crate) fn lagrange_factors(bits: usize) -> Vec<F> {
    let size = 1 << bits;
    F::two_adic_generator(bits).inverse().shifted_powers(F::from_usize(size).inverse()).collect_n(size)
}

#[cfg(test)]
mod tests {
    use p3_field::BasedVectorSpace;

    use super::*;

    #[test]
    fn lagrange_polynomials_of_roots() {
        let root = |bits: usize, j: usize| EF::from(F::two_adic_generator(bits).exp_u64(j as u64));
        let x = EF::from_basis_coefficients_fn(|index| F::from_usize(1_000 * index + 17));
        for bits in 0..6 {
            for j in 0..1 << bits {
                let values = lagrange_on_roots(root(bits, j), bits);
                assert!(values.iter().enumerate().all(|(i, value)| *value == EF::from_bool(i == j)));
            }
            let polynomial: Vec<EF> = (0..1 << bits).map(|index| EF::from_usize(7 * index * index + 5)).collect();
            let value = lagrange_on_roots(x, bits).into_iter().enumerate().map(|(j, weight)| weight * evaluate(&polynomial, root(bits, j)));
            assert_eq!(value.sum::<EF>(), evaluate(&polynomial, x));
        }
    }

    #[test]
    fn values_give_back_coefficients() {
        let coefficient = |index: usize| EF::from_basis_coefficients_fn(|place| F::from_usize(7 * index * index + 5 + 1_003 * place));
        for count in (1..8).chain([48]) {
            let points: Vec<F> = (0..count).map(|index| F::from_usize(index * index + 3)).collect();
            let coefficients: Vec<EF> = (0..count).map(coefficient).collect();
            let values: Vec<EF> = points.iter().map(|point| evaluate(&coefficients, (*point).into())).collect();
            assert_eq!(Interpolation::new(&points).coefficients(&values), coefficients);
        }
    }
}
