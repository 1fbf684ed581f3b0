//! The rounds of a layer.

use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

use super::super::shape::{LayerProof, Point};
use super::bits::POSITION_VECTORS;
use super::formula::{Formula, MAX_TERMS, leading, value};
use super::grid::{Grid, Inline, Multiply, Plain, Value};
use super::weights::merged_eq_table;
use crate::multilinear::Transcript;
use crate::multilinear::packed::{PackedExt, lane_sum};
use crate::multilinear::polynomial::{Interpolation, evaluate};

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

    /// Binds all instance variables, whose old point is `outer`. A cell of weights belongs to a
    /// vector of positions.
    pub(super) fn instance_rounds<M: Formula>(&mut self, grid: &mut Grid<PackedExt>, weights: &Grid<PackedExt>, outer: &[EF]) {
        let interpolation = Interpolation::at_numbers(M::DEGREE);
        for (variable, coordinate) in outer.iter().enumerate().rev() {
            let values = instance_values::<M>(grid, weights, &outer[..variable]);
            let at_zero = (self.claim - *coordinate * values[0]) * (EF::ONE - *coordinate).inverse();
            let polynomial = polynomial(&interpolation, at_zero, &values[..M::DEGREE]);
            let (message, challenge) = self.send(&polynomial);
            self.proof.instances.push(message);
            self.instances.push(challenge);
            grid.bind::<Inline>(POSITION_VECTORS, 1 << variable, challenge);
        }
    }

    /// The challenges of the instance variables, the lowest first.
    pub(super) fn instance_point(&self) -> Vec<EF> {
        self.instances.iter().rev().copied().collect()
    }

    /// Binds all position variables, and gives the columns' evaluations. The weights are the first
    /// columns.
    pub(super) fn position_rounds<M: Formula>(&mut self, mut grid: Grid<PackedExt>) -> Vec<EF> {
        let interpolation = Interpolation::at_numbers(M::DEGREE + 1);
        self.bind_positions::<M, _, Inline>(&mut grid, &interpolation, lane_sum);
        let mut grid = grid.unpack();
        self.bind_positions::<M, _, Plain>(&mut grid, &interpolation, |value| value);
        grid.cell(0)[M::WEIGHTS..].to_vec()
    }

    fn bind_positions<M: Formula, E: Value, P: Multiply<E>>(
        &mut self,
        grid: &mut Grid<E>,
        interpolation: &Interpolation,
        total: impl Fn(E) -> EF,
    ) {
        let mut line = Line::new();
        while grid.len() > 1 {
            let half = grid.len() / 2;
            let mut sums = [E::ZERO; MAX_VALUES];
            for index in 0..half {
                line.follow::<M, P>(None, [grid.cell(index), grid.cell(half + index)], &mut sums[..=M::DEGREE]);
            }
            let values = sums.map(&total);
            let polynomial = polynomial(interpolation, self.claim - values[0], &values[..=M::DEGREE]);
            let (message, challenge) = self.send(&polynomial);
            self.proof.positions.push(message);
            self.positions.push(challenge);
            grid.bind::<P>(1, half, challenge);
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

/// The polynomial from its value at zero, and its values at `1, 2, ...` followed by its leading
/// coefficient.
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

/// The values of the round polynomial of the highest instance variable at `1, 2, ...`, and its
/// leading coefficient; `outer` is the point of the variables below.
fn instance_values<M: Formula>(grid: &Grid<PackedExt>, weights: &Grid<PackedExt>, outer: &[EF]) -> [EF; MAX_VALUES] {
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
    sums.map(lane_sum)
}

/// A line through two cells, and room for what is computed there.
struct Line<E> {
    slope: Vec<E>,
    place: Vec<E>,
    terms: [E; MAX_TERMS],
}

impl<E: Value> Line<E> {
    fn new() -> Self {
        Self { slope: Vec::new(), place: Vec::new(), terms: [E::ZERO; MAX_TERMS] }
    }

    /// Adds the formula's values at `1, 2, ...` on the line through two cells, and last its leading
    /// coefficient. The weights are given, or the first columns.
    fn follow<M: Formula, P: Multiply<E>>(&mut self, weights: Option<&[E]>, [low, high]: [&[E]; 2], sums: &mut [E]) {
        let Self { slope, place, terms } = self;
        let split = if weights.is_some() { 0 } else { M::WEIGHTS };
        slope.clear();
        slope.extend(high.iter().zip(low).map(|(high, low)| *high - *low));
        let [values @ .., last] = sums else { return };
        for (step, sum) in values.iter_mut().enumerate() {
            if step == 1 {
                place.clear();
                place.extend(high.iter().zip(&*slope).map(|(high, slope)| *high + *slope));
            } else if step > 1 {
                place.iter_mut().zip(&*slope).for_each(|(place, slope)| *place += *slope);
            }
            let cell: &[E] = if step == 0 { high } else { &*place };
            *sum += value::<M, E, P>(weights.unwrap_or(&cell[..split]), &cell[split..], terms);
        }
        *last += leading::<M, E, P>(weights.unwrap_or(&slope[..split]), &slope[split..], terms);
    }
}
