//! Rounds on the device: the polynomials that are sent, proofs of work and challenges, with a copy of
//! the transcript's state.

use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::Transcript;

use super::rows::ROW_WORDS;
use crate::gpu::{elements, ext_elements};
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::rounds::{CHUNK_WORDS, MAX_CHUNKS};
use crate::work::{self, NONE};
use crate::{Gpu, GpuError, kernel, rounds};

/// Words of a round in the record: its polynomial, the witness and the challenge.
const ROUND_WORDS: usize = CHALLENGE + EXTENSION_DEGREE;

/// Where they begin.
const WITNESS: usize = ROW_WORDS;
const CHALLENGE: usize = WITNESS + 1;

/// The rounds of an opening.
pub(super) struct Rounds {
    /// The last challenge and the transcript's state.
    live: Words,
    record: Words,
    /// Bits of proof of work of the rounds so far.
    bits: Vec<usize>,
}

/// A round that the device played.
pub(super) struct Played {
    pub(super) message: [EF; 2],
    pub(super) witness: F,
    bits: usize,
    challenge: EF,
}

impl Rounds {
    /// Room for so many.
    pub(super) fn new(gpu: &Gpu, count: usize) -> Result<Self, GpuError> {
        let mut record = vec![0; ROUND_WORDS * count];
        record.iter_mut().skip(WITNESS).step_by(ROUND_WORDS).for_each(|witness| *witness = NONE);
        let live = gpu.words(rounds::start(&Digest::default(), []).len())?;
        Ok(Self { live, record: gpu.upload_words(&record)?, bits: Vec::with_capacity(count) })
    }

    /// Begins with a state of the transcript, unless a round was played.
    pub(super) fn begin(&self, gpu: &Gpu, transcript: &Transcript) -> Result<(), GpuError> {
        if self.bits.is_empty() {
            let start = rounds::start(&transcript.state(), []);
            gpu.write(&self.live, 0, start.len(), |i| start[i])?;
        }
        Ok(())
    }

    pub(super) const fn record(&self) -> &Words {
        &self.record
    }

    /// Rounds so far.
    pub(super) const fn len(&self) -> usize {
        self.bits.len()
    }

    /// Sends the polynomial that is the total of sums, after a word's commitment if there is one, does
    /// proof of work, and draws the challenge: its place in the record.
    pub(super) fn play(&mut self, gpu: &Gpu, (sums, count): (&Words, usize), cap: Option<&Words>, bits: usize) -> Result<usize, GpuError> {
        let first = ROUND_WORDS * self.len();
        assert!(first < self.record.len(), "more rounds than there is room for");
        let cap_words = cap.map_or(0, Words::len);
        assert!((cap_words + ROW_WORDS).div_ceil(CHUNK_WORDS) <= MAX_CHUNKS, "a commitment of {cap_words} words");
        let params = [count, first, cap_words].map(|size| size as u32);
        let kernel = kernel!("blake3", "transcript", "live", "rounds", "absorb", "lanes", "opening_round").with("MAX_CHUNKS", MAX_CHUNKS);
        gpu.dispatch(&kernel, &params, &[&self.live, &self.record, sums, cap.unwrap_or(sums)], GROUP)?;
        if bits > 0 {
            work::record(gpu, bits, &self.live, (&self.record, first + WITNESS))?;
        }
        let kernel = kernel!("blake3", "transcript", "live", "rounds", "opening_draw").with("WORKED", usize::from(bits > 0));
        gpu.dispatch(&kernel, &[(first + WITNESS) as u32], &[&self.live, &self.record], 1)?;
        self.bits.push(bits);
        Ok(first + CHALLENGE)
    }

    /// The rounds in the words of the record.
    pub(super) fn played(&self, record: &[u32]) -> Result<Vec<Played>, GpuError> {
        let round = |(words, &bits): (&[u32], &usize)| {
            let message = ext_elements(&elements(&words[..WITNESS])?);
            let challenge = ext_elements(&elements(&words[CHALLENGE..])?)[0];
            let witness = if bits > 0 { work::witness(words[WITNESS], bits)? } else { F::default() };
            Ok(Played { message: [message[0], message[1]], witness, bits, challenge })
        };
        record.chunks_exact(ROUND_WORDS).zip(&self.bits).map(round).collect()
    }
}

impl Played {
    /// Plays the round with the host's transcript, which has the last word. Returns the challenge.
    pub(super) fn again(&self, transcript: &mut Transcript) -> Result<EF, GpuError> {
        transcript.observe_extension(&self.message);
        work::check(self.witness, self.bits, transcript)?;
        let challenge = transcript.challenge();
        rounds::check(self.challenge, challenge).map(|()| challenge)
    }
}
