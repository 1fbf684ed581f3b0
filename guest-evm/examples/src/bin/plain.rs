//! Two plain programs to measure the machine by: neither uses an accelerator.
//!
//! Input: a byte, then a little-endian u32 `n`. With 0, output is the `n`-th Fibonacci number
//! modulo 7919, a little-endian u32; with 1, the digest that SHA-256 makes of 32 zero bytes when it
//! is applied `n` times. Any other input is refused with exit code 2.
#![cfg_attr(target_os = "none", no_std, no_main)]

use sha2::{Digest, Sha256};
use tern_guest::{exit, read_input, write_output};

tern_guest::entry!(main);

fn main() {
    let Some((kind, Ok(n))) = read_input().split_first().map(|(kind, rest)| (*kind, rest.try_into().map(u32::from_le_bytes))) else {
        exit(2)
    };
    match kind {
        0 => write_output(&fibonacci(n).to_le_bytes()),
        1 => write_output(&chain(n)),
        _ => exit(2),
    }
}

/// `F(n) mod 7919`, with `F(0) = 0` and `F(1) = 1`.
fn fibonacci(n: u32) -> u32 {
    let (mut current, mut next) = (0, 1);
    for _ in 0..n {
        (current, next) = (next, (current + next) % 7919);
    }
    current
}

/// SHA-256 of 32 zero bytes, of that digest, and so on.
fn chain(n: u32) -> [u8; 32] {
    (0..n).fold([0; 32], |digest, _| Sha256::digest(digest).into())
}
