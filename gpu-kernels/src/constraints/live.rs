//! Rounds that the device plays by itself: a kernel makes a round's polynomial of its sums, draws the
//! challenge from the transcript's state, and evaluates the claim there. All else is known before.

use p3_field::{Field, PrimeField32};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::zerocheck::Turns;

use super::schedule::Schedule;
use crate::fractions::ext_words;
use crate::gpu::ext_elements;
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::rounds::MAX_CHUNKS;
use crate::{Gpu, GpuError, kernel, rounds};

/// What the device knows of the rounds.
pub(super) struct Live {
    /// The challenge, the state of the transcript, the claim, the factors of bound variables.
    words: Words,
    /// Of each round its sums, then its challenge.
    record: Words,
    /// Sums of a round, which are those of the same tables in all.
    count: usize,
    /// Where the data has what each sum adds to each value of a round's polynomial.
    weights: u32,
    /// Words of the matrix that makes coefficients of values, and of the nodes at which it is sent.
    constants: Vec<u32>,
}

impl Live {
    /// Before the rounds of a schedule, whose data gets what sums are weighed with.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub(super) fn new(gpu: &Gpu, turns: &Turns<'_>, transcript: &Transcript, schedule: &mut Schedule) -> Result<Self, GpuError> {
        let mut sums: Vec<Vec<F>> = Vec::new();
        let of_round = schedule.rounds.first().map_or(&[][..], |round| &round.sums);
        debug_assert!(schedule.rounds.iter().all(|round| round.sums == of_round), "the same sums in all rounds");
        for (table, range) in of_round.iter().enumerate().filter(|(_, range)| !range.is_empty()) {
            sums.resize(sums.len().max(range.end), Vec::new());
            sums[range.clone()].clone_from_slice(&turns.value_weights(table));
        }
        let [claim, prefix, _] = turns.start();
        let mut constants: Vec<u32> = turns.interpolation().iter().flatten().map(F::to_unique_u32).collect();
        constants.extend(turns.sent().iter().map(F::to_unique_u32));
        Ok(Self {
            words: gpu.upload_words(&rounds::start(&transcript.state(), [claim, prefix]))?,
            record: gpu.words(EXTENSION_DEGREE * (sums.len() + 1) * schedule.rounds.len())?,
            count: sums.len(),
            weights: schedule.data.base(&sums.concat()),
            constants,
        })
    }

    pub(super) const fn words(&self) -> &Words {
        &self.words
    }

    pub(super) const fn record(&self) -> &Words {
        &self.record
    }

    /// Sums of a round.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Where the record has a round's sums.
    pub(super) const fn sums(&self, round: usize) -> usize {
        EXTENSION_DEGREE * (self.count + 1) * round
    }

    const fn challenge_place(&self, round: usize) -> usize {
        self.sums(round) + EXTENSION_DEGREE * self.count
    }

    /// The challenge that the device drew in a round.
    pub(super) fn challenge(&self, record: &[F], round: usize) -> EF {
        ext_elements(&record[self.challenge_place(round)..][..EXTENSION_DEGREE])[0]
    }

    /// Plays a round whose sums are in the record.
    ///
    /// # Errors
    ///
    /// If the device fails.
    pub(super) fn settle(&self, gpu: &Gpu, turns: &Turns<'_>, round: usize, data: &Words) -> Result<(), GpuError> {
        let [.., zero] = turns.start();
        let coordinate = turns.coordinate(round);
        let mut params = vec![self.count as u32, self.sums(round) as u32, self.challenge_place(round) as u32, self.weights];
        params.extend([zero, coordinate, coordinate.inverse()].into_iter().flat_map(ext_words));
        params.extend(&self.constants);
        let kernel = kernel!("blake3", "transcript", "live", "recorded", "rounds", "absorb", "group_sum", "constraints_settle")
            .with("MAX_CHUNKS", MAX_CHUNKS)
            .with("VALUES", turns.values())
            .with("WIDTH", turns.values().next_power_of_two())
            .with("SENT", turns.sent().len());
        gpu.dispatch(&kernel, &params, &[&self.words, &self.record, data], GROUP)
    }
}
