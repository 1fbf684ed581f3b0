//! Instance rounds that a device plays by itself.
//!
//! A round's values are summed up; one invocation then makes its polynomial, draws the challenge from
//! the transcript's state, and evaluates the claim there. The host reads all values at once and does the
//! same with its own transcript, whose challenges count.

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::keccak::prover::interpolation_matrix;

use super::kernels::{To, words};
use crate::fractions::ext_words;
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel, rounds};

/// Where parameters have the matrix of interpolation.
const MATRIX: usize = 13;

/// What the device knows of the rounds.
pub struct Live {
    degree: usize,
    rounds: usize,
    /// The challenge, the state of the transcript, the claim.
    words: Words,
    /// Of each round its challenge; then of each its values, coordinate by coordinate.
    record: Words,
    matrix: Vec<u32>,
}

/// A round that the device has played.
pub struct Played {
    /// Its values.
    pub values: Vec<EF>,
    /// Its challenge, which the host is to draw, too.
    challenge: EF,
}

impl Played {
    /// Checks that the device drew the host's challenge.
    pub fn check(&self, challenge: EF) -> Result<(), GpuError> {
        rounds::check(self.challenge, challenge)
    }
}

impl Live {
    /// Before so many rounds with polynomials of this degree.
    pub fn new(gpu: &Gpu, degree: usize, count: usize, claim: EF, transcript: &Transcript) -> Result<Self, GpuError> {
        Ok(Self {
            degree,
            rounds: count,
            words: gpu.upload_words(&rounds::start(&transcript.state(), [claim]))?,
            record: gpu.ext_words((degree + 1) * count)?,
            matrix: words(interpolation_matrix(degree).iter().flatten()).collect(),
        })
    }

    pub const fn words(&self) -> &Words {
        &self.words
    }

    pub const fn record(&self) -> &Words {
        &self.record
    }

    /// Where a round's values go.
    pub const fn to(&self, number: usize) -> To<'_> {
        To { words: &self.record, first: EXTENSION_DEGREE * (self.rounds + self.degree * number), stride: self.degree }
    }

    /// Plays a round whose values are in the record, of a variable with this coordinate.
    pub fn settle(&self, gpu: &Gpu, number: usize, coordinate: EF) -> Result<(), GpuError> {
        let mut params = [self.to(number).first, EXTENSION_DEGREE * number, self.degree].map(|number| number as u32).to_vec();
        params.extend(ext_words(coordinate));
        params.extend(ext_words((EF::ONE - coordinate).inverse()));
        debug_assert_eq!(params.len(), MATRIX);
        params.extend(&self.matrix);
        gpu.dispatch(&kernel!("blake3", "transcript", "rounds", "keccak_settle"), &params, &[&self.words, &self.record], GROUP)
    }

    /// The rounds, given the words of the record.
    pub fn played(&self, record: &[F]) -> Vec<Played> {
        let element = |place: usize, stride: usize| EF::from_basis_coefficients_fn(|d| record[place + d * stride]);
        let round = |number: usize| {
            let To { first, stride, .. } = self.to(number);
            let values = (0..self.degree).map(|value| element(first + value, stride)).collect();
            Played { values, challenge: element(EXTENSION_DEGREE * number, 1) }
        };
        (0..self.rounds).map(round).collect()
    }
}
