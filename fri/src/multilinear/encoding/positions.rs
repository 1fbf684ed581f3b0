//! Values at a few positions.
//!
//! Points whose `2^k`th power is `y` are roots of `X^(2^k) - y`, so a polynomial has the values of
//! its remainder by that there. Its positions are those that differ in the lowest `k` bits only.
//! For a class of such points the coefficients that are `2^k` apart are combined first, and then
//! summed up for each point: a tile of rows at a time, while it is in the cache.

use alloc::vec::Vec;
use core::ops::Range;

use p3_field::{Algebra, PackedValue, PrimeCharacteristicRing, TwoAdicField};
use p3_maybe_rayon::prelude::*;
use p3_util::reverse_bits_len;
use tern_field::F;

use super::super::packed::{LANES, Packed};
use super::{Columns, copy_row};

/// Coefficients that are combined into one of a remainder, and of the remainder those that are
/// summed up together.
const PARTS: usize = 8;
const TILE: usize = 8;

/// Tasks for each thread.
const TASKS: usize = 4;

/// Points with one remainder.
struct Class {
    /// The powers of what theirs have in common.
    powers: [F; PARTS],
    points: Range<usize>,
}

/// A point.
struct Point {
    value: F,
    powers: [F; TILE],
}

impl Columns<'_> {
    /// The values at some positions, which rise, of the words of which [`Columns::encode`] gives all.
    #[must_use]
    pub fn at(&self, log_blowup: usize, positions: &[usize]) -> Vec<Vec<F>> {
        let log_len = self.log_rows + log_blowup;
        let log_part = self.log_rows.max((PARTS * TILE).ilog2() as usize) - PARTS.ilog2() as usize;
        let generator = F::two_adic_generator(log_len);
        let value = |position: &usize| generator.exp_u64(reverse_bits_len(*position, log_len) as u64);
        let points: Vec<Point> = positions.iter().map(value).map(|value| Point { value, powers: powers(value) }).collect();
        let mut classes: Vec<Class> = Vec::new();
        for class in positions.chunk_by(|a, b| a >> log_part == b >> log_part) {
            let first = classes.last().map_or(0, |class| class.points.end);
            let common = points[first].value.exp_power_of_2(log_part);
            classes.push(Class { powers: powers(common), points: first..first + class.len() });
        }
        let sums = if self.width.is_multiple_of(LANES) {
            let sums = self.sums(log_part, &classes, &points, Packed::pack_slice);
            Packed::unpack_slice(&sums).to_vec()
        } else {
            self.sums(log_part, &classes, &points, |row| row)
        };
        sums.chunks_exact(self.width).map(<[F]>::to_vec).collect()
    }

    /// The values at all points, back to back.
    fn sums<T>(&self, log_part: usize, classes: &[Class], points: &[Point], packed: fn(&[F]) -> &[T]) -> Vec<T>
    where
        T: Algebra<F> + Copy + Send + Sync,
    {
        let tiles = (1 << log_part) / TILE;
        let of_task = tiles.div_ceil(TASKS * current_num_threads());
        let tasks = (0..tiles.div_ceil(of_task)).into_par_iter().map(|task| {
            let tiles = task * of_task..tiles.min((task + 1) * of_task);
            self.sums_of_tiles(log_part, tiles, classes, points, packed)
        });
        let tasks: Vec<Vec<T>> = tasks.collect();
        let added = |mut sums: Vec<T>, more: Vec<T>| {
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            sums
        };
        tasks.into_iter().reduce(added).unwrap_or_default()
    }

    fn sums_of_tiles<T>(
        &self,
        log_part: usize,
        tiles: Range<usize>,
        classes: &[Class],
        points: &[Point],
        packed: fn(&[F]) -> &[T],
    ) -> Vec<T>
    where
        T: Algebra<F> + Copy,
    {
        let mut row = F::zero_vec(self.width);
        let width = packed(&row).len();
        let mut sums = T::zero_vec(points.len() * width);
        // Row by row of a tile, cell by cell, the coefficients that are combined.
        let mut cells = T::zero_vec(TILE * width * PARTS);
        // Cell by cell, row by row.
        let mut remainder = T::zero_vec(width * TILE);
        let mut scales: Vec<F> = points.iter().map(|point| point.value.exp_u64((tiles.start * TILE) as u64)).collect();
        for tile in tiles {
            for (i, cells) in cells.chunks_exact_mut(width * PARTS).enumerate() {
                for part in 0..PARTS {
                    copy_row(self.cells, (part << log_part) + tile * TILE + i, &mut row);
                    packed(&row).iter().zip(cells.iter_mut().skip(part).step_by(PARTS)).for_each(|(from, to)| *to = *from);
                }
            }
            for class in classes {
                for (i, cells) in cells.chunks_exact(width * PARTS).enumerate() {
                    let to = remainder.iter_mut().skip(i).step_by(TILE);
                    cells.as_chunks().0.iter().zip(to).for_each(|(parts, to)| *to = T::mixed_dot_product(parts, &class.powers));
                }
                let sums = sums[class.points.start * width..class.points.end * width].chunks_exact_mut(width);
                for (sums, number) in sums.zip(class.points.clone()) {
                    let (powers, scale) = (&points[number].powers, T::from(scales[number]));
                    let columns = remainder.as_chunks().0.iter();
                    sums.iter_mut().zip(columns).for_each(|(sum, column)| *sum += T::mixed_dot_product(column, powers) * scale);
                }
            }
            scales.iter_mut().zip(points).for_each(|(scale, point)| *scale *= point.powers[TILE - 1] * point.value);
        }
        sums
    }
}

fn powers<const N: usize>(base: F) -> [F; N] {
    core::array::from_fn(|exponent| base.exp_u64(exponent as u64))
}
