//! All that comes after the column's rounds, until few rows are left, done before the host asks for it:
//! words and rounds follow each other on the device, and the host reads them at once. It plays them
//! again with its own transcript.

use std::collections::VecDeque;

use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::Transcript;
use tern_fri::multilinear::opening::{Vectors, WordPlan};

use super::round::{Played, Rounds};
use super::rows::LongRows;
use super::word::LongWord;
use crate::memory::Words;
use crate::{Gpu, GpuError, rounds};

/// What the host has not asked for yet.
pub(super) struct Ahead {
    words: VecDeque<LongWord>,
    rounds: VecDeque<Played>,
    bits: usize,
}

impl Ahead {
    /// Plays all rounds, from a state of the transcript on. Also gives the vectors that are left.
    pub(super) fn new(gpu: &Gpu, mut rows: LongRows, plan: &WordPlan, state: &Digest) -> Result<(Self, Vectors), GpuError> {
        let count = plan.sizes.iter().map(|size| size.log_leaf).sum();
        let rounds = Rounds::new(gpu, state, count, plan.pow_bits)?;
        let mut words: Vec<LongWord> = Vec::with_capacity(plan.sizes.len());
        let mut powers: Option<Words> = None;
        let mut played = 0;
        // The rounds between a word and the next.
        let mut between = 0..0;
        for &size in &plan.sizes {
            let word = match (words.last(), &powers) {
                (Some(word), Some(powers)) => {
                    let places: Vec<usize> = between.map(Rounds::challenge_place).collect();
                    let folded = word.folded(gpu, powers, rounds.record(), &places)?;
                    word.next(gpu, folded, size)?
                }
                _ => {
                    let (word, own) = LongWord::encode(gpu, &mut rows, plan.log_blowup, size)?;
                    powers = Some(own);
                    word
                }
            };
            between = played..played + size.log_leaf;
            for round in between.clone() {
                let (sums, count) = rows.sum_ahead(gpu, (round > 0).then_some(rounds.live()))?;
                let cap = (round == played).then_some(word.cap_words());
                rounds.send(gpu, round, (&sums, count), <[EF; 2]>::default(), cap)?;
                rounds.draw(gpu, round)?;
            }
            words.push(word);
            played += size.log_leaf;
        }
        Self::read(gpu, &rows, words, &rounds, count)
    }

    fn read(gpu: &Gpu, rows: &LongRows, words: Vec<LongWord>, rounds: &Rounds, count: usize) -> Result<(Self, Vectors), GpuError> {
        let arrays: Vec<&Words> = [rounds.record(), rows.words()].into_iter().chain(words.iter().map(LongWord::cap_words)).collect();
        let read = gpu.read_all(&arrays)?;
        let (record, rest) = read.split_at(rounds.record().len());
        let (of_rows, mut caps) = rest.split_at(rows.words().len());
        let played = (0..count).map(|round| rounds.played(record, round)).collect::<Result<VecDeque<_>, _>>()?;
        let words = words.into_iter().map(|word| {
            let (cap, after) = caps.split_at(word.cap_words().len());
            caps = after;
            word.with_cap(cap)
        });
        // The last round's challenge is bound by the host.
        let mut vectors = rows.vectors(of_rows)?;
        if let Some(last) = played.back() {
            vectors.fold(last.challenge);
        }
        Ok((Self { words: words.collect(), rounds: played, bits: rounds.bits() }, vectors))
    }

    /// The next word.
    pub(super) fn word(&mut self) -> Option<LongWord> {
        self.words.pop_front()
    }

    /// Whether the next round was played.
    pub(super) fn has_round(&self) -> bool {
        !self.rounds.is_empty()
    }

    /// Plays the next round with the host's transcript.
    pub(super) fn round(&self, transcript: &mut Transcript) -> Result<([EF; 2], F), GpuError> {
        let round = self.rounds.front().ok_or_else(|| GpuError::Driver("a round that was not played".into()))?;
        Ok((round.message, round.observed(self.bits, transcript)?))
    }

    /// Ends the round, if its challenge was the host's.
    pub(super) fn drawn(&mut self, challenge: EF) -> Result<(), GpuError> {
        self.rounds.pop_front().map_or(Ok(()), |round| rounds::check(round.challenge, challenge))
    }
}
