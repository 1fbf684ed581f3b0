//! Reed-Solomon encoding of coefficients.
//!
//! The subgroup of order `2^(a + b)` is the union of `2^b` cosets of that of order `2^a`; in bit-reversed order they follow one another. The values on the coset of `s` are the transform of the coefficients scaled
//! by the powers of `s`, so no transform is longer than the polynomial.
//!
//! A transform goes over memory twice (Bailey's four steps). Rows that are far apart come first: for each of them modulo `2^c`, the first layers run on a copy that stays in the cache. The rest of the layers run on `2^c` neighbouring
//! rows at a time, which are then in their places. Layers are those of decimation in frequency, from natural to bit-reversed order.

use alloc::vec::Vec;

use p3_field::{PackedValue, PrimeCharacteristicRing, TwoAdicField};
use p3_maybe_rayon::prelude::*;
use p3_util::reverse_bits_len;
use tern_field::F;

use super::packed::{LANES, Packed};

/// Rows that are copied together.
const TILE: usize = 4;

/// The values in bit-reversed order, row by row, of the polynomials whose coefficients are the columns of `width` cells a row; rows up to `2^log_rows` are zero.
#[must_use]
pub fn encode(coefficients: &[F], width: usize, log_rows: usize, log_blowup: usize) -> Vec<F> {
    let transform = Transform::new(log_rows, width);
    let mut values = F::zero_vec(width << (log_rows + log_blowup));
    let mut scratch = F::zero_vec(width << log_rows);
    let generator = F::two_adic_generator(log_rows + log_blowup);
    for (coset, values) in values.chunks_mut(width << log_rows).enumerate() {
        let shift = generator.exp_u64(reverse_bits_len(coset, log_blowup) as u64);
        transform.run(coefficients, shift, &mut scratch, values);
    }
    values
}

/// Transforms of one size.
struct Transform {
    width: usize,
    /// Base-2 logarithm of the number of rows that are far apart, and of those that are neighbours.
    log_far: usize,
    log_near: usize,
    /// The powers of the root of unity of order `2^(log_far + log_near)`, half of them.
    twiddles: Vec<F>,
}

impl Transform {
    fn new(log_rows: usize, width: usize) -> Self {
        let root = F::two_adic_generator(log_rows);
        let twiddles = root.powers().collect_n((1_usize << log_rows).div_ceil(2));
        Self { width, log_far: log_rows / 2, log_near: log_rows - log_rows / 2, twiddles }
    }

    /// The values of the polynomials with coefficients scaled by the powers of `shift`.
    fn run(&self, coefficients: &[F], shift: F, scratch: &mut [F], values: &mut [F]) {
        let (far, near, width) = (1 << self.log_far, 1 << self.log_near, self.width);
        let far_step = shift.exp_power_of_2(self.log_near);
        // Scratch holds, for each place among neighbours, the rows that are far apart.
        scratch.par_chunks_mut(far * width).enumerate().for_each(|(place, rows)| {
            let mut power = shift.exp_u64(place as u64);
            for (k, row) in rows.chunks_mut(width).enumerate() {
                let start = (k * near + place) * width;
                match coefficients.get(start..start + width) {
                    Some(cells) => row.iter_mut().zip(cells).for_each(|(value, &cell)| *value = cell * power),
                    None => scaled_end(row, coefficients.get(start..).unwrap_or_default(), power),
                }
                power *= far_step;
            }
            self.layers(rows, self.log_far, |layer, pair| (place + (pair << self.log_near)) << layer);
        });
        let scratch = &*scratch;
        values.par_chunks_mut(TILE * near * width).enumerate().for_each(|(tile, chunks)| {
            let count = chunks.len() / (near * width);
            for place in 0..near {
                let start = (place * far + tile * TILE) * width;
                let rows = scratch[start..start + count * width].chunks(width);
                for (chunk, row) in chunks.chunks_mut(near * width).zip(rows) {
                    chunk[place * width..(place + 1) * width].copy_from_slice(row);
                }
            }
            for chunk in chunks.chunks_mut(near * width) {
                self.layers(chunk, self.log_near, |layer, pair| pair << (layer + self.log_far));
            }
        });
    }

    /// The layers of `2^log` rows; `twiddle` gives the exponent of a pair's factor.
    fn layers(&self, rows: &mut [F], log: usize, twiddle: impl Fn(usize, usize) -> usize) {
        for layer in 0..log {
            let half = 1 << (log - 1 - layer);
            for block in rows.chunks_mut(2 * half * self.width) {
                let (low, high) = block.split_at_mut(half * self.width);
                for (pair, (low, high)) in low.chunks_mut(self.width).zip(high.chunks_mut(self.width)).enumerate() {
                    butterfly(low, high, self.twiddles[twiddle(layer, pair)]);
                }
            }
        }
    }
}

/// The last row that has coefficients, and rows of zeros.
fn scaled_end(row: &mut [F], cells: &[F], power: F) {
    row.fill(F::ZERO);
    row.iter_mut().zip(cells).for_each(|(value, &cell)| *value = cell * power);
}

/// `(a, b)` to `(a + b, (a - b) w)`.
fn butterfly(low: &mut [F], high: &mut [F], factor: F) {
    let vectors = low.len() / LANES * LANES;
    let ((low, low_rest), (high, high_rest)) = (low.split_at_mut(vectors), high.split_at_mut(vectors));
    let packed_factor = Packed::from(factor);
    for (a, b) in Packed::pack_slice_mut(low).iter_mut().zip(Packed::pack_slice_mut(high)) {
        let (sum, difference) = (*a + *b, *a - *b);
        *a = sum;
        *b = difference * packed_factor;
    }
    for (a, b) in low_rest.iter_mut().zip(high_rest) {
        let (sum, difference) = (*a + *b, *a - *b);
        *a = sum;
        *b = difference * factor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_polynomials() {
        for (log_rows, log_blowup, width, used) in
            [(0, 0, 1, 1), (0, 2, 3, 1), (1, 1, 16, 2), (3, 1, 17, 5), (4, 2, 5, 16), (6, 1, 32, 50), (7, 3, 4, 0)]
        {
            let rows: Vec<F> = (0..used * width).map(|i| F::from_usize(i * i + 3)).collect();
            let values = encode(&rows, width, log_rows, log_blowup);
            let log_len = log_rows + log_blowup;
            assert_eq!(values.len(), width << log_len);
            for (position, row) in values.chunks(width).enumerate() {
                let point = F::two_adic_generator(log_len).exp_u64(reverse_bits_len(position, log_len) as u64);
                for (column, &value) in row.iter().enumerate() {
                    let coefficients = rows.iter().skip(column).step_by(width);
                    assert_eq!(value, coefficients.rev().fold(F::ZERO, |sum, &coefficient| sum * point + coefficient));
                }
            }
        }
        // A last row that is not whole.
        let values = encode(&[F::ONE, F::TWO, F::ONE], 2, 1, 0);
        assert_eq!(values, [F::TWO, F::TWO, F::ZERO, F::TWO]);
    }
}
