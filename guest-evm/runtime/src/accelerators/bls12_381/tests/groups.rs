//! Additions, membership and sums of multiples.

use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;
use revm::precompile::PrecompileHalt;

use super::*;

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
