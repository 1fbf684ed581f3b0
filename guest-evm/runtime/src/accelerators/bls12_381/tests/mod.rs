//! Against revm's own implementation, which is built on arkworks.

extern crate std;

mod groups;
mod kzg;
mod maps;
mod pairings;

use alloc::vec;
use alloc::vec::Vec;

use revm::precompile::{Crypto, DefaultCrypto, PrecompileHalt};

use super::fp::{Base, Element, Fp, P, U, square_root};
use super::fp2::Fp2;
use super::group::{R, curve_equation};
use super::kzg::{G1, G2};
use super::{Bls12Error, G1Bytes, G2Bytes, g1_add, g1_msm, g2_add, g2_msm, map_fp_to_g1, map_fp2_to_g2, pairing_check, verify_kzg_proof};
use crate::accelerators::field::{Modulus, Words};
use crate::host::CALLS_384;

const G1_ZERO: G1Bytes = ([0; 48], [0; 48]);
const G2_ZERO: G2Bytes = ([0; 48], [0; 48], [0; 48], [0; 48]);

fn number(value: u64) -> [u8; 48] {
    bytes(&Words::small(value))
}

fn bytes(words: &Words<6>) -> [u8; 48] {
    let mut bytes = [0; 48];
    words.write_be(&mut bytes);
    bytes
}

fn scalar(value: &Words) -> [u8; 32] {
    let mut bytes = [0; 32];
    value.write_be(&mut bytes);
    bytes
}

fn small(value: u64) -> [u8; 32] {
    scalar(&Words::small(value))
}

fn part(point: &[u8], at: usize) -> [u8; 48] {
    point[48 * at..][..48].try_into().expect("48 bytes")
}

fn g1(point: &[u8; 96]) -> G1Bytes {
    (part(point, 0), part(point, 1))
}

fn g2(point: &[u8; 192]) -> G2Bytes {
    (part(point, 0), part(point, 1), part(point, 2), part(point, 3))
}

/// Points of the groups by another implementation.
fn g1_of(seed: u64) -> G1Bytes {
    g1(&DefaultCrypto.bls12_381_fp_to_g1(&number(seed)).expect("a point"))
}

fn g2_of(seed: u64) -> G2Bytes {
    g2(&DefaultCrypto.bls12_381_fp2_to_g2((number(seed), number(seed + 1))).expect("a point"))
}

fn minus(coordinate: &[u8; 48]) -> [u8; 48] {
    let value = Words::from_be_48(coordinate);
    if value.is_zero() { *coordinate } else { bytes(&P.minus(&value)) }
}

fn minus_g1((x, y): &G1Bytes) -> G1Bytes {
    (*x, minus(y))
}

fn minus_g2((x0, x1, y0, y1): &G2Bytes) -> G2Bytes {
    (*x0, *x1, minus(y0), minus(y1))
}

/// Points of the curve that are hardly in the group: of small `x`.
fn outside_g1() -> Vec<G1Bytes> {
    let points = (0..40).filter_map(|x| {
        let (place, square, y) = (Fp::zero(), Fp::zero(), Fp::zero());
        place.put(&Words::small(x));
        curve_equation(&square, &place);
        square_root(&y, &square).then(|| (number(x), bytes(&y.get())))
    });
    let points: Vec<_> = points.collect();
    assert!(points.len() > 10);
    // Another implementation finds them on the curve too.
    points.iter().for_each(|point| assert!(DefaultCrypto.bls12_381_g1_add(*point, G1_ZERO).is_ok()));
    points
}

/// Points of the twist that are hardly in the group: of small `x`.
fn outside_g2() -> Vec<G2Bytes> {
    let points = (0..60).filter_map(|x| {
        let (place, square, y) = (Fp2::zero(), Fp2::zero(), Fp2::zero());
        place.put(&[Words::small(x), Words::small(3)]);
        curve_equation(&square, &place);
        root_in_fp2(&y, &square).then(|| (number(x), number(3), bytes(&y.c0.get()), bytes(&y.c1.get())))
    });
    let points: Vec<_> = points.collect();
    assert!(points.len() > 10);
    points.iter().for_each(|point| assert!(DefaultCrypto.bls12_381_g2_add(*point, G2_ZERO).is_ok()));
    points
}

/// `root^2 = square`, by the root of the norm.
fn root_in_fp2(root: &Fp2, square: &Fp2) -> bool {
    let (norm, n, d) = (Fp::zero(), Fp::zero(), Fp::zero());
    Fp2::norm(&norm, square);
    if !square_root(&n, &norm) {
        return false;
    }
    let half = Fp::zero();
    half.put(&Words::small(2));
    half.invert(&half);
    Element::add(&d, &square.c0, &n);
    Element::mul(&d, &d, &half);
    if !square_root(&root.c0, &d) {
        Element::sub(&d, &square.c0, &n);
        Element::mul(&d, &d, &half);
        assert!(square_root(&root.c0, &d));
    }
    root.c1.invert(&root.c0);
    Element::mul(&root.c1, &root.c1, &half);
    Element::mul(&root.c1, &root.c1, &square.c1);
    true
}

/// What revm calls an error.
fn halt(error: Bls12Error) -> PrecompileHalt {
    match error {
        Bls12Error::NotInField => PrecompileHalt::NonCanonicalFp,
        Bls12Error::G1NotOnCurve => PrecompileHalt::Bls12381G1NotOnCurve,
        Bls12Error::G1NotInGroup => PrecompileHalt::Bls12381G1NotInSubgroup,
        Bls12Error::G2NotOnCurve => PrecompileHalt::Bls12381G2NotOnCurve,
        Bls12Error::G2NotInGroup => PrecompileHalt::Bls12381G2NotInSubgroup,
    }
}

fn same<T: PartialEq + core::fmt::Debug>(ours: Result<T, Bls12Error>, theirs: Result<T, PrecompileHalt>) {
    assert_eq!(ours.map_err(halt), theirs);
}

fn check_g1_add(a: &G1Bytes, b: &G1Bytes) {
    same(g1_add(a, b), DefaultCrypto.bls12_381_g1_add(*a, *b));
}

fn check_g2_add(a: &G2Bytes, b: &G2Bytes) {
    same(g2_add(a, b), DefaultCrypto.bls12_381_g2_add(*a, *b));
}

fn check_g1_msm(terms: &[(G1Bytes, [u8; 32])]) -> Result<[u8; 96], PrecompileHalt> {
    let sum = g1_msm(terms.iter().copied()).map_err(halt);
    assert_eq!(sum, DefaultCrypto.bls12_381_g1_msm(&mut terms.iter().map(|term| Ok(*term))));
    sum
}

fn check_g2_msm(terms: &[(G2Bytes, [u8; 32])]) -> Result<[u8; 192], PrecompileHalt> {
    let sum = g2_msm(terms.iter().copied()).map_err(halt);
    assert_eq!(sum, DefaultCrypto.bls12_381_g2_msm(&mut terms.iter().map(|term| Ok(*term))));
    sum
}

/// Scalars at the edges of the order, of the digits and of the windows.
fn scalars() -> Vec<[u8; 32]> {
    let mut scalars: Vec<_> = (0..20).map(small).collect();
    let u = u128::from(U);
    let square = u * u;
    for power in [u - 1, u, u + 1, square - 1, square, square + 1, u128::MAX, 1 << 127, 8 * u + 7] {
        scalars.push(scalar(&Words([power as u64, (power >> 64) as u64, 0, 0])));
    }
    for below in 0..3 {
        scalars.push(scalar(&R.minus(&Words::small(below))));
    }
    let mut above = R;
    above.0[0] += 1;
    scalars.push(scalar(&above));
    scalars.extend([[0xff; 32], [0x80; 32], [0x77; 32], scalar(&R.minus(&Words([square as u64, (square >> 64) as u64, 0, 0])))]);
    scalars
}

fn check_pairs(pairs: &[(G1Bytes, G2Bytes)]) -> Result<bool, Bls12Error> {
    let result = pairing_check(pairs);
    same(result, DefaultCrypto.bls12_381_pairing_check(pairs));
    result
}

fn check_opening(commitment: &[u8; 48], z: &[u8; 32], y: &[u8; 32], proof: &[u8; 48]) -> bool {
    let valid = verify_kzg_proof(z, y, commitment, proof);
    assert_eq!(valid, DefaultCrypto.verify_kzg_proof(z, y, commitment, proof).is_ok());
    valid
}

fn generators() -> (G1Bytes, G2Bytes) {
    let [[x0, x1], [y0, y1]] = &G2;
    ((bytes(&G1[0]), bytes(&G1[1])), (bytes(x0), bytes(x1), bytes(y0), bytes(y1)))
}

fn multiple(point: &G1Bytes, scalar: [u8; 32]) -> G1Bytes {
    g1(&check_g1_msm(&[(*point, scalar)]).expect("a point"))
}

#[test]
fn the_modulus_and_order_are_the_polynomials_of_the_parameter() {
    // (u + 1)^2 R = 3 (p + u), and R = u^4 - u^2 + 1, modulo 2^384 - 1.
    let m = Words::<6>([u64::MAX; 6]);
    let mul_add = |a: &[u64; 6], b: &[u64; 6], c: &[u64; 6]| crate::accelerators::software::mul_add_mod(a, b, c, &m.0);
    let (zero, one) = (Words::<6>::small(0).0, Words::<6>::small(1).0);
    let u = Words::<6>::small(U).0;
    let square = mul_add(&u, &u, &zero);
    let order = mul_add(&square, &square, &one);
    let order = Words::<6>(order).minus(&Words(square));
    assert_eq!(order.0[..4], R.0);
    assert_eq!(order.0[4..], [0, 0]);
    let successor = Words::<6>::small(U + 1).0;
    let left = mul_add(&mul_add(&successor, &successor, &zero), &order.0, &zero);
    assert_eq!(left, mul_add(&mul_add(&P.0, &one, &u), &Words::<6>::small(3).0, &zero));
}

#[test]
fn inverses_and_roots() {
    for value in [1, 2, 3, 4, 5, u64::MAX] {
        let (a, b) = (Fp::zero(), Fp::zero());
        a.put(&Words::small(value));
        b.invert(&a);
        Element::mul(&b, &b, &a);
        assert_eq!(b.get(), Words::small(1));
        Element::square(&a, &a);
        assert!(square_root(&b, &a));
        Element::square(&b, &b);
        assert!(b.equals(&a));
        Element::negate(&a, &a);
        assert!(!square_root(&b, &a));
    }
    let zero = Fp::zero();
    zero.invert(&zero);
    assert!(zero.is_zero());
    assert_eq!(Base::MINUS_ONE, &P.minus(&Words::small(1)));
}

/// Calls of the accelerator on this thread during `work`.
fn calls(work: impl FnOnce()) -> usize {
    let before = CALLS_384.get();
    work();
    CALLS_384.get() - before
}

/// What each precompile costs, and that it stays far below fifty cycles a gas, at eight cycles a call.
#[test]
fn calls_of_the_accelerator() {
    let (p, q) = (g1_of(1), g2_of(1));
    let (commitment, z, y, proof) = kzg::opening();
    let pairs = |count| vec![(p, q); count];
    let g1_terms = |count| (0..count).map(|i| (g1_of(i), [0xa7; 32])).collect::<Vec<_>>();
    let g2_terms = |count| (0..count).map(|i| (g2_of(i), [0xa7; 32])).collect::<Vec<_>>();
    let g1_msm = |count| {
        let terms = g1_terms(count);
        calls(|| assert!(g1_msm(terms.into_iter()).is_ok()))
    };
    let g2_msm = |count| {
        let terms = g2_terms(count);
        calls(|| assert!(g2_msm(terms.into_iter()).is_ok()))
    };
    let pairing = |count| {
        let pairs = pairs(count);
        calls(|| assert!(pairing_check(&pairs).is_ok()))
    };
    let other = (g1_of(2), g2_of(2));
    let measured = [
        ("G1 addition", 375_u32, calls(|| assert!(g1_add(&p, &other.0).is_ok()))),
        ("G1 multiplication", 12_000, g1_msm(1)),
        ("G1 sum of 128", 797_184, g1_msm(128)),
        ("G2 addition", 600, calls(|| assert!(g2_add(&q, &other.1).is_ok()))),
        ("G2 multiplication", 22_500, g2_msm(1)),
        ("G2 sum of 128", 1_509_120, g2_msm(128)),
        ("pairing of 1", 70_300, pairing(1)),
        ("pairing of 2", 102_900, pairing(2)),
        ("pairing of 8", 298_500, pairing(8)),
        ("map to G1", 5_500, calls(|| assert!(map_fp_to_g1(&number(5)).is_ok()))),
        ("map to G2", 23_800, calls(|| assert!(map_fp2_to_g2(&(number(5), number(6))).is_ok()))),
        ("point evaluation", 50_000, calls(|| assert!(verify_kzg_proof(&z, &y, &commitment, &proof)))),
    ];
    for (name, gas, calls) in measured {
        std::println!("{name}: {calls} calls, {:.2} a gas", calls as f64 / f64::from(gas));
        assert!(8 * calls < 50 * gas as usize / 2, "{name}: {calls} calls");
    }
}
