//! ECDSA over secp256r1, with EIP-7951's input.
//!
//! Input: hash (32 bytes), r and s (64), the public key's x and y (64). Output: 1 if the signature
//! verifies, else 0. An input of another length ends the run with exit code 2.
#![cfg_attr(target_os = "none", no_std, no_main)]

use tern_guest::accelerators::secp256r1;
use tern_guest::{exit, read_input, write_output};

tern_guest::entry!(main);

fn main() {
    let Ok(input) = <&[u8; 160]>::try_from(read_input()) else { exit(2) };
    let hash = core::array::from_fn(|i| input[i]);
    let [signature, key] = [32, 96].map(|from| core::array::from_fn(|i| input[from + i]));
    write_output(&[u8::from(secp256r1::verify(&hash, &signature, &key))]);
}
