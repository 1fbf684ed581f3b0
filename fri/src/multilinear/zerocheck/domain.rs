//! The subgroup `D` of order 32, its cosets, and polynomials given by their values there.

use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing, TwoAdicField};
use tern_field::{EF, F};

use super::super::packed::Packed;
use super::super::polynomial::Interpolation;

/// Row bits that are skipped.
pub const SKIP_BITS: usize = 5;

/// Points of the domain.
pub(super) const POINTS: usize = 1 << SKIP_BITS;

/// A value for each point of the domain.
pub(super) type Line = [Packed; POINTS];

/// Twiddles, and the shifts to cosets.
pub(super) struct Domain {
    /// `w^i` and `w^-i`.
    powers: [F; POINTS],
    inverse_powers: [F; POINTS],
    /// For the coset number `k + 1` and each coefficient, in bit-reversed order: its factor, the division of the inverse transform included.
    shifts: Vec<[F; POINTS]>,
}

/// `g`, whose powers times `D` are the cosets.
const SHIFT: F = F::GENERATOR;

impl Domain {
    /// With as many cosets as polynomials of degree `degree` in the columns need, `D` included.
    pub(super) fn new(degree: usize) -> Self {
        let root = F::two_adic_generator(SKIP_BITS);
        let list = |base: F, factor: F| -> [F; POINTS] {
            let powers = base.powers().collect_n(POINTS);
            core::array::from_fn(|i| powers[i] * factor)
        };
        let size = F::from_usize(POINTS).inverse();
        let shift = |coset: usize| {
            let powers = list(SHIFT.exp_u64(coset as u64), size);
            core::array::from_fn(|i| powers[reversed(i)])
        };
        Self { powers: list(root, F::ONE), inverse_powers: list(root.inverse(), F::ONE), shifts: (1..degree).map(shift).collect() }
    }

    /// From values on `D` to 32 times the coefficients, in bit-reversed order.
    #[inline(never)]
    pub(super) fn inverse(&self, values: &mut Line) {
        let mut half = POINTS / 2;
        while half > 0 {
            let stride = POINTS / (2 * half);
            for start in (0..POINTS).step_by(2 * half) {
                for i in 0..half {
                    let (a, b) = (values[start + i], values[start + i + half]);
                    values[start + i] = a + b;
                    values[start + i + half] = (a - b) * self.inverse_powers[i * stride];
                }
            }
            half /= 2;
        }
    }

    /// From what [`Domain::inverse`] gives to the values on a coset, counted from one.
    #[inline(never)]
    pub(super) fn coset(&self, coefficients: &Line, coset: usize, values: &mut Line) {
        for ((value, coefficient), shift) in values.iter_mut().zip(coefficients).zip(&self.shifts[coset - 1]) {
            *value = *coefficient * *shift;
        }
        let mut half = 1;
        while half < POINTS {
            let stride = POINTS / (2 * half);
            for start in (0..POINTS).step_by(2 * half) {
                for i in 0..half {
                    let (a, b) = (values[start + i], values[start + i + half] * self.powers[i * stride]);
                    values[start + i] = a + b;
                    values[start + i + half] = a - b;
                }
            }
            half *= 2;
        }
    }

    /// The coefficients of the polynomial with these values on `D` and the cosets after it, 32 for each.
    pub(super) fn coefficients(&self, values: &[EF]) -> Vec<EF> {
        let cosets = values.len() / POINTS;
        let size = F::from_usize(POINTS).inverse();
        // On a coset the polynomial is one of degree 31, whose coefficient `c` is `P_c(g^32k)`: those of the polynomial at places `c` modulo 32 are P_c's.
        let classes: Vec<Vec<EF>> = values
            .chunks_exact(POINTS)
            .enumerate()
            .map(|(coset, values)| {
                let shift = SHIFT.exp_u64(coset as u64).inverse();
                let class = |c: usize| {
                    let terms = values.iter().enumerate().map(|(j, value)| *value * self.inverse_powers[j * c % POINTS]);
                    terms.sum::<EF>() * (size * shift.exp_u64(c as u64))
                };
                (0..POINTS).map(class).collect()
            })
            .collect();
        let nodes: Vec<F> = (0..cosets).map(|coset| SHIFT.exp_u64((coset * POINTS) as u64)).collect();
        let interpolation = Interpolation::new(&nodes);
        let mut coefficients = EF::zero_vec(values.len());
        for c in 0..POINTS {
            let values: Vec<EF> = classes.iter().map(|class| class[c]).collect();
            for (m, coefficient) in interpolation.coefficients(&values).into_iter().enumerate() {
                coefficients[c + m * POINTS] = coefficient;
            }
        }
        coefficients
    }
}

/// A position with its bits in the other order.
const fn reversed(i: usize) -> usize {
    i.reverse_bits() >> (usize::BITS as usize - SKIP_BITS)
}
