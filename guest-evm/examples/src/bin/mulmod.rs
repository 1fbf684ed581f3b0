//! `(a * b + c) mod m` of 256 and 384 bits.
//!
//! Input: a, b, c and m, each of 32 or each of 48 bytes, little-endian, with a, b and c below m.
//! Output: the number. Any other input ends the run with exit code 2.
#![cfg_attr(target_os = "none", no_std, no_main)]

use tern_guest::accelerators::{mul_add_mod, mul_add_mod_384};
use tern_guest::{exit, read_input, write_output};

tern_guest::entry!(main);

fn main() {
    let input = read_input();
    match input.len() {
        128 => {
            let [a, b, c, m] = numbers(input);
            write_output(mul_add_mod(&a, &b, &c, &m).map(u64::to_le_bytes).as_flattened());
        }
        192 => {
            let [a, b, c, m] = numbers(input);
            write_output(mul_add_mod_384(&a, &b, &c, &m).map(u64::to_le_bytes).as_flattened());
        }
        _ => exit(2),
    }
}

/// Four numbers of `N` dwords, if the first three are below the last.
fn numbers<const N: usize>(input: &[u8]) -> [[u64; N]; 4] {
    let word = |at: usize| u64::from_le_bytes(core::array::from_fn(|i| input[8 * at + i]));
    let numbers: [[u64; N]; 4] = core::array::from_fn(|i| core::array::from_fn(|k| word(N * i + k)));
    let is_below = |number: &[u64; N]| number.iter().rev().lt(numbers[3].iter().rev());
    if !numbers[..3].iter().all(is_below) {
        exit(2);
    }
    numbers
}
