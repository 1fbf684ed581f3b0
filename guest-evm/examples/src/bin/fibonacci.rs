//! A small guest: Fibonacci numbers modulo a prime, hashed.
//!
//! Input: a little-endian u32 `n`. Output: the `n`-th Fibonacci number modulo 2^255 - 19 as 32
//! little-endian bytes, then the Keccak-256 digest of those bytes. An input of another length is
//! refused with exit code 2.
#![cfg_attr(target_os = "none", no_std, no_main)]

use tern_guest::accelerators::{keccak256, mul_add_mod};
use tern_guest::{exit, read_input, write_output};

tern_guest::entry!(main);

const MODULUS: [u64; 4] = [u64::MAX - 18, u64::MAX, u64::MAX, u64::MAX >> 1];

fn main() {
    let Ok(n) = read_input().try_into().map(u32::from_le_bytes) else { exit(2) };
    let number = fibonacci(n).map(u64::to_le_bytes);
    let bytes = number.as_flattened();
    write_output(bytes);
    write_output(&keccak256(bytes));
}

/// `F(n) mod 2^255 - 19`, with `F(0) = 0` and `F(1) = 1`.
fn fibonacci(n: u32) -> [u64; 4] {
    let one = [1, 0, 0, 0];
    let (mut current, mut next) = ([0; 4], one);
    for _ in 0..n {
        let sum = mul_add_mod(&current, &one, &next, &MODULUS);
        (current, next) = (next, sum);
    }
    current
}
