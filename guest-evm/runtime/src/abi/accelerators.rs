//! The accelerators of the standards (`zkvm_accelerators.h`), all of them.
//!
//! Keccak-256, both ECDSA curves, bn254, BLS12-381 and powers modulo up to 256 bits are computed on the machine's environment
//! calls, the rest in software: no call of the machine serves it.
//!
//! Numbers and coordinates are big-endian, points are affine, zeros stand for infinity. Every function reads its operands
//! whole before it writes, so a result may take an operand's place. An operand that is no field element or no point of its group
//! gives [`Status::Fail`], and then nothing is written. A verification always succeeds: its answer is false where a
//! signature, key or commitment is malformed.
//!
//! # Safety
//!
//! Every pointer is to memory of its type, writable where it is mutable; `data`, `base`, `exp` and `modulus` are to as many
//! readable bytes as their length says, `pairs` to `num_pairs` readable pairs. (A null pointer ends the run: the machine
//! maps nothing there.)
#![expect(clippy::missing_safety_doc, reason = "the module states one contract for all functions")]

use alloc::vec::Vec;

use super::{Bytes, Status, slice};
use crate::accelerators::bls12_381::{self, G1Bytes, G2Bytes};
use crate::accelerators::{blake2, bn254, keccak, modexp, ripemd160, secp256k1, secp256r1, sha256};

/// `zkvm_bn254_pairing_pair`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Bn254Pair {
    pub g1: Bytes<64>,
    pub g2: Bytes<128>,
}

/// `zkvm_bls12_381_g1_msm_pair` and `zkvm_bls12_381_g2_msm_pair`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Bls12Term<const N: usize> {
    pub point: Bytes<N>,
    pub scalar: Bytes<32>,
}

/// `zkvm_bls12_381_pairing_pair`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Bls12Pair {
    pub g1: Bytes<96>,
    pub g2: Bytes<192>,
}

/// Keccak-256.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_keccak256(data: *const u8, len: usize, output: *mut Bytes<32>) -> Status {
    // SAFETY: the module's contract.
    unsafe { keccak::keccak256_to(data, len, output.cast()) };
    Status::Ok
}

/// SHA-256 (FIPS 180-4).
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_sha256(data: *const u8, len: usize, output: *mut Bytes<32>) -> Status {
    // SAFETY: the module's contract.
    unsafe { put(output, sha256::digest(slice(data, len))) }
}

/// RIPEMD-160: 12 zero bytes, then the digest.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_ripemd160(data: *const u8, len: usize, output: *mut Bytes<32>) -> Status {
    // SAFETY: the module's contract.
    let digest = ripemd160(unsafe { slice(data, len) });
    let padded = core::array::from_fn(|i| i.checked_sub(12).map_or(0, |at| digest[at]));
    // SAFETY: the module's contract.
    unsafe { put(output, padded) }
}

/// The compression function F of BLAKE2b (EIP-152): little-endian words, `rounds` a number, `f` 0 or 1.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_blake2f(rounds: u32, h: *mut Bytes<64>, m: *const Bytes<128>, t: *const Bytes<16>, f: u8) -> Status {
    if f > 1 {
        return Status::Fail;
    }
    // SAFETY: the module's contract.
    let (state, message, offset) = unsafe { (h.read(), m.read(), t.read()) };
    let mut state: [u64; 8] = words(&state.0);
    blake2::compress(rounds, &mut state, &words(&message.0), &words(&offset.0), f == 1);
    let mut bytes = [0; 64];
    bytes.as_chunks_mut().0.iter_mut().zip(state).for_each(|(bytes, word)| *bytes = word.to_le_bytes());
    // SAFETY: the module's contract.
    unsafe { put(h, bytes) }
}

/// `base^exp mod modulus` in `mod_len` bytes; zero for a modulus of zero (EIP-198).
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_modexp(
    base: *const u8,
    base_len: usize,
    exp: *const u8,
    exp_len: usize,
    modulus: *const u8,
    mod_len: usize,
    output: *mut u8,
) -> Status {
    // SAFETY: the module's contract.
    let (base, exp, modulus) = unsafe { (slice(base, base_len), slice(exp, exp_len), slice(modulus, mod_len)) };
    let power = modexp(base, exp, modulus);
    // SAFETY: `output` has room for as many bytes as the modulus has.
    unsafe { core::ptr::copy_nonoverlapping(power.as_ptr(), output, power.len()) };
    Status::Ok
}

/// Whether `sig` (r, s) signs `msg` under `pubkey` (x, y) over secp256k1; s may be high.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_secp256k1_verify(
    msg: *const Bytes<32>,
    sig: *const Bytes<64>,
    pubkey: *const Bytes<64>,
    verified: *mut bool,
) -> Status {
    // SAFETY: the module's contract.
    unsafe { answer(verified, secp256k1::verify(&(*msg).0, &(*sig).0, &(*pubkey).0)) }
}

/// The public key (x, y) that `sig` (r, s) of `msg` recovers to; `recid` is 0 to 3, s may be high.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_secp256k1_ecrecover(
    msg: *const Bytes<32>,
    sig: *const Bytes<64>,
    recid: u8,
    output: *mut Bytes<64>,
) -> Status {
    // SAFETY: the module's contract.
    unsafe { put_some(output, secp256k1::recover(&(*msg).0, &(*sig).0, recid)) }
}

/// Whether `sig` (r, s) signs `msg` under `pubkey` (x, y) over secp256r1; s may be high.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_secp256r1_verify(
    msg: *const Bytes<32>,
    sig: *const Bytes<64>,
    pubkey: *const Bytes<64>,
    verified: *mut bool,
) -> Status {
    // SAFETY: the module's contract.
    unsafe { answer(verified, secp256r1::verify(&(*msg).0, &(*sig).0, &(*pubkey).0)) }
}

/// The sum of two points of bn254 (EIP-196).
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_bn254_g1_add(p1: *const Bytes<64>, p2: *const Bytes<64>, result: *mut Bytes<64>) -> Status {
    // SAFETY: the module's contract.
    unsafe { put_some(result, bn254::add(&(*p1).0, &(*p2).0).ok()) }
}

/// A multiple of a point of bn254 by a scalar of any value (EIP-196).
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_bn254_g1_mul(point: *const Bytes<64>, scalar: *const Bytes<32>, result: *mut Bytes<64>) -> Status {
    // SAFETY: the module's contract.
    unsafe { put_some(result, bn254::multiply(&(*point).0, &(*scalar).0).ok()) }
}

/// Whether a product of pairings over bn254 is one (EIP-197: a coordinate of the twist is c1, then c0).
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_bn254_pairing(pairs: *const Bn254Pair, num_pairs: usize, verified: *mut bool) -> Status {
    // SAFETY: the module's contract.
    let pairs: Vec<(&[u8], &[u8])> = unsafe { slice(pairs, num_pairs) }.iter().map(|pair| (&pair.g1.0[..], &pair.g2.0[..])).collect();
    // SAFETY: the module's contract.
    unsafe { answer_some(verified, bn254::pairing_check(&pairs).ok()) }
}

/// Whether `proof` shows that the polynomial of `commitment` takes the value `y` at `z` (EIP-4844).
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_kzg_point_eval(
    commitment: *const Bytes<48>,
    z: *const Bytes<32>,
    y: *const Bytes<32>,
    proof: *const Bytes<48>,
    verified: *mut bool,
) -> Status {
    // SAFETY: the module's contract.
    unsafe { answer(verified, bls12_381::verify_kzg_proof(&(*z).0, &(*y).0, &(*commitment).0, &(*proof).0)) }
}

/// The sum of two points of G1 of BLS12-381; points of the curve outside the group are added too (EIP-2537).
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_bls12_g1_add(p1: *const Bytes<96>, p2: *const Bytes<96>, result: *mut Bytes<96>) -> Status {
    // SAFETY: the module's contract.
    unsafe { put_some(result, bls12_381::g1_add(&g1(&*p1), &g1(&*p2)).ok()) }
}

/// The sum of multiples of points of G1 (EIP-2537); infinity for no pair.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_bls12_g1_msm(pairs: *const Bls12Term<96>, num_pairs: usize, result: *mut Bytes<96>) -> Status {
    // SAFETY: the module's contract.
    let terms = unsafe { slice(pairs, num_pairs) }.iter().map(|term| (g1(&term.point), term.scalar.0));
    // SAFETY: the module's contract.
    unsafe { put_some(result, bls12_381::g1_msm(terms).ok()) }
}

/// The sum of two points of G2 of BLS12-381; points of the curve outside the group are added too (EIP-2537).
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_bls12_g2_add(p1: *const Bytes<192>, p2: *const Bytes<192>, result: *mut Bytes<192>) -> Status {
    // SAFETY: the module's contract.
    unsafe { put_some(result, bls12_381::g2_add(&g2(&*p1), &g2(&*p2)).ok()) }
}

/// The sum of multiples of points of G2 (EIP-2537); infinity for no pair.
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_bls12_g2_msm(pairs: *const Bls12Term<192>, num_pairs: usize, result: *mut Bytes<192>) -> Status {
    // SAFETY: the module's contract.
    let terms = unsafe { slice(pairs, num_pairs) }.iter().map(|term| (g2(&term.point), term.scalar.0));
    // SAFETY: the module's contract.
    unsafe { put_some(result, bls12_381::g2_msm(terms).ok()) }
}

/// Whether a product of pairings over BLS12-381 is one (EIP-2537).
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_bls12_pairing(pairs: *const Bls12Pair, num_pairs: usize, verified: *mut bool) -> Status {
    // SAFETY: the module's contract.
    let pairs: Vec<_> = unsafe { slice(pairs, num_pairs) }.iter().map(|pair| (g1(&pair.g1), g2(&pair.g2))).collect();
    // SAFETY: the module's contract.
    unsafe { answer_some(verified, bls12_381::pairing_check(&pairs).ok()) }
}

/// The point of G1 that a field element maps to (EIP-2537).
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_bls12_map_fp_to_g1(field_element: *const Bytes<48>, result: *mut Bytes<96>) -> Status {
    // SAFETY: the module's contract.
    unsafe { put_some(result, bls12_381::map_fp_to_g1(&(*field_element).0).ok()) }
}

/// The point of G2 that an element (c0, c1) of the quadratic extension maps to (EIP-2537).
#[cfg_attr(target_os = "none", unsafe(no_mangle))]
pub unsafe extern "C" fn zkvm_bls12_map_fp2_to_g2(field_element: *const Bytes<96>, result: *mut Bytes<192>) -> Status {
    // SAFETY: the module's contract.
    unsafe { put_some(result, bls12_381::map_fp2_to_g2(&g1(&*field_element)).ok()) }
}

/// Two numbers of 48 bytes: the coordinates of a point of G1.
fn g1(point: &Bytes<96>) -> G1Bytes {
    (part(&point.0, 0), part(&point.0, 1))
}

/// The coordinates of a point of G2: x.c0, x.c1, y.c0, y.c1.
fn g2(point: &Bytes<192>) -> G2Bytes {
    (part(&point.0, 0), part(&point.0, 1), part(&point.0, 2), part(&point.0, 3))
}

fn part(bytes: &[u8], index: usize) -> [u8; 48] {
    core::array::from_fn(|i| bytes[48 * index + i])
}

/// Little-endian words.
fn words<const N: usize>(bytes: &[u8]) -> [u64; N] {
    core::array::from_fn(|i| u64::from_le_bytes(core::array::from_fn(|k| bytes[8 * i + k])))
}

/// # Safety
///
/// `place` is writable.
unsafe fn put<const N: usize>(place: *mut Bytes<N>, bytes: [u8; N]) -> Status {
    // SAFETY: promised by the caller.
    unsafe { place.write(Bytes(bytes)) };
    Status::Ok
}

/// # Safety
///
/// `place` is writable.
unsafe fn put_some<const N: usize>(place: *mut Bytes<N>, bytes: Option<[u8; N]>) -> Status {
    match bytes {
        // SAFETY: promised by the caller.
        Some(bytes) => unsafe { put(place, bytes) },
        None => Status::Fail,
    }
}

/// # Safety
///
/// `place` is writable.
unsafe fn answer(place: *mut bool, value: bool) -> Status {
    // SAFETY: promised by the caller.
    unsafe { place.write(value) };
    Status::Ok
}

/// # Safety
///
/// `place` is writable.
unsafe fn answer_some(place: *mut bool, value: Option<bool>) -> Status {
    match value {
        // SAFETY: promised by the caller.
        Some(value) => unsafe { answer(place, value) },
        None => Status::Fail,
    }
}
