//! What a proof is made from.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, F};

use super::super::permutation::{LANES, State, stages};
use super::super::shape::{LIMBS, OutputPoint, PART_ROUNDS, PARTS, SKIP, Shape};
use super::weights::{dot, powers};
use crate::multilinear::equality::table;

/// What a proof is made from.
#[derive(Clone, Debug)]
pub struct Witness {
    shape: Shape,
    /// Number of calls, without padding.
    calls: usize,
    /// Instances whose states are there, the same in each part: the calls, then padding of which the
    /// last instance (with the skip, the last block) stands for all that is left out.
    held: usize,
    /// The inputs of the parts, part by part.
    inputs: Vec<State>,
    /// The outputs of the calls.
    outputs: Vec<State>,
}

impl Witness {
    /// Of permutations of these inputs.
    #[must_use]
    pub fn new(shape: Shape, inputs: &[State]) -> Self {
        let mut parts = Vec::with_capacity(PARTS);
        let mut states = inputs.to_vec();
        for part in 0..PARTS {
            let outputs = permute(part, &states);
            parts.push(core::mem::replace(&mut states, outputs));
        }
        Self::from_parts(shape, &parts)
    }

    /// With the inputs of each part, which are the committed columns.
    ///
    /// # Panics
    ///
    /// If there are more calls than the shape has room for, or not as many inputs of each part.
    #[must_use]
    pub fn from_parts(shape: Shape, inputs: &[Vec<State>]) -> Self {
        let calls = inputs[0].len();
        assert!(calls <= 1 << shape.log_calls, "room for as many calls");
        assert!(inputs.len() == PARTS && inputs.iter().all(|inputs| inputs.len() == calls), "inputs of all parts");
        let unit = if shape.skip { SKIP } else { 1 };
        let held = ((calls.div_ceil(unit) + 1) * unit).min(1 << shape.log_calls);
        let pad = |inputs: &Vec<State>| {
            let mut inputs = inputs.clone();
            inputs.resize(held, [0; LANES]);
            inputs
        };
        let outputs = permute(PARTS - 1, &inputs[PARTS - 1]);
        Self { shape, calls, held, inputs: inputs.iter().flat_map(pad).collect(), outputs }
    }

    /// The shape.
    #[must_use]
    pub const fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Number of calls.
    #[must_use]
    pub const fn calls(&self) -> usize {
        self.calls
    }

    /// The inputs of a part, of all calls.
    #[must_use]
    pub fn inputs(&self, part: usize) -> &[State] {
        &self.inputs[part * self.held..][..self.calls]
    }

    /// The outputs of all calls.
    #[must_use]
    pub fn outputs(&self) -> &[State] {
        &self.outputs
    }

    /// Instances of each part in [`Self::padded_inputs`], beyond which all are like the last (with
    /// the skip, blocks like the last).
    #[must_use]
    pub const fn held(&self) -> usize {
        self.held
    }

    /// The inputs of all parts, part by part: of the calls, then of padding.
    #[must_use]
    pub fn padded_inputs(&self) -> &[State] {
        &self.inputs
    }
}

/// The outputs of a part.
fn permute(part: usize, states: &[State]) -> Vec<State> {
    let permute = |state: &State| (0..PART_ROUNDS).fold(*state, |state, round| stages(&state, part * PART_ROUNDS + round).output);
    states.par_iter().map(permute).collect()
}

/// The evaluation that a claim on the limbs of these states is about; states not given are zero.
pub fn limb_evaluation(point: &OutputPoint<EF>, states: &[State]) -> EF {
    let powers = powers(point.lambda, LIMBS);
    let combinations: Vec<EF> = states.par_iter().map(|state| combine(&powers, state)).collect();
    dot(&table(&point.calls), &combinations)
}

/// The sum of a state's limbs with weights.
pub(super) fn combine(weights: &[EF], state: &State) -> EF {
    let limbs = state.iter().flat_map(|lane| (0..4).map(move |limb| F::from_u16((lane >> (16 * limb)) as u16)));
    weights.iter().zip(limbs).map(|(weight, limb)| *weight * limb).sum()
}
