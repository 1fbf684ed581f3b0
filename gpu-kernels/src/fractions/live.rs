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
use crate::merkle::DIGEST_WORDS;
use crate::{Gpu, GpuError, kernel, rounds};

/// Where what is beyond the rows of blocks begins: after the challenge, the state of the transcript, the
/// claim and the factor of the bound variables.
const BEYOND: usize = 3 * EXTENSION_DEGREE + DIGEST_WORDS;

/// Words of what is beyond a block's rows: a numerator and a denominator.
const BEYOND_WORDS: usize = 2 * EXTENSION_DEGREE;

/// Parameters of the kernel before its table.
const PARAMS: usize = 29;

/// The state of a layer's rounds.
pub(super) struct Live {
    words: Words,
    /// Of each round that the device plays its challenge, then of each, and of the next one, its sums.
    record: Words,
    /// Blocks of the level.
    blocks: usize,
    rounds: usize,
}

impl Live {
    /// Before the first of so many rounds that the device plays, on blocks with these denominators
    /// beyond their rows.
    pub(super) fn new(gpu: &Gpu, paddings: &[EF], rounds: &Rounds<'_>, count: usize) -> Result<Self, GpuError> {
        let beyond = paddings.iter().flat_map(|&padding| [rounds.lambda() * padding, padding]);
        let mut words = rounds::start(&rounds.state(), [rounds.claim(), EF::ONE].into_iter().chain(beyond));
        words.resize(BEYOND + 2 * BEYOND_WORDS * paddings.len(), 0);
        let record = gpu.words(EXTENSION_DEGREE * count + SUM_WORDS * (count + 1))?;
        Ok(Self { words: gpu.upload_words(&words)?, record, blocks: paddings.len(), rounds: count })
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
    pub(super) fn settle(&self, gpu: &Gpu, rounds: &Rounds<'_>, round: &Round<'_>, number: usize) -> Result<(), GpuError> {
        let mut params = Params(vec![0; PARAMS]);
        params.set(0, self.sums_place(number));
        params.set(1, EXTENSION_DEGREE * number);
        params.set(2, round.rests().len());
        params.set(3, round.step());
        params.set(4, round.half());
        params.set(5, self.beyond(number));
        params.set(6, self.beyond(number + 1));
        params.set(7, usize::from(number == 0));
        params.table(8, round.rests().iter().flat_map(|rest| ext_words(*rest)));
        let (coordinate, inverse) = (rounds.point()[number], rounds.inverses()[number]);
        for (place, element) in [(9, rounds.lambda()), (14, coordinate), (19, inverse), (24, rounds.at_zero())] {
            params.set_ext(place, element);
        }
        let kernel = kernel!("blake3", "transcript", "live", "recorded", "rounds", "lanes", "fractions_settle");
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
        rounds::check(elements(&record[EXTENSION_DEGREE * number..], 1)[0], challenge)
    }
}
