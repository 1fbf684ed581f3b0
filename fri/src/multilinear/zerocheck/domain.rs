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
    /// For the coset number `k + 1` and each coefficient, in bit-reversed order: its factor, the
    /// division of the inverse transform included.
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

    /// From values on `D`, which are `stride` places apart, to 32 times the coefficients, in
    /// bit-reversed order.
    #[inline(never)]
    pub(super) fn inverse(&self, values: &[Packed], stride: usize, coefficients: &mut Line) {
        self.inverse_eight::<0>(values, stride, coefficients);
        self.inverse_eight::<1>(values, stride, coefficients);
        self.inverse_eight::<2>(values, stride, coefficients);
        self.inverse_eight::<3>(values, stride, coefficients);
        for four in coefficients.as_chunks_mut().0 {
            let [v0, v1, v2, v3] = *four;
            let (a, b, c, d) = (v0 + v2, v1 + v3, v0 - v2, (v1 - v3) * self.inverse_powers[POINTS / 4]);
            *four = [a + b, a - b, c + d, c - d];
        }
    }

    /// The first three of five steps, for the places that are `I` modulo four.
    #[inline(always)]
    fn inverse_eight<const I: usize>(&self, values: &[Packed], stride: usize, coefficients: &mut Line) {
        let mut eight = [Packed::ZERO; 8];
        for (k, value) in eight.iter_mut().enumerate() {
            *value = values[(I + 4 * k) * stride];
        }
        for k in 0..4 {
            self.part(&mut eight, k, k + 4, I + 4 * k);
        }
        for k in 0..2 {
            self.part(&mut eight, k, k + 2, 2 * (I + 4 * k));
            self.part(&mut eight, k + 4, k + 6, 2 * (I + 4 * k));
        }
        for k in 0..4 {
            self.part(&mut eight, 2 * k, 2 * k + 1, 4 * I);
        }
        for (k, value) in eight.iter().enumerate() {
            coefficients[I + 4 * k] = *value;
        }
    }

    /// One butterfly of the inverse transform, with `w` to the power of `-exponent`.
    #[inline(always)]
    fn part(&self, values: &mut [Packed; 8], low: usize, high: usize, exponent: usize) {
        let (a, b) = (values[low], values[high]);
        values[low] = a + b;
        values[high] = if exponent == 0 { a - b } else { (a - b) * self.inverse_powers[exponent] };
    }

    /// From what [`Domain::inverse`] gives to the values on a coset, counted from one, which are
    /// put `stride` places apart. `line` is for what is between.
    #[inline(never)]
    pub(super) fn coset(&self, coefficients: &Line, coset: usize, line: &mut Line, values: &mut [Packed], stride: usize) {
        let shifted = coefficients.as_chunks::<4>().0.iter().zip(self.shifts[coset - 1].as_chunks::<4>().0);
        for (four, (coefficients, shifts)) in line.as_chunks_mut().0.iter_mut().zip(shifted) {
            let [c0, c1, c2, c3] = coefficients;
            let (v0, v1, v2, v3) = (*c0 * shifts[0], *c1 * shifts[1], *c2 * shifts[2], *c3 * shifts[3]);
            let (a, b, c, d) = (v0 + v1, v0 - v1, v2 + v3, (v2 - v3) * self.powers[POINTS / 4]);
            *four = [a + c, b + d, a - c, b - d];
        }
        self.coset_eight::<0>(line, values, stride);
        self.coset_eight::<1>(line, values, stride);
        self.coset_eight::<2>(line, values, stride);
        self.coset_eight::<3>(line, values, stride);
    }

    /// The last three of five steps, for the places that are `I` modulo four.
    #[inline(always)]
    fn coset_eight<const I: usize>(&self, line: &Line, values: &mut [Packed], stride: usize) {
        let mut eight = [Packed::ZERO; 8];
        for (k, value) in eight.iter_mut().enumerate() {
            *value = line[I + 4 * k];
        }
        for k in 0..4 {
            self.join(&mut eight, 2 * k, 2 * k + 1, 4 * I);
        }
        for k in 0..2 {
            self.join(&mut eight, k, k + 2, 2 * (I + 4 * k));
            self.join(&mut eight, k + 4, k + 6, 2 * (I + 4 * k));
        }
        for k in 0..4 {
            self.join(&mut eight, k, k + 4, I + 4 * k);
        }
        for (k, value) in eight.iter().enumerate() {
            values[(I + 4 * k) * stride] = *value;
        }
    }

    /// One butterfly of the transform, with `w` to the power of `exponent`.
    #[inline(always)]
    fn join(&self, values: &mut [Packed; 8], low: usize, high: usize, exponent: usize) {
        let (a, b) = (values[low], if exponent == 0 { values[high] } else { values[high] * self.powers[exponent] });
        values[low] = a + b;
        values[high] = a - b;
    }

    /// The coefficients of the polynomial with these values on `D` and the cosets after it, 32 for each.
    pub(super) fn coefficients(&self, values: &[EF]) -> Vec<EF> {
        let cosets = values.len() / POINTS;
        let size = F::from_usize(POINTS).inverse();
        // On a coset the polynomial is one of degree 31, whose coefficient `c` is `P_c(g^32k)`:
        // those of the polynomial at places `c` modulo 32 are P_c's.
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
