//! ECDSA over secp256k1: the address that signed.
//!
//! Input: hash (32 bytes), r and s (64), recovery id (1). Output: the signer's public key (64), its
//! Ethereum address (20), and 1 if the signature verifies under the key. Where no key has this
//! signature, the run ends with exit code 1; with an input of another length, with 2.
#![cfg_attr(target_os = "none", no_std, no_main)]

use tern_guest::accelerators::{keccak256, secp256k1};
use tern_guest::{exit, read_input, write_output};

tern_guest::entry!(main);

fn main() -> Result<(), &'static str> {
    let Ok(input) = <&[u8; 97]>::try_from(read_input()) else { exit(2) };
    let (hash, signature) = (core::array::from_fn(|i| input[i]), core::array::from_fn(|i| input[32 + i]));
    let key = secp256k1::recover(&hash, &signature, input[96]).ok_or("no key has this signature")?;
    write_output(&key);
    write_output(&keccak256(&key)[12..]);
    write_output(&[u8::from(secp256k1::verify(&hash, &signature, &key))]);
    Ok(())
}
