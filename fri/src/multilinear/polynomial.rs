//! Coefficients from values.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::{EF, F};

/// What makes the coefficients of a polynomial from its values at fixed points, as many as coefficients.
pub(super) struct Interpolation {
    /// For each point, the coefficients of its Lagrange polynomial.
    basis: Vec<Vec<F>>,
}

impl Interpolation {
    /// Prepares for distinct points.
    pub(super) fn new(points: &[F]) -> Self {
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
    pub(super) fn at_numbers(count: usize) -> Self {
        Self::new(&(0..count).map(F::from_usize).collect::<Vec<_>>())
    }

    /// The coefficients, the constant one first.
    pub(super) fn coefficients(&self, values: &[EF]) -> Vec<EF> {
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
    let scale = evaluate_base(&quotient, point).inverse();
    quotient.iter_mut().for_each(|coefficient| *coefficient *= scale);
    quotient
}

fn evaluate_base(coefficients: &[F], point: F) -> F {
    coefficients.iter().rev().fold(F::ZERO, |sum, coefficient| sum * point + *coefficient)
}

/// The polynomial's value.
pub(super) fn evaluate(coefficients: &[EF], point: EF) -> EF {
    coefficients.iter().rev().fold(EF::ZERO, |sum, coefficient| sum * point + *coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_give_back_coefficients() {
        for count in [1, 2, 6, 48] {
            let points: Vec<F> = (0..count).map(|index| F::from_usize(index * index + 3)).collect();
            let coefficients: Vec<EF> = (0..count).map(|index| EF::from_usize(7 * index * index + 5)).collect();
            let values: Vec<EF> = points.iter().map(|point| evaluate(&coefficients, (*point).into())).collect();
            assert_eq!(Interpolation::new(&points).coefficients(&values), coefficients);
        }
    }
}
