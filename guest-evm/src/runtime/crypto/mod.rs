//! Cryptography on the machine's accelerators.

pub mod blake2;
pub mod bls12_381;
pub mod bn254;
mod curve;
pub mod field;
pub mod keccak;
pub mod modexp;
pub mod p256;
mod power;
pub mod secp256k1;
pub mod sha256;
pub mod software;
