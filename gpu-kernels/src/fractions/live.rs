//! What follows from a layer's challenges, in device memory: only the device knows it until the host
//! reads the record.

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::fractions::Rounds;

use super::layer::SUM_WORDS;
use super::round::Round;
use super::tree::{Params, elements, ext_words};
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::{Gpu, GpuError, kernel};

/// Where what is beyond the rows of blocks begins: after the challenge, the state of the transcript, the
/// claim and the factor of the bound variables.
const BEYOND: usize = 3 * EXTENSION_DEGREE + 8;

/// Words of what is beyond a block's rows: a numerator and a denominator.
const BEYOND_WORDS: usize = 2 * EXTENSION_DEGREE;

/// Parameters of the kernel before its table.
const PARAMS: usize = 29;

/// The state of a layer's rounds.
pub(super) struct Live {
    words: Words,
    /// Of each round its challenge, then of each its sums.
    record: Words,
    /// Blocks of the level.
    blocks: usize,
    rounds: usize,
    lambda: EF,
    at_zero: EF,
    /// Coordinates of the layer's point with their inverses.
    coordinates: Vec<[EF; 2]>,
}

impl Live {
    /// Before the first of so many rounds that the device plays, on blocks with these denominators
    /// beyond their rows.
    pub(super) fn new(gpu: &Gpu, paddings: &[EF], rounds: &Rounds<'_>, count: usize) -> Result<Self, GpuError> {
        let state = rounds.state();
        let mut words = ext_words(EF::default()).to_vec();
        words.extend(state.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)));
        let beyond = paddings.iter().flat_map(|&padding| [rounds.lambda() * padding, padding]);
        words.extend([rounds.claim(), EF::ONE].into_iter().chain(beyond).flat_map(ext_words));
        words.resize(BEYOND + 2 * BEYOND_WORDS * paddings.len(), 0);
        let coordinates = rounds.point().iter().zip(rounds.inverses()).take(count).map(|(&x, &inverse)| [x, inverse]);
        Ok(Self {
            words: gpu.upload_words(&words)?,
            record: gpu.words((SUM_WORDS + EXTENSION_DEGREE) * count)?,
            blocks: paddings.len(),
            rounds: count,
            lambda: rounds.lambda(),
            at_zero: rounds.at_zero(),
            coordinates: coordinates.collect(),
        })
    }

    pub(super) const fn words(&self) -> &Words {
        &self.words
    }

    pub(super) const fn record(&self) -> &Words {
        &self.record
    }

    /// Where what is beyond the blocks with so many variables bound is.
    pub(super) const fn beyond(&self, bound: usize) -> usize {
        BEYOND + bound % 2 * BEYOND_WORDS * self.blocks
    }

    /// Plays a round whose sums are in the record.
    pub(super) fn settle(&self, gpu: &Gpu, round: &Round<'_>, number: usize) -> Result<(), GpuError> {
        let rests = round.rests();
        let mut params = Params(vec![0; PARAMS]);
        params.set(0, self.sums_place(number));
        params.set(1, EXTENSION_DEGREE * number);
        params.set(2, rests.len());
        params.set(3, round.step());
        params.set(4, round.half());
        params.set(5, self.beyond(number));
        params.set(6, self.beyond(number + 1));
        params.set(7, usize::from(number == 0));
        params.table(8, rests.into_iter().flat_map(ext_words));
        let [coordinate, inverse] = self.coordinates[number];
        for (place, element) in [(9, self.lambda), (14, coordinate), (19, inverse), (24, self.at_zero)] {
            params.set_ext(place, element);
        }
        let kernel = kernel!("blake3", "transcript", "lanes", "fractions_settle");
        gpu.dispatch(&kernel, &params.0, &[&self.words, &self.record], GROUP)
    }

    /// Where a round's sums are recorded.
    pub(super) const fn sums_place(&self, number: usize) -> usize {
        EXTENSION_DEGREE * self.rounds + SUM_WORDS * number
    }

    /// A round's sums in the record.
    pub(super) fn sums<'r>(&self, record: &'r [F], number: usize) -> &'r [F] {
        &record[self.sums_place(number)..]
    }

    /// Checks that the device drew a round's challenge as the host did.
    pub(super) fn check(record: &[F], number: usize, challenge: EF) -> Result<(), GpuError> {
        let drawn = elements(&record[EXTENSION_DEGREE * number..], 1)[0];
        let lie = || GpuError::Driver(format!("round {number} of a layer: the device drew {drawn}, the host {challenge}"));
        if drawn == challenge { Ok(()) } else { Err(lie()) }
    }
}
