//! Cryptography on the machine's accelerators.

pub mod field;
pub mod keccak;
pub mod secp256k1;
pub mod software;
