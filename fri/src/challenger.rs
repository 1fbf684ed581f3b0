//! The Fiat-Shamir transcript, version 2.
//!
//! The state is 32 bytes. Observed bytes wait: an element as its four bytes, a commitment as its digests, each put at a multiple of 32 bytes by zeros before it. When a challenge
//! is wanted, what waits is padded with zeros to a multiple of 32 bytes, and the next state is BLAKE3 of `state ‖ waiting`. Challenges are the words of output blocks: block `j` is BLAKE3 of the 40
//! bytes `state ‖ le64(j)`, four little-endian 64-bit words. No other message has that length, since the others are multiples of 32 bytes. Observing drops the words that are left. A field
//! element is a word modulo `p`, with a bias below `2^-33`; query indices are the low bits of a word.
//!
//! Proof of work first absorbs what waits, then the witness alone, padded with zeros to 32 bytes: a trial is one block. The low bits of the state that this gives must be zero; challenges follow
//! from its output blocks as ever. The prover takes the smallest witness: proofs are byte-identical on any machine.
//!
//! All that is hashed is thus a sequence of halves of a block, each a digest or eight words, which is what a circuit wants.

use alloc::vec::Vec;

use p3_challenger::{CanObserve, CanSample, CanSampleBits, FieldChallenger, GrindingChallenger};
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use tern_field::{EF, F};

use crate::config::Commitment;
use crate::hash::{DIGEST_BYTES, Digest, element_bytes, hash_messages};
use crate::work::{TRIAL_BYTES, Trial, has_low_zeros, low_mask};

/// Words of challenges in one output block.
const WORDS: usize = DIGEST_BYTES / WORD_BYTES;

/// Bytes of one word.
const WORD_BYTES: usize = 8;

/// A transcript over Blake3.
#[derive(Clone, Debug)]
pub struct Blake3Challenger {
    state: Digest,
    /// The observed bytes not yet absorbed.
    waiting: Vec<u8>,
    /// The number of the next output block; none before the state has absorbed what belongs to it.
    next_block: Option<u64>,
    words: [u64; WORDS],
    /// Words of `words` already handed out.
    used: usize,
}

impl Blake3Challenger {
    /// Starts a transcript.
    #[must_use]
    pub const fn new(state: Digest) -> Self {
        Self { state, waiting: Vec::new(), next_block: None, words: [0; WORDS], used: WORDS }
    }

    fn observe_bytes(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        self.next_block = None;
        self.used = WORDS;
    }

    fn observe_digest(&mut self, digest: &Digest) {
        self.pad();
        self.observe_bytes(digest);
    }

    fn next_word(&mut self) -> u64 {
        if self.used == WORDS {
            self.squeeze();
        }
        let word = self.words[self.used];
        self.used += 1;
        word
    }

    /// Makes the words of the next output block.
    fn squeeze(&mut self) {
        if self.next_block.is_none() {
            self.absorb();
        }
        let block = self.next_block.unwrap_or(0);
        let output = blake3::Hasher::new().update(&self.state).update(&block.to_le_bytes()).finalize();
        let (words, _) = output.as_bytes().as_chunks::<WORD_BYTES>();
        for (word, bytes) in self.words.iter_mut().zip(words) {
            *word = u64::from_le_bytes(*bytes);
        }
        self.used = 0;
        self.next_block = Some(block + 1);
    }

    /// Hashes what waits, be it nothing, into the state.
    fn absorb(&mut self) {
        self.pad();
        self.state = blake3::Hasher::new().update(&self.state).update(&self.waiting).finalize().into();
        self.waiting.clear();
        self.next_block = Some(0);
        self.used = WORDS;
    }

    /// Pads what waits to whole halves of a block.
    fn pad(&mut self) {
        self.waiting.resize(self.waiting.len().next_multiple_of(DIGEST_BYTES), 0);
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
        for digest in cap.roots() {
            self.observe_digest(digest);
        }
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
        let mut block = [0; TRIAL_BYTES];
        block[..DIGEST_BYTES].copy_from_slice(&base.state);
        let hash = |blocks: &[[u8; TRIAL_BYTES]], digests: &mut [Digest]| hash_messages(blocks.as_flattened(), TRIAL_BYTES, digests);
        let witness = Trial { block, place: DIGEST_BYTES, hash }.smallest_witness(bits).expect("one of two billion witnesses passes");
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
        self.absorb();
        has_low_zeros(&self.state, bits)
    }
}

#[cfg(test)]
mod tests {
    use p3_field::PrimeField32;

    use super::*;

    fn challenger() -> Blake3Challenger {
        let mut challenger = Blake3Challenger::new([7; 32]);
        challenger.observe(F::new(5));
        challenger
    }

    fn expected_words(state: &Digest) -> Vec<u64> {
        let blocks = (0..3_u64).map(|block| blake3::hash(&[state.as_slice(), &block.to_le_bytes()].concat()));
        blocks.flat_map(|block| block.as_bytes().as_chunks::<8>().0.iter().map(|w| u64::from_le_bytes(*w)).collect::<Vec<_>>()).collect()
    }

    fn assert_words(challenger: &mut Blake3Challenger, state: &Digest) {
        for word in expected_words(state) {
            let sampled: F = challenger.sample();
            assert_eq!(sampled, F::from_u64(word % u64::from(F::ORDER_U32)));
        }
    }

    #[test]
    fn words_are_blake3_output() {
        let mut message = [7; 64].to_vec();
        message[32..36].copy_from_slice(&element_bytes(F::new(5)));
        message[36..].fill(0);
        assert_words(&mut challenger(), blake3::hash(&message).as_bytes());
        assert_words(&mut Blake3Challenger::new([7; 32]), blake3::hash(&[7; 32]).as_bytes());
    }

    #[test]
    fn digests_start_at_halves_of_blocks() {
        let mut challenger = challenger();
        challenger.observe(Commitment::from([[1; 32], [2; 32]].to_vec()));
        challenger.observe(F::new(6));
        let mut message = [[7; 32], [0; 32], [1; 32], [2; 32], [0; 32]].concat();
        message[32..36].copy_from_slice(&element_bytes(F::new(5)));
        message[128..132].copy_from_slice(&element_bytes(F::new(6)));
        assert_words(&mut challenger, blake3::hash(&message).as_bytes());
    }

    #[test]
    fn proof_of_work_is_two_states() {
        let mut prover = challenger();
        let _: F = prover.sample();
        let mut state: Digest = blake3::hash(&prover.state).into();
        let witness = prover.grind(9);
        let mut trial = [0; 64];
        trial[..32].copy_from_slice(&state);
        trial[32..36].copy_from_slice(&element_bytes(witness));
        state = blake3::hash(&trial).into();
        assert!(state[0] == 0 && state[1] & 1 == 0);
        assert_words(&mut prover, &state);
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
