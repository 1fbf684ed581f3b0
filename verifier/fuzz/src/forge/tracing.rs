//! An interpreter under the challenges of another transcript, which can go on where a claim fails.
//! It notes what a forger wants to know: every claim that fails, with the value that would have
//! held, for every opened leaf the way to its commitment, and the transcript's states.

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_verifier::Reason;
use tern_verifier::import::Importer;
use tern_verifier::multilinear::{Claim, WorkSite};
use tern_verifier::native::{Failure, Native};
use tern_verifier::ops::{Checked, HashMode, Item, MultilinearOps, Ops};

/// Runs the verifier on values.
#[derive(Default)]
pub struct Tracing<'a> {
    /// The states that the transcript takes, whatever is hashed into it; its own without.
    played: Option<&'a [Digest]>,
    /// Whether a claim that fails is only noted.
    goes_on: bool,
    /// The transcript's states.
    pub states: Vec<Digest>,
    /// The claims that fail, in the order in which they are checked.
    pub failures: Vec<Failure>,
    /// The opened leaves, in the same order.
    pub leaves: Vec<Leaf>,
    /// Where proof of work is checked, with the state that the witness is hashed into.
    pub works: Vec<(WorkSite, Digest)>,
    /// What leads to the next leaf.
    current: Leaf,
    /// The last state that one base element was hashed into.
    state: Digest,
}

/// An opened leaf.
#[derive(Clone, Default)]
pub struct Leaf {
    /// The commitment opened: the dense matrices first, then the folded words.
    pub oracle: usize,
    /// The query.
    pub query: usize,
    /// The digest that the path starts from.
    pub digest: Digest,
    /// The bits of its index, the lowest first: those of the path, then those that choose among the
    /// commitment's digests.
    pub index: Vec<bool>,
    /// Number of digests in the path.
    pub levels: usize,
}

impl<'a> Tracing<'a> {
    /// Runs in the proof's own transcript, to the end.
    pub fn own() -> Self {
        Self { goes_on: true, ..Self::default() }
    }

    /// Runs under the challenges of a transcript with these states, to the end or to the first
    /// claim that fails.
    pub fn playing(states: &'a [Digest], goes_on: bool) -> Self {
        Self { played: Some(states), goes_on, ..Self::default() }
    }

    fn note<T>(&mut self, result: Checked<Native, T>, otherwise: T) -> Checked<Self, T> {
        result.or_else(|failure| {
            self.failures.push(failure);
            if self.goes_on { Ok(otherwise) } else { Err(failure) }
        })
    }
}

fn native(items: &[Item<Tracing<'_>>]) -> Vec<Item<Native>> {
    let native = |item: &Item<Tracing<'_>>| match item {
        Item::Constant(value) => Item::Constant(*value),
        Item::Base(value) => Item::Base(*value),
        Item::Ext(value) => Item::Ext(*value),
        Item::Digest(digest) => Item::Digest(*digest),
    };
    items.iter().map(native).collect()
}

impl Ops for Tracing<'_> {
    type Ext = EF;
    type Bit = bool;
    type Digest = Digest;
    type Cap = Vec<Digest>;
    type Row = Vec<F>;
    type Word = u64;
    type Error = Failure;

    fn constant(&mut self, value: EF) -> EF {
        value
    }

    fn add(&mut self, a: &EF, b: &EF) -> EF {
        *a + *b
    }

    fn sub(&mut self, a: &EF, b: &EF) -> EF {
        *a - *b
    }

    fn mul(&mut self, a: &EF, b: &EF) -> EF {
        *a * *b
    }

    fn mul_add(&mut self, a: &EF, b: &EF, c: &EF) -> EF {
        *a * *b + *c
    }

    fn div(&mut self, a: &EF, b: &EF, reason: Reason) -> Checked<Self, EF> {
        let quotient = Native.div(a, b, reason);
        self.note(quotient, EF::ZERO)
    }

    fn assert_equal(&mut self, expected: &EF, got: &EF, reason: Reason) -> Checked<Self, ()> {
        if let Reason::Multilinear(Claim::Work(site)) = reason
            && self.works.last().is_none_or(|(last, _)| *last != site)
        {
            self.works.push((site, self.state));
        }
        let result = Native.assert_equal(expected, got, reason);
        self.note(result, ())
    }

    fn bit_value(&mut self, bit: &bool) -> EF {
        Native.bit_value(bit)
    }

    fn select(&mut self, bit: &bool, zero: &EF, one: &EF) -> EF {
        Native.select(bit, zero, one)
    }

    fn assert_bit(&mut self, value: &EF, reason: Reason) -> Checked<Self, bool> {
        let result = Native.assert_bit(value, reason);
        self.note(result, false)
    }

    fn constant_digest(&mut self, value: Digest) -> Digest {
        value
    }

    fn assert_same(&mut self, expected: &Digest, got: &Digest, reason: Reason) -> Checked<Self, ()> {
        if let Reason::Multilinear(Claim::Path { oracle, query }) = reason {
            let leaf = std::mem::take(&mut self.current);
            self.leaves.push(Leaf { oracle, query, ..leaf });
        }
        let result = Native.assert_same(expected, got, reason);
        self.note(result, ())
    }

    fn node(&mut self, own: &Digest, sibling: &Digest, own_is_right: &bool) -> Digest {
        self.current.index.push(*own_is_right);
        self.current.levels += 1;
        Native.node(own, sibling, own_is_right)
    }

    fn pair(&mut self, left: &Digest, right: &Digest) -> Digest {
        Native.pair(left, right)
    }

    fn entry(&mut self, digests: &Vec<Digest>, index: &[bool]) -> Digest {
        self.current.index.extend(index);
        Native.entry(digests, index)
    }

    fn cap(&mut self, digests: &[Digest]) -> Vec<Digest> {
        Native.cap(digests)
    }

    fn hash(&mut self, mode: HashMode, items: &[Item<Self>], pad_to: usize) -> Digest {
        let digest = Native.hash(mode, &native(items), pad_to);
        self.current = Leaf { digest, ..Leaf::default() };
        digest
    }

    fn hash_row(&mut self, row: &Vec<F>) -> Digest {
        let digest = Native.hash_row(row);
        self.current = Leaf { digest, ..Leaf::default() };
        digest
    }

    fn limbs(&mut self, digest: &Digest) -> Vec<EF> {
        Native.limbs(digest)
    }

    fn words(&mut self, digest: &Digest) -> [u64; 4] {
        Native.words(digest)
    }

    fn word_bits(&mut self, word: &u64, count: usize) -> Vec<bool> {
        Native.word_bits(word, count)
    }
}

impl MultilinearOps for Tracing<'_> {
    fn keyed_hash(&mut self, key: &Digest, items: &[Item<Self>]) -> Digest {
        if let [Item::Base(_)] = items {
            self.state = *key;
        }
        let state = match self.played {
            Some(states) => states[self.states.len()],
            None => Native.keyed_hash(key, &native(items)),
        };
        self.states.push(state);
        state
    }

    fn row_len(&self, row: &Vec<F>) -> usize {
        row.len()
    }

    fn dot(&mut self, row: &Vec<F>, weights: &[EF]) -> EF {
        Native.dot(row, weights)
    }

    fn bits(&mut self, value: &EF, count: usize, reason: Reason) -> Checked<Self, Vec<bool>> {
        let bits = Native.bits(value, count, reason);
        self.note(bits, vec![false; count])
    }
}

/// Takes values over as they are.
pub struct AsTheyAre;

impl Importer<Native, Tracing<'_>> for AsTheyAre {
    fn base(&mut self, value: &EF) -> EF {
        *value
    }

    fn ext(&mut self, value: &EF) -> EF {
        *value
    }

    fn digest(&mut self, value: &Digest) -> Digest {
        *value
    }

    fn row(&mut self, value: &Vec<F>) -> Vec<F> {
        value.clone()
    }
}
