//! The position rounds of a layer.

use alloc::vec::Vec;
use core::convert::Infallible;

use tern_field::EF;

use super::super::shape::Layer;
use super::formula::{Chi, Formula, Parity, Theta};
use super::grid::{Grid, Inline, Multiply, Plain, Value};
use super::line::{Line, MAX_VALUES};
use super::passes::PositionPasses;
use super::weights::LayerWeights;
use crate::multilinear::packed::{PackedExt, lane_sum};

/// What position rounds are about, on the host: cells of weights, then columns, for all positions
/// that are left.
pub struct Positions {
    layer: Layer,
    grid: Cells,
}

enum Cells {
    /// In vectors, while there are several of them.
    Vectors(Grid<PackedExt>),
    /// One by one.
    Elements(Grid<EF>),
}

impl Positions {
    /// Of a layer's columns, with all instance variables bound.
    pub(super) fn new(weights: &LayerWeights, columns: &Grid<PackedExt>) -> Self {
        Self { layer: weights.layer(), grid: Cells::Vectors(weights.packed().beside(columns)) }
    }
}

impl PositionPasses for Positions {
    type Error = Infallible;

    fn values(&self) -> Result<Vec<EF>, Infallible> {
        Ok(match self.layer {
            Layer::Chi => self.grid.values::<Chi>(),
            Layer::Theta => self.grid.values::<Theta>(),
            Layer::Parity => self.grid.values::<Parity>(),
        })
    }

    fn bind(&mut self, challenge: EF) -> Result<(), Infallible> {
        match &mut self.grid {
            Cells::Vectors(grid) => {
                grid.bind::<Inline>(1, grid.len() / 2, challenge);
                if grid.len() == 1 {
                    self.grid = Cells::Elements(grid.unpack());
                }
            }
            Cells::Elements(grid) => grid.bind::<Plain>(1, grid.len() / 2, challenge),
        }
        Ok(())
    }

    fn evaluations(self) -> Result<Vec<EF>, Infallible> {
        let weights = match self.layer {
            Layer::Chi => Chi::WEIGHTS,
            Layer::Theta => Theta::WEIGHTS,
            Layer::Parity => Parity::WEIGHTS,
        };
        let cells = match self.grid {
            Cells::Vectors(grid) => grid.unpack(),
            Cells::Elements(grid) => grid,
        };
        Ok(cells.cell(0)[weights..].to_vec())
    }
}

impl Cells {
    fn values<M: Formula>(&self) -> Vec<EF> {
        match self {
            Self::Vectors(grid) => values::<M, _, Inline>(grid).into_iter().map(lane_sum).collect(),
            Self::Elements(grid) => values::<M, _, Plain>(grid),
        }
    }
}

/// The round polynomial of the highest variable at `1, 2, ...`, and its leading coefficient.
fn values<M: Formula, E: Value, P: Multiply<E>>(grid: &Grid<E>) -> Vec<E> {
    let half = grid.len() / 2;
    let (mut line, mut sums) = (Line::new(), [E::ZERO; MAX_VALUES]);
    for index in 0..half {
        line.follow::<M, P>(None, [grid.cell(index), grid.cell(half + index)], &mut sums[..=M::DEGREE]);
    }
    sums[..=M::DEGREE].to_vec()
}
