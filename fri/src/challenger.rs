//! The Fiat-Shamir transcript.
//!
//! The state is 32 bytes. Observed bytes wait until a challenge is wanted; then the 64 bytes of
//! BLAKE3 output on `state ‖ waiting bytes` become eight little-endian 64-bit words of challenges, and the first 32 of them
//! (the plain digest) the next state. When the words run out, the same happens with nothing waiting; observing drops
//! the words that are left. A field element is a word modulo `p`, with a bias below `2^-33`; query
//! indices and proof-of-work checks are the low bits of a word.
//!
//! Proof of work first absorbs what waits, then observes the witness padded with zeros to 32 bytes,
//! so that a trial is one block. The prover takes the smallest witness: proofs are byte-identical on any machine.

use alloc::vec::Vec;

use p3_challenger::{CanObserve, CanSample, CanSampleBits, FieldChallenger, GrindingChallenger};
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing, PrimeField32};
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, F};

use crate::config::Commitment;
use crate::hash::{DIGEST_BYTES, Digest, element_bytes, hash_messages};

/// Words of challenges in one BLAKE3 output block.
const WORDS: usize = 8;

/// Bytes of one word.
const WORD_BYTES: usize = 8;

/// Bytes hashed in one proof-of-work trial: the state, then the padded witness.
const TRIAL_BYTES: usize = 2 * DIGEST_BYTES;

/// Witnesses tried in one batch.
const BATCH: usize = blake3::platform::MAX_SIMD_DEGREE;

/// Batches that one parallel task tries.
const BATCHES_PER_TASK: u32 = 64;

/// Witnesses that one parallel task tries.
const TASK_SIZE: u32 = BATCHES_PER_TASK * BATCH as u32;

/// Tasks in the largest wave.
const MAX_WAVE: u32 = 128;

/// A transcript over Blake3.
#[derive(Clone, Debug)]
pub struct Blake3Challenger {
    /// The state, followed by the observed bytes not yet absorbed.
    pending: Vec<u8>,
    words: [u64; WORDS],
    /// Words of `words` already handed out.
    used: usize,
}

impl Blake3Challenger {
    /// Starts a transcript.
    #[must_use]
    pub fn new(state: Digest) -> Self {
        Self { pending: state.to_vec(), words: [0; WORDS], used: WORDS }
    }

    fn observe_bytes(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        self.used = WORDS;
    }

    fn next_word(&mut self) -> u64 {
        if self.used == WORDS {
            self.absorb();
        }
        let word = self.words[self.used];
        self.used += 1;
        word
    }

    /// Hashes what waits into the state and makes new words.
    fn absorb(&mut self) {
        let mut output = [0; WORDS * WORD_BYTES];
        blake3::Hasher::new().update(&self.pending).finalize_xof().fill(&mut output);
        let (words, _) = output.as_chunks::<WORD_BYTES>();
        for (word, bytes) in self.words.iter_mut().zip(words) {
            *word = u64::from_le_bytes(*bytes);
        }
        self.used = 0;
        self.pending.clear();
        self.pending.extend_from_slice(&output[..DIGEST_BYTES]);
    }

    fn sample_element(&mut self) -> F {
        F::from_u64(self.next_word())
    }
}

impl CanObserve<F> for Blake3Challenger {
    fn observe(&mut self, value: F) {
        self.observe_bytes(&element_bytes(value));
    }
}

impl CanObserve<Commitment> for Blake3Challenger {
    fn observe(&mut self, cap: Commitment) {
        self.observe_bytes(cap.roots().as_flattened());
    }
}

impl CanSample<F> for Blake3Challenger {
    fn sample(&mut self) -> F {
        self.sample_element()
    }
}

impl CanSample<EF> for Blake3Challenger {
    fn sample(&mut self) -> EF {
        EF::from_basis_coefficients_fn(|_| self.sample_element())
    }
}

impl CanSampleBits<usize> for Blake3Challenger {
    fn sample_bits(&mut self, bits: usize) -> usize {
        (self.next_word() & low_mask(bits)) as usize
    }
}

impl FieldChallenger<F> for Blake3Challenger {}

impl GrindingChallenger for Blake3Challenger {
    type Witness = F;

    /// Finds the smallest witness.
    ///
    /// # Panics
    ///
    /// When no field element is one, which happens for a difficulty beyond any frozen parameters.
    fn grind(&mut self, bits: usize) -> F {
        if bits == 0 {
            return F::ZERO;
        }
        let mut base = self.clone();
        base.absorb();
        let witness = base.search(bits).expect("one of two billion witnesses passes");
        let passes = self.check_witness(bits, witness);
        debug_assert!(passes);
        witness
    }

    fn check_witness(&mut self, bits: usize, witness: F) -> bool {
        if bits == 0 {
            return true;
        }
        self.absorb();
        self.observe(witness);
        self.pending.resize(TRIAL_BYTES, 0);
        self.sample_bits(bits) == 0
    }
}

impl Blake3Challenger {
    /// The smallest witness that passes; `self` has nothing waiting.
    ///
    /// Waves of tasks run in parallel, each wave larger than the last, so that an easy search ends soon.
    fn search(&self, bits: usize) -> Option<F> {
        let num_tasks = F::ORDER_U32.div_ceil(TASK_SIZE);
        let mut wave = 0..1;
        while wave.start < num_tasks {
            let results: Vec<Option<F>> = wave.clone().into_par_iter().map(|task| self.smallest_witness(task * TASK_SIZE, bits)).collect();
            if let Some(witness) = results.into_iter().flatten().next() {
                return Some(witness);
            }
            let next = (2 * (wave.end - wave.start)).min(MAX_WAVE);
            wave = wave.end..num_tasks.min(wave.end + next);
        }
        None
    }

    /// The smallest of one task's witnesses that passes; `self` has nothing waiting.
    fn smallest_witness(&self, start: u32, bits: usize) -> Option<F> {
        let mut trials = [0; BATCH * TRIAL_BYTES];
        for trial in trials.chunks_exact_mut(TRIAL_BYTES) {
            trial[..DIGEST_BYTES].copy_from_slice(&self.pending);
        }
        let mut digests = [[0; DIGEST_BYTES]; BATCH];
        for batch in 0..BATCHES_PER_TASK {
            let first = start + batch * BATCH as u32;
            for (trial, value) in trials.chunks_exact_mut(TRIAL_BYTES).zip(first..) {
                let bytes = element_bytes(F::new(value));
                trial[DIGEST_BYTES..DIGEST_BYTES + bytes.len()].copy_from_slice(&bytes);
            }
            hash_messages(&trials, TRIAL_BYTES, &mut digests);
            for (digest, value) in digests.iter().zip(first..F::ORDER_U32) {
                let word = digest.first_chunk().map_or(0, |w| u64::from_le_bytes(*w));
                if word & low_mask(bits) == 0 {
                    return Some(F::new(value));
                }
            }
        }
        None
    }
}

/// The mask of the lowest `bits` bits.
const fn low_mask(bits: usize) -> u64 {
    if bits >= 64 {
        return u64::MAX;
    }
    (1 << bits) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenger() -> Blake3Challenger {
        let mut challenger = Blake3Challenger::new([7; 32]);
        challenger.observe(F::new(5));
        challenger
    }

    #[test]
    fn words_are_blake3_output() {
        let mut challenger = challenger();
        let mut message = [7; 36].to_vec();
        message[32..].copy_from_slice(&element_bytes(F::new(5)));
        let mut output = [0; 64];
        for _ in 0..2 {
            blake3::Hasher::new().update(&message).finalize_xof().fill(&mut output);
            for word in output.as_chunks::<8>().0 {
                let expected = F::from_u64(u64::from_le_bytes(*word) % u64::from(F::ORDER_U32));
                let sampled: F = challenger.sample();
                assert_eq!(sampled, expected);
            }
            message = output[..32].to_vec();
        }
    }

    #[test]
    fn observing_changes_what_follows() {
        let mut a = challenger();
        let mut b = challenger();
        let _: (F, F) = (a.sample(), b.sample());
        b.observe(F::ZERO);
        let (x, y): (EF, EF) = (a.sample(), b.sample());
        assert_ne!(x, y);
    }

    #[test]
    fn grinding_finds_the_smallest_witness() {
        for seed in 0..4 {
            let mut prover = challenger();
            prover.observe(F::new(seed));
            let verifier = prover.clone();
            let witness = prover.grind(11);
            let smallest = (0..F::ORDER_U32).map(F::new).find(|w| verifier.clone().check_witness(11, *w));
            assert_eq!(Some(witness), smallest);
            let mut checked = verifier;
            assert!(checked.check_witness(11, witness));
            let (x, y): (F, F) = (prover.sample(), checked.sample());
            assert_eq!(x, y);
        }
    }

    #[test]
    fn no_difficulty_leaves_the_transcript_alone() {
        let mut a = challenger();
        let mut b = challenger();
        assert_eq!(a.grind(0), F::ZERO);
        assert!(a.check_witness(0, F::ONE));
        let (x, y): (F, F) = (a.sample(), b.sample());
        assert_eq!(x, y);
    }
}
