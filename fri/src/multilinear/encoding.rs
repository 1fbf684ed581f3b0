//! Reed-Solomon encoding of coefficients.
//!
//! The subgroup of order `2^(a + b)` is the union of `2^b` cosets of that of order `2^a`; in
//! bit-reversed order they follow one another. The values on the coset of `s` are the transform of
//! the coefficients scaled by the powers of `s`, so no transform is longer than the polynomial.
//!
//! A transform goes over memory twice (Bailey's four steps), and in place. Rows that are far apart
//! come first: for each place among `2^c` neighbours, the first layers run on rows that then lie
//! together, for one coset after the other while the coefficients are in the cache. For the rest of
//! the layers `2^c` neighbours are brought together again, and hashed, or whatever else is to be
//! done with them. Values are not kept: those at a few positions are computed again
//! ([`Columns::at`]). Layers are those of decimation in frequency, from natural to bit-reversed
//! order, two at a time, and a part of the rows is finished before the next.

use alloc::vec::Vec;

use p3_field::{Algebra, PackedValue, PrimeCharacteristicRing, TwoAdicField};
use p3_maybe_rayon::prelude::*;
use p3_util::reverse_bits_len;
use tern_field::F;

use super::packed::{LANES, Packed};

/// Pieces of the values for each thread: fewer and larger ones leave less memory unused at their ends.
const PIECES: usize = 8;

/// Base-2 logarithm of the blocks of neighbours that one task takes, and that it takes at a time:
/// of their rows so many lie together.
const LOG_TASK: usize = 4;
const LOG_TILE: usize = 1;

/// Base-2 logarithm of the cosets whose values are in memory at the same time, at most.
const LOG_COSETS: usize = 3;

/// Polynomials to encode: the columns of `width` cells a row are their coefficients. Rows up to
/// `2^log_rows` are zero.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// The rows that are used; the last one need not be whole.
    pub cells: &'a [F],
    /// Cells of a row.
    pub width: usize,
    /// Base-2 logarithm of the number of rows.
    pub log_rows: usize,
}

impl Columns<'_> {
    /// Encodes, and gives some rows of values at a time to be used, with the position of the first
    /// and with the part of `out` that is theirs: as many elements for each row. The values are not
    /// kept.
    pub fn encode<T: Send>(&self, log_blowup: usize, out: &mut [T], then: impl Fn(usize, &[F], &mut [T]) + Sync) {
        let transform = Transform::new(self);
        let generator = F::two_adic_generator(self.log_rows + log_blowup);
        let shifts: Vec<F> = (0..1 << log_blowup).map(|coset| generator.exp_u64(reverse_bits_len(coset, log_blowup) as u64)).collect();
        let log_cosets = log_blowup.min(LOG_COSETS);
        let of_cosets = (out.len() >> (log_blowup - log_cosets)).max(1);
        for (i, (shifts, out)) in shifts.chunks(1 << log_cosets).zip(out.chunks_mut(of_cosets)).enumerate() {
            let pieces = transform.first_layers(self.cells, shifts);
            let first = i << (self.log_rows + log_cosets);
            transform.last_layers(&pieces, log_cosets, out, &|position, rows, out| then(first + position, rows, out));
        }
    }
}

/// Transforms of one size.
struct Transform {
    width: usize,
    /// Base-2 logarithm of the number of rows that are far apart, and of those that are neighbours.
    log_far: usize,
    log_near: usize,
    /// Base-2 logarithm of the places whose rows are in one piece.
    log_group: usize,
    /// The powers of the root of unity of order `2^(log_far + log_near)`, half of them.
    twiddles: Vec<F>,
}

/// A row of some neighbouring blocks each, for every place.
type Places<'a> = Vec<&'a [F]>;

impl Transform {
    fn new(columns: &Columns<'_>) -> Self {
        let Columns { width, log_rows, .. } = *columns;
        let (log_far, log_near) = (log_rows / 2, log_rows - log_rows / 2);
        let log_group = log_near.saturating_sub((PIECES * current_num_threads()).ilog2() as usize);
        Self { width, log_far, log_near, log_group, twiddles: twiddles(log_rows) }
    }

    /// Cells from one place to the next: not a power of two, where rows of one block would fall
    /// into the same sets of a cache.
    const fn stride(&self) -> usize {
        let len = self.width << self.log_far;
        if self.log_far < LOG_TASK { len } else { len + self.width }
    }

    /// The layers between rows that are far apart, of coefficients scaled by the powers of each shift.
    fn first_layers(&self, cells: &[F], shifts: &[F]) -> Vec<Vec<F>> {
        let len = self.width << self.log_far;
        let groups = 1 << (self.log_near - self.log_group);
        let pieces = (0..groups).into_par_iter().map(|group: usize| {
            let mut piece = Vec::with_capacity((self.stride() << self.log_group) * shifts.len());
            let mut rows = F::zero_vec(len);
            for place in group << self.log_group..(group + 1) << self.log_group {
                for (k, row) in rows.chunks_exact_mut(self.width).enumerate() {
                    copy_row(cells, (k << self.log_near) + place, row);
                }
                for &shift in shifts {
                    let first = piece.len();
                    piece.resize(first + self.stride(), F::ZERO);
                    self.scaled_layers(&rows, &mut piece[first..first + len], place, shift);
                }
            }
            piece
        });
        pieces.collect()
    }

    /// The layers between neighbours.
    fn last_layers<T: Send>(&self, pieces: &[Vec<F>], log_cosets: usize, out: &mut [T], then: &(impl Fn(usize, &[F], &mut [T]) + Sync)) {
        let (log_task, log_tile) = (LOG_TASK.min(self.log_far), LOG_TILE.min(self.log_far));
        let (block, tile) = (self.width << self.log_near, self.width << log_tile);
        let of_block = (out.len() >> (self.log_far + log_cosets)).max(1);
        let tasks = self.by_blocks(pieces, log_cosets, log_task).into_iter().zip(out.chunks_mut(of_block << log_task));
        let tasks: Vec<(Places<'_>, &mut [T])> = tasks.collect();
        tasks.into_par_iter().enumerate().for_each(|(task, (places, out))| {
            let mut rows = F::zero_vec(block << log_tile);
            for (i, out) in out.chunks_mut(of_block << log_tile).enumerate() {
                let cells = i * tile..(i + 1) * tile;
                for (place, from) in places.iter().enumerate() {
                    let to = rows.chunks_exact_mut(self.width).skip(place).step_by(1 << self.log_near);
                    from[cells.clone()].chunks_exact(self.width).zip(to).for_each(|(from, to)| to.copy_from_slice(from));
                }
                let first = (task << log_task) + (i << log_tile);
                for (number, (rows, out)) in (first..).zip(rows.chunks_exact_mut(block).zip(out.chunks_mut(of_block))) {
                    self.layers(rows);
                    then(number << self.log_near, rows, out);
                }
            }
        });
    }

    /// Cut into `2^log_task` blocks each, coset by coset.
    fn by_blocks<'a>(&self, pieces: &'a [Vec<F>], log_cosets: usize, log_task: usize) -> Vec<Places<'a>> {
        let of_coset = 1 << (self.log_far - log_task);
        let mut tasks: Vec<Places<'a>> = Vec::new();
        tasks.resize_with(of_coset << log_cosets, || Vec::with_capacity(1 << self.log_near));
        for places in pieces.iter().flat_map(|piece| piece.chunks_exact(self.stride() << log_cosets)) {
            for (place, tasks) in places.chunks_exact(self.stride()).zip(tasks.chunks_exact_mut(of_coset)) {
                tasks.iter_mut().zip(place.chunks_exact(self.width << log_task)).for_each(|(task, rows)| task.push(rows));
            }
        }
        tasks
    }

    /// The layers between rows that are far apart, of those of one place.
    fn scaled_layers(&self, from: &[F], to: &mut [F], place: usize, shift: F) {
        let exponents = Exponents { first: place, log_step: self.log_near, log_unit: 0 };
        let powers = Shifted { first: shift.exp_u64(place as u64), step: shift.exp_power_of_2(self.log_near) };
        let (width, log) = (self.width, self.log_far);
        if width.is_multiple_of(LANES) {
            let (from, to) = (Packed::pack_slice(from), Packed::pack_slice_mut(to));
            scaled_steps(from, to, (width / LANES, log), exponents, powers, &self.twiddles);
        } else {
            scaled_steps(from, to, (width, log), exponents, powers, &self.twiddles);
        }
    }

    /// The layers between neighbours, of one block.
    fn layers(&self, rows: &mut [F]) {
        let exponents = Exponents { first: 0, log_step: 0, log_unit: self.log_far };
        if self.width.is_multiple_of(LANES) {
            steps(Packed::pack_slice_mut(rows), self.width / LANES, self.log_near, exponents, &self.twiddles);
        } else {
            steps(rows, self.width, self.log_near, exponents, &self.twiddles);
        }
    }
}

/// Copies a row of cells, of which the last need not be whole.
fn copy_row(cells: &[F], number: usize, row: &mut [F]) {
    let used = cells.get(number * row.len()..).unwrap_or_default();
    let used = &used[..row.len().min(used.len())];
    row[..used.len()].copy_from_slice(used);
    row[used.len()..].fill(F::ZERO);
}

/// The powers of the root of unity of order `2^log`, half of them.
#[must_use]
pub fn twiddles(log: usize) -> Vec<F> {
    F::two_adic_generator(log).powers().collect_n((1_usize << log).div_ceil(2))
}

/// Turns a polynomial's coefficients into its values on a subgroup of that order, in bit-reversed order.
pub fn transform<T: Algebra<F> + Copy>(coefficients: &mut [T], twiddles: &[F]) {
    steps(coefficients, 1, coefficients.len().ilog2() as usize, Exponents { first: 0, log_step: 0, log_unit: 0 }, twiddles);
}

/// Two layers of `2^log` rows of `width` elements, then all others of each quarter.
fn steps<T: Algebra<F> + Copy>(rows: &mut [T], width: usize, log: usize, exponents: Exponents, twiddles: &[F]) {
    if log == 0 {
        return;
    }
    if log == 1 {
        let (low, high) = rows.split_at_mut(width);
        return pair(low, high, twiddles[exponents.of(0)]);
    }
    let quarter = width << (log - 2);
    let imaginary = twiddles[twiddles.len() / 2];
    for (i, quad_rows) in quads(rows, width).enumerate() {
        match exponents.of(i) {
            0 => first_quad(quad_rows, imaginary),
            exponent => quad(quad_rows, twiddles[exponent], imaginary),
        }
    }
    let exponents = Exponents { log_unit: exponents.log_unit + 2, ..exponents };
    for part in rows.chunks_exact_mut(quarter) {
        steps(part, width, log - 2, exponents, twiddles);
    }
}

/// The same for rows that come from elsewhere and are scaled by the powers of a shift.
fn scaled_steps<T: Algebra<F> + Copy>(
    from: &[T],
    to: &mut [T],
    (width, log): (usize, usize),
    exponents: Exponents,
    Shifted { mut first, step }: Shifted,
    twiddles: &[F],
) {
    if log < 2 {
        for (from, to) in from.chunks_exact(width).zip(to.chunks_exact_mut(width)) {
            let factor = T::from(first);
            from.iter().zip(to).for_each(|(&from, to)| *to = from * factor);
            first *= step;
        }
        return steps(to, width, log, exponents, twiddles);
    }
    let quarter = width << (log - 2);
    let imaginary = twiddles[twiddles.len() / 2];
    let far = step.exp_power_of_2(log - 2);
    let far = [F::ONE, far, far.square(), far.cube()];
    for (i, to) in quads(to, width).enumerate() {
        let from = [0, 1, 2, 3].map(|part| &from[part * quarter + i * width..][..width]);
        scaled_quad(from, to, far.map(|far| first * far), twiddles[exponents.of(i)], imaginary);
        first *= step;
    }
    let exponents = Exponents { log_unit: exponents.log_unit + 2, ..exponents };
    for part in to.chunks_exact_mut(quarter) {
        steps(part, width, log - 2, exponents, twiddles);
    }
}

/// Rows that are a quarter apart.
fn quads<T>(rows: &mut [T], width: usize) -> impl Iterator<Item = [&mut [T]; 4]> {
    let (low, high) = rows.split_at_mut(rows.len() / 2);
    let ((a, b), (c, d)) = (low.split_at_mut(low.len() / 2), high.split_at_mut(high.len() / 2));
    let low = a.chunks_exact_mut(width).zip(b.chunks_exact_mut(width));
    let high = c.chunks_exact_mut(width).zip(d.chunks_exact_mut(width));
    low.zip(high).map(|((a, b), (c, d))| [a, b, c, d])
}

/// Powers of a shift: the first, and the factor from one to the next.
#[derive(Clone, Copy)]
struct Shifted {
    first: F,
    step: F,
}

/// The exponents of a layer's factors: `(first + (i << log_step)) << log_unit`.
#[derive(Clone, Copy)]
struct Exponents {
    first: usize,
    log_step: usize,
    log_unit: usize,
}

impl Exponents {
    const fn of(&self, pair: usize) -> usize {
        (self.first + (pair << self.log_step)) << self.log_unit
    }
}

/// One layer: `(a, b)` to `(a + b, (a - b) w)`.
fn pair<T: Algebra<F> + Copy>(low: &mut [T], high: &mut [T], factor: F) {
    let factor = T::from(factor);
    for (a, b) in low.iter_mut().zip(high) {
        let (sum, difference) = (*a + *b, *a - *b);
        *a = sum;
        *b = difference * factor;
    }
}

/// Two layers without factors, but for that of order four between them.
#[inline(always)]
fn four<T: Algebra<F> + Copy>([a, b, c, d]: [T; 4], imaginary: T) -> [T; 4] {
    let (ac, bd) = (a + c, b + d);
    let (even, odd) = (a - c, (b - d) * imaginary);
    [ac + bd, ac - bd, even + odd, even - odd]
}

/// Two layers: the first with the factors `w` and, of the rows a quarter further on, `i w`, the
/// second with `w^2`.
#[inline(never)]
fn quad<T: Algebra<F> + Copy>([a, b, c, d]: [&mut [T]; 4], factor: F, imaginary: F) {
    let square = factor.square();
    let (w1, w2, w3, i) = (T::from(factor), T::from(square), T::from(factor * square), T::from(imaginary));
    for ((a, b), (c, d)) in a.iter_mut().zip(b).zip(c.iter_mut().zip(d)) {
        let [v0, v1, v2, v3] = four([*a, *b, *c, *d], i);
        (*a, *b, *c, *d) = (v0, v1 * w2, v2 * w1, v3 * w3);
    }
}

/// The same with the factor one.
#[inline(never)]
fn first_quad<T: Algebra<F> + Copy>([a, b, c, d]: [&mut [T]; 4], imaginary: F) {
    let i = T::from(imaginary);
    for ((a, b), (c, d)) in a.iter_mut().zip(b).zip(c.iter_mut().zip(d)) {
        [*a, *b, *c, *d] = four([*a, *b, *c, *d], i);
    }
}

/// As [`quad`], of rows that come from elsewhere and are scaled.
#[inline(never)]
fn scaled_quad<T: Algebra<F> + Copy>(from: [&[T]; 4], to: [&mut [T]; 4], scales: [F; 4], factor: F, imaginary: F) {
    let square = factor.square();
    let (w1, w2, w3, i) = (T::from(factor), T::from(square), T::from(factor * square), T::from(imaginary));
    let [s0, s1, s2, s3] = scales.map(T::from);
    let ([a, b, c, d], [to_a, to_b, to_c, to_d]) = (from, to);
    let from = a.iter().zip(b).zip(c.iter().zip(d));
    let to = to_a.iter_mut().zip(to_b).zip(to_c.iter_mut().zip(to_d));
    for (((&a, &b), (&c, &d)), ((to_a, to_b), (to_c, to_d))) in from.zip(to) {
        let [v0, v1, v2, v3] = four([a * s0, b * s1, c * s2, d * s3], i);
        (*to_a, *to_b, *to_c, *to_d) = (v0, v1 * w2, v2 * w1, v3 * w3);
    }
}

mod positions;

#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    /// The values, copied and read back.
    fn encode(cells: &[F], width: usize, log_rows: usize, log_blowup: usize) -> Vec<F> {
        let mut values = F::zero_vec(width << (log_rows + log_blowup));
        let columns = Columns { cells, width, log_rows };
        columns.encode(log_blowup, &mut values, |_, rows, out| out.copy_from_slice(rows));
        let mut positions = vec![0; 1 << (log_rows + log_blowup)];
        columns.encode(log_blowup, &mut positions, |first, _, out| (first..).zip(out).for_each(|(position, out)| *out = position));
        assert!(positions.iter().copied().eq(0..positions.len()));
        // All rows, and some that are far apart.
        for step in [1, 3, 50] {
            let positions: Vec<usize> = positions.iter().copied().step_by(step).collect();
            let rows = columns.at(log_blowup, &positions);
            let expected = values.chunks(width).step_by(step);
            assert!(rows.iter().map(Vec::as_slice).eq(expected), "{log_rows} {log_blowup} {width}");
        }
        values
    }

    #[test]
    fn values_are_those_of_the_polynomials() {
        for (log_rows, log_blowup, width, used) in [
            (0, 0, 1, 1),
            (0, 2, 3, 1),
            (1, 1, 16, 2),
            (3, 1, 17, 5),
            (4, 2, 5, 16),
            (6, 1, 32, 50),
            (7, 3, 4, 0),
            (8, 1, 16, 256),
            (5, 5, 2, 20),
            // More than a tile for each task.
            (12, 1, 1, 4_000),
            (13, 0, 16, 600),
        ] {
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
