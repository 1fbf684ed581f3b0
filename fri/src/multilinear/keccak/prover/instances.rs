//! The instance rounds of a layer.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::shape::Layer;
use super::bits::POSITION_VECTORS;
use super::formula::{Chi, Formula, Parity, ThetaSums};
use super::grid::{Grid, Inline, Multiply};
use super::line::{Line, MAX_VALUES};
use super::weights::{LayerWeights, merged_eq_table};
use crate::multilinear::packed::{PackedExt, lane_sum};

/// What instance rounds are about, on the host.
///
/// The columns are those of [`Chi`], [`ThetaSums`] or [`Parity`]. Each instance that is left is a
/// group of cells, for all positions.
pub(super) struct Instances {
    grid: Grid<PackedExt>,
}

impl Instances {
    /// Of columns, with a cell for each instance and vector of positions.
    pub(super) const fn new(grid: Grid<PackedExt>) -> Self {
        Self { grid }
    }

    /// As [`super::LayerPasses::values`]; `outer` is the point of the variables below.
    pub(super) fn values(&self, weights: &LayerWeights, outer: &[EF]) -> Vec<EF> {
        match weights.layer() {
            Layer::Chi => values::<Chi>(&self.grid, weights.packed(), outer),
            Layer::Theta => values::<ThetaSums>(&self.grid, weights.packed(), outer),
            Layer::Parity => values::<Parity>(&self.grid, weights.packed(), outer),
        }
    }

    /// Binds a variable, the highest that is left.
    pub(super) fn bind(&mut self, variable: usize, challenge: EF) {
        self.grid.bind::<Inline>(POSITION_VECTORS, 1 << variable, challenge);
    }

    /// The columns.
    pub(super) fn into_columns(self) -> Grid<PackedExt> {
        self.grid
    }
}

/// The values of the round polynomial of the highest instance variable at `1, 2, ...`, and its
/// leading coefficient; `outer` is the point of the variables below.
fn values<M: Formula>(grid: &Grid<PackedExt>, weights: &Grid<PackedExt>, outer: &[EF]) -> Vec<EF> {
    let (half, last) = (1 << outer.len(), grid.len() / POSITION_VECTORS - 1);
    // From the last group on, all pairs are alike.
    let outer = merged_eq_table(outer, last + 1);
    let (sums, _) = (0..outer.len()).into_par_iter().par_fold_reduce(
        || ([PackedExt::ZERO; MAX_VALUES], Line::new()),
        |(mut sums, mut line), instance| {
            let mut values = [PackedExt::ZERO; MAX_VALUES];
            for vector in 0..POSITION_VECTORS {
                let cell = |instance: usize| grid.cell(instance.min(last) * POSITION_VECTORS + vector);
                line.follow::<M, Inline>(Some(weights.cell(vector)), [cell(instance), cell(half + instance)], &mut values[..M::DEGREE]);
            }
            let weight = PackedExt::from(outer[instance]);
            sums.iter_mut().zip(&values[..M::DEGREE]).for_each(|(sum, value)| *sum += Inline::times(value, &weight));
            (sums, line)
        },
        |(left, line), (right, _)| (core::array::from_fn(|index| left[index] + right[index]), line),
    );
    sums[..M::DEGREE].iter().map(|sum| lane_sum(*sum)).collect()
}
