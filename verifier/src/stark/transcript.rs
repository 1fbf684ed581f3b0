//! The Fiat-Shamir transcript in any interpreter: `tern_fri::challenger`, version 2.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::Params;
use tern_fri::config::TRANSCRIPT_CONTEXT;
use tern_fri::hash::DIGEST_BYTES;

use super::field;
use crate::ops::{Checked, HashMode, Item, Ops};
use crate::reason::{PowSite, Reason};

/// A transcript.
pub(crate) struct Transcript<O: Ops> {
    state: O::Digest,
    /// What has been observed since the state was made.
    waiting: Vec<Item<O>>,
    /// The number of the next output block; none before the state has absorbed what belongs to it.
    next_block: Option<u64>,
    /// Words not handed out yet, the next one last.
    words: Vec<O::Word>,
}

impl<O: Ops> Transcript<O> {
    /// Starts a transcript from the parameters and a seed.
    pub(crate) fn new(ops: &mut O, params: &Params, seed: &O::Digest) -> Self {
        let params = ops.constant_digest(blake3::hash(&params.to_bytes()).into());
        let items = [Item::Digest(params), Item::Digest(seed.clone())];
        let state = ops.hash(HashMode::DeriveKey(TRANSCRIPT_CONTEXT), &items, DIGEST_BYTES);
        Self { state, waiting: Vec::new(), next_block: None, words: Vec::new() }
    }

    /// Observes values.
    pub(crate) fn observe(&mut self, items: impl IntoIterator<Item = Item<O>>) {
        self.waiting.extend(items);
        self.next_block = None;
        self.words.clear();
    }

    /// Observes known elements.
    pub(crate) fn observe_constants(&mut self, values: &[F]) {
        self.observe(values.iter().map(|value| Item::Constant(*value)));
    }

    /// Observes elements of the challenge field.
    pub(crate) fn observe_extension(&mut self, values: &[O::Ext]) {
        self.observe(values.iter().map(|value| Item::Ext(value.clone())));
    }

    /// Observes elements of the base field.
    pub(crate) fn observe_base(&mut self, values: &[O::Ext]) {
        self.observe(values.iter().map(|value| Item::Base(value.clone())));
    }

    /// Observes a commitment.
    pub(crate) fn observe_cap(&mut self, cap: &[O::Digest]) {
        self.observe(cap.iter().map(|digest| Item::Digest(digest.clone())));
    }

    /// Draws an element of the challenge field: five words, the lowest coefficient first.
    pub(crate) fn sample(&mut self, ops: &mut O) -> O::Ext {
        let coefficients: Vec<O::Ext> = (0..EXTENSION_DEGREE).map(|_| self.sample_base(ops)).collect();
        from_coefficients(ops, &coefficients)
    }

    /// Draws the lowest `count` bits of a word, the lowest first.
    pub(crate) fn sample_bits(&mut self, ops: &mut O, count: usize) -> Vec<O::Bit> {
        let word = self.next_word(ops);
        ops.word_bits(&word, count)
    }

    /// Checks proof of work: the witness gives a state whose lowest bits are zero. Without bits, it has to be zero itself, so that a proof has one encoding.
    ///
    /// # Errors
    ///
    /// If it does not.
    pub(crate) fn check_work(&mut self, ops: &mut O, bits: usize, witness: &O::Ext, site: PowSite) -> Checked<O, ()> {
        let zero = ops.constant(EF::ZERO);
        if bits == 0 {
            return ops.assert_equal(&zero, witness, Reason::IdleProofOfWork(site));
        }
        self.absorb(ops);
        self.observe([Item::Base(witness.clone())]);
        self.absorb(ops);
        let [word, ..] = ops.words(&self.state);
        for bit in ops.word_bits(&word, bits) {
            let value = ops.bit_value(&bit);
            ops.assert_equal(&zero, &value, Reason::ProofOfWork(site))?;
        }
        Ok(())
    }

    fn sample_base(&mut self, ops: &mut O) -> O::Ext {
        let word = self.next_word(ops);
        ops.word_element(&word)
    }

    fn next_word(&mut self, ops: &mut O) -> O::Word {
        if let Some(word) = self.words.pop() {
            return word;
        }
        if self.next_block.is_none() {
            self.absorb(ops);
        }
        let block = self.next_block.unwrap_or(0);
        self.next_block = Some(block.saturating_add(1));
        let output = ops.squeeze(&self.state, block);
        let [first, rest @ ..] = ops.words(&output);
        self.words.extend(rest.into_iter().rev());
        first
    }

    /// Hashes what waits, be it nothing, into the state.
    fn absorb(&mut self, ops: &mut O) {
        let mut items = alloc::vec![Item::Digest(self.state.clone())];
        items.append(&mut self.waiting);
        self.state = ops.hash(HashMode::Plain, &items, DIGEST_BYTES);
        self.next_block = Some(0);
        self.words.clear();
    }
}

/// The element with these coefficients, which may be elements of the challenge field themselves: `sum of X^i c_i`.
pub(crate) fn from_coefficients<O: Ops>(ops: &mut O, coefficients: &[O::Ext]) -> O::Ext {
    let generator = ops.constant(field::generator());
    horner(ops, coefficients, &generator)
}

/// `sum of x^i c_i`.
pub(crate) fn horner<O: Ops>(ops: &mut O, coefficients: &[O::Ext], x: &O::Ext) -> O::Ext {
    let mut rest = coefficients.iter().rev();
    let Some(last) = rest.next() else {
        return ops.constant(EF::ZERO);
    };
    rest.fold(last.clone(), |sum, coefficient| ops.mul_add(&sum, x, coefficient))
}
