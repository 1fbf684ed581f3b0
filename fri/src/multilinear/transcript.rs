//! The Fiat-Shamir transcript, version 3: one compression for a round of a sumcheck.
//!
//! The state is 32 bytes. Observed bytes wait: an element as its four bytes, a digest put at a
//! multiple of 32 bytes by zeros before it. When a challenge is wanted, what waits is padded with
//! zeros to a multiple of 64 bytes (to 64 if nothing waits), and the next state is the keyed BLAKE3
//! hash of that, with the state as the key. What is observed and drawn when is fixed by the shape
//! of the proof, so the padding is not ambiguous.
//!
//! Challenges are the state itself: an element of the challenge field is its first five words of 48
//! bits modulo `p` (no value of a coordinate is likelier than `(1 + 2^-17) / p`), query indices are
//! the low bits of its four words of 64 bits, one after the other. A state gives one element or
//! four indices; more take another state. Observing drops what is left.
//!
//! Proof of work absorbs what waits, then one block of the witness alone. The low bits of the state
//! that this gives must be zero, and no challenge is taken from it. The prover takes the smallest
//! witness: proofs are byte-identical on any machine.

use alloc::vec::Vec;

#[cfg(feature = "prover")]
use p3_challenger::GrindingChallenger;
use p3_challenger::{CanObserve, CanSample, CanSampleBits, CanSampleUniformBits, FieldChallenger, ResamplingError};
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use tern_field::{EF, EXTENSION_DEGREE, F};

#[cfg(feature = "prover")]
use crate::hash::keyed_hash_blocks;
use crate::hash::{DIGEST_BYTES, Digest, element_bytes};
#[cfg(feature = "prover")]
use crate::work::Trial;
use crate::work::{has_low_zeros, low_mask};

/// Bytes in one block, the unit in which the transcript absorbs.
pub const BLOCK_BYTES: usize = 64;

/// Bytes of the state that make one coordinate of a challenge.
pub const COORDINATE_BYTES: usize = 6;

/// Query indices that one state gives.
pub const INDICES: usize = DIGEST_BYTES / INDEX_BYTES;

/// Bytes of the state that make one query index.
const INDEX_BYTES: usize = 8;

/// Context of the key that starts a transcript.
pub const CONTEXT: &str = "Tern proof system, transcript, version 3";

/// A transcript.
#[derive(Clone, Debug)]
pub struct Transcript {
    state: Digest,
    /// The observed bytes not yet absorbed.
    waiting: Vec<u8>,
    drawn: Drawn,
}

/// What has been taken from the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drawn {
    Nothing,
    Coordinates(usize),
    Indices(usize),
    All,
}

impl Transcript {
    /// Starts a transcript from the encoding of the parameters and the digest of everything else
    /// that is fixed before a proof.
    #[must_use]
    pub fn new(params: &[u8], seed: &Digest) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(blake3::hash(params).as_bytes()).update(seed);
        Self { state: hasher.finalize().into(), waiting: Vec::new(), drawn: Drawn::All }
    }

    /// Observes elements of the base field.
    pub fn observe_base(&mut self, values: &[F]) {
        values.iter().for_each(|value| self.waiting.extend(element_bytes(*value)));
    }

    /// Observes elements of the challenge field.
    pub fn observe_extension(&mut self, values: &[EF]) {
        values.iter().for_each(|value| self.observe_base(value.as_basis_coefficients_slice()));
    }

    /// Observes digests.
    pub fn observe_digests(&mut self, digests: &[Digest]) {
        for digest in digests {
            self.waiting.resize(self.waiting.len().next_multiple_of(DIGEST_BYTES), 0);
            self.waiting.extend(digest);
        }
    }

    /// Draws an element of the challenge field.
    pub fn challenge(&mut self) -> EF {
        self.draw_from(|drawn| drawn == Drawn::Nothing);
        EF::from_basis_coefficients_fn(|_| self.coordinate())
    }

    /// Draws an index of `bits` bits, at most 32.
    pub fn index(&mut self, bits: usize) -> usize {
        self.draw_from(|drawn| matches!(drawn, Drawn::Nothing | Drawn::Indices(_)));
        let (words, _) = self.state.as_chunks::<INDEX_BYTES>();
        let next = if let Drawn::Indices(next) = self.drawn { next } else { 0 };
        self.drawn = if next + 1 == INDICES { Drawn::All } else { Drawn::Indices(next + 1) };
        (u64::from_le_bytes(words[next]) & low_mask(bits)) as usize
    }

    /// The next coordinate of a challenge.
    fn coordinate(&mut self) -> F {
        self.draw_from(|drawn| matches!(drawn, Drawn::Nothing | Drawn::Coordinates(_)));
        let (words, _) = self.state.as_chunks::<COORDINATE_BYTES>();
        let next = if let Drawn::Coordinates(next) = self.drawn { next } else { 0 };
        self.drawn = if next + 1 == EXTENSION_DEGREE { Drawn::All } else { Drawn::Coordinates(next + 1) };
        let mut word = [0; 8];
        word[..COORDINATE_BYTES].copy_from_slice(&words[next]);
        F::from_u64(u64::from_le_bytes(word))
    }

    /// Makes the next state unless this one can still give what is wanted.
    fn draw_from(&mut self, suits: impl Fn(Drawn) -> bool) {
        if !self.waiting.is_empty() || !suits(self.drawn) {
            self.absorb();
        }
    }

    /// Hashes what waits, be it nothing, into the state.
    fn absorb(&mut self) {
        let len = self.waiting.len().next_multiple_of(BLOCK_BYTES).max(BLOCK_BYTES);
        self.waiting.resize(len, 0);
        self.state = blake3::keyed_hash(&self.state, &self.waiting).into();
        self.waiting.clear();
        self.drawn = Drawn::Nothing;
    }

    /// Checks a proof-of-work witness. Without bits it has to be zero, and nothing is absorbed.
    pub fn check_work(&mut self, bits: usize, witness: F) -> bool {
        if bits == 0 {
            return witness == F::ZERO;
        }
        if !self.waiting.is_empty() {
            self.absorb();
        }
        self.observe_base(&[witness]);
        self.absorb();
        self.drawn = Drawn::All;
        has_low_zeros(&self.state, bits)
    }

    /// The state, of which a device goes on.
    ///
    /// # Panics
    ///
    /// When something that was observed waits.
    #[cfg(feature = "prover")]
    #[must_use]
    pub fn state(&self) -> Digest {
        assert!(self.waiting.is_empty(), "a state with nothing that waits");
        self.state
    }

    /// Absorbs what waits, before proof of work. A witness passes with so many bits if the keyed
    /// hash, with this state as the key, of a block with the witness's four bytes first, and zeros
    /// after them, has so many low zeros.
    #[cfg(feature = "prover")]
    pub fn state_for_work(&mut self) -> Digest {
        if !self.waiting.is_empty() {
            self.absorb();
        }
        self.state
    }

    /// Finds the smallest proof-of-work witness and absorbs it. Without bits it is zero, and
    /// nothing is absorbed.
    ///
    /// # Panics
    ///
    /// When no field element is one, which happens for a difficulty beyond any frozen parameters.
    #[cfg(feature = "prover")]
    pub fn work(&mut self, bits: usize) -> F {
        if bits == 0 {
            return F::ZERO;
        }
        let state = self.state_for_work();
        let hash = |blocks: &[[u8; BLOCK_BYTES]], digests: &mut [Digest]| keyed_hash_blocks(&state, blocks, digests);
        let trial = Trial { block: [0; BLOCK_BYTES], place: 0, hash };
        let witness = trial.smallest_witness(bits).expect("one of two billion witnesses passes");
        let passes = self.check_work(bits, witness);
        debug_assert!(passes);
        witness
    }
}

// What Plonky3's provers and verifiers ask of a transcript.

impl CanObserve<F> for Transcript {
    fn observe(&mut self, value: F) {
        self.observe_base(&[value]);
    }
}

impl CanSample<F> for Transcript {
    fn sample(&mut self) -> F {
        self.coordinate()
    }
}

impl CanSample<EF> for Transcript {
    fn sample(&mut self) -> EF {
        self.challenge()
    }
}

impl CanSampleBits<usize> for Transcript {
    fn sample_bits(&mut self, bits: usize) -> usize {
        self.index(bits)
    }
}

impl CanSampleUniformBits<F> for Transcript {
    /// Bits of a word of 64 are uniform.
    fn sample_uniform_bits<const RESAMPLE: bool>(&mut self, bits: usize) -> Result<usize, ResamplingError> {
        Ok(self.index(bits))
    }
}

impl FieldChallenger<F> for Transcript {}

#[cfg(feature = "prover")]
impl GrindingChallenger for Transcript {
    type Witness = F;

    fn grind(&mut self, bits: usize) -> F {
        self.work(bits)
    }

    fn check_witness(&mut self, bits: usize, witness: F) -> bool {
        // Plonky3 takes any witness without bits.
        bits == 0 || self.check_work(bits, witness)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use p3_field::PrimeField32;

    use super::*;

    fn transcript() -> Transcript {
        Transcript::new(b"parameters", &[7; 32])
    }

    fn start() -> Digest {
        let mut hasher = blake3::Hasher::new_derive_key("Tern proof system, transcript, version 3");
        hasher.update(blake3::hash(b"parameters").as_bytes()).update(&[7; 32]);
        hasher.finalize().into()
    }

    fn keyed(key: Digest, message: &[u8]) -> Digest {
        blake3::keyed_hash(&key, message).into()
    }

    /// The challenge that a state gives, from its bytes as numbers.
    fn challenge(state: &Digest) -> EF {
        EF::from_basis_coefficients_fn(|i| {
            let number = state[6 * i..6 * i + 6].iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            F::from_u32((number % u64::from(F::ORDER_U32)) as u32)
        })
    }

    #[test]
    fn challenges_are_states() {
        let mut transcript = transcript();
        let state = keyed(start(), &[0; 64]);
        assert_eq!(transcript.challenge(), challenge(&state));
        let state = keyed(state, &[0; 64]);
        assert_eq!(transcript.challenge(), challenge(&state));
        let state = keyed(state, &[0; 64]);
        let words = state.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word) as usize);
        for word in words {
            assert_eq!(transcript.index(20), word & 0xf_ffff);
        }
        let state = keyed(state, &[0; 64]);
        assert_eq!(transcript.index(32), u32::from_le_bytes(state[..4].try_into().unwrap()) as usize);
        // An element takes a state of its own.
        assert_eq!(transcript.challenge(), challenge(&keyed(state, &[0; 64])));
    }

    #[test]
    fn three_elements_take_one_block() {
        let mut transcript = transcript();
        let values: Vec<EF> = (0..3).map(|i| EF::from_basis_coefficients_fn(|j| F::from_usize(5 * i + j + 1))).collect();
        transcript.observe_extension(&values);
        let mut message = [0; 64];
        for (i, bytes) in (1..=15).zip(message.chunks_exact_mut(4)) {
            bytes.copy_from_slice(&element_bytes(F::from_usize(i)));
        }
        assert_eq!(transcript.challenge(), challenge(&keyed(start(), &message)));
    }

    #[test]
    fn digests_start_at_halves_of_blocks() {
        let mut transcript = transcript();
        transcript.observe_base(&[F::from_u8(5)]);
        transcript.observe_digests(&[[1; 32], [2; 32]]);
        transcript.observe_base(&[F::from_u8(6)]);
        let mut message = vec![0; 128];
        message[..4].copy_from_slice(&element_bytes(F::from_u8(5)));
        message[32..64].fill(1);
        message[64..96].fill(2);
        message[96..100].copy_from_slice(&element_bytes(F::from_u8(6)));
        assert_eq!(transcript.challenge(), challenge(&keyed(start(), &message)));
    }

    #[test]
    fn observing_drops_what_is_left() {
        let mut transcript = transcript();
        transcript.index(8);
        transcript.observe_base(&[F::ZERO]);
        let state = keyed(keyed(start(), &[0; 64]), &[0; 64]);
        assert_eq!(transcript.index(8), usize::from(state[0]));
    }

    #[cfg(feature = "prover")]
    #[test]
    fn no_work_leaves_the_transcript_alone() {
        let (mut worked, mut other) = (transcript(), transcript());
        assert_eq!(worked.work(0), F::ZERO);
        assert!(worked.check_work(0, F::ZERO) && !worked.check_work(0, F::ONE));
        assert_eq!(worked.challenge(), other.challenge());
    }

    #[cfg(feature = "prover")]
    #[test]
    fn work_is_the_smallest_witness_in_a_state_of_its_own() {
        for seed in 0..4 {
            let mut prover = transcript();
            prover.observe_base(&[F::from_u8(seed)]);
            let verifier = prover.clone();
            let witness = prover.work(11);
            let smallest = (0..F::ORDER_U32).map(F::from_u32).find(|witness| verifier.clone().check_work(11, *witness));
            assert_eq!(Some(witness), smallest);
            let mut block = [0; 64];
            block[..4].copy_from_slice(&element_bytes(F::from_u8(seed)));
            let before = keyed(start(), &block);
            block[..4].copy_from_slice(&element_bytes(witness));
            let after = keyed(before, &block);
            assert!(after[0] == 0 && after[1].trailing_zeros() >= 3);
            assert_eq!(prover.challenge(), challenge(&keyed(after, &[0; 64])));
            let mut checked = verifier;
            assert!(checked.check_work(11, witness));
            assert_eq!(checked.challenge(), challenge(&keyed(after, &[0; 64])));
        }
    }
}
