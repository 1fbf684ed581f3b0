//! Point evaluation, and the constants that it is made of.

use proptest::prelude::*;
use revm::precompile::bls12_381_const::TRUSTED_SETUP_TAU_G2_BYTES;

use super::*;
use crate::accelerators::bls12_381::group::is_in_group;
use crate::accelerators::bls12_381::kzg::TAU_G2;
use crate::accelerators::bls12_381::point::Affine;
use crate::accelerators::field::mul_add_mod;

/// A commitment, a point, a value and a proof of the official vectors (`verify_kzg_proof_case_correct_proof_4_4`).
pub fn opening() -> ([u8; 48], [u8; 32], [u8; 32], [u8; 48]) {
    let commitment = Words::hex("8f59a8d2a1a625a17f3fea0fe5eb8c896db3764f3185481bc22f91b4aaffcca25f26936857bc3a7c2539ea8ec3a952b7");
    let z = Words::hex("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000");
    let y = Words::hex("1522a4a7f34e1ea350ae07c29c96c7e79655aa926122e95fe69fcbd932ca49e9");
    let proof = Words::hex("a62ad71d14c5719385c0686f1871430475bf3a00f0aa3f7b8dd99a9abc2160744faf0070725e00b60ad9a026a15b1a8c");
    (bytes(&commitment), scalar(&z), scalar(&y), bytes(&proof))
}

/// The compressed encoding of a point.
fn compressed((x, y): &G1Bytes) -> [u8; 48] {
    if (x, y) == (&[0; 48], &[0; 48]) {
        return first_byte(0xc0);
    }
    let mut bytes = *x;
    bytes[0] |= if *y > minus(y) { 0xa0 } else { 0x80 };
    bytes
}

fn uncompressed(bytes: &[u8; 48]) -> G1Bytes {
    let mut x = *bytes;
    x[0] &= 0x1f;
    let (place, square, y) = (Fp::zero(), Fp::zero(), Fp::zero());
    place.put(&Words::from_be_48(&x));
    curve_equation(&square, &place);
    assert!(square_root(&y, &square));
    let point = (x, super::bytes(&y.get()));
    if compressed(&point) == *bytes { point } else { minus_g1(&point) }
}

fn first_byte(first: u8) -> [u8; 48] {
    core::array::from_fn(|i| if i == 0 { first } else { 0 })
}

#[test]
fn openings_agree() {
    let (commitment, z, y, proof) = opening();
    assert!(check_opening(&commitment, &z, &y, &proof));
    assert!(!check_opening(&proof, &z, &y, &commitment));
    for at in 0..48 {
        let flipped = |bytes: &[u8; 48]| core::array::from_fn(|i| bytes[i] ^ if i == at { 1 << (at % 8) } else { 0 });
        assert!(!check_opening(&flipped(&commitment), &z, &y, &proof));
        assert!(!check_opening(&commitment, &z, &y, &flipped(&proof)));
    }
    for bit in 0..8 {
        let flipped = |bytes: &[u8; 48]| core::array::from_fn(|i| bytes[i] ^ if i == 0 { 1 << bit } else { 0 });
        assert!(!check_opening(&flipped(&commitment), &z, &y, &proof));
        assert!(!check_opening(&commitment, &z, &y, &flipped(&proof)));
    }
    for wrong in scalars().into_iter().filter(|wrong| *wrong != z) {
        assert!(!check_opening(&commitment, &wrong, &y, &proof));
        assert!(!check_opening(&commitment, &z, &wrong, &proof));
    }
}

/// Constant polynomials: the commitment is a multiple of the generator, and the proof is infinity.
#[test]
fn openings_of_constants_agree() {
    let (p, _) = generators();
    let infinity = compressed(&G1_ZERO);
    for value in scalars() {
        let commitment = compressed(&multiple(&p, value));
        let is_canonical = value < scalar(&R);
        assert_eq!(check_opening(&commitment, &small(3), &value, &infinity), is_canonical);
        assert!(!check_opening(&commitment, &small(3), &value, &compressed(&p)));
        assert!(!check_opening(&infinity, &value, &small(5), &infinity));
    }
    assert!(check_opening(&infinity, &small(9), &small(0), &infinity));
}

#[test]
fn malformed_encodings_are_refused() {
    let infinity = compressed(&G1_ZERO);
    let check = |malformed: &[u8; 48]| {
        assert!(!check_opening(malformed, &small(9), &small(0), &infinity));
        assert!(!check_opening(&infinity, &small(9), &small(0), malformed));
    };
    [0x00, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xe0, 0xc1, 0xff].into_iter().for_each(|first| check(&first_byte(first)));
    check(&core::array::from_fn(|i| if i == 0 { 0xc0 } else { u8::from(i == 47) }));
    // Outside the group, and no point at all.
    outside_g1().iter().for_each(|point| check(&compressed(point)));
    (0..40).for_each(|x| check(&core::array::from_fn(|i| if i == 0 { 0x80 } else { number(x)[i] })));
    // A coordinate that is not below the modulus.
    for above in [P, Words([u64::MAX; 6])] {
        let mut encoding = bytes(&above);
        encoding[0] = encoding[0] & 0x1f | 0x80;
        check(&encoding);
    }
}

#[test]
fn the_constants_are_points_of_the_groups() {
    for [x, y] in [&G2, &TAU_G2] {
        let (point, left, right) = (Affine::<Fp2>::constant(x, y), Fp2::zero(), Fp2::zero());
        left.square(&point.y);
        curve_equation(&right, &point.x);
        assert!(left.equals(&right) && is_in_group(&point));
    }
    let (p, q) = generators();
    check_g1_add(&p, &p);
    check_g2_add(&q, &q);
    // The trusted setup's point in its compressed encoding: c1 first, and the sign is that of c1.
    let [[x0, x1], [_, y1]] = &TAU_G2;
    assert_eq!(TRUSTED_SETUP_TAU_G2_BYTES[48..], bytes(x0));
    assert_eq!(TRUSTED_SETUP_TAU_G2_BYTES[1..48], bytes(x1)[1..]);
    let sign = if bytes(y1) > minus(&bytes(y1)) { 0x20 } else { 0 };
    assert_eq!(TRUSTED_SETUP_TAU_G2_BYTES[0], 0x80 | sign | bytes(x1)[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// A multiple of the official vector's polynomial plus a constant: proofs that are valid for other values.
    #[test]
    fn scaled_openings_agree(factor: [u8; 32], constant: [u8; 32]) {
        let (commitment, z, y, proof) = opening();
        let (p, _) = generators();
        let commitment = check_g1_msm(&[(uncompressed(&commitment), factor), (p, constant)]).expect("a point");
        let proof = multiple(&uncompressed(&proof), factor);
        let mul_add = |a: &[u8; 32], b: &Words, c: &Words| Words(mul_add_mod(&Words::from_be(a).0, &b.0, &c.0, &R.0));
        let constant = mul_add(&constant, &Words::small(1), &Words::ZERO);
        let factor = mul_add(&factor, &Words::small(1), &Words::ZERO);
        let value = mul_add(&y, &factor, &constant);
        let (commitment, proof) = (compressed(&g1(&commitment)), compressed(&proof));
        prop_assert!(check_opening(&commitment, &z, &scalar(&value), &proof));
        prop_assert!(!check_opening(&commitment, &z, &small(1), &proof));
    }
}
