//! The rounds of a layer.

use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::shape::{LayerProof, Point};
use super::bits::POSITION_VECTORS;
use super::formula::{Formula, leading, value};
use super::grid::{Grid, Value, total};
use super::interpolation::{Interpolation, evaluate};
use super::weights::eq_table;
use crate::multilinear::Transcript;
use crate::prover::messages::PackedExt;

/// Most columns of a grid, weights included.
const MAX_WIDTH: usize = 60;

/// Most values that make a round's message.
const MAX_VALUES: usize = 6;

/// The sumcheck of a layer so far.
pub(super) struct Sumcheck<'a> {
    transcript: &'a mut Transcript,
    /// What the rounds so far leave to be shown.
    claim: EF,
    proof: LayerProof<EF>,
    first: Option<EF>,
    /// Challenges of instance rounds, of the highest variable first.
    instances: Vec<EF>,
    /// Challenges of position rounds, likewise.
    positions: Vec<EF>,
}

impl<'a> Sumcheck<'a> {
    /// Starts with a claim.
    pub(super) fn new(claim: EF, transcript: &'a mut Transcript) -> Self {
        Self { transcript, claim, proof: LayerProof::default(), first: None, instances: Vec::new(), positions: Vec::new() }
    }

    /// The first round with the skip: sends a polynomial and draws where it is evaluated.
    pub(super) fn first_round(&mut self, polynomial: &[EF]) -> EF {
        let (message, challenge) = self.send(polynomial);
        self.proof.first = message;
        self.first = Some(challenge);
        challenge
    }

    /// Binds all instance variables, whose old point is `outer`. A cell of weights belongs to a vector of positions.
    pub(super) fn instance_rounds<M: Formula>(&mut self, grid: &mut Grid<PackedExt>, weights: &Grid<PackedExt>, outer: &[EF]) {
        let interpolation = Interpolation::at_numbers(M::DEGREE);
        for (variable, coordinate) in outer.iter().enumerate().rev() {
            let values = instance_values::<M>(grid, weights, &eq_table(&outer[..variable]));
            let at_zero = (self.claim - *coordinate * values[0]) * (EF::ONE - *coordinate).inverse();
            let polynomial = polynomial(&interpolation, at_zero, &values[..M::DEGREE]);
            let (message, challenge) = self.send(&polynomial);
            self.proof.instances.push(message);
            self.instances.push(challenge);
            grid.bind(challenge);
        }
    }

    /// The challenges of the instance variables, the lowest first.
    pub(super) fn instance_point(&self) -> Vec<EF> {
        self.instances.iter().rev().copied().collect()
    }

    /// Binds all position variables, and gives the columns' evaluations. The weights are the first columns.
    pub(super) fn position_rounds<M: Formula>(&mut self, mut grid: Grid<PackedExt>) -> Vec<EF> {
        let interpolation = Interpolation::at_numbers(M::DEGREE + 1);
        self.bind_positions::<M, _>(&mut grid, &interpolation, total);
        let mut grid = grid.unpack();
        self.bind_positions::<M, _>(&mut grid, &interpolation, |value| value);
        grid.cell(0)[M::WEIGHTS..].to_vec()
    }

    fn bind_positions<M: Formula, E: Value>(&mut self, grid: &mut Grid<E>, interpolation: &Interpolation, total: impl Fn(E) -> EF) {
        while grid.len() > 1 {
            let half = grid.len() / 2;
            let mut sums = [E::ZERO; MAX_VALUES];
            for index in 0..half {
                along_line::<M, E>(M::DEGREE + 1, None, [grid.cell(index), grid.cell(half + index)], &mut sums);
            }
            let values = sums.map(&total);
            let polynomial = polynomial(interpolation, self.claim - values[0], &values[..=M::DEGREE]);
            let (message, challenge) = self.send(&polynomial);
            self.proof.positions.push(message);
            self.positions.push(challenge);
            grid.bind(challenge);
        }
    }

    /// Sends the layer's claims.
    pub(super) fn finish(mut self, claims: &[EF]) -> (LayerProof<EF>, Point<EF>) {
        self.transcript.observe_extension(claims);
        self.proof.claims = claims.to_vec();
        self.instances.reverse();
        self.positions.reverse();
        (self.proof, Point { first: self.first, instances: self.instances, positions: self.positions })
    }

    /// Sends all coefficients but the constant one, and evaluates the polynomial at the challenge.
    fn send(&mut self, polynomial: &[EF]) -> (Vec<EF>, EF) {
        let message = polynomial[1..].to_vec();
        self.transcript.observe_extension(&message);
        let challenge = self.transcript.challenge();
        self.claim = evaluate(polynomial, challenge);
        (message, challenge)
    }
}

/// The polynomial from its value at zero, and its values at `1, 2, ...` followed by its leading coefficient.
fn polynomial(interpolation: &Interpolation, at_zero: EF, values: &[EF]) -> Vec<EF> {
    let (leading, values) = values.split_last().expect("a polynomial of positive degree");
    let degree = values.len() + 1;
    let mut rest: Vec<EF> = core::iter::once(at_zero).chain(values.iter().copied()).collect();
    for (point, value) in rest.iter_mut().enumerate() {
        *value -= *leading * EF::from_usize(point).exp_u64(degree as u64);
    }
    let mut coefficients = interpolation.coefficients(&rest);
    coefficients.push(*leading);
    coefficients
}

/// The values of the round polynomial of the highest instance variable at `1, 2, ...`, and its leading coefficient; `outer` are the weights of the instances without it.
fn instance_values<M: Formula>(grid: &Grid<PackedExt>, weights: &Grid<PackedExt>, outer: &[EF]) -> [EF; MAX_VALUES] {
    let half = grid.len() / 2;
    let sums = (0..outer.len()).into_par_iter().par_fold_reduce(
        || [PackedExt::ZERO; MAX_VALUES],
        |mut sums, instance| {
            let mut values = [PackedExt::ZERO; MAX_VALUES];
            for vector in 0..POSITION_VECTORS {
                let index = instance * POSITION_VECTORS + vector;
                let weights = weights.cell(vector);
                along_line::<M, _>(M::DEGREE, Some(weights), [grid.cell(index), grid.cell(half + index)], &mut values);
            }
            let weight = PackedExt::from(outer[instance]);
            sums.iter_mut().zip(&values[..M::DEGREE]).for_each(|(sum, value)| *sum += *value * weight);
            sums
        },
        |left, right| core::array::from_fn(|index| left[index] + right[index]),
    );
    sums.map(total)
}

/// Adds the formula's values along the line through two cells, at `1, 2, ...`, and last its leading coefficient: `count` numbers. The weights are given, or the first columns.
#[inline]
fn along_line<M: Formula, E: Value>(count: usize, weights: Option<&[E]>, [low, high]: [&[E]; 2], sums: &mut [E]) {
    let split = if weights.is_some() { 0 } else { M::WEIGHTS };
    let width = split + M::COLUMNS;
    let mut place = [E::ZERO; MAX_WIDTH];
    let mut slope = [E::ZERO; MAX_WIDTH];
    for index in 0..width {
        place[index] = high[index];
        slope[index] = high[index] - low[index];
    }
    for (step, sum) in sums[..count - 1].iter_mut().enumerate() {
        if step > 0 {
            place[..width].iter_mut().zip(&slope).for_each(|(place, slope)| *place += *slope);
        }
        *sum += value::<M, E>(weights.unwrap_or(&place[..split]), &place[split..width]);
    }
    sums[count - 1] += leading::<M, E>(weights.unwrap_or(&slope[..split]), &slope[split..width]);
}
