//! Cryptography on the machine's accelerators, and natively the same in software.
//!
//! | here | what | computed on |
//! |---|---|---|
//! | [`keccak256`] | Keccak-256 | Keccak-f\[1600\] |
//! | [`sha256`] | SHA-256 | its compression function |
//! | [`ripemd160()`] | RIPEMD-160 | instructions |
//! | [`blake2`] | BLAKE2b's compression function | its round |
//! | [`modexp()`] | powers modulo any number | multiplication of 256 bits; instructions for longer numbers |
//! | [`secp256k1`], [`secp256r1`] | ECDSA: recovery, verification | multiplication of 256 bits |
//! | [`bn254`] | sums, multiples, pairings | multiplication of 256 bits |
//! | [`bls12_381`] | sums, multiples, pairings, maps, KZG openings | multiplication of 384 bits |
//! | [`mul_add_mod`], [`mul_add_mod_384`] | `(a * b + c) mod m` | itself |
//! | [`keccak_f1600`] | the permutation | itself |
//!
//! Numbers and coordinates are big-endian bytes and points affine, with zeros for infinity, except in the
//! last two rows: there numbers are little-endian dwords. `spec/machine.md` states the machine's calls.

pub mod blake2;
pub mod bls12_381;
pub mod bn254;
mod curve;
mod field;
pub(crate) mod keccak;
mod modexp;
mod power;
mod ripemd160;
pub mod secp256k1;
pub mod secp256r1;
pub mod sha256;
#[cfg_attr(target_os = "none", expect(dead_code, reason = "in the machine it only computes constants"))]
pub(crate) mod software;

pub use field::{mul_add_mod, mul_add_mod_384};
pub use keccak::{keccak_f1600, keccak256};
pub use modexp::modexp;
pub use ripemd160::ripemd160;
