//! Builders with a fault: each does one thing less than [`CircuitBuilder`] does, or takes a value from the
//! prover that it should compute.
//!
//! They compute the same values, so that an honest witness satisfies their circuits too.

use core::convert::Infallible;
use std::collections::HashMap;

use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_verifier::import::Importer;
use tern_verifier::multilinear::Claim;
use tern_verifier::native::Native;
use tern_verifier::ops::{Checked, HashMode, Item, MultilinearOps, Ops};
use tern_verifier::reason::Reason;
use tern_vm::recursion::{CircuitBuilder, Half, Row, Run, Wire, Word};

type Cap = <CircuitBuilder as Ops>::Cap;

/// What a builder does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// The result of an operation is the prover's.
    Free(Op),
    /// The bits of an index of this many bits are the prover's, asserted to be bits.
    FreeIndexBits(usize),
    /// All other bits of the transcript are.
    FreeWorkBits(usize),
    /// An operation uses another bit than it was given, which is asserted to be one.
    OtherBit(Op),
    /// A quotient is asserted to solve its equation, which any does where the divisor is zero.
    QuotientOfZero,
    /// An assertion is left out.
    Unasserted(Assertion),
    /// An assertion compares with a value of the prover's.
    AssertedOfAnything(Assertion),
    /// No value is asserted to be a bit.
    UnassertedBits,
    /// The first item of every hash is another one than what was given.
    HashesOtherFirst,
    /// The last item is.
    HashesOtherLast,
    /// A row is hashed that is not the one that is summed.
    HashesOtherRow,
    /// A row is summed that is not the one that is hashed.
    SumsOtherRow,
}

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Constant,
    ConstantDigest,
    Add,
    Sub,
    Mul,
    MulAdd,
    SubMul,
    Select,
    BitValue,
    Node,
    Entry,
    Cap,
    Hash,
    HashRow,
    Limbs,
    KeyedHash,
    Dot,
    Bits,
}

/// What an assertion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assertion {
    KeyList,
    Program,
    Counter,
    Root,
    Halted,
    Work,
    Layers,
    Skip,
    Constraints,
    Calls,
    Keccak,
    Heights,
    WeightedSum,
    Path,
    Combination,
    FoldedValue,
    LastPolynomial,
}

impl Assertion {
    const fn of(reason: Reason) -> Option<Self> {
        match reason {
            Reason::KeyList { .. } => Some(Self::KeyList),
            Reason::Program { .. } => Some(Self::Program),
            Reason::ProgramCounter { .. } => Some(Self::Counter),
            Reason::MemoryRoot { .. } => Some(Self::Root),
            Reason::Halted { .. } => Some(Self::Halted),
            Reason::Multilinear(claim) => Self::of_claim(claim),
            _ => None,
        }
    }

    const fn of_claim(claim: Claim) -> Option<Self> {
        match claim {
            Claim::Work(_) => Some(Self::Work),
            Claim::LookupLayer { .. } => Some(Self::Layers),
            Claim::Skip => Some(Self::Skip),
            Claim::Constraints => Some(Self::Constraints),
            Claim::KeccakCalls => Some(Self::Calls),
            Claim::Keccak { .. } => Some(Self::Keccak),
            Claim::Heights { .. } => Some(Self::Heights),
            Claim::WeightedSum => Some(Self::WeightedSum),
            Claim::Path { .. } => Some(Self::Path),
            Claim::Combination { .. } => Some(Self::Combination),
            Claim::Fold { .. } => Some(Self::FoldedValue),
            Claim::LastPolynomial { .. } => Some(Self::LastPolynomial),
            _ => None,
        }
    }
}

/// A builder with a weakness, or none.
pub struct Weak {
    builder: CircuitBuilder,
    weakness: Option<Weakness>,
    /// The rows that were imported, by their first address.
    rows: HashMap<u32, Vec<F>>,
    /// Calls of [`Ops::assert_equal`] and [`Ops::assert_bit`].
    pub equations: usize,
    /// Calls of [`Ops::assert_same`].
    pub digests: usize,
}

impl Weak {
    pub fn new(weakness: Option<Weakness>) -> Self {
        Self { builder: CircuitBuilder::new(), weakness, rows: HashMap::new(), equations: 0, digests: 0 }
    }

    pub fn publish(&mut self, digest: &Half) {
        self.builder.publish(digest);
    }

    pub fn finish(self) -> Run {
        self.builder.finish()
    }

    /// A digest of the prover's.
    pub fn free_digest(&mut self, value: Digest) -> Half {
        self.builder.witness_digest(value)
    }

    fn is_free(&self, op: Op) -> bool {
        self.weakness == Some(Weakness::Free(op))
    }

    /// The wire, or one of the prover's in its place.
    fn wire(&mut self, op: Op, wire: Wire) -> Wire {
        if self.is_free(op) { self.builder.witness(wire.value()) } else { wire }
    }

    /// The digest, or one of the prover's in its place.
    fn digest(&mut self, op: Op, digest: Half) -> Half {
        if self.is_free(op) { self.builder.witness_digest(digest.value()) } else { digest }
    }

    fn free_bit(&mut self, value: EF) -> Wire {
        let bit = self.builder.witness(value);
        let Ok(bit) = self.builder.assert_bit(&bit, Reason::Multilinear(Claim::Shape));
        bit
    }

    /// The bit, or another one that may differ.
    fn bit(&mut self, op: Op, bit: &Wire) -> Wire {
        if self.weakness == Some(Weakness::OtherBit(op)) { self.free_bit(bit.value()) } else { *bit }
    }

    /// The items of a hash, or with another one among them.
    fn items(&mut self, items: &[Item<Self>]) -> Vec<Item<CircuitBuilder>> {
        let mut items: Vec<Item<CircuitBuilder>> = items.iter().map(of_builder).collect();
        let other = match self.weakness {
            Some(Weakness::HashesOtherFirst) => items.first_mut(),
            Some(Weakness::HashesOtherLast) => items.last_mut(),
            _ => None,
        };
        match other {
            Some(Item::Base(wire) | Item::Ext(wire)) => *wire = self.builder.witness(wire.value()),
            Some(Item::Digest(digest)) => *digest = self.builder.witness_digest(digest.value()),
            Some(Item::Constant(_)) | None => {}
        }
        items
    }

    /// Whether an assertion is left out.
    fn leaves_out(&self, reason: Reason) -> bool {
        Assertion::of(reason).is_some_and(|about| self.weakness == Some(Weakness::Unasserted(about)))
    }

    fn asserts_anything(&self, reason: Reason) -> bool {
        Assertion::of(reason).is_some_and(|about| self.weakness == Some(Weakness::AssertedOfAnything(about)))
    }
}

impl Ops for Weak {
    type Ext = Wire;
    type Bit = Wire;
    type Digest = Half;
    type Cap = Cap;
    type Row = Row;
    type Word = Word;
    type Error = Infallible;

    fn constant(&mut self, value: EF) -> Wire {
        let wire = self.builder.constant(value);
        self.wire(Op::Constant, wire)
    }

    fn add(&mut self, a: &Wire, b: &Wire) -> Wire {
        let sum = self.builder.add(a, b);
        self.wire(Op::Add, sum)
    }

    fn sub(&mut self, a: &Wire, b: &Wire) -> Wire {
        let difference = self.builder.sub(a, b);
        self.wire(Op::Sub, difference)
    }

    fn mul(&mut self, a: &Wire, b: &Wire) -> Wire {
        let product = self.builder.mul(a, b);
        self.wire(Op::Mul, product)
    }

    fn mul_add(&mut self, a: &Wire, b: &Wire, c: &Wire) -> Wire {
        let sum = self.builder.mul_add(a, b, c);
        self.wire(Op::MulAdd, sum)
    }

    fn sub_mul(&mut self, a: &Wire, b: &Wire, c: &Wire) -> Wire {
        let difference = self.builder.sub_mul(a, b, c);
        self.wire(Op::SubMul, difference)
    }

    fn div(&mut self, a: &Wire, b: &Wire, reason: Reason) -> Checked<Self, Wire> {
        let Ok(quotient) = self.builder.div(a, b, reason);
        if self.weakness == Some(Weakness::QuotientOfZero) {
            let any = self.builder.witness(quotient.value());
            let product = self.builder.mul(&any, b);
            self.builder.assert_equal(a, &product, reason)?;
            return Ok(any);
        }
        Ok(quotient)
    }

    fn assert_equal(&mut self, expected: &Wire, got: &Wire, reason: Reason) -> Checked<Self, ()> {
        self.equations += 1;
        if self.leaves_out(reason) {
            return Ok(());
        }
        if self.asserts_anything(reason) {
            let any = self.builder.witness(got.value());
            return self.builder.assert_equal(&any, got, reason);
        }
        self.builder.assert_equal(expected, got, reason)
    }

    fn bit_value(&mut self, bit: &Wire) -> Wire {
        let bit = self.bit(Op::BitValue, bit);
        let value = self.builder.bit_value(&bit);
        self.wire(Op::BitValue, value)
    }

    fn select(&mut self, bit: &Wire, zero: &Wire, one: &Wire) -> Wire {
        let bit = self.bit(Op::Select, bit);
        let selected = self.builder.select(&bit, zero, one);
        self.wire(Op::Select, selected)
    }

    fn assert_bit(&mut self, value: &Wire, reason: Reason) -> Checked<Self, Wire> {
        self.equations += 1;
        if self.weakness == Some(Weakness::UnassertedBits) {
            return Ok(*value);
        }
        self.builder.assert_bit(value, reason)
    }

    fn constant_digest(&mut self, value: Digest) -> Half {
        let digest = self.builder.constant_digest(value);
        self.digest(Op::ConstantDigest, digest)
    }

    fn assert_same(&mut self, expected: &Half, got: &Half, reason: Reason) -> Checked<Self, ()> {
        self.digests += 1;
        if self.leaves_out(reason) {
            return Ok(());
        }
        if self.asserts_anything(reason) {
            let any = self.builder.witness_digest(got.value());
            return self.builder.assert_same(&any, got, reason);
        }
        self.builder.assert_same(expected, got, reason)
    }

    fn node(&mut self, own: &Half, sibling: &Half, own_is_right: &Wire) -> Half {
        let bit = self.bit(Op::Node, own_is_right);
        let node = self.builder.node(own, sibling, &bit);
        self.digest(Op::Node, node)
    }

    fn pair(&mut self, left: &Half, right: &Half) -> Half {
        self.builder.pair(left, right)
    }

    fn entry(&mut self, digests: &Cap, index: &[Wire]) -> Half {
        let index: Vec<Wire> = index.iter().map(|bit| self.bit(Op::Entry, bit)).collect();
        let entry = self.builder.entry(digests, &index);
        self.digest(Op::Entry, entry)
    }

    fn cap(&mut self, digests: &[Half]) -> Cap {
        let digests: Vec<Half> = digests.iter().map(|digest| self.digest(Op::Cap, *digest)).collect();
        self.builder.cap(&digests)
    }

    fn hash(&mut self, mode: HashMode, items: &[Item<Self>], pad_to: usize) -> Half {
        let items = self.items(items);
        let digest = self.builder.hash(mode, &items, pad_to);
        self.digest(Op::Hash, digest)
    }

    fn hash_row(&mut self, row: &Row) -> Half {
        let digest = if self.weakness == Some(Weakness::HashesOtherRow) {
            let other = self.builder.witness_row(&self.rows[&row.addresses().start]);
            self.builder.hash_row(&other)
        } else {
            self.builder.hash_row(row)
        };
        self.digest(Op::HashRow, digest)
    }

    fn limbs(&mut self, digest: &Half) -> Vec<Wire> {
        let limbs = self.builder.limbs(digest);
        limbs.into_iter().map(|limb| self.wire(Op::Limbs, limb)).collect()
    }

    fn words(&mut self, digest: &Half) -> [Word; 4] {
        self.builder.words(digest)
    }

    fn word_bits(&mut self, word: &Word, count: usize) -> Vec<Wire> {
        let bits = self.builder.word_bits(word, count);
        let is_free = match self.weakness {
            Some(Weakness::FreeIndexBits(index)) => count == index,
            Some(Weakness::FreeWorkBits(index)) => count != index,
            _ => false,
        };
        if !is_free {
            return bits;
        }
        let free: Vec<Wire> = bits.iter().map(|bit| self.builder.witness(bit.value())).collect();
        if matches!(self.weakness, Some(Weakness::FreeIndexBits(_))) {
            for bit in &free {
                let Ok(_) = self.builder.assert_bit(bit, Reason::Multilinear(Claim::Shape));
            }
        }
        free
    }
}

impl MultilinearOps for Weak {
    fn keyed_hash(&mut self, key: &Half, items: &[Item<Self>]) -> Half {
        let items = self.items(items);
        let digest = self.builder.keyed_hash(key, &items);
        self.digest(Op::KeyedHash, digest)
    }

    fn row_len(&self, row: &Row) -> usize {
        self.builder.row_len(row)
    }

    fn dot(&mut self, row: &Row, weights: &[Wire]) -> Wire {
        let sum = if self.weakness == Some(Weakness::SumsOtherRow) {
            let other = self.builder.witness_row(&self.rows[&row.addresses().start]);
            self.builder.dot(&other, weights)
        } else {
            self.builder.dot(row, weights)
        };
        self.wire(Op::Dot, sum)
    }

    fn bits(&mut self, value: &Wire, count: usize, reason: Reason) -> Checked<Self, Vec<Wire>> {
        // Of a constant they are constants.
        self.equations += usize::from(matches!(value, Wire::Variable { .. }));
        let value = if self.asserts_anything(reason) { self.builder.witness(value.value()) } else { *value };
        let Ok(bits) = self.builder.bits(&value, count, reason);
        if self.is_free(Op::Bits) || self.leaves_out(reason) {
            return Ok(bits.iter().map(|bit| self.free_bit(bit.value())).collect());
        }
        Ok(bits)
    }
}

impl Importer<Native, Self> for Weak {
    fn base(&mut self, value: &EF) -> Wire {
        self.builder.base(value)
    }

    fn ext(&mut self, value: &EF) -> Wire {
        self.builder.ext(value)
    }

    fn digest(&mut self, value: &Digest) -> Half {
        Importer::digest(&mut self.builder, value)
    }

    fn row(&mut self, value: &Vec<F>) -> Row {
        let row = self.builder.row(value);
        self.rows.insert(row.addresses().start, value.clone());
        row
    }
}

fn of_builder(item: &Item<Weak>) -> Item<CircuitBuilder> {
    match item {
        Item::Constant(value) => Item::Constant(*value),
        Item::Base(wire) => Item::Base(*wire),
        Item::Ext(wire) => Item::Ext(*wire),
        Item::Digest(digest) => Item::Digest(*digest),
    }
}
