//! Sums of vectors of the base field, weighted by elements of the challenge field.

use p3_field::{Algebra, BasedVectorSpace, PrimeCharacteristicRing};
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::packed::{Packed, PackedExt};
use super::quintic::{Coordinates, coordinates, vector};

/// Terms that are summed with one reduction.
pub const TERMS: usize = 8;

/// The coordinates of zeros.
pub const ZEROS: Coordinates<Packed> = [Packed::ZERO; EXTENSION_DEGREE];

/// The weights of some terms, by coordinate of the challenge field.
#[derive(Clone, Debug, Default)]
pub struct Weights([[F; TERMS]; EXTENSION_DEGREE]);

impl Weights {
    /// At most [`TERMS`] weights.
    pub fn new(weights: &[EF]) -> Self {
        let mut by_coordinate = Self::default();
        for (term, weight) in weights.iter().enumerate() {
            let coordinates: &[F] = weight.as_basis_coefficients_slice();
            by_coordinate.0.iter_mut().zip(coordinates).for_each(|(weights, coordinate)| weights[term] = *coordinate);
        }
        by_coordinate
    }

    /// The sum and so many terms.
    #[inline(always)]
    pub fn add<const N: usize>(&self, sum: &Coordinates<Packed>, values: &[Packed; N]) -> Coordinates<Packed> {
        let [w0, w1, w2, w3, w4] = &self.0;
        [
            sum[0] + weighted(values, w0),
            sum[1] + weighted(values, w1),
            sum[2] + weighted(values, w2),
            sum[3] + weighted(values, w3),
            sum[4] + weighted(values, w4),
        ]
    }

    /// The sum and as many terms as there are values, at most [`TERMS`].
    #[inline]
    pub fn add_slice(&self, sum: &mut PackedExt, values: &[Packed]) {
        match values.len() {
            0 => {}
            1 => self.add_chunk::<1>(sum, values),
            2 => self.add_chunk::<2>(sum, values),
            3 => self.add_chunk::<3>(sum, values),
            4 => self.add_chunk::<4>(sum, values),
            5 => self.add_chunk::<5>(sum, values),
            6 => self.add_chunk::<6>(sum, values),
            7 => self.add_chunk::<7>(sum, values),
            _ => self.add_chunk::<TERMS>(sum, values),
        }
    }

    #[inline(never)]
    fn add_chunk<const N: usize>(&self, sum: &mut PackedExt, values: &[Packed]) {
        *sum = vector(&self.add::<N>(coordinates(sum), values.first_chunk().expect("as many values")));
    }
}

#[inline(always)]
fn weighted<const N: usize>(values: &[Packed; N], weights: &[F; TERMS]) -> Packed {
    // Of three there is no sum with one reduction.
    if N == 3 {
        return Packed::mixed_dot_product(&[values[0], values[1], values[2], Packed::ZERO], &[weights[0], weights[1], weights[2], F::ZERO]);
    }
    Packed::mixed_dot_product(values, weights.first_chunk().expect("a weight for each value"))
}
