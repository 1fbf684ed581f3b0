//! Rounds that a device plays by itself: the first, and those of the instances.
//!
//! A round's values are summed up; a kernel then makes its polynomial, draws the challenge from the
//! transcript's state, and evaluates the claim there. The host reads all values at once and does the
//! same with its own transcript, whose challenges count.

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::keccak::prover::{interpolation_matrix, lagrange_powers};

use super::kernels::{Matrix, To, words};
use crate::fractions::ext_words;
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::rounds::MAX_CHUNKS;
use crate::{Gpu, GpuError, Kernel, kernel, rounds};

/// Where parameters have the matrix of interpolation.
const MATRIX: usize = 12;

/// Values of two bytes.
const BYTES: usize = 2 * 256;

/// What the device knows of the rounds.
pub struct Live {
    degree: usize,
    /// Instance rounds.
    rounds: usize,
    /// The challenge, the state of the transcript, the claim.
    words: Words,
    /// The challenge of the first round, then of each instance round; then of each of these its
    /// values, coordinate by coordinate.
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
    /// Before so many instance rounds with polynomials of this degree, and the first round.
    pub fn new(gpu: &Gpu, degree: usize, count: usize, transcript: &Transcript) -> Result<Self, GpuError> {
        Ok(Self {
            degree,
            rounds: count,
            words: gpu.upload_words(&rounds::start(&transcript.state(), [EF::ZERO]))?,
            record: gpu.ext_words(1 + (degree + 1) * count)?,
            matrix: words(interpolation_matrix(degree).iter().flatten()).collect(),
        })
    }

    pub const fn words(&self) -> &Words {
        &self.words
    }

    pub const fn record(&self) -> &Words {
        &self.record
    }

    /// Plays the first round, of which these are the values. Gives what a column of signs is at its
    /// challenge, for each byte of its bits.
    pub fn first(&self, gpu: &Gpu, values: &Words, matrix: &Matrix) -> Result<Words, GpuError> {
        let params = [values.len() / EXTENSION_DEGREE, 0].map(|number| number as u32);
        let kernel = kernel!("blake3", "transcript", "live", "rounds", "absorb", "keccak_polynomial", "keccak_first");
        gpu.dispatch(&Self::kernel(kernel, matrix.rows), &params, &[&self.words, &self.record, values, &matrix.words], GROUP)?;
        let tables = gpu.words(EXTENSION_DEGREE * BYTES)?;
        gpu.dispatch(&kernel!("live", "keccak_tables"), &words(&lagrange_powers()).collect::<Vec<u32>>(), &[&self.words, &tables], GROUP)?;
        Ok(tables)
    }

    /// The weights of so many blocks at the challenges of all instance rounds.
    pub fn equality(&self, gpu: &Gpu, blocks: usize) -> Result<Words, GpuError> {
        // The highest variable's round is the first.
        let places: Vec<usize> = (0..self.rounds).rev().map(Self::challenge_place).collect();
        rounds::equality(gpu, &self.record, &places, blocks)
    }

    /// Where an instance round's challenge is in the record.
    const fn challenge_place(number: usize) -> usize {
        EXTENSION_DEGREE * (1 + number)
    }

    /// The kernel that makes a polynomial with so many coefficients.
    fn kernel(kernel: Kernel, coefficients: usize) -> Kernel {
        kernel.with("MAX_CHUNKS", MAX_CHUNKS).with("COEFFICIENTS", coefficients)
    }

    /// Where a round's values go.
    pub const fn to(&self, number: usize) -> To<'_> {
        To { words: &self.record, first: EXTENSION_DEGREE * (1 + self.rounds + self.degree * number), stride: self.degree }
    }

    /// Plays a round whose values are in the record, of a variable with this coordinate.
    pub fn settle(&self, gpu: &Gpu, number: usize, coordinate: EF) -> Result<(), GpuError> {
        let mut params = [self.to(number).first, Self::challenge_place(number)].map(|number| number as u32).to_vec();
        params.extend(ext_words(coordinate));
        params.extend(ext_words((EF::ONE - coordinate).inverse()));
        debug_assert_eq!(params.len(), MATRIX);
        params.extend(&self.matrix);
        let kernel = kernel!("blake3", "transcript", "live", "rounds", "absorb", "keccak_polynomial", "keccak_settle");
        gpu.dispatch(&Self::kernel(kernel, 1 + self.degree), &params, &[&self.words, &self.record], GROUP)
    }

    /// The challenge of the first round, and the others, given the words of the record.
    pub fn played(&self, record: &[F]) -> (EF, Vec<Played>) {
        let element = |place: usize, stride: usize| EF::from_basis_coefficients_fn(|d| record[place + d * stride]);
        let round = |number: usize| {
            let To { first, stride, .. } = self.to(number);
            let values = (0..self.degree).map(|value| element(first + value, stride)).collect();
            Played { values, challenge: element(Self::challenge_place(number), 1) }
        };
        (element(0, 1), (0..self.rounds).map(round).collect())
    }
}
