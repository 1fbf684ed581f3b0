//! Cryptography on the machine's accelerators.

pub mod bn254;
pub mod field;
pub mod keccak;
pub mod modexp;
pub mod secp256k1;
pub mod software;
