//! The rounds of a layer.

use alloc::vec::Vec;

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing};
use tern_field::{EF, F};

use super::super::shape::{LayerProof, POSITION_VARIABLES, Point};
use super::passes::{LayerPasses, PositionPasses};
use crate::multilinear::Transcript;
use crate::multilinear::polynomial::{Interpolation, evaluate};

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

    /// Binds all instance variables with a round of their own, whose old point is `outer`; rounds
    /// have polynomials of this degree.
    pub(super) fn instance_rounds<P: LayerPasses>(&mut self, passes: &mut P, outer: &[EF], degree: usize) -> Result<(), P::Error> {
        let interpolation = Interpolation::at_numbers(degree);
        for (variable, coordinate) in outer.iter().enumerate().rev() {
            let values = passes.values(variable)?;
            let at_zero = (self.claim - *coordinate * values[0]) * (EF::ONE - *coordinate).inverse();
            let (message, challenge) = self.send(&polynomial(&interpolation, at_zero, &values));
            self.proof.instances.push(message);
            self.instances.push(challenge);
            passes.bind(variable, challenge)?;
        }
        Ok(())
    }

    /// The challenges of the instance variables, the lowest first.
    pub(super) fn instance_point(&self) -> Vec<EF> {
        self.instances.iter().rev().copied().collect()
    }

    /// Binds all position variables; the formula has this degree.
    pub(super) fn position_rounds<P: PositionPasses>(&mut self, passes: &mut P, degree: usize) -> Result<(), P::Error> {
        let interpolation = Interpolation::at_numbers(degree + 1);
        for _ in 0..POSITION_VARIABLES {
            let values = passes.values()?;
            let (message, challenge) = self.send(&polynomial(&interpolation, self.claim - values[0], &values));
            self.proof.positions.push(message);
            self.positions.push(challenge);
            passes.bind(challenge)?;
        }
        Ok(())
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

/// The matrix that makes the coefficients of a polynomial of this degree, row by row, from its value
/// at zero, its values at `1, 2, ...` and its leading coefficient.
#[must_use]
pub fn interpolation_matrix(degree: usize) -> Vec<Vec<F>> {
    let interpolation = Interpolation::at_numbers(degree);
    matrix_of(1 + degree, |values| polynomial(&interpolation, values[0], &values[1..]))
}

/// The matrix of a map that is linear over the base field, row by row, from so many values.
pub(super) fn matrix_of(count: usize, map: impl Fn(&[EF]) -> Vec<EF>) -> Vec<Vec<F>> {
    let columns = (0..count).map(|place| map(&(0..count).map(|i| EF::from_bool(i == place)).collect::<Vec<_>>()));
    let columns: Vec<Vec<EF>> = columns.collect();
    let entry = |row: usize, column: &Vec<EF>| column[row].as_basis_coefficients_slice()[0];
    let rows = columns.first().map_or(0, Vec::len);
    (0..rows).map(|row| columns.iter().map(|column| entry(row, column)).collect()).collect()
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
