//! Evaluation of a committed polynomial at a point, with EIP-4844's input.
//!
//! Input: versioned hash (32 bytes), z (32), y (32), commitment (48), proof (48). Output: 1 if the
//! hash is the commitment's and the polynomial takes the value y at z, else 0. An input of another
//! length ends the run with exit code 2.
#![cfg_attr(target_os = "none", no_std, no_main)]

use tern_guest::accelerators::{bls12_381, sha256};
use tern_guest::{exit, read_input, write_output};

tern_guest::entry!(main);

fn main() {
    let Ok(input) = <&[u8; 192]>::try_from(read_input()) else { exit(2) };
    let [z, y] = [32, 64].map(|from| core::array::from_fn(|i| input[from + i]));
    let [commitment, proof] = [96, 144].map(|from| core::array::from_fn(|i| input[from + i]));
    let mut hash = sha256::digest(&commitment);
    hash[0] = 1;
    let is_shown = hash == input[..32] && bls12_381::verify_kzg_proof(&z, &y, &commitment, &proof);
    write_output(&[u8::from(is_shown)]);
}
