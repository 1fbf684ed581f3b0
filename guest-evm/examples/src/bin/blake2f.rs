//! The compression function of BLAKE2b, with EIP-152's input and output.
//!
//! Input: rounds (4 bytes, big-endian), h (64), m (128), t (16), all of them little-endian words,
//! and f, 0 or 1. Output: h after the rounds. Any other input ends the run with exit code 2.
#![cfg_attr(target_os = "none", no_std, no_main)]

use tern_guest::accelerators::blake2;
use tern_guest::{exit, read_input, write_output};

tern_guest::entry!(main);

fn main() {
    let Ok(input) = <&[u8; 213]>::try_from(read_input()) else { exit(2) };
    let (rounds, words) = input.split_at(4);
    let last = match input[212] {
        0 => false,
        1 => true,
        _ => exit(2),
    };
    let rounds = u32::from_be_bytes(core::array::from_fn(|i| rounds[i]));
    let word = |at: usize| u64::from_le_bytes(core::array::from_fn(|i| words[8 * at + i]));
    let mut h = core::array::from_fn(word);
    let (m, t) = (core::array::from_fn(|i| word(8 + i)), core::array::from_fn(|i| word(24 + i)));
    blake2::compress(rounds, &mut h, &m, &t, last);
    write_output(h.map(u64::to_le_bytes).as_flattened());
}
