//! A guest that checks the runtime inside the machine: memory functions, heap, accelerators,
//! signatures.
//!
//! Input: cases for signature recovery, each of hash (32 bytes), r and s (64), recovery id (1),
//! whether a key exists (1), and the key (64). Output: the digest of the input, and one over
//! digests of every length. A failed check panics.
#![cfg_attr(target_os = "none", no_std, no_main)]

extern crate alloc;

use alloc::vec::Vec;

use tern_guest::abi::tern_mulmod384;
use tern_guest::accelerators::{blake2, bls12_381, bn254, keccak256, mul_add_mod, secp256k1, secp256r1, sha256};
use tern_guest::{cycle_scope, read_input, write_output};

tern_guest::entry!(main);

const CASE_BYTES: usize = 162;

/// The twist's generator (EIP-197).
#[rustfmt::skip]
const G2: [u8; 128] = [
    0x19, 0x8e, 0x93, 0x93, 0x92, 0x0d, 0x48, 0x3a, 0x72, 0x60, 0xbf, 0xb7, 0x31, 0xfb, 0x5d, 0x25,
    0xf1, 0xaa, 0x49, 0x33, 0x35, 0xa9, 0xe7, 0x12, 0x97, 0xe4, 0x85, 0xb7, 0xae, 0xf3, 0x12, 0xc2,
    0x18, 0x00, 0xde, 0xef, 0x12, 0x1f, 0x1e, 0x76, 0x42, 0x6a, 0x00, 0x66, 0x5e, 0x5c, 0x44, 0x79,
    0x67, 0x43, 0x22, 0xd4, 0xf7, 0x5e, 0xda, 0xdd, 0x46, 0xde, 0xbd, 0x5c, 0xd9, 0x92, 0xf6, 0xed,
    0x09, 0x06, 0x89, 0xd0, 0x58, 0x5f, 0xf0, 0x75, 0xec, 0x9e, 0x99, 0xad, 0x69, 0x0c, 0x33, 0x95,
    0xbc, 0x4b, 0x31, 0x33, 0x70, 0xb3, 0x8e, 0xf3, 0x55, 0xac, 0xda, 0xdc, 0xd1, 0x22, 0x97, 0x5b,
    0x12, 0xc8, 0x5e, 0xa5, 0xdb, 0x8c, 0x6d, 0xeb, 0x4a, 0xab, 0x71, 0x80, 0x8d, 0xcb, 0x40, 0x8f,
    0xe3, 0xd1, 0xe7, 0x69, 0x0c, 0x43, 0xd3, 0x7b, 0x4c, 0xe6, 0xcc, 0x01, 0x66, 0xfa, 0x7d, 0xaa,
];

/// A secp256r1 signature of 32 bytes 0x5a, and its key.
#[rustfmt::skip]
const P256_SIGNATURE: [u8; 64] = [
    0x88, 0x74, 0xc6, 0x0e, 0x08, 0xb0, 0xce, 0xe6, 0x24, 0x98, 0xd7, 0xc1, 0x36, 0x25, 0x1d, 0x95,
    0xe6, 0xaf, 0x9a, 0xa8, 0x11, 0xd9, 0xe6, 0x1a, 0x89, 0x62, 0xa1, 0xc5, 0x81, 0xc1, 0x83, 0x2b,
    0x3c, 0xf9, 0xc3, 0xa7, 0xf1, 0x15, 0x6c, 0x17, 0x5d, 0x3a, 0x8b, 0x58, 0xb3, 0x9c, 0xcb, 0x13,
    0x0f, 0x67, 0x0d, 0x24, 0x56, 0xda, 0x20, 0x8c, 0xc0, 0xd6, 0x49, 0x8b, 0x8f, 0xa1, 0x87, 0x72,
];
#[rustfmt::skip]
const P256_KEY: [u8; 64] = [
    0xa4, 0x6e, 0xb4, 0x9a, 0x62, 0xdf, 0xa0, 0x7e, 0x79, 0x13, 0xc5, 0x32, 0x03, 0xb4, 0xf1, 0x1e,
    0xa1, 0x00, 0x80, 0xba, 0x5c, 0x21, 0xa2, 0x4c, 0x41, 0x81, 0x59, 0x62, 0xaf, 0xbd, 0xcd, 0x18,
    0xe4, 0x86, 0x06, 0x7d, 0x4c, 0xf2, 0x60, 0x4f, 0x26, 0x8a, 0x84, 0x7d, 0x4d, 0xf1, 0xcd, 0xfd,
    0x97, 0x96, 0x4d, 0xc5, 0x2b, 0x6d, 0x04, 0x1d, 0x8b, 0x20, 0x93, 0x26, 0xdb, 0x68, 0x17, 0xf8,
];

/// What [`check_sha256`] ends with.
#[rustfmt::skip]
const SHA256_CHAIN: [u8; 32] = [
    0xf0, 0xf1, 0xc8, 0xf7, 0xff, 0xae, 0xae, 0x51, 0x33, 0x7e, 0x53, 0x04, 0xc3, 0x55, 0x1b, 0x26,
    0xcc, 0x30, 0xd8, 0x90, 0xea, 0x34, 0xfb, 0x90, 0x88, 0x88, 0x10, 0x3e, 0x32, 0x1e, 0x58, 0x33,
];

const KZG_COMMITMENT: &str = "8f59a8d2a1a625a17f3fea0fe5eb8c896db3764f3185481bc22f91b4aaffcca25f26936857bc3a7c2539ea8ec3a952b7";
const KZG_POINT: &str = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000";
const KZG_VALUE: &str = "1522a4a7f34e1ea350ae07c29c96c7e79655aa926122e95fe69fcbd932ca49e9";
const KZG_PROOF: &str = "a62ad71d14c5719385c0686f1871430475bf3a00f0aa3f7b8dd99a9abc2160744faf0070725e00b60ad9a026a15b1a8c";
/// One less than the order of the groups of BLS12-381.
const BLS12_MINUS_ONE: &str = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000";

fn main() {
    let input = read_input();
    write_output(&cycle_scope("keccak of the input", || keccak256(input)));
    cycle_scope("memory", check_memory_functions);
    cycle_scope("heap", check_heap);
    write_output(&cycle_scope("keccak of every length", || keccak_chain(input)));
    cycle_scope("keccak of 136 bytes", || core::hint::black_box(keccak256(&[7; 136])));
    cycle_scope("keccak of 32 bytes", || core::hint::black_box(keccak256(&[7; 32])));
    check_mulmod();
    check_mulmod384();
    check_sha256();
    check_blake2();
    check_pairing();
    check_bls12();
    assert!(cycle_scope("p256 verification", || secp256r1::verify(&[0x5a; 32], &P256_SIGNATURE, &P256_KEY)));
    assert!(!secp256r1::verify(&[0x5b; 32], &P256_SIGNATURE, &P256_KEY));
    assert_eq!(input.len() % CASE_BYTES, 0, "the input is not whole cases");
    for case in input.chunks_exact(CASE_BYTES) {
        check_recovery(case);
    }
}

/// A digest over digests of every length up to more than two blocks, at every alignment.
fn keccak_chain(input: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    let mut bytes: Vec<u8> = (0..320).map(|i| input.get(i).copied().unwrap_or(i as u8)).collect();
    for length in 0..=300 {
        let start = length % 8;
        digest = keccak256(&bytes[start..start + length]);
        bytes[..32].copy_from_slice(&digest);
    }
    digest
}

fn check_recovery(case: &[u8]) {
    let hash: &[u8; 32] = case[..32].try_into().expect("32 bytes");
    let r_s: &[u8; 64] = case[32..96].try_into().expect("64 bytes");
    let expected: Option<[u8; 64]> = (case[97] != 0).then(|| case[98..].try_into().expect("64 bytes"));
    let got = cycle_scope("recover", || secp256k1::recover(hash, r_s, case[96]));
    assert_eq!(got, expected);
}

/// Generators, of which one is negated, cancel; and a multiple agrees with a sum.
fn check_pairing() {
    let number = |value: u8| core::array::from_fn::<u8, 32, _>(|i| if i == 31 { value } else { 0 });
    let p = [number(1), number(2)].concat();
    let minus_y: [u8; 32] = *b"\x30\x64\x4e\x72\xe1\x31\xa0\x29\xb8\x50\x45\xb6\x81\x81\x58\x5d\
        \x97\x81\x6a\x91\x68\x71\xca\x8d\x3c\x20\x8c\x16\xd8\x7c\xfd\x45";
    let minus_p = [number(1), minus_y].concat();
    let twice = cycle_scope("bn254 addition", || bn254::add(&p, &p));
    assert_eq!(twice, cycle_scope("bn254 multiplication", || bn254::multiply(&p, &number(2))));
    let full = cycle_scope("bn254 multiplication by 256 bits", || bn254::multiply(&p, &[0xff; 32]));
    assert!(full.is_ok_and(|point| point != [0; 64]));
    let pairs = [(&p[..], &G2[..]), (&minus_p[..], &G2[..])];
    assert_eq!(cycle_scope("bn254 pairing of two pairs", || bn254::pairing_check(&pairs)), Ok(true));
    assert_eq!(bn254::pairing_check(&[pairs[0], pairs[0]]), Ok(false));
}

/// A point evaluation of the official vectors (`verify_kzg_proof_case_correct_proof_4_4`), and sums
/// against multiples.
fn check_bls12() {
    let proof = [&hex::<32>(KZG_POINT), &hex::<32>(KZG_VALUE)];
    let (commitment, opening) = (hex::<48>(KZG_COMMITMENT), hex::<48>(KZG_PROOF));
    assert!(cycle_scope("point evaluation", || bls12_381::verify_kzg_proof(proof[0], proof[1], &commitment, &opening)));
    assert!(!bls12_381::verify_kzg_proof(proof[1], proof[0], &commitment, &opening));

    let part = |bytes: &[u8], at: usize| core::array::from_fn::<u8, 48, _>(|i| bytes[48 * at + i]);
    let g1 = |bytes: [u8; 96]| (part(&bytes, 0), part(&bytes, 1));
    let g2 = |bytes: [u8; 192]| (part(&bytes, 0), part(&bytes, 1), part(&bytes, 2), part(&bytes, 3));
    let p = g1(cycle_scope("bls12 map to g1", || bls12_381::map_fp_to_g1(&[1; 48])).expect("an element"));
    let q = g2(cycle_scope("bls12 map to g2", || bls12_381::map_fp2_to_g2(&([1; 48], [2; 48]))).expect("an element"));
    // Twice the point, and its negative.
    let scalars = [hex::<32>("0000000000000000000000000000000000000000000000000000000000000002"), hex(BLS12_MINUS_ONE)];
    let g1_term = |scalar| core::iter::once((p, scalar));
    let g2_term = |scalar| core::iter::once((q, scalar));
    let [twice, minus] = scalars.map(|scalar| cycle_scope("bls12 g1 multiplication", || bls12_381::g1_msm(g1_term(scalar))));
    assert_eq!(twice, cycle_scope("bls12 g1 addition", || bls12_381::g1_add(&p, &p)));
    let minus = g1(minus.expect("a point"));
    assert_eq!(bls12_381::g1_add(&p, &minus), Ok([0; 96]));
    let [twice, minus_q] = scalars.map(|scalar| cycle_scope("bls12 g2 multiplication", || bls12_381::g2_msm(g2_term(scalar))));
    assert_eq!(twice, cycle_scope("bls12 g2 addition", || bls12_381::g2_add(&q, &q)));
    assert_eq!(bls12_381::g2_add(&q, &g2(minus_q.expect("a point"))), Ok([0; 192]));
    assert_eq!(cycle_scope("bls12 pairing of two pairs", || bls12_381::pairing_check(&[(p, q), (minus, q)])), Ok(true));
    assert_eq!(bls12_381::pairing_check(&[(p, q), (p, q)]), Ok(false));
}

/// Bytes from hexadecimal digits.
fn hex<const N: usize>(digits: &str) -> [u8; N] {
    let digit = |at: usize| (digits.as_bytes()[at] as char).to_digit(16).expect("a digit") as u8;
    core::array::from_fn(|i| digit(2 * i) << 4 | digit(2 * i + 1))
}

/// Every length around the unrolled loops, at every alignment, against loops over bytes.
fn check_memory_functions() {
    let source: Vec<u8> = (0..400u32).map(|i| (i * 97 + 13) as u8).collect();
    let lengths = (0..=34).chain([63, 64, 65, 71, 72, 73, 95, 96, 97, 127, 128, 129, 191, 192, 200, 257]);
    for length in lengths {
        for (from, to) in [(0, 0), (0, 1), (1, 0), (3, 5), (5, 3), (8, 4)] {
            let mut target = [0xa5u8; 300];
            target[to..to + length].copy_from_slice(core::hint::black_box(&source[from..from + length]));
            check_bytes(&target, |i| if i >= to && i < to + length { source[from + i - to] } else { 0xa5 });

            target[to..to + length].fill(core::hint::black_box(0x3c));
            check_bytes(&target, |i| if i >= to && i < to + length { 0x3c } else { 0xa5 });

            // Overlapping, both ways.
            let mut moved = source.clone();
            moved.copy_within(from..from + length, to);
            check_bytes(&moved, |i| if i >= to && i < to + length { source[from + i - to] } else { source[i] });
            check_comparison(&source[from..from + length]);
        }
    }
}

fn check_bytes(bytes: &[u8], expected: impl Fn(usize) -> u8) {
    assert!((0..bytes.len()).all(|i| bytes[i] == expected(i)), "a memory function is wrong");
}

/// Order by the first difference, wherever it lies.
fn check_comparison(bytes: &[u8]) {
    let mut other = bytes.to_vec();
    assert!(core::hint::black_box(&other[..]) == bytes);
    for at in [0, 1, 7, 8, 9, bytes.len() / 2, bytes.len().wrapping_sub(1)] {
        let Some(byte) = other.get_mut(at) else { continue };
        *byte = byte.wrapping_add(1);
        let order = other[at].cmp(&bytes[at]);
        assert_eq!(core::hint::black_box(&other[..]).cmp(bytes), order);
        assert!(core::hint::black_box(&other[..]) != bytes);
        other[at] = bytes[at];
    }
}

/// Blocks keep their contents while others come, grow and go.
fn check_heap() {
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    for round in 0..120usize {
        let mut block = Vec::with_capacity(round * 37 % 3000);
        block.resize(round * 53 % 5000, round as u8);
        blocks.push(block);
        if round % 3 == 0 {
            let at = round * 7 % blocks.len();
            blocks.swap_remove(at);
        }
        let zeroed = alloc::vec![0u8; round * 29 % 2500];
        assert!(zeroed.iter().all(|&byte| byte == 0), "a zeroed block is not zero");
    }
    for block in &blocks {
        assert!(block.iter().all(|&byte| byte == block[0]), "a block was overwritten");
    }
}

/// Published digests, a pair's, and a chain over every length at every alignment (Python's
/// `hashlib`).
fn check_sha256() {
    let abc =
        b"\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a\x9c\xb4\x10\xff\x61\xf2\x00\x15\xad";
    assert_eq!(sha256::digest(core::hint::black_box(b"abc")), *abc);
    let bytes: Vec<u8> = (0..320u32).map(|i| (i * 97 + 13) as u8).collect();
    let chain = cycle_scope("sha256 of every length", || {
        (0..=300).fold([0; 32], |digest, length| sha256::digest_pair(&digest, &sha256::digest(&bytes[length % 8..length % 8 + length])))
    });
    assert_eq!(chain, SHA256_CHAIN);
    let long = alloc::vec![7; 64 * 100];
    cycle_scope("sha256 of 100 blocks", || core::hint::black_box(sha256::digest(&long)));
    cycle_scope("sha256 of a pair", || core::hint::black_box(sha256::digest_pair(&[7; 32], abc)));
}

/// BLAKE2b-512 of `abc` (RFC 7693, Appendix A), and the cost of many rounds.
fn check_blake2() {
    const FIRST: [u64; 8] = [
        0x6a09_e667_f2bd_c948,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179,
    ];
    let mut message = [0; 16];
    message[0] = u64::from_le_bytes(*b"abc\0\0\0\0\0");
    let run = |rounds| {
        let mut state = core::hint::black_box(FIRST);
        blake2::compress(rounds, &mut state, &message, &[3, 0], true);
        state
    };
    let digest = cycle_scope("blake2b of 12 rounds", || run(12));
    assert_eq!(digest[0], u64::from_le_bytes(*b"\xba\x80\xa5\x3f\x98\x1c\x4d\x0d"));
    assert_eq!(digest[7], u64::from_le_bytes(*b"\xb9\x23\x86\xed\xd4\x00\x99\x23"));
    assert_ne!(cycle_scope("blake2b of 1012 rounds", || run(1012)), digest);
}

/// `(a * b + c) mod m` at small numbers, and where `a * b` has 512 bits.
fn check_mulmod() {
    let small = |value: u64| [value, 0, 0, 0];
    assert_eq!(mul_add_mod(&small(7), &small(8), &small(9), &small(10)), small(5));
    let mut most = [u64::MAX; 4];
    let minus_one = [u64::MAX - 1, u64::MAX, u64::MAX, u64::MAX];
    // (m - 1)^2 + 0 = 1 modulo m = 2^256 - 1
    assert_eq!(mul_add_mod(&minus_one, &minus_one, &small(0), &most), small(1));
    most[0] -= 18;
    assert_eq!(mul_add_mod(&small(1), &small(19), &small(0), &most), small(19));
}

/// The same of 384 bits, and with the destination among the operands.
fn check_mulmod384() {
    let call = |a: [u64; 6], b: [u64; 6], c: [u64; 6], m: [u64; 6]| {
        let mut sum = c;
        // SAFETY: all are six aligned dwords, no modulus is zero, and all quotients are below
        // 2^384.
        unsafe { tern_mulmod384(sum.as_mut_ptr(), a.as_ptr(), b.as_ptr(), sum.as_ptr(), m.as_ptr()) };
        sum
    };
    let small = |value: u64| [value, 0, 0, 0, 0, 0];
    assert_eq!(call(small(7), small(8), small(9), small(10)), small(5));
    let mut most = [u64::MAX; 6];
    let minus_one = core::array::from_fn(|i| u64::MAX - u64::from(i == 0));
    // (m - 1)^2 + 0 = 1 and m * m + (m - 1) = m - 1 modulo m = 2^384 - 1
    assert_eq!(call(minus_one, minus_one, small(0), most), small(1));
    assert_eq!(call(most, most, minus_one, most), minus_one);
    most[0] -= 18;
    assert_eq!(call(small(1), small(19), small(0), most), small(19));
}
