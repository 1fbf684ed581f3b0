//! The field of pairing values, and products of pairings.

use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::accelerators::bls12_381::fp12::{Fp12, Scratch};

/// `result = a^exponent`, bit by bit.
fn power(result: &Fp12, a: &Fp12, exponent: &[u64]) {
    let t = Fp12::zero();
    result.copy(&Fp12::one());
    for at in (0..64 * exponent.len()).rev() {
        t.square(result, &Scratch::new());
        result.copy(&t);
        if exponent[at / 64] >> (at % 64) & 1 == 1 {
            t.mul(result, a, &Scratch::new());
            result.copy(&t);
        }
    }
}

/// An element without structure.
fn sample(seed: u64) -> Fp12 {
    let element = Fp12::zero();
    for (place, seed) in element.0.iter().zip(seed..) {
        let (x, y) = g1_of(seed);
        place.put(&[Words::from_be_48(&x), Words::from_be_48(&y)]);
    }
    element
}

fn assert_same(a: &Fp12, b: &Fp12) {
    a.0.iter().zip(&b.0).for_each(|(a, b)| assert!(a.equals(b)));
}

#[test]
fn the_frobenius_map_is_the_power_of_p() {
    let (a, by_map, by_power) = (sample(1), Fp12::zero(), Fp12::zero());
    by_map.frobenius(&a);
    power(&by_power, &a, &P.0);
    assert_same(&by_map, &by_power);
}

#[test]
fn the_sixth_power_of_w_is_the_twists_constant() {
    let (w, sixth) = (Fp12::zero(), Fp12::zero());
    w.0[1].put(&Fp2::ONE);
    power(&sixth, &w, &[6]);
    assert_eq!([sixth.0[0].c0.get(), sixth.0[0].c1.get()], [Words::small(1); 2]);
    assert!(sixth.0[1..].iter().all(Element::is_zero));
}

#[test]
fn products_squares_and_inverses() {
    let (a, b) = (sample(1), sample(20));
    let [left, right, inverse] = core::array::from_fn(|_| Fp12::zero());
    left.mul(&a, &b, &Scratch::new());
    right.mul(&b, &a, &Scratch::new());
    assert_same(&left, &right);
    left.square(&a, &Scratch::new());
    right.mul(&a, &a, &Scratch::new());
    assert_same(&left, &right);
    inverse.invert(&a, &Scratch::new());
    left.mul(&inverse, &a, &Scratch::new());
    assert!(left.is_one() && !a.is_one());
    // The product with a line is that with an element which has its three coefficients.
    let line = [0, 1, 2].map(|i| {
        let place = Fp2::zero();
        place.copy(&b.0[i]);
        place
    });
    let full = Fp12::zero();
    for (coefficient, power) in line.iter().zip([0, 2, 3]) {
        full.0[power].copy(coefficient);
    }
    left.mul(&a, &full, &Scratch::new());
    right.mul_line(&a, &line, &Scratch::new());
    assert_same(&left, &right);
}

#[test]
fn squares_in_the_cyclotomic_subgroup() {
    let (a, inverse, conjugate) = (sample(1), Fp12::zero(), Fp12::zero());
    let [once, twice, element, square] = core::array::from_fn(|_| Fp12::zero());
    inverse.invert(&a, &Scratch::new());
    conjugate.copy(&a);
    conjugate.conjugate();
    element.mul(&conjugate, &inverse, &Scratch::new());
    once.frobenius(&element);
    twice.frobenius(&once);
    // a^((p^6 - 1) (p^2 + 1))
    once.mul(&twice, &element, &Scratch::new());
    square.square(&once, &Scratch::new());
    once.square_cyclotomic(&Scratch::new());
    assert_same(&once, &square);
}

#[test]
fn products_of_pairings_agree() {
    let (p, q) = generators();
    let (p2, q2) = (g1_of(3), g2_of(4));
    assert_eq!(check_pairs(&[]), Ok(true));
    assert_eq!(check_pairs(&[(p, q)]), Ok(false));
    assert_eq!(check_pairs(&[(p, q), (p, q)]), Ok(false));
    for (p, q) in [(p, q), (p2, q2), (p, q2)] {
        assert_eq!(check_pairs(&[(p, q), (minus_g1(&p), q)]), Ok(true));
        assert_eq!(check_pairs(&[(p, q), (p, minus_g2(&q))]), Ok(true));
        let twice = multiple(&p, small(2));
        assert_eq!(check_pairs(&[(twice, q), (p, minus_g2(&q)), (minus_g1(&p), q)]), Ok(true));
        assert_eq!(check_pairs(&[(twice, q), (minus_g1(&p), q)]), Ok(false));
    }
    let many: Vec<_> = (0..10).flat_map(|i| [(g1_of(i), q2), (minus_g1(&g1_of(i)), q2)]).collect();
    assert_eq!(check_pairs(&many), Ok(true));
    assert_eq!(check_pairs(&many[1..]), Ok(false));
}

#[test]
fn pairings_check_their_points() {
    let (p, q) = generators();
    assert_eq!(check_pairs(&[(G1_ZERO, q), (p, G2_ZERO), (G1_ZERO, G2_ZERO)]), Ok(true));
    assert_eq!(check_pairs(&[(G1_ZERO, q), (p, q)]), Ok(false));
    let (outside, outside_twist) = (outside_g1()[1], outside_g2()[1]);
    assert_eq!(check_pairs(&[(outside, G2_ZERO)]), Err(Bls12Error::G1NotInGroup));
    assert_eq!(check_pairs(&[(G1_ZERO, outside_twist)]), Err(Bls12Error::G2NotInGroup));
    assert_eq!(check_pairs(&[(p, q), (outside, outside_twist)]), Err(Bls12Error::G1NotInGroup));
    assert_eq!(check_pairs(&[(p, q), (p, outside_twist)]), Err(Bls12Error::G2NotInGroup));
    assert_eq!(check_pairs(&[((p.1, p.0), G2_ZERO)]), Err(Bls12Error::G1NotOnCurve));
    assert_eq!(check_pairs(&[(G1_ZERO, (q.1, q.0, q.2, q.3))]), Err(Bls12Error::G2NotOnCurve));
    assert_eq!(check_pairs(&[(p, (bytes(&P), q.1, q.2, q.3))]), Err(Bls12Error::NotInField));
    assert_eq!(check_pairs(&[((p.0, bytes(&P)), q)]), Err(Bls12Error::NotInField));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// e(aP, Q) e(bP, Q) e(-(a + b)P, Q) = 1, and hardly ever for another third factor.
    #[test]
    fn pairings_agree(a: [u8; 32], b: [u8; 32], c: [u8; 32], seed in 0u64..1000) {
        let (p, q) = (g1_of(seed), g2_of(seed));
        let (x, y, z) = (multiple(&p, a), multiple(&p, b), multiple(&p, c));
        let sum = g1(&g1_add(&x, &y).expect("points"));
        prop_assert_eq!(check_pairs(&[(x, q), (y, q), (minus_g1(&sum), q)]), Ok(true));
        let _result = check_pairs(&[(x, q), (y, q), (z, q)]);
    }
}
