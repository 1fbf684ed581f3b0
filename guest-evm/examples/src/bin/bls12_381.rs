//! The curve BLS12-381: an operation's number, then its operands, which are EIP-2537's without the
//! padding to 64 bytes.
//!
//! | number | operands | output |
//! |---|---|---|
//! | 0, 1 | two points of G1, of G2 | their sum |
//! | 2, 3 | points of G1, of G2, each with a scalar | the sum of the multiples |
//! | 4 | pairs of a point of G1 and one of G2 | 1 if the product of the pairings is one, else 0 |
//! | 5, 6 | an element of the base field, of its quadratic extension | the point of G1, of G2, that it maps to |
//!
//! Where bytes are no operands, the run ends with exit code 1.
#![cfg_attr(target_os = "none", no_std, no_main)]

extern crate alloc;

use alloc::vec::Vec;

use tern_guest::accelerators::bls12_381::{
    Bls12Error, G1Bytes, G2Bytes, g1_add, g1_msm, g2_add, g2_msm, map_fp_to_g1, map_fp2_to_g2, pairing_check,
};
use tern_guest::{exit, read_input, write_output};

tern_guest::entry!(main);

fn main() -> Result<(), Bls12Error> {
    let Some((operation, operands)) = read_input().split_first() else { exit(2) };
    match (operation, operands.len()) {
        (0, 192) => write_output(&g1_add(&g1(operands), &g1(&operands[96..]))?),
        (1, 384) => write_output(&g2_add(&g2(operands), &g2(&operands[192..]))?),
        (2, length) if length % 128 == 0 => write_output(&g1_msm(operands.chunks_exact(128).map(|term| (g1(term), scalar(&term[96..]))))?),
        (3, length) if length % 224 == 0 => write_output(&g2_msm(operands.chunks_exact(224).map(|term| (g2(term), scalar(&term[192..]))))?),
        (4, length) if length % 288 == 0 => {
            let pairs: Vec<_> = operands.chunks_exact(288).map(|pair| (g1(pair), g2(&pair[96..]))).collect();
            write_output(&[u8::from(pairing_check(&pairs)?)]);
        }
        (5, 48) => write_output(&map_fp_to_g1(&element(operands, 0))?),
        (6, 96) => write_output(&map_fp2_to_g2(&(element(operands, 0), element(operands, 1)))?),
        _ => exit(2),
    }
    Ok(())
}

fn g1(bytes: &[u8]) -> G1Bytes {
    (element(bytes, 0), element(bytes, 1))
}

fn g2(bytes: &[u8]) -> G2Bytes {
    (element(bytes, 0), element(bytes, 1), element(bytes, 2), element(bytes, 3))
}

fn element(bytes: &[u8], index: usize) -> [u8; 48] {
    core::array::from_fn(|i| bytes[48 * index + i])
}

fn scalar(bytes: &[u8]) -> [u8; 32] {
    core::array::from_fn(|i| bytes[i])
}
