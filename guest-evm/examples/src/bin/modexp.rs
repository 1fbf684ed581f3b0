//! A power modulo a number, with EIP-198's input and output.
//!
//! Input: the lengths of base, exponent and modulus (32 bytes each, big-endian), then the three
//! numbers. Output: the power in as many bytes as the modulus has. An input of another length than
//! its lengths say ends the run with exit code 2.
#![cfg_attr(target_os = "none", no_std, no_main)]

use tern_guest::accelerators::modexp;
use tern_guest::{exit, read_input, write_output};

tern_guest::entry!(main);

fn main() {
    let Some((base, exponent, modulus)) = operands(read_input()) else { exit(2) };
    write_output(&modexp(base, exponent, modulus));
}

fn operands(input: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (lengths, numbers) = input.split_at_checked(96)?;
    let (base, rest) = numbers.split_at_checked(length(&lengths[..32])?)?;
    let (exponent, modulus) = rest.split_at_checked(length(&lengths[32..64])?)?;
    (modulus.len() == length(&lengths[64..])?).then_some((base, exponent, modulus))
}

/// A big-endian number, if it has no more than 64 bits.
fn length(bytes: &[u8]) -> Option<usize> {
    let (zeros, number) = bytes.split_last_chunk::<8>()?;
    zeros.iter().all(|&byte| byte == 0).then_some(u64::from_be_bytes(*number) as usize)
}
