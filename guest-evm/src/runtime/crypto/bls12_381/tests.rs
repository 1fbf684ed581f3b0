//! Against revm's own implementation, which is built on arkworks.

use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;
use revm::precompile::{Crypto, DefaultCrypto, PrecompileHalt};

use super::fp::{Base, Element, Fp, P, U, square_root};
use super::fp2::Fp2;
use super::group::{R, curve_equation};
use super::{Bls12Error, G1Bytes, G2Bytes, g1_add, g1_msm, g2_add, g2_msm};
use crate::runtime::crypto::field::{Modulus, Words};
use crate::runtime::host::CALLS_384;

/// revm's error for ours.
impl From<Bls12Error> for PrecompileHalt {
    fn from(error: Bls12Error) -> Self {
        match error {
            Bls12Error::NotInField => Self::NonCanonicalFp,
            Bls12Error::G1NotOnCurve => Self::Bls12381G1NotOnCurve,
            Bls12Error::G1NotInGroup => Self::Bls12381G1NotInSubgroup,
            Bls12Error::G2NotOnCurve => Self::Bls12381G2NotOnCurve,
            Bls12Error::G2NotInGroup => Self::Bls12381G2NotInSubgroup,
        }
    }
}

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

/// Points of the twist outside the group: images of those of the curve, moved by a sixth root of `4 (1 + i) / 4`, are over a larger
/// field; so these have real `x^3 + 4 + 4i` with a root found by the norm.
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

fn same<T: PartialEq + core::fmt::Debug>(ours: Result<T, Bls12Error>, theirs: Result<T, PrecompileHalt>) {
    assert_eq!(ours.map_err(PrecompileHalt::from), theirs);
}

fn check_g1_add(a: &G1Bytes, b: &G1Bytes) {
    same(g1_add(a, b), DefaultCrypto.bls12_381_g1_add(*a, *b));
}

fn check_g2_add(a: &G2Bytes, b: &G2Bytes) {
    same(g2_add(a, b), DefaultCrypto.bls12_381_g2_add(*a, *b));
}

fn check_g1_msm(terms: &[(G1Bytes, [u8; 32])]) -> Result<[u8; 96], PrecompileHalt> {
    let sum = g1_msm::<PrecompileHalt>(terms.iter().map(|term| Ok(*term)));
    assert_eq!(sum, DefaultCrypto.bls12_381_g1_msm(&mut terms.iter().map(|term| Ok(*term))));
    sum
}

fn check_g2_msm(terms: &[(G2Bytes, [u8; 32])]) -> Result<[u8; 192], PrecompileHalt> {
    let sum = g2_msm::<PrecompileHalt>(terms.iter().map(|term| Ok(*term)));
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

#[test]
fn the_modulus_and_order_are_the_polynomials_of_the_parameter() {
    // (u + 1)^2 R = 3 (p + u), and R = u^4 - u^2 + 1, modulo 2^384 - 1.
    let m = Words::<6>([u64::MAX; 6]);
    let mul_add = |a: &[u64; 6], b: &[u64; 6], c: &[u64; 6]| crate::runtime::crypto::software::mul_add_mod(a, b, c, &m.0);
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

#[test]
fn sums_agree_in_every_case() {
    let mut points: Vec<G1Bytes> = outside_g1().into_iter().take(4).chain([g1_of(1), g1_of(2), G1_ZERO]).collect();
    points.extend(points.clone().iter().map(minus_g1));
    for a in &points {
        points.iter().for_each(|b| check_g1_add(a, b));
    }
    let mut points: Vec<G2Bytes> = outside_g2().into_iter().take(4).chain([g2_of(1), g2_of(2), G2_ZERO]).collect();
    points.extend(points.clone().iter().map(minus_g2));
    for a in &points {
        points.iter().for_each(|b| check_g2_add(a, b));
    }
}

/// Coordinates at and above the modulus, and points off the curve.
#[test]
fn what_is_no_point_is_refused() {
    let (p, q) = (g1_of(1), g2_of(1));
    for bad in [bytes(&P), bytes(&P.minus(&Words::small(1))), [0xff; 48], number(0), number(1)] {
        for wrong in [(bad, p.1), (p.0, bad), (bad, bad)] {
            check_g1_add(&wrong, &p);
            check_g1_add(&p, &wrong);
            let _sum = check_g1_msm(&[(wrong, small(0))]);
            let _sum = check_g1_msm(&[(p, small(1)), (wrong, small(2))]);
        }
        for wrong in [(bad, q.1, q.2, q.3), (q.0, bad, q.2, q.3), (q.0, q.1, bad, q.3), (q.0, q.1, q.2, bad), (bad, bad, bad, bad)] {
            check_g2_add(&wrong, &q);
            check_g2_add(&q, &wrong);
            let _sum = check_g2_msm(&[(wrong, small(0))]);
            let _sum = check_g2_msm(&[(q, small(1)), (wrong, small(2))]);
        }
    }
    assert_eq!(g1_add(&(bytes(&P), p.1), &p), Err(Bls12Error::NotInField));
    assert_eq!(g1_add(&p, &(p.0, p.0)), Err(Bls12Error::G1NotOnCurve));
    assert_eq!(g2_add(&q, &(q.0, q.1, q.3, q.2)), Err(Bls12Error::G2NotOnCurve));
}

#[test]
fn points_outside_the_groups_are_refused() {
    for point in outside_g1() {
        assert_eq!(check_g1_msm(&[(point, small(0))]), Err(PrecompileHalt::Bls12381G1NotInSubgroup));
        assert_eq!(check_g1_msm(&[(g1_of(3), small(9)), (point, small(1))]), Err(PrecompileHalt::Bls12381G1NotInSubgroup));
    }
    for point in outside_g2() {
        assert_eq!(check_g2_msm(&[(point, small(0))]), Err(PrecompileHalt::Bls12381G2NotInSubgroup));
        assert_eq!(check_g2_msm(&[(g2_of(3), small(9)), (point, small(1))]), Err(PrecompileHalt::Bls12381G2NotInSubgroup));
    }
}

/// Points of small order: the check by an endomorphism refuses those too.
#[test]
fn points_of_cofactors_order_are_refused() {
    // (0, 2) has order three.
    let third = (number(0), number(2));
    assert_eq!(g1_add(&third, &third), Ok([number(0), minus(&number(2))].concat().try_into().expect("96 bytes")));
    assert_eq!(check_g1_msm(&[(third, small(1))]), Err(PrecompileHalt::Bls12381G1NotInSubgroup));
    let sum = g1(&g1_add(&third, &g1_of(5)).expect("points"));
    assert_eq!(check_g1_msm(&[(sum, small(3))]), Err(PrecompileHalt::Bls12381G1NotInSubgroup));
}

#[test]
fn multiples_agree_at_the_edges() {
    let (p, q) = (g1_of(7), g2_of(7));
    for scalar in scalars() {
        assert!(check_g1_msm(&[(p, scalar)]).is_ok());
        assert!(check_g2_msm(&[(q, scalar)]).is_ok());
        assert_eq!(check_g1_msm(&[(G1_ZERO, scalar)]), Ok([0; 96]));
        assert_eq!(check_g2_msm(&[(G2_ZERO, scalar)]), Ok([0; 192]));
    }
    assert_eq!(check_g1_msm(&[]), Ok([0; 96]));
    assert_eq!(check_g2_msm(&[]), Ok([0; 192]));
}

/// Equal and opposite points and scalars, so that sums pass through doublings and infinity.
#[test]
fn sums_of_multiples_agree_where_terms_cancel() {
    let scalars = scalars();
    let (p, q) = (g1_of(8), g2_of(8));
    for pair in scalars.windows(2) {
        for (a, b) in [(p, p), (p, minus_g1(&p)), (p, g1(&check_g1_msm(&[(p, small(2))]).expect("a point")))] {
            let _sum = check_g1_msm(&[(a, pair[0]), (b, pair[0])]);
            let _sum = check_g1_msm(&[(a, pair[0]), (b, pair[1]), (a, pair[1])]);
        }
        for (a, b) in [(q, q), (q, minus_g2(&q))] {
            let _sum = check_g2_msm(&[(a, pair[0]), (b, pair[0])]);
            let _sum = check_g2_msm(&[(a, pair[0]), (b, pair[1])]);
        }
    }
    assert_eq!(check_g1_msm(&[(p, [0x55; 32]), (minus_g1(&p), [0x55; 32])]), Ok([0; 96]));
    assert_eq!(check_g2_msm(&[(q, [0x55; 32]), (minus_g2(&q), [0x55; 32])]), Ok([0; 192]));
}

/// More points than share their doublings.
#[test]
fn long_sums_agree() {
    let terms: Vec<_> = (0..130).map(|i| (g1_of(i % 40), [(i * 7 + 1) as u8; 32])).collect();
    for length in [2, 63, 64, 65, 128, 130] {
        assert!(check_g1_msm(&terms[..length]).is_ok());
    }
    let terms: Vec<_> = (0..66).map(|i| (g2_of(i % 20), [(i * 11 + 1) as u8; 32])).collect();
    for length in [2, 64, 66] {
        assert!(check_g2_msm(&terms[..length]).is_ok());
    }
}

/// Errors come in the order of the terms, as revm's do.
#[test]
fn the_first_error_counts() {
    let bad = (number(1), number(1));
    let outside = outside_g1()[0];
    let mut errors = vec![(bad, small(1)), (outside, small(1)), ((bytes(&P), number(1)), small(1))];
    for _ in 0..3 {
        assert!(check_g1_msm(&errors).is_err());
        errors.rotate_left(1);
    }
    let terms = [Ok((g1_of(1), small(1))), Err(PrecompileHalt::Bls12381FpPaddingInvalid), Ok((bad, small(1)))];
    assert_eq!(g1_msm(terms.into_iter()), Err(PrecompileHalt::Bls12381FpPaddingInvalid));
}

/// Calls of the accelerator on this thread during `work`.
fn calls(work: impl FnOnce()) -> usize {
    let before = CALLS_384.get();
    work();
    CALLS_384.get() - before
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn sums_of_multiples_agree(a: [u8; 32], b: [u8; 32], c: [u8; 32], seed in 0u64..1000) {
        let (p, q) = (g1_of(seed), g2_of(seed));
        let _sum = check_g1_msm(&[(p, a), (g1_of(seed + 1), b), (p, c)]);
        let _sum = check_g2_msm(&[(q, a), (g2_of(seed + 1), b), (q, c)]);
    }
}
