//! The first round of a layer over the instances of a block at once.
//!
//! The instances of a block are the 16th roots of unity, and a column of signs is a polynomial of
//! degree 15 on them. Its values at fixed points come from two tables by the two bytes of its 16
//! bits, and so does its value at the challenge.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Algebra, BasedVectorSpace, PackedFieldExtension, PackedValue, PrimeCharacteristicRing, TwoAdicField};
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::super::shape::{LOG_SKIP, Layer, SKIP};
use super::bits::{ByteTable, POSITIONS, Planes};
use super::formula::{Formula, MAX_TERMS};
use super::grid::{Grid, Plain};
use super::sumcheck::matrix_of;
use super::weights::{Table, merged_eq_table};
use crate::multilinear::packed::{LANES as VECTOR, Packed, PackedExt};
use crate::multilinear::polynomial::{Interpolation, lagrange_factors, lagrange_on_roots};

/// Points at which first polynomials are evaluated, which are powers of one: enough for the highest degree.
pub const POINTS: usize = SKIP * Layer::Parity.degree();

/// Vectors of points.
const VECTORS: usize = POINTS / VECTOR;

/// Logarithm of the order of the points, which are powers of one.
const LOG_ORDER: usize = 7;

/// Values of a byte.
const BYTES: usize = 256;

/// Most columns of a formula.
const MAX_COLUMNS: usize = 35;

/// What all first rounds share.
pub(super) struct Roots {
    /// For each value of the low byte: the sum of the signs' Lagrange polynomials at all points.
    low: Vec<[Packed; VECTORS]>,
    /// Likewise for the high byte.
    high: Vec<[Packed; VECTORS]>,
}

/// What a column of signs is at the points, as the sum of two values, by the low and by the high
/// byte of the 16 bits of a block: for each byte of either kind, its values at all points.
#[must_use]
pub fn point_tables() -> [Vec<[F; POINTS]>; 2] {
    // kernel[j] at each point
    let kernels: Vec<Vec<F>> = points(POINTS).iter().map(|point| lagrange_on_roots(*point, LOG_SKIP)).collect();
    [0, 8].map(|first| {
        let value = |byte: usize, point: usize| {
            let kernel = &kernels[point][first..];
            (0..8).map(|j| if byte >> j & 1 == 1 { -kernel[j] } else { kernel[j] }).sum()
        };
        (0..BYTES).map(|byte| core::array::from_fn(|point| value(byte, point))).collect()
    })
}

/// The first points.
fn points(count: usize) -> Vec<F> {
    F::two_adic_generator(LOG_ORDER).powers().collect_n(count)
}

/// What a column of signs is at the challenge, as such a sum: the coordinates of the values for each byte.
fn fold_tables(challenge: EF) -> [ByteTable; 2] {
    let kernel = lagrange_on_roots(challenge, LOG_SKIP);
    [&kernel[..8], &kernel[8..]].map(|kernel| {
        let mut table: ByteTable = [[F::ZERO; BYTES]; EXTENSION_DEGREE];
        for byte in 0..BYTES {
            let value: EF = kernel.iter().enumerate().map(|(j, value)| if byte >> j & 1 == 1 { -*value } else { *value }).sum();
            for (list, coordinate) in table.iter_mut().zip(value.as_basis_coefficients_slice()) {
                list[byte] = *coordinate;
            }
        }
        table
    })
}

/// The coefficients of the sum of polynomials with these values at the first points: `16 d` of one
/// that is of degree `15 d`. The first has the highest degree.
pub(super) fn polynomial(values: &[Vec<EF>]) -> Vec<EF> {
    let mut sum: Vec<EF> = Vec::new();
    for values in values {
        let mut coefficients = Interpolation::new(&points(values.len())).coefficients(values);
        coefficients.truncate(values.len() / SKIP * (SKIP - 1) + 1);
        sum.resize(sum.len().max(coefficients.len()), EF::ZERO);
        sum.iter_mut().zip(coefficients).for_each(|(sum, coefficient)| *sum += coefficient);
    }
    sum
}

/// The matrix that makes the coefficients of the first round's polynomial, row by row, from the values
/// of [`super::LayerPasses::first_values`], which are lists of these lengths.
#[must_use]
pub fn first_matrix(counts: &[usize]) -> Vec<Vec<F>> {
    matrix_of(counts.iter().sum(), |values| {
        let mut rest = values;
        let mut take = |&count: &usize| {
            let (own, after) = rest.split_at(count);
            rest = after;
            own.to_vec()
        };
        polynomial(&counts.iter().map(&mut take).collect::<Vec<_>>())
    })
}

/// Powers of the inverse of the root of unity whose powers the instances of a block are, divided by
/// their number: Lagrange polynomials are sums of powers of the challenge times these.
#[must_use]
pub fn lagrange_powers() -> Vec<F> {
    lagrange_factors(LOG_SKIP)
}

impl Roots {
    /// Fills the tables.
    pub(super) fn new() -> Self {
        let pack = |table: &Vec<[F; POINTS]>| {
            let vector = |values: &[F; POINTS]| core::array::from_fn(|index| Packed::from_fn(|lane| values[index * VECTOR + lane]));
            table.iter().map(vector).collect()
        };
        let [low, high] = point_tables().each_ref().map(pack);
        Self { low, high }
    }

    /// The values of the round polynomial at the first points: the sum over blocks, weighted by
    /// their place at `outer`, and positions, of the formula with the first weights of the table.
    pub(super) fn values<M: Formula>(&self, planes: &Planes, table: &Table, outer: &[EF]) -> Vec<EF> {
        let outer = merged_eq_table(outer, planes.blocks());
        let vectors = SKIP * M::DEGREE / VECTOR;
        let weights: Vec<Coordinates> = (0..POSITIONS).map(|position| coordinates(&table.row(position)[..M::TERMS])).collect();
        let zero = || vec![PackedExt::ZERO; vectors];
        let sum = (0..outer.len()).into_par_iter().par_fold_reduce(
            zero,
            |mut sum, block| {
                let values = self.block::<M>(planes, block, &weights, vectors);
                let weight = PackedExt::from(outer[block]);
                sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value * weight);
                sum
            },
            |mut left, right| {
                left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
                left
            },
        );
        <PackedExt as PackedFieldExtension<F, EF>>::to_ext_iter(sum).collect()
    }

    /// The values for one block.
    fn block<M: Formula>(
        &self,
        planes: &Planes,
        block: usize,
        weights: &[Coordinates],
        vectors: usize,
    ) -> impl Iterator<Item = PackedExt> + use<M> {
        let mut sums = [[Packed::ZERO; EXTENSION_DEGREE]; VECTORS];
        let mut columns = [Packed::ZERO; MAX_COLUMNS];
        let mut terms = [Packed::ZERO; MAX_TERMS];
        for (position, weights) in weights.iter().enumerate() {
            let words = planes.row(block, position);
            for (vector, sums) in sums[..vectors].iter_mut().enumerate() {
                for (column, word) in columns.iter_mut().zip(&words[..M::COLUMNS]) {
                    let [low, high] = word.to_le_bytes();
                    *column = self.low[usize::from(low)][vector] + self.high[usize::from(high)][vector];
                }
                M::terms::<_, Plain>(&columns[..M::COLUMNS], &mut terms);
                for (sum, weights) in sums.iter_mut().zip(weights) {
                    *sum += Packed::batched_linear_combination(&terms[..M::TERMS], &weights[..M::TERMS]);
                }
            }
        }
        sums.into_iter().take(vectors).map(|sums| PackedExt::from_basis_coefficients_fn(|index| sums[index]))
    }

    /// The columns at the challenge.
    pub(super) fn fold(planes: &Planes, challenge: EF) -> Grid<PackedExt> {
        let [low, high] = fold_tables(challenge);
        planes.fold(&low, &high)
    }
}

/// The coordinates of the weights of terms.
type Coordinates = [[F; MAX_TERMS]; EXTENSION_DEGREE];

fn coordinates(weights: &[EF]) -> Coordinates {
    let mut coordinates = [[F::ZERO; MAX_TERMS]; EXTENSION_DEGREE];
    for (term, weight) in weights.iter().enumerate() {
        for (list, coordinate) in coordinates.iter_mut().zip(weight.as_basis_coefficients_slice()) {
            list[term] = *coordinate;
        }
    }
    coordinates
}

const _: () = assert!(SKIP.is_multiple_of(VECTOR), "a vector of points is of one polynomial");
