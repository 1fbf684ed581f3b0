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
use super::weights::{Table, merged_eq_table};
use crate::multilinear::packed::{LANES as VECTOR, Packed, PackedExt};
use crate::multilinear::polynomial::{Interpolation, lagrange_on_roots};

/// Points at which polynomials are evaluated: enough for the highest degree.
const POINTS: usize = SKIP * Layer::Parity.degree();

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
    /// The points.
    points: Vec<F>,
}

impl Roots {
    /// Fills the tables.
    pub(super) fn new() -> Self {
        let points = F::two_adic_generator(LOG_ORDER).powers().collect_n(POINTS);
        // kernel[j][point]
        let kernels: Vec<Vec<F>> = points.iter().map(|point| lagrange_on_roots(*point, LOG_SKIP)).collect();
        let table = |first| {
            let vector = |byte: usize, vector: usize| {
                Packed::from_fn(|lane| {
                    let kernel = &kernels[vector * VECTOR + lane][first..];
                    (0..8).map(|j| if byte >> j & 1 == 1 { -kernel[j] } else { kernel[j] }).sum()
                })
            };
            (0..BYTES).map(|byte| core::array::from_fn(|index| vector(byte, index))).collect()
        };
        Self { low: table(0), high: table(8), points }
    }

    /// The coefficients of the round polynomial: the sum over blocks, weighted by their place at `outer`, and
    /// positions, of the formula with the first weights of the table.
    pub(super) fn polynomial<M: Formula>(&self, planes: &Planes, table: &Table, outer: &[EF]) -> Vec<EF> {
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
        let values: Vec<EF> = <PackedExt as PackedFieldExtension<F, EF>>::to_ext_iter(sum).collect();
        let mut coefficients = Interpolation::new(&self.points[..values.len()]).coefficients(&values);
        // Columns have degree 15.
        coefficients.truncate(M::DEGREE * (SKIP - 1) + 1);
        coefficients
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
        let kernel = lagrange_on_roots(challenge, LOG_SKIP);
        let table = |kernel: &[EF]| {
            let mut table: ByteTable = [[F::ZERO; BYTES]; EXTENSION_DEGREE];
            for byte in 0..BYTES {
                let value: EF = kernel.iter().enumerate().map(|(j, value)| if byte >> j & 1 == 1 { -*value } else { *value }).sum();
                for (list, coordinate) in table.iter_mut().zip(value.as_basis_coefficients_slice()) {
                    list[byte] = *coordinate;
                }
            }
            table
        };
        planes.fold(&table(&kernel[..8]), &table(&kernel[8..]))
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
