//! Against revm's own implementation, which is built on arkworks.

use alloc::vec::Vec;

use proptest::prelude::*;
use revm::precompile::{Crypto, DefaultCrypto, PrecompileHalt};

use super::{Bn254Error, P, add, multiply, pairing_check};
use crate::accelerators::field::Words;

const ORDER: Words = Words::hex("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001");

fn same<T: PartialEq + core::fmt::Debug>(ours: Result<T, Bn254Error>, theirs: Result<T, PrecompileHalt>) {
    let ours = ours.map_err(|error| match error {
        Bn254Error::NotInField => PrecompileHalt::Bn254FieldPointNotAMember,
        Bn254Error::NotInGroup => PrecompileHalt::Bn254AffineGFailedToCreate,
        Bn254Error::Length => PrecompileHalt::Bn254PairLength,
    });
    assert_eq!(ours, theirs);
}

fn number(value: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&value.to_be_bytes());
    bytes
}

fn g1(scalar: &[u8; 32]) -> [u8; 64] {
    let generator = [number(1), number(2)].concat();
    let point = multiply(&generator, scalar).expect("the generator is a point");
    assert_eq!(DefaultCrypto.bn254_g1_mul(&generator, scalar), Ok(point));
    point
}

/// The twist's generator (EIP-197), `c1` before `c0`.
fn g2() -> Vec<u8> {
    let coordinates = [
        "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2",
        "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed",
        "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b",
        "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa",
    ];
    join(&coordinates)
}

fn join(coordinates: &[&str; 4]) -> Vec<u8> {
    let mut bytes = [0; 128];
    for (chunk, digits) in bytes.chunks_exact_mut(32).zip(coordinates) {
        Words::<4>::hex(digits).write_be(chunk);
    }
    bytes.to_vec()
}

fn negated(point: &[u8; 64]) -> [u8; 64] {
    let y = Words::from_be(point[32..].try_into().expect("32 bytes"));
    let mut out = *point;
    if !y.is_zero() {
        P.minus(&y).write_be(&mut out[32..]);
    }
    out
}

fn check_pairs(pairs: &[(&[u8], &[u8])]) {
    same(pairing_check(pairs), DefaultCrypto.bn254_pairing_check(pairs));
}

#[test]
fn generators_cancel_and_do_not() {
    let (p, q) = (g1(&number(1)), g2());
    let minus = negated(&p);
    assert_eq!(pairing_check(&[]), Ok(true));
    assert_eq!(pairing_check(&[(&p, &q), (&minus, &q)]), Ok(true));
    assert_eq!(pairing_check(&[(&p, &q)]), Ok(false));
    assert_eq!(pairing_check(&[(&p, &q), (&p, &q)]), Ok(false));
    let (two, minus_two) = (g1(&number(2)), negated(&g1(&number(2))));
    assert_eq!(pairing_check(&[(&two, &q), (&minus, &q), (&minus, &q)]), Ok(true));
    assert_eq!(pairing_check(&[(&p, &q), (&p, &q), (&minus_two, &q)]), Ok(true));
}

#[test]
fn infinity_and_bad_points_are_told_apart() {
    let (p, q) = (g1(&number(5)), g2());
    let (zero_g1, zero_g2) = ([0u8; 64], [0u8; 128]);
    check_pairs(&[(&zero_g1, &q), (&p, &zero_g2)]);
    check_pairs(&[(&p, &q), (&zero_g1, &zero_g2)]);
    let mut off_curve = p;
    off_curve[63] ^= 1;
    check_pairs(&[(&off_curve, &q)]);
    same(add(&off_curve, &p), DefaultCrypto.bn254_g1_add(&off_curve, &p));
    let mut too_large = p;
    too_large[..32].fill(0xff);
    check_pairs(&[(&too_large, &q)]);
    same(multiply(&too_large, &number(2)), DefaultCrypto.bn254_g1_mul(&too_large, &number(2)));
    for at in 0..128 {
        let mut wrong = q.clone();
        wrong[at] ^= 1;
        check_pairs(&[(&p, &wrong)]);
        check_pairs(&[(&zero_g1, &wrong)]);
    }
}

/// Points on the twist but, like nearly all of it, outside the group.
#[test]
fn points_of_the_twist_outside_the_group_are_refused() {
    let points = [
        [
            "0000000000000000000000000000000000000000000000000000000000000007",
            "0000000000000000000000000000000000000000000000000000000000000002",
            "0613444af94ca0f2daa537fbd1ecaf558f95338ca79fabebea71fcb28d6a5df5",
            "2b1da5e44c01dfe78c03e15cf3d333e5c556366d4dff26959d6b92a58a131b0a",
        ],
        [
            "0000000000000000000000000000000000000000000000000000000000000007",
            "0000000000000000000000000000000000000000000000000000000000000004",
            "0c62a69e37212754ca0be1c5fe625b9e630de3a1b106fb49022b91e82455e1ac",
            "0dbc4baa55c68d5c1437f5ddb4628c33f73fe47589944e9e6f7f56e45472ea25",
        ],
        [
            "0000000000000000000000000000000000000000000000000000000000000007",
            "0000000000000000000000000000000000000000000000000000000000000005",
            "11149b219bf0a6f98c9c7f2f68085bef34811df05e24592c10b170ce7fcc729b",
            "0b7acc216a621e5c67c9b30166500219eea2ccfe4316164ae4e33e83815be26a",
        ],
        [
            "0000000000000000000000000000000000000000000000000000000000000007",
            "0000000000000000000000000000000000000000000000000000000000000007",
            "14dd41053ae9ed8f940fdadeb4f31e5532cffed4497b0cf7052c385b7ef864cb",
            "27a79f4c9c250205b3c5ce01a303d6c0d220361fb844397bf391d6efa558af7d",
        ],
    ];
    let p = g1(&number(1));
    for coordinates in points {
        let bytes = join(&coordinates);
        assert_eq!(pairing_check(&[(&p, &bytes)]), Err(Bn254Error::NotInGroup));
        check_pairs(&[(&p, &bytes)]);
    }
}

#[test]
fn sums_and_multiples_agree_at_the_edges() {
    let mut order = [0; 32];
    ORDER.write_be(&mut order);
    let mut below = order;
    below[31] -= 1;
    let p = g1(&number(1));
    for scalar in [number(0), number(1), number(2), number(3), order, below, [0xff; 32], [0x80; 32]] {
        for point in [p, negated(&p), g1(&number(77)), [0; 64]] {
            let multiple = multiply(&point, &scalar);
            same(multiple, DefaultCrypto.bn254_g1_mul(&point, &scalar));
            let multiple = multiple.expect("a point");
            for other in [p, negated(&p), multiple, negated(&multiple), [0; 64]] {
                same(add(&multiple, &other), DefaultCrypto.bn254_g1_add(&multiple, &other));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// e(aG, Q) e(bG, Q) e(-(a + b)G, Q) = 1, and hardly ever for another third factor.
    #[test]
    fn products_agree(a: [u8; 32], b: [u8; 32], c: [u8; 32]) {
        let q = g2();
        let (x, y, z) = (g1(&a), g1(&b), g1(&c));
        let sum = add(&x, &y).expect("points");
        prop_assert_eq!(pairing_check(&[(&x, &q), (&y, &q), (&negated(&sum), &q)]), Ok(true));
        check_pairs(&[(&x, &q), (&y, &q), (&z, &q)]);
        same(add(&x, &z), DefaultCrypto.bn254_g1_add(&x, &z));
    }
}
