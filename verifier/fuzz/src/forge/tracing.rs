//! An interpreter that goes on where a claim fails, and notes what a forger wants to know: every claim that fails, with the value that would have
//! held, and for every opened leaf the way to its commitment.

use std::convert::Infallible;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_verifier::native::{Failure, Native, Weights};
use tern_verifier::ops::{Checked, HashMode, Item, Ops};
use tern_verifier::reason::PowSite;
use tern_verifier::stark::Importer;
use tern_verifier::{CommitmentKind, Reason};

/// Runs the verifier on values, to the end.
#[derive(Default)]
pub struct Tracing {
    /// The claims that fail, in the order in which they are checked.
    pub failures: Vec<Failure>,
    /// The opened leaves, in the same order.
    pub leaves: Vec<Leaf>,
    /// Where proof of work is checked, with the state that the witness is hashed into.
    pub works: Vec<(PowSite, Digest)>,
    /// What leads to the next leaf.
    current: Leaf,
    /// The last state that one base element was hashed into.
    state: Digest,
}

/// An opened leaf.
#[derive(Clone, Default)]
pub struct Leaf {
    /// Its commitment and query.
    pub place: Option<(CommitmentKind, usize)>,
    /// The digest that the path starts from; none before the first hash.
    pub digest: Option<Digest>,
    /// The bits of its index, the lowest first: those of the path, then those that choose among the commitment's digests.
    pub index: Vec<bool>,
    /// Number of digests in the path.
    pub levels: usize,
    /// What is hashed into its ancestors: the number of digests before, and the hash of the row.
    pub joining: Vec<(usize, Digest)>,
}

impl Tracing {
    fn note<T>(&mut self, result: Checked<Native, T>) -> Option<T> {
        result.map_err(|failure| self.failures.push(failure)).ok()
    }
}

fn native(item: &Item<Tracing>) -> Item<Native> {
    match item {
        Item::Constant(value) => Item::Constant(*value),
        Item::Base(value) => Item::Base(*value),
        Item::Ext(value) => Item::Ext(*value),
        Item::Digest(digest) => Item::Digest(*digest),
    }
}

impl Ops for Tracing {
    type Ext = EF;
    type Bit = bool;
    type Digest = Digest;
    type Cap = Vec<Digest>;
    type Row = Vec<F>;
    type Word = u64;
    type Weights = Weights;
    type Error = Infallible;

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
        Ok(self.note(quotient).unwrap_or_default())
    }

    fn assert_equal(&mut self, expected: &EF, got: &EF, reason: Reason) -> Checked<Self, ()> {
        if let Reason::ProofOfWork(site) = reason
            && self.works.last().is_none_or(|(last, _)| *last != site)
        {
            self.works.push((site, self.state));
        }
        let result = Native.assert_equal(expected, got, reason);
        self.note(result);
        Ok(())
    }

    fn bit_value(&mut self, bit: &bool) -> EF {
        Native.bit_value(bit)
    }

    fn select(&mut self, bit: &bool, zero: &EF, one: &EF) -> EF {
        Native.select(bit, zero, one)
    }

    fn assert_bit(&mut self, value: &EF, reason: Reason) -> Checked<Self, bool> {
        let result = Native.assert_bit(value, reason);
        Ok(self.note(result).unwrap_or_default())
    }

    fn constant_digest(&mut self, value: Digest) -> Digest {
        value
    }

    fn assert_same(&mut self, expected: &Digest, got: &Digest, reason: Reason) -> Checked<Self, ()> {
        if let Reason::Path { kind, query } = reason {
            let leaf = std::mem::take(&mut self.current);
            self.leaves.push(Leaf { place: Some((kind, query)), ..leaf });
        }
        let result = Native.assert_same(expected, got, reason);
        self.note(result);
        Ok(())
    }

    fn node(&mut self, own: &Digest, sibling: &Digest, own_is_right: &bool) -> Digest {
        self.current.index.push(*own_is_right);
        self.current.levels += 1;
        Native.node(own, sibling, own_is_right)
    }

    fn pair(&mut self, left: &Digest, right: &Digest) -> Digest {
        self.current.joining.push((self.current.levels, *right));
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
        let items: Vec<Item<Native>> = items.iter().map(native).collect();
        let digest = Native.hash(mode, &items, pad_to);
        self.current.digest.get_or_insert(digest);
        if let [Item::Digest(state), Item::Base(_)] = items.as_slice() {
            self.state = *state;
        }
        digest
    }

    fn hash_row(&mut self, row: &Vec<F>) -> Digest {
        let digest = Native.hash_row(row);
        self.current.digest.get_or_insert(digest);
        digest
    }

    fn squeeze(&mut self, state: &Digest, block: u64) -> Digest {
        Native.squeeze(state, block)
    }

    fn limbs(&mut self, digest: &Digest) -> Vec<EF> {
        Native.limbs(digest)
    }

    fn words(&mut self, digest: &Digest) -> [u64; 4] {
        Native.words(digest)
    }

    fn word_element(&mut self, word: &u64) -> EF {
        Native.word_element(word)
    }

    fn word_bits(&mut self, word: &u64, count: usize) -> Vec<bool> {
        Native.word_bits(word, count)
    }

    fn weights(&mut self, base: &EF, reason: Reason) -> Checked<Self, Weights> {
        let weights = Native.weights(base, reason);
        Ok(match self.note(weights) {
            Some(weights) => weights,
            None => Native.weights(&EF::ONE, reason).unwrap_or_else(|failure| unreachable!("one is not zero: {failure}")),
        })
    }

    fn weighted_sum(&mut self, row: &Vec<F>, start: usize, len: usize, weights: &Weights) -> EF {
        Native.weighted_sum(row, start, len, weights)
    }
}

/// Takes values over as they are.
pub struct AsTheyAre;

impl Importer<Native, Tracing> for AsTheyAre {
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
