//! The curve bn254, with the inputs of EIP-196 and EIP-197.
//!
//! Input: 0 and two points, 1 and a point and a scalar, or 2 and pairs of a point and a point of
//! the twist. Output: the sum, the multiple, or 1 if the product of the pairings is one and 0 if
//! not. Where bytes are no points, the run ends with exit code 1.
#![cfg_attr(target_os = "none", no_std, no_main)]

extern crate alloc;

use alloc::vec::Vec;

use tern_guest::accelerators::bn254::{Bn254Error, add, multiply, pairing_check};
use tern_guest::{exit, read_input, write_output};

tern_guest::entry!(main);

const PAIR_BYTES: usize = 192;

fn main() -> Result<(), Bn254Error> {
    match read_input() {
        [0, points @ ..] if points.len() == 128 => write_output(&add(&points[..64], &points[64..])?),
        [1, point @ ..] if point.len() == 96 => write_output(&multiply(&point[..64], &point[64..])?),
        [2, pairs @ ..] if pairs.len().is_multiple_of(PAIR_BYTES) => {
            let pairs: Vec<_> = pairs.chunks_exact(PAIR_BYTES).map(|pair| pair.split_at(64)).collect();
            write_output(&[u8::from(pairing_check(&pairs)?)]);
        }
        _ => exit(2),
    }
    Ok(())
}
