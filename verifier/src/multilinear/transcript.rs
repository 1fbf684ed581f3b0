//! The Fiat-Shamir transcript in any interpreter: `tern_fri::multilinear::transcript`, version 3.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_fri::multilinear::transcript::{CONTEXT, INDICES};

use super::claim::{Claim, WorkSite};
use super::polynomial::from_coefficients;
use crate::ops::{Checked, HashMode, Item, MultilinearOps};
use crate::reason::Reason;

/// Limbs of 16 bits that make one coordinate of a challenge.
const COORDINATE_LIMBS: usize = 3;

/// A transcript.
pub struct Transcript<O: MultilinearOps> {
    state: O::Digest,
    /// What has been observed since the state was made.
    waiting: Vec<Item<O>>,
    /// Whether a challenge may be taken from the state.
    is_fresh: bool,
    /// Words for indices not handed out yet, the next one last.
    words: Vec<O::Word>,
}

impl<O: MultilinearOps> Transcript<O> {
    /// Starts a transcript from the encoding of the parameters and the digest of everything else
    /// that is fixed before a proof.
    pub fn new(ops: &mut O, params: &[u8], seed: &O::Digest) -> Self {
        let params: Digest = blake3::hash(params).into();
        let items = [Item::Digest(ops.constant_digest(params)), Item::Digest(seed.clone())];
        let state = ops.hash(HashMode::DeriveKey(CONTEXT), &items, DIGEST_BYTES);
        Self { state, waiting: Vec::new(), is_fresh: false, words: Vec::new() }
    }

    /// Observes values.
    pub fn observe(&mut self, items: impl IntoIterator<Item = Item<O>>) {
        self.waiting.extend(items);
    }

    /// Observes known elements.
    pub fn observe_constants(&mut self, values: &[F]) {
        self.observe(values.iter().map(|value| Item::Constant(*value)));
    }

    /// Observes elements of the challenge field.
    pub fn observe_extension(&mut self, values: &[O::Ext]) {
        self.observe(values.iter().map(|value| Item::Ext(value.clone())));
    }

    /// Observes elements of the base field.
    pub fn observe_base(&mut self, values: &[O::Ext]) {
        self.observe(values.iter().map(|value| Item::Base(value.clone())));
    }

    /// Observes digests.
    pub fn observe_digests(&mut self, digests: &[O::Digest]) {
        self.observe(digests.iter().map(|digest| Item::Digest(digest.clone())));
    }

    /// Draws an element of the challenge field.
    pub fn challenge(&mut self, ops: &mut O) -> O::Ext {
        if !self.is_fresh || !self.waiting.is_empty() {
            self.absorb(ops);
        }
        self.is_fresh = false;
        let limbs = ops.limbs(&self.state);
        let shift = ops.constant(EF::from(F::from_u32(1 << 16)));
        let coordinates = limbs.chunks(COORDINATE_LIMBS).take(EXTENSION_DEGREE).map(|limbs| {
            let mut rest = limbs.iter().rev();
            let highest = rest.next().cloned().unwrap_or_else(|| ops.constant(EF::ZERO));
            rest.fold(highest, |number, limb| ops.mul_add(&number, &shift, limb))
        });
        let coordinates: Vec<O::Ext> = coordinates.collect();
        from_coefficients(ops, &coordinates)
    }

    /// Draws an index of `bits` bits, at most 32, the lowest first.
    pub fn index(&mut self, ops: &mut O, bits: usize) -> Vec<O::Bit> {
        if !self.waiting.is_empty() || (!self.is_fresh && self.words.is_empty()) {
            self.absorb(ops);
        }
        if self.is_fresh {
            self.is_fresh = false;
            self.words.extend(ops.words(&self.state).into_iter().rev().take(INDICES));
        }
        self.words.pop().map_or_else(Vec::new, |word| ops.word_bits(&word, bits))
    }

    /// Checks proof of work. Without bits, the witness has to be zero, so that a proof has one encoding.
    ///
    /// # Errors
    ///
    /// If the witness does not give a state whose lowest bits are zero.
    pub fn check_work(&mut self, ops: &mut O, bits: usize, witness: &O::Ext, site: WorkSite) -> Checked<O, ()> {
        let (zero, reason) = (ops.constant(EF::ZERO), Reason::Multilinear(Claim::Work(site)));
        if bits == 0 {
            return ops.assert_equal(&zero, witness, reason);
        }
        if !self.waiting.is_empty() {
            self.absorb(ops);
        }
        self.observe([Item::Base(witness.clone())]);
        self.absorb(ops);
        self.is_fresh = false;
        let [word, ..] = ops.words(&self.state);
        for bit in ops.word_bits(&word, bits) {
            let value = ops.bit_value(&bit);
            ops.assert_equal(&zero, &value, reason)?;
        }
        Ok(())
    }

    /// Hashes what waits, be it nothing, into the state.
    fn absorb(&mut self, ops: &mut O) {
        self.state = ops.keyed_hash(&self.state, &self.waiting);
        self.waiting.clear();
        self.words.clear();
        self.is_fresh = true;
    }
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failing test panics; the numbers are small"
)]
mod tests {
    use p3_field::BasedVectorSpace;

    use super::*;
    use crate::native::{Native, number};

    fn element(seed: u32) -> EF {
        EF::from_basis_coefficients_fn(|i| F::from_u32(seed * 7 + i as u32))
    }

    /// Both transcripts take the same steps.
    #[test]
    fn agrees_with_the_provers() {
        let ops = &mut Native;
        let mut prover = tern_fri::multilinear::Transcript::new(b"parameters", &[9; 32]);
        let mut verifier = Transcript::new(ops, b"parameters", &[9; 32]);
        for round in 0..40_u32 {
            match round % 8 {
                0 => {
                    prover.observe_extension(&[element(round), element(3)]);
                    verifier.observe_extension(&[element(round), element(3)]);
                }
                1 => {
                    prover.observe_base(&[F::from_u32(round)]);
                    verifier.observe_constants(&[F::from_u32(round)]);
                    prover.observe_digests(&[[round as u8; 32], [1; 32]]);
                    verifier.observe_digests(&[[round as u8; 32], [1; 32]]);
                }
                2 | 3 => assert_eq!(prover.challenge(), verifier.challenge(ops)),
                4 | 5 => {
                    for bits in [5, 20, 32, 1, 7, 8] {
                        assert_eq!(prover.index(bits), number(&verifier.index(ops, bits)));
                    }
                }
                6 => {
                    // Some witness passes a check of one bit.
                    let passes = |witness: u32| prover.clone().check_work(1, F::from_u32(witness));
                    let witness = (0..).find(|witness| passes(*witness)).unwrap();
                    assert!(prover.check_work(1, F::from_u32(witness)));
                    let site = WorkSite::Query;
                    let failing = (0..).find(|witness| !prover.clone().check_work(1, F::from_u32(*witness)));
                    assert!(failing.is_some());
                    verifier.check_work(ops, 1, &EF::from_u32(witness), site).expect("a witness");
                }
                _ => assert_eq!(prover.index(9), number(&verifier.index(ops, 9))),
            }
        }
    }

    #[test]
    fn wrong_work_is_rejected() {
        let ops = &mut Native;
        let start = || Transcript::new(&mut Native, b"parameters", &[9; 32]);
        let mut prover = tern_fri::multilinear::Transcript::new(b"parameters", &[9; 32]);
        prover.observe_base(&[F::ONE]);
        let mut rejected = 0;
        for witness in 0..64_u32 {
            let passes = prover.clone().check_work(3, F::from_u32(witness));
            let mut verifier = start();
            verifier.observe_constants(&[F::ONE]);
            let result = verifier.check_work(ops, 3, &EF::from_u32(witness), WorkSite::Row(2));
            assert_eq!(result.is_ok(), passes);
            if let Err(failure) = result {
                assert_eq!(failure.reason(), Reason::Multilinear(Claim::Work(WorkSite::Row(2))));
                rejected += 1;
            }
        }
        assert!((40..64).contains(&rejected));
        assert!(start().check_work(ops, 0, &EF::ZERO, WorkSite::Query).is_ok());
        assert!(start().check_work(ops, 0, &EF::ONE, WorkSite::Query).is_err());
    }
}
