//! The prover.

mod bits;
pub mod formula;
mod grid;
mod host;
mod instances;
mod line;
mod passes;
mod positions;
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

use super::shape::{LAYERS, LIMBS, LOG_PARTS, LayerProof, OutputPoint, PART_ROUNDS, PARTS, Point, Proof, Shape, zero_outputs};
use crate::multilinear::{Transcript, equality};
use sumcheck::Sumcheck;
use weights::{dot, powers};

pub use bits::POSITIONS;
pub use grid::Multiply;
pub use host::Host;
pub use passes::{LayerPasses, Passes, PositionPasses, Start};
pub use skip::{POINTS, first_matrix, lagrange_powers, point_tables};
pub use sumcheck::interpolation_matrix;
pub use tie::{prove_tables, prove_tables_with};
pub use weights::{LayerClaim, Outgoing};
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

/// Proves that the witness's first instances, which are the calls, have the outputs whose limbs
/// evaluate to `output` at `outputs`.
///
/// # Panics
///
/// If there is no protocol of the witness's shape, or a challenge is one, which one of
/// `2^154` is.
pub fn prove(witness: &Witness, outputs: &OutputPoint<EF>, output: EF, transcript: &mut Transcript) -> (Proof<EF>, Claims) {
    let Ok(proved) = prove_with(&mut Host::new(witness), witness, outputs, output, transcript);
    proved
}

/// The same with what passes over the witness's columns.
///
/// # Errors
///
/// Those of the passes.
///
/// # Panics
///
/// As [`prove`].
pub fn prove_with<P: Passes>(
    passes: &mut P,
    witness: &Witness,
    outputs: &OutputPoint<EF>,
    output: EF,
    transcript: &mut Transcript,
) -> Result<(Proof<EF>, Claims), P::Error> {
    let shape = *witness.shape();
    assert!(shape.is_valid(), "a shape with fewer instances than the skip takes");
    let real = equality::prefix(&outputs.calls, witness.calls()).iter().take(witness.calls()).copied().sum();
    let middle: Vec<EF> = (1..PARTS).map(|part| limb_evaluation(outputs, witness.inputs(part))).collect();
    transcript.observe_extension(&[real, output]);
    transcript.observe_extension(&middle);
    let parts = core::array::from_fn(|_| transcript.challenge());
    let claim = start(outputs, real, &middle, output, &parts);
    let instances = outputs.calls[shape.log_calls - shape.instance_rounds()..].to_vec();
    let mut outgoing = Outgoing::limbs(outputs.lambda, &parts);
    passes.begin(&Start { transcript, claim, outputs: &outgoing, instances: &instances })?;
    let point = Point { first: None, instances, positions: Vec::new() };
    let mut prover = Prover { passes, skip: shape.skip, transcript, claim, point, claims: Vec::new() };
    let mut rounds = Vec::with_capacity(PART_ROUNDS);
    for round in (0..PART_ROUNDS).rev() {
        if round + 1 < PART_ROUNDS {
            let base = prover.batch()[1];
            outgoing = Outgoing::point(base, &prover.point.positions);
        }
        rounds.push(prover.round(round, &outgoing)?);
    }
    let bits = prover.claims.into_iter().map(|sign| (EF::ONE - sign).halve()).collect();
    Ok((Proof { real, output, middle, rounds }, Claims { point: prover.point, bits }))
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
struct Prover<'a, P> {
    passes: &'a mut P,
    skip: bool,
    transcript: &'a mut Transcript,
    /// The claim on all of the last layer's columns.
    claim: EF,
    /// Where these are claimed.
    point: Point<EF>,
    /// Their evaluations there.
    claims: Vec<EF>,
}

impl<P: Passes> Prover<'_, P> {
    /// Batches the last layer's claims by powers of a challenge, which it gives back.
    fn batch(&mut self) -> Vec<EF> {
        let powers = powers(self.transcript.challenge(), self.claims.len());
        self.claim = dot(&self.claims, &powers);
        powers
    }

    fn round(&mut self, round: usize, outputs: &Outgoing) -> Result<[LayerProof<EF>; LAYERS.len()], P::Error> {
        let chi = self.layer(round, &LayerClaim::Chi { outputs, round })?;
        let base = self.batch()[1];
        let positions = self.point.positions.clone();
        let theta = self.layer(round, &LayerClaim::Theta { base, positions: &positions })?;
        let powers = self.batch();
        let positions = self.point.positions.clone();
        let parity = self.layer(round, &LayerClaim::Parity { powers: &powers, positions: &positions })?;
        Ok([chi, theta, parity])
    }

    fn layer(&mut self, round: usize, claim: &LayerClaim<'_>) -> Result<LayerProof<EF>, P::Error> {
        let layer = claim.layer();
        let mut sumcheck = Sumcheck::new(self.claim, self.transcript);
        let outer = &self.point.instances;
        let mut passes = self.passes.layer(round, claim, outer)?;
        if self.skip {
            let challenge = sumcheck.first_round(&skip::polynomial(&passes.first_values()?));
            passes.bind_first(challenge)?;
        }
        sumcheck.instance_rounds(&mut passes, outer, layer.degree())?;
        let mut passes = passes.positions(&sumcheck.instance_point())?;
        sumcheck.position_rounds(&mut passes, layer.degree())?;
        self.claims = passes.evaluations()?;
        // The lanes' sum is no claim.
        self.claims.truncate(layer.claims());
        let proof;
        (proof, self.point) = sumcheck.finish(&self.claims);
        Ok(proof)
    }
}
