//! The operations that the verifier is written in.
//!
//! The verifier of proofs and the programs that combine them ([`crate::multilinear`]) are generic
//! over [`Ops`]. [`crate::native`] runs them on values: that is the standalone verifier. The
//! recursion prover runs the same code on an interpreter that records every operation as rows of
//! the tables of `tern_air::recursion`.
//!
//! The sequence of operations must not depend on values: neither a length nor a branch may be taken
//! from a proof. What an interpreter does with a false assertion is its own matter:
//! [`crate::native`] stops with the reason, a circuit becomes unsatisfiable.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_fri::hash::Digest;

use crate::reason::Reason;

/// The result of an operation that can find a proof wrong.
pub type Checked<O, T> = Result<T, <O as Ops>::Error>;

/// Values of a proof and what may be done with them.
pub trait Ops: Sized {
    /// An element of the challenge field; elements of the base field are embedded.
    type Ext: Clone;
    /// Zero or one.
    type Bit: Clone;
    /// A BLAKE3 digest.
    type Digest: Clone;
    /// Digests prepared for [`Ops::entry`].
    type Cap: Clone;
    /// One leaf of a Merkle tree of base-field rows: the rows of all matrices of one height, one
    /// after the other.
    type Row: Clone;
    /// A 64-bit word of challenges.
    type Word: Clone;
    /// Why a proof is rejected.
    type Error;

    /// A constant.
    fn constant(&mut self, value: EF) -> Self::Ext;
    /// `a + b`.
    fn add(&mut self, a: &Self::Ext, b: &Self::Ext) -> Self::Ext;
    /// `a - b`.
    fn sub(&mut self, a: &Self::Ext, b: &Self::Ext) -> Self::Ext;
    /// `a * b`.
    fn mul(&mut self, a: &Self::Ext, b: &Self::Ext) -> Self::Ext;
    /// `a * b + c`.
    fn mul_add(&mut self, a: &Self::Ext, b: &Self::Ext, c: &Self::Ext) -> Self::Ext;
    /// `c - a * b`.
    fn sub_mul(&mut self, a: &Self::Ext, b: &Self::Ext, c: &Self::Ext) -> Self::Ext {
        let product = self.mul(a, b);
        self.sub(c, &product)
    }
    /// `a / b`.
    ///
    /// # Errors
    ///
    /// If `b` is zero.
    fn div(&mut self, a: &Self::Ext, b: &Self::Ext, reason: Reason) -> Checked<Self, Self::Ext>;
    /// Asserts `got = expected`.
    ///
    /// # Errors
    ///
    /// If they differ.
    fn assert_equal(&mut self, expected: &Self::Ext, got: &Self::Ext, reason: Reason) -> Checked<Self, ()>;

    /// Asserts what is no value: the length of a list, or what else is fixed before a proof. In a
    /// circuit, too, it is known when it is built.
    ///
    /// # Errors
    ///
    /// If it does not hold.
    fn require(&mut self, holds: bool, reason: Reason) -> Checked<Self, ()> {
        if holds {
            return Ok(());
        }
        let [zero, one] = [EF::ZERO, EF::ONE].map(|value| self.constant(value));
        self.assert_equal(&zero, &one, reason)
    }

    /// The bit as an element: zero or one.
    fn bit_value(&mut self, bit: &Self::Bit) -> Self::Ext;
    /// `one` where the bit is set, else `zero`.
    fn select(&mut self, bit: &Self::Bit, zero: &Self::Ext, one: &Self::Ext) -> Self::Ext;
    /// Asserts that `value` is zero or one, and gives it as a bit.
    ///
    /// # Errors
    ///
    /// If it is neither.
    fn assert_bit(&mut self, value: &Self::Ext, reason: Reason) -> Checked<Self, Self::Bit>;

    /// A constant digest.
    fn constant_digest(&mut self, value: Digest) -> Self::Digest;
    /// Asserts that two digests are equal.
    ///
    /// # Errors
    ///
    /// If they differ.
    fn assert_same(&mut self, expected: &Self::Digest, got: &Self::Digest, reason: Reason) -> Checked<Self, ()>;
    /// BLAKE3 of `own ‖ sibling`, or of `sibling ‖ own` where `own_is_right` is set.
    fn node(&mut self, own: &Self::Digest, sibling: &Self::Digest, own_is_right: &Self::Bit) -> Self::Digest;
    /// BLAKE3 of `left ‖ right`.
    fn pair(&mut self, left: &Self::Digest, right: &Self::Digest) -> Self::Digest;
    /// The digest at an index given by its bits, the lowest first; there are `2^bits` digests.
    fn entry(&mut self, digests: &Self::Cap, index: &[Self::Bit]) -> Self::Digest;
    /// Prepares digests for [`Ops::entry`]; their number is a power of two.
    fn cap(&mut self, digests: &[Self::Digest]) -> Self::Cap;
    /// BLAKE3 in `mode` of the items one after the other: elements as the four bytes of their
    /// Montgomery words, extension elements as five of them, digests as their bytes. Zeros are put
    /// before a digest until a multiple of 32 bytes is reached, and after the last item until one
    /// of `pad_to` bytes (32 or 64) is.
    fn hash(&mut self, mode: HashMode, items: &[Item<Self>], pad_to: usize) -> Self::Digest;
    /// BLAKE3 of a leaf: its elements' bytes, zero-padded to a multiple of 64.
    fn hash_row(&mut self, row: &Self::Row) -> Self::Digest;
    /// A digest's sixteen little-endian 16-bit limbs.
    fn limbs(&mut self, digest: &Self::Digest) -> Vec<Self::Ext>;
    /// A digest as four little-endian 64-bit words.
    fn words(&mut self, digest: &Self::Digest) -> [Self::Word; 4];
    /// The `count` lowest bits of a word, at most 32, the lowest first.
    fn word_bits(&mut self, word: &Self::Word, count: usize) -> Vec<Self::Bit>;
}

/// What the verifier of proofs ([`crate::multilinear`]) needs beside it.
pub trait MultilinearOps: Ops {
    /// BLAKE3 under `key` of the items as [`Ops::hash`] takes them, with zeros up to a positive
    /// multiple of 64 bytes.
    fn keyed_hash(&mut self, key: &Self::Digest, items: &[Item<Self>]) -> Self::Digest;
    /// The number of a row's elements.
    fn row_len(&self, row: &Self::Row) -> usize;
    /// The sum of `weights[i] * row[i]` over the elements that both have: the very elements that
    /// [`Ops::hash_row`] hashes.
    fn dot(&mut self, row: &Self::Row, weights: &[Self::Ext]) -> Self::Ext;
    /// The bits of a number below `2^count`, the lowest first. With at most 30 bits they are unique.
    ///
    /// # Errors
    ///
    /// If the element is none, as an element of the challenge field.
    fn bits(&mut self, value: &Self::Ext, count: usize, reason: Reason) -> Checked<Self, Vec<Self::Bit>>;
}

/// One part of a hashed message.
#[derive(Clone)]
pub enum Item<O: Ops> {
    /// A known element of the base field.
    Constant(F),
    /// An element of the base field; of a value with other coordinates only the first is hashed.
    Base(O::Ext),
    /// An element of the challenge field: [`tern_field::EXTENSION_DEGREE`] words.
    Ext(O::Ext),
    /// 32 bytes.
    Digest(O::Digest),
}

/// How BLAKE3 is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashMode {
    /// The plain hash.
    Plain,
    /// Key derivation with a context (BLAKE3 specification, section 2.3).
    DeriveKey(&'static str),
}
