//! The passes on the host.

use alloc::vec::Vec;
use core::convert::Infallible;

use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::permutation::{LANES, State, stages};
use super::super::shape::{Layer, PART_ROUNDS};
use super::bits::{Bits, POSITION_VECTORS, Planes};
use super::formula::{Chi, Formula, Linear, Parity, Products, Theta, ThetaSums};
use super::grid::{Grid, Inline, Multiply};
use super::instances::Instances;
use super::passes::{LayerPasses, Passes, Start};
use super::positions::Positions;
use super::skip::Roots;
use super::weights::{LayerClaim, LayerWeights, merged_eq_table};
use super::witness::Witness;
use crate::multilinear::packed::PackedExt;

/// The states of all rounds.
pub struct Host {
    /// Before each round, part by part.
    states: Vec<Vec<State>>,
    /// With the skip.
    roots: Option<Roots>,
    /// The columns of the round that is proved.
    inputs: Option<(usize, Inputs)>,
}

impl Host {
    /// Of a witness.
    #[must_use]
    pub fn new(witness: &Witness) -> Self {
        let held = witness.held();
        let mut states = alloc::vec![witness.padded_inputs().to_vec()];
        for round in 0..PART_ROUNDS - 1 {
            let step = |(index, state): (usize, &State)| stages(state, index / held * PART_ROUNDS + round).output;
            states.push(states[round].par_iter().enumerate().map(step).collect());
        }
        Self { states, roots: witness.shape().skip.then(Roots::new), inputs: None }
    }
}

impl Passes for Host {
    type Error = Infallible;
    type Layer<'a> = HostLayer<'a>;

    fn begin(&mut self, _: &Start<'_>) -> Result<(), Infallible> {
        Ok(())
    }

    fn layer<'a>(&'a mut self, round: usize, claim: &LayerClaim<'_>, outer: &'a [EF]) -> Result<HostLayer<'a>, Infallible> {
        let Self { states, roots, inputs } = self;
        let (_, inputs) = match inputs {
            Some(inputs) if inputs.0 == round => inputs,
            _ => inputs.insert((round, Inputs::new(&states[round], round))),
        };
        let bits = match claim.layer() {
            Layer::Chi => &inputs.moved,
            Layer::Theta => &inputs.lanes_and_parities,
            Layer::Parity => &inputs.lanes,
        };
        Ok(HostLayer::new(roots.as_ref(), bits, LayerWeights::new(claim), outer))
    }
}

/// The columns that the layers of a round are about.
struct Inputs {
    moved: Bits,
    lanes_and_parities: Bits,
    lanes: Bits,
}

impl Inputs {
    fn new(states: &[State], round: usize) -> Self {
        let stages = |part, state: &State| stages(state, part * PART_ROUNDS + round);
        let lanes_and_parities = |part, state: &State, words: &mut Vec<u64>| {
            words.extend(state);
            let parities = stages(part, state).parities;
            words.extend(parities);
            words.extend(parities.map(|word| word.rotate_left(1)));
        };
        Self {
            moved: Bits::new(LANES, states, |part, state, words| words.extend(stages(part, state).moved)),
            lanes_and_parities: Bits::new(LANES + 10, states, lanes_and_parities),
            lanes: Bits::new(LANES, states, |_, state, words| words.extend(state)),
        }
    }
}

/// A layer on the host.
pub struct HostLayer<'a> {
    weights: LayerWeights,
    outer: &'a [EF],
    /// With the skip, until its round is over.
    first: Option<(&'a Roots, Planes)>,
    /// After that.
    instances: Instances,
    /// Of theta: its columns, of which the instance rounds have sums.
    columns: Grid<PackedExt>,
}

impl<'a> HostLayer<'a> {
    fn new(roots: Option<&'a Roots>, bits: &Bits, weights: LayerWeights, outer: &'a [EF]) -> Self {
        let none = || Grid::new(1, Vec::new());
        let first = roots.map(|roots| (roots, bits.planes()));
        let mut layer = Self { weights, outer, first, instances: Instances::new(none()), columns: none() };
        if roots.is_none() {
            layer.start(bits.signs());
        }
        layer
    }

    /// Makes what the instance rounds are about from the layer's columns: the bits' signs, or, with
    /// the skip, what its round leaves of them.
    fn start(&mut self, grid: Grid<PackedExt>) {
        let grid = match self.weights.layer() {
            Layer::Chi => grid,
            Layer::Theta => {
                // The lanes at each x enter the rounds only in a weighted sum.
                let sums = grid.map(ThetaSums::COLUMNS, |index, cell, place| {
                    let (lanes, parities) = cell.split_at(LANES);
                    let weights = self.weights.packed().cell(index % POSITION_VECTORS);
                    for (x, sum) in place[..5].iter_mut().enumerate() {
                        *sum = (0..5).map(|y| Inline::times(&weights[x + 5 * y], &lanes[x + 5 * y])).sum();
                    }
                    place[5..].copy_from_slice(parities);
                });
                self.columns = grid;
                sums
            }
            Layer::Parity => {
                let of_lanes: Vec<PackedExt> = self.weights.lanes().iter().map(|power| (*power).into()).collect();
                grid.map(Parity::COLUMNS, |_, lanes, place| {
                    place[..LANES].copy_from_slice(lanes);
                    place[LANES] = lanes.iter().zip(&of_lanes).map(|(lane, power)| Inline::times(lane, power)).sum();
                })
            }
        };
        self.instances = Instances::new(grid);
    }
}

impl LayerPasses for HostLayer<'_> {
    type Error = Infallible;
    type Positions = Positions;

    fn first_values(&mut self) -> Result<Vec<Vec<EF>>, Infallible> {
        let Some((roots, planes)) = &self.first else { return Ok(Vec::new()) };
        let (table, outer) = (self.weights.table(), self.outer);
        Ok(match self.weights.layer() {
            Layer::Chi => alloc::vec![roots.values::<Chi>(planes, table, outer)],
            Layer::Theta => alloc::vec![roots.values::<Theta>(planes, table, outer)],
            Layer::Parity => {
                let linear = self.weights.linear();
                alloc::vec![roots.values::<Products>(planes, table, outer), roots.values::<Linear>(planes, &linear, outer)]
            }
        })
    }

    fn bind_first(&mut self, challenge: EF) -> Result<(), Infallible> {
        if let Some((_, planes)) = self.first.take() {
            self.start(Roots::fold(&planes, challenge));
        }
        Ok(())
    }

    fn values(&mut self, variable: usize) -> Result<Vec<EF>, Infallible> {
        Ok(self.instances.values(&self.weights, &self.outer[..variable]))
    }

    fn bind(&mut self, variable: usize, challenge: EF) -> Result<(), Infallible> {
        self.instances.bind(variable, challenge);
        Ok(())
    }

    fn positions(self, point: &[EF]) -> Result<Positions, Infallible> {
        if self.weights.layer() == Layer::Theta {
            let instances = self.columns.len() / POSITION_VECTORS;
            let columns = self.columns.combine(POSITION_VECTORS, &merged_eq_table(point, instances));
            return Ok(Positions::new(&self.weights, &columns));
        }
        Ok(Positions::new(&self.weights, &self.instances.into_columns()))
    }
}
