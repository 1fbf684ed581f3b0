//! The verifier's operations on values: the standalone verifier.

use alloc::vec::Vec;

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing, PrimeField32};
use tern_field::{EF, F};
use tern_fri::hash::{DIGEST_BYTES, Digest, element_bytes};
use thiserror::Error;

use crate::ops::{Checked, HashMode, Item, MultilinearOps, Ops};
use crate::reason::Reason;

/// Bytes of a BLAKE3 block, the unit in which leaves are padded.
const BLOCK_BYTES: usize = 64;

/// Runs the verifier on values.
#[derive(Clone, Copy, Debug, Default)]
pub struct Native;

/// A claim that does not hold, with what was expected and what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Failure {
    /// Two elements differ.
    #[error("{reason}: expected {expected}, got {got}")]
    Element {
        /// The claim.
        reason: Reason,
        /// What it asks for.
        expected: EF,
        /// What the proof gives.
        got: EF,
    },
    /// Two digests differ.
    #[error("{reason}: expected digest {expected:02x?}, got {got:02x?}")]
    Digest {
        /// The claim.
        reason: Reason,
        /// What it asks for.
        expected: Digest,
        /// What the proof gives.
        got: Digest,
    },
    /// An element is neither zero nor one.
    #[error("{reason}: expected 0 or 1, got {got}")]
    Bit {
        /// The claim.
        reason: Reason,
        /// What the proof gives.
        got: EF,
    },
    /// An element is zero.
    #[error("{reason}: expected another element than 0")]
    Zero {
        /// The claim.
        reason: Reason,
    },
}

impl Failure {
    /// The claim that does not hold.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Element { reason, .. } | Self::Digest { reason, .. } | Self::Bit { reason, .. } | Self::Zero { reason } => *reason,
        }
    }
}

#[expect(
    clippy::arithmetic_side_effects,
    reason = "field arithmetic has no overflow and no failing operator but division, which is not used"
)]
impl Ops for Native {
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
        b.try_inverse().map(|inverse| *a * inverse).ok_or(Failure::Zero { reason })
    }

    fn assert_equal(&mut self, expected: &EF, got: &EF, reason: Reason) -> Checked<Self, ()> {
        if expected == got { Ok(()) } else { Err(Failure::Element { reason, expected: *expected, got: *got }) }
    }

    fn bit_value(&mut self, bit: &bool) -> EF {
        EF::from_bool(*bit)
    }

    fn select(&mut self, bit: &bool, zero: &EF, one: &EF) -> EF {
        if *bit { *one } else { *zero }
    }

    fn assert_bit(&mut self, value: &EF, reason: Reason) -> Checked<Self, bool> {
        match *value {
            EF::ZERO => Ok(false),
            EF::ONE => Ok(true),
            got => Err(Failure::Bit { reason, got }),
        }
    }

    fn constant_digest(&mut self, value: Digest) -> Digest {
        value
    }

    fn assert_same(&mut self, expected: &Digest, got: &Digest, reason: Reason) -> Checked<Self, ()> {
        if expected == got { Ok(()) } else { Err(Failure::Digest { reason, expected: *expected, got: *got }) }
    }

    fn node(&mut self, own: &Digest, sibling: &Digest, own_is_right: &bool) -> Digest {
        if *own_is_right { self.pair(sibling, own) } else { self.pair(own, sibling) }
    }

    fn pair(&mut self, left: &Digest, right: &Digest) -> Digest {
        blake3::hash([*left, *right].as_flattened()).into()
    }

    /// Zeros if there is no such digest, which the callers exclude: they give as many as the bits
    /// tell apart.
    fn entry(&mut self, digests: &Vec<Digest>, index: &[bool]) -> Digest {
        digests.get(number(index)).copied().unwrap_or([0; DIGEST_BYTES])
    }

    fn cap(&mut self, digests: &[Digest]) -> Vec<Digest> {
        digests.to_vec()
    }

    fn hash(&mut self, mode: HashMode, items: &[Item<Self>], pad_to: usize) -> Digest {
        let mut hasher = match mode {
            HashMode::Plain => blake3::Hasher::new(),
            HashMode::DeriveKey(context) => blake3::Hasher::new_derive_key(context),
        };
        let mut message = layout(items);
        message.resize(message.len().next_multiple_of(pad_to), 0);
        hasher.update(&message);
        hasher.finalize().into()
    }

    fn hash_row(&mut self, row: &Vec<F>) -> Digest {
        let mut message: Vec<u8> = row.iter().flat_map(|value| element_bytes(*value)).collect();
        message.resize(message.len().next_multiple_of(BLOCK_BYTES), 0);
        blake3::hash(&message).into()
    }

    fn limbs(&mut self, digest: &Digest) -> Vec<EF> {
        digest.as_chunks().0.iter().map(|bytes| F::from_u16(u16::from_le_bytes(*bytes)).into()).collect()
    }

    fn words(&mut self, digest: &Digest) -> [u64; 4] {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(digest.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        words
    }

    fn word_bits(&mut self, word: &u64, count: usize) -> Vec<bool> {
        let mut rest = *word;
        let bit = |_| {
            let bit = rest & 1 == 1;
            rest >>= 1_u32;
            bit
        };
        (0..count).map(bit).collect()
    }
}

#[expect(clippy::arithmetic_side_effects, reason = "as above")]
impl MultilinearOps for Native {
    fn keyed_hash(&mut self, key: &Digest, items: &[Item<Self>]) -> Digest {
        let mut message = layout(items);
        message.resize(message.len().next_multiple_of(BLOCK_BYTES).max(BLOCK_BYTES), 0);
        blake3::keyed_hash(key, &message).into()
    }

    fn row_len(&self, row: &Vec<F>) -> usize {
        row.len()
    }

    fn dot(&mut self, row: &Vec<F>, weights: &[EF]) -> EF {
        row.iter().zip(weights).map(|(value, weight)| *weight * *value).sum()
    }

    fn bits(&mut self, value: &EF, count: usize, reason: Reason) -> Checked<Self, Vec<bool>> {
        let mut rest = value.as_basis_coefficients_slice().first().map_or(0, F::as_canonical_u32);
        let mut bit = |_| {
            let bit = rest & 1 == 1;
            rest >>= 1_u32;
            bit
        };
        let bits: Vec<bool> = (0..count).map(&mut bit).collect();
        let expected = EF::from_usize(number(&bits));
        if *value == expected { Ok(bits) } else { Err(Failure::Element { reason, expected, got: *value }) }
    }
}

/// The bytes of items one after the other, digests at multiples of 32.
fn layout(items: &[Item<Native>]) -> Vec<u8> {
    let mut message: Vec<u8> = Vec::new();
    for item in items {
        match item {
            Item::Constant(value) => message.extend_from_slice(&element_bytes(*value)),
            Item::Base(value) => message.extend(value.as_basis_coefficients_slice().iter().take(1).flat_map(|value| element_bytes(*value))),
            Item::Ext(value) => message.extend(value.as_basis_coefficients_slice().iter().flat_map(|value| element_bytes(*value))),
            Item::Digest(digest) => {
                message.resize(message.len().next_multiple_of(DIGEST_BYTES), 0);
                message.extend_from_slice(digest);
            }
        }
    }
    message
}

/// The number with these bits, the lowest first.
pub(crate) fn number(bits: &[bool]) -> usize {
    bits.iter().rev().fold(0_usize, |number, bit| number.wrapping_shl(1) | usize::from(*bit))
}
