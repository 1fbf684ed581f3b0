//! The fields and the memory-tree hash of Tern, the rounds of the Keccak permutation, and words that
//! may be numbers or names.
//!
//! Everything above this crate speaks of [`F`] and [`EF`], and hashes guest memory with
//! [`compress`] and [`hash_leaf`]. The crate is `no_std` and allocates nothing.

#![no_std]
#![forbid(unsafe_code)]

pub mod keccak;
pub mod poseidon2;
pub mod word;

use p3_baby_bear::BabyBear;
use p3_field::extension::BinomialExtensionField;

pub use poseidon2::{DIGEST_LEN, Digest, LEAF_LIMBS, compress, hash_leaf};

/// The base field: BabyBear, `p = 2^31 - 2^27 + 1`, two-adicity 27.
pub type F = BabyBear;

/// Degree of [`EF`] over [`F`].
pub const EXTENSION_DEGREE: usize = 5;

/// The challenge field, of 154.5 bits: degree 4 (123.6 bits) could not give 128 bits of security.
pub type EF = BinomialExtensionField<F, EXTENSION_DEGREE>;
