//! Rounds whose polynomial the device sends by itself: what the transcript observes, proof of work, and
//! the challenge.

use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::Transcript;

use super::rows::ROW_WORDS;
use super::{coordinates, ext_elements};
use crate::gpu::elements;
use crate::kernel::GROUP;
use crate::memory::Words;
use crate::merkle::DIGEST_WORDS;
use crate::work::{self, NONE};
use crate::{Gpu, GpuError, kernel, rounds};

/// Words of a round in the record: its polynomial, the witness and the challenge.
const ROUND_WORDS: usize = ROW_WORDS + 1 + EXTENSION_DEGREE;

/// Where they begin.
const WITNESS: usize = ROW_WORDS;
const CHALLENGE: usize = WITNESS + 1;

/// Words of a chunk of BLAKE3.
const CHUNK_WORDS: usize = 256;

/// Most chunks that a round absorbs.
const MAX_CHUNKS: usize = 32;

/// Rounds in device memory.
pub(super) struct Rounds {
    /// The last challenge and the transcript's state.
    live: Words,
    record: Words,
    bits: usize,
}

/// A round that the device played.
pub(super) struct Played {
    pub(super) message: [EF; 2],
    pub(super) witness: F,
    /// Meaningless if it was not drawn.
    pub(super) challenge: EF,
}

impl Rounds {
    /// So many, each with proof of work, from a state of the transcript on.
    pub(super) fn new(gpu: &Gpu, state: &Digest, count: usize, bits: usize) -> Result<Self, GpuError> {
        let mut record = vec![0; ROUND_WORDS * count];
        record.iter_mut().skip(WITNESS).step_by(ROUND_WORDS).for_each(|witness| *witness = if bits > 0 { NONE } else { 0 });
        Ok(Self { live: gpu.upload_words(&rounds::start(state, []))?, record: gpu.upload_words(&record)?, bits })
    }

    /// The challenge that was drawn last, first of all.
    pub(super) const fn live(&self) -> &Words {
        &self.live
    }

    pub(super) const fn bits(&self) -> usize {
        self.bits
    }

    pub(super) const fn record(&self) -> &Words {
        &self.record
    }

    /// Where a round's challenge is in the record.
    pub(super) const fn challenge_place(round: usize) -> usize {
        ROUND_WORDS * round + CHALLENGE
    }

    /// Sends the polynomial that is the total of sums and one more, after a word's commitment if there
    /// is one, and does proof of work.
    pub(super) fn send(
        &self,
        gpu: &Gpu,
        round: usize,
        (sums, count): (&Words, usize),
        more: [EF; 2],
        cap: Option<&Words>,
    ) -> Result<(), GpuError> {
        let cap_words = cap.map_or(0, Words::len);
        assert!((cap_words + ROW_WORDS).div_ceil(CHUNK_WORDS) <= MAX_CHUNKS, "a commitment of {} digests", cap_words / DIGEST_WORDS);
        let mut params = [count, ROUND_WORDS * round, cap_words].map(|size| size as u32).to_vec();
        params.extend(more.into_iter().flat_map(coordinates));
        let kernel = kernel!("blake3", "transcript", "rounds", "lanes", "opening_round").with("MAX_CHUNKS", MAX_CHUNKS);
        gpu.dispatch(&kernel, &params, &[&self.live, &self.record, sums, cap.unwrap_or(sums)], GROUP)?;
        if self.bits > 0 {
            work::record(gpu, self.bits, &self.live, (&self.record, ROUND_WORDS * round + WITNESS))?;
        }
        Ok(())
    }

    /// Draws the challenge of a polynomial that was sent.
    pub(super) fn draw(&self, gpu: &Gpu, round: usize) -> Result<(), GpuError> {
        let kernel = kernel!("blake3", "transcript", "rounds", "opening_draw").with("WORKED", usize::from(self.bits > 0));
        gpu.dispatch(&kernel, &[(ROUND_WORDS * round + WITNESS) as u32], &[&self.live, &self.record], 1)
    }

    /// A round in the words of the record.
    pub(super) fn played(&self, record: &[u32], round: usize) -> Result<Played, GpuError> {
        let words = &record[ROUND_WORDS * round..][..ROUND_WORDS];
        let message = ext_elements(&elements(&words[..WITNESS])?);
        let challenge = ext_elements(&elements(&words[CHALLENGE..])?);
        Ok(Played { message: [message[0], message[1]], witness: work::witness(words[WITNESS], self.bits)?, challenge: challenge[0] })
    }
}

impl Played {
    /// Lets the host's transcript observe it, which has the last word on the witness. Returns that.
    pub(super) fn observed(&self, bits: usize, transcript: &mut Transcript) -> Result<F, GpuError> {
        transcript.observe_extension(&self.message);
        work::checked(self.witness, bits, transcript)
    }
}
