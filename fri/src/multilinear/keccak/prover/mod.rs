//! The prover.

mod bits;
mod formula;
mod grid;
mod skip;
mod sumcheck;
#[cfg(test)]
mod tests;
mod tie;
mod weights;
mod witness;

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};

use super::permutation::{LANES, State, stages};
use super::shape::{LAYERS, LIMBS, LOG_PARTS, LOG_SKIP, LayerProof, OutputPoint, PART_ROUNDS, PARTS, Point, Proof, Shape, zero_outputs};
use crate::multilinear::packed::PackedExt;
use crate::multilinear::{Transcript, equality};
use bits::{Bits, POSITION_VECTORS, Planes};
use formula::{Chi, Formula, Linear, Parity, Products, Theta, ThetaSums};
use grid::{Grid, Inline, Multiply};
use skip::Roots;
use sumcheck::Sumcheck;
use weights::{Outgoing, Table, dot, merged_eq_table, powers};

pub use tie::prove_tables;
pub use witness::{Witness, limb_evaluation};

/// The claims that a proof leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The point.
    pub point: Point<EF>,
    /// The evaluations of the 25 columns of input bits there.
    pub bits: Vec<EF>,
}

/// Draws where the outputs are claimed.
pub fn draw_output_point(shape: &Shape, transcript: &mut Transcript) -> OutputPoint<EF> {
    let calls = (0..shape.log_calls).map(|_| transcript.challenge()).collect();
    OutputPoint { calls, lambda: transcript.challenge() }
}

/// Proves that the witness's first instances, which are the calls, have the outputs whose limbs evaluate to `output` at `outputs`.
///
/// # Panics
///
/// If there is no protocol of the witness's shape, or a challenge is one, which one of
/// `2^154` is.
pub fn prove(witness: &Witness, outputs: &OutputPoint<EF>, output: EF, transcript: &mut Transcript) -> (Proof<EF>, Claims) {
    let shape = *witness.shape();
    assert!(shape.is_valid(), "a shape with fewer instances than the skip takes");
    let real = equality::prefix(&outputs.calls, witness.calls()).iter().take(witness.calls()).copied().sum();
    let middle: Vec<EF> = (1..PARTS).map(|part| limb_evaluation(outputs, witness.inputs(part))).collect();
    transcript.observe_extension(&[real, output]);
    transcript.observe_extension(&middle);
    let parts = core::array::from_fn(|_| transcript.challenge());
    let claim = start(outputs, real, &middle, output, &parts);
    let first = if shape.skip { LOG_SKIP } else { 0 };
    let mut prover = Prover {
        witness,
        transcript,
        roots: shape.skip.then(Roots::new),
        claim,
        point: Point { first: None, instances: outputs.calls[first..].to_vec(), positions: Vec::new() },
        claims: Vec::new(),
    };
    let mut outgoing = Outgoing::limbs(outputs.lambda, &parts);
    let mut rounds = Vec::with_capacity(PART_ROUNDS);
    for round in (0..PART_ROUNDS).rev() {
        if round + 1 < PART_ROUNDS {
            let base = prover.batch()[1];
            outgoing = Outgoing::point(base, &prover.point.positions);
        }
        rounds.push(prover.round(round, &outgoing));
    }
    let bits = prover.claims.into_iter().map(|sign| (EF::ONE - sign).halve()).collect();
    (Proof { real, output, middle, rounds }, Claims { point: prover.point, bits })
}

/// The claim on the signs of all parts' outputs.
fn start(outputs: &OutputPoint<EF>, real: EF, middle: &[EF], output: EF, parts: &[EF; LOG_PARTS]) -> EF {
    let powers = powers(outputs.lambda, LIMBS);
    let padding = EF::ONE - real;
    let claims = middle.iter().chain([&output]).zip(zero_outputs());
    let values: Vec<EF> = claims.map(|(claim, zero)| *claim + padding * witness::combine(&powers, &zero)).collect();
    powers.into_iter().sum::<EF>() * F::from_u16(u16::MAX) - dot(&values, &equality::table(parts)).double()
}

/// A proof in the making: what is to be shown next.
struct Prover<'a> {
    witness: &'a Witness,
    transcript: &'a mut Transcript,
    /// With the skip.
    roots: Option<Roots>,
    /// The claim on all of the last layer's columns.
    claim: EF,
    /// Where these are claimed.
    point: Point<EF>,
    /// Their evaluations there.
    claims: Vec<EF>,
}

impl Prover<'_> {
    /// Batches the last layer's claims by powers of a challenge, which it gives back.
    fn batch(&mut self) -> Vec<EF> {
        let powers = powers(self.transcript.challenge(), self.claims.len());
        self.claim = dot(&self.claims, &powers);
        powers
    }

    fn round(&mut self, round: usize, outgoing: &Outgoing) -> [LayerProof<EF>; LAYERS.len()] {
        let inputs = Inputs::new(self.witness.states(round), round);
        [self.chi(&inputs.moved, &outgoing.table(round)), self.theta(&inputs.lanes_and_parities), self.parity(&inputs.lanes)]
    }

    fn chi(&mut self, bits: &Bits, table: &Table) -> LayerProof<EF> {
        let weights = table.pack();
        let mut sumcheck = Sumcheck::new(self.claim, self.transcript);
        let outer = &self.point.instances;
        let mut grid = first_round(self.roots.as_ref(), bits, &mut sumcheck, |roots, planes| roots.polynomial::<Chi>(planes, table, outer));
        sumcheck.instance_rounds::<Chi>(&mut grid, &weights, outer);
        self.claims = sumcheck.position_rounds::<Chi>(weights.beside(&grid));
        let proof;
        (proof, self.point) = sumcheck.finish(&self.claims);
        proof
    }

    fn theta(&mut self, bits: &Bits) -> LayerProof<EF> {
        let base = self.batch()[1];
        let table = weights::theta(base, &self.point.positions);
        let weights = table.pack();
        let mut sumcheck = Sumcheck::new(self.claim, self.transcript);
        let outer = &self.point.instances;
        let grid = first_round(self.roots.as_ref(), bits, &mut sumcheck, |roots, planes| roots.polynomial::<Theta>(planes, &table, outer));
        // The lanes at each x enter the rounds only in a weighted sum.
        let mut sums = grid.map(ThetaSums::COLUMNS, |index, cell, place| {
            let (lanes, parities) = cell.split_at(LANES);
            let weights = weights.cell(index % POSITION_VECTORS);
            for (x, sum) in place[..5].iter_mut().enumerate() {
                *sum = (0..5).map(|y| Inline::times(&weights[x + 5 * y], &lanes[x + 5 * y])).sum();
            }
            place[5..].copy_from_slice(parities);
        });
        sumcheck.instance_rounds::<ThetaSums>(&mut sums, &weights, outer);
        let columns = grid.combine(POSITION_VECTORS, &merged_eq_table(&sumcheck.instance_point(), grid.len() / POSITION_VECTORS));
        self.claims = sumcheck.position_rounds::<Theta>(weights.beside(&columns));
        let proof;
        (proof, self.point) = sumcheck.finish(&self.claims);
        proof
    }

    fn parity(&mut self, bits: &Bits) -> LayerProof<EF> {
        let powers = self.batch();
        // The claims are on the lanes first, then on the parities.
        let (of_lanes, of_parities) = powers.split_at(LANES);
        let table = weights::parity(of_parities, &self.point.positions);
        let weights = table.pack();
        let mut sumcheck = Sumcheck::new(self.claim, self.transcript);
        let outer = &self.point.instances;
        let grid = first_round(self.roots.as_ref(), bits, &mut sumcheck, |roots, planes| {
            let mut polynomial = roots.polynomial::<Products>(planes, &table, outer);
            let linear = roots.polynomial::<Linear>(planes, &weights::linear(of_lanes, &self.point.positions), outer);
            polynomial.iter_mut().zip(linear).for_each(|(sum, value)| *sum += value);
            polynomial
        });
        let of_lanes: Vec<PackedExt> = of_lanes.iter().map(|power| (*power).into()).collect();
        let mut grid = grid.map(Parity::COLUMNS, |_, lanes, place| {
            place[..LANES].copy_from_slice(lanes);
            place[LANES] = lanes.iter().zip(&of_lanes).map(|(lane, power)| Inline::times(lane, power)).sum();
        });
        sumcheck.instance_rounds::<Parity>(&mut grid, &weights, outer);
        self.claims = sumcheck.position_rounds::<Parity>(weights.beside(&grid));
        self.claims.truncate(LANES);
        let proof;
        (proof, self.point) = sumcheck.finish(&self.claims);
        proof
    }
}

/// The columns of a layer's rounds: the bits' signs, or, with the skip, what its round leaves of them.
fn first_round(
    roots: Option<&Roots>,
    bits: &Bits,
    sumcheck: &mut Sumcheck<'_>,
    polynomial: impl FnOnce(&Roots, &Planes) -> Vec<EF>,
) -> Grid<PackedExt> {
    let Some(roots) = roots else { return bits.signs() };
    let planes = bits.planes();
    let polynomial = polynomial(roots, &planes);
    Roots::fold(&planes, sumcheck.first_round(&polynomial))
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
