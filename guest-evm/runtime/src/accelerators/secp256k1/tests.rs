//! Against `k256`, at random and at the edges.

use k256::ecdsa::signature::hazmat::PrehashVerifier;
use k256::ecdsa::{RecoveryId, Signature, SigningKey, VerifyingKey};
use k256::elliptic_curve::group::prime::PrimeCurveAffine;
use k256::elliptic_curve::sec1::ToEncodedPoint;
use k256::elliptic_curve::{Field, PrimeField};
use k256::{FieldBytes, ProjectivePoint, Scalar};
use proptest::prelude::*;

use super::generator::TABLE;
use super::multiply::linear_combination;
use super::{N, P, recover, recovers, verify};
use crate::accelerators::field::{Slot, Words};

/// `k256`'s answer. It refuses a high `s`, whose signature has the key of `n - s` with the other parity.
fn reference(hash: &[u8; 32], r_s: &[u8; 64], recid: u8) -> Option<[u8; 64]> {
    let mut id = RecoveryId::from_byte(recid)?;
    let mut signature = Signature::from_slice(r_s).ok()?;
    if let Some(low) = signature.normalize_s() {
        signature = low;
        id = RecoveryId::new(!id.is_y_odd(), id.is_x_reduced());
    }
    let key = VerifyingKey::recover_from_prehash(hash, &signature, id).ok()?;
    key.to_encoded_point(false).as_bytes()[1..].try_into().ok()
}

fn check(hash: &[u8; 32], r_s: &[u8; 64], recid: u8) {
    let expected = reference(hash, r_s, recid);
    assert_eq!(recover(hash, r_s, recid), expected, "{hash:02x?} {r_s:02x?} {recid}");
    // The keys of the other recovery ids verify the signature too, but are not recovered.
    for key in (0..4).filter_map(|other| reference(hash, r_s, other)).chain([[0; 64], [7; 64]]) {
        assert_eq!(recovers(hash, r_s, recid, &key), expected == Some(key), "{hash:02x?} {r_s:02x?} {recid} {key:02x?}");
    }
}

/// `k256`'s answer, by the lower of the two equivalent values of `s`: it refuses the other.
fn check_verification(hash: &[u8; 32], r_s: &[u8; 64], public_key: &[u8; 64]) -> bool {
    let expected = || {
        let key = VerifyingKey::from_sec1_bytes(&[&[4], &public_key[..]].concat()).ok()?;
        let signature = Signature::from_slice(r_s).ok()?;
        key.verify_prehash(hash, &signature.normalize_s().unwrap_or(signature)).ok()
    };
    let valid = verify(hash, r_s, public_key);
    assert_eq!(valid, expected().is_some(), "{hash:02x?} {r_s:02x?} {public_key:02x?}");
    valid
}

fn joined(r: &[u8; 32], s: &[u8; 32]) -> [u8; 64] {
    core::array::from_fn(|i| if i < 32 { r[i] } else { s[i - 32] })
}

fn coordinates(point: &ProjectivePoint) -> Option<[u8; 64]> {
    let affine = point.to_affine();
    if bool::from(affine.is_identity()) {
        return None;
    }
    affine.to_encoded_point(false).as_bytes()[1..].try_into().ok()
}

fn slot(bytes: &[u8]) -> Slot {
    let slot = Slot::zero();
    slot.put(&Words::from_be(bytes.try_into().expect("32 bytes")));
    slot
}

/// `u1 G + u2 R` by both, where `R = scale G`.
fn check_combination(u1: Scalar, u2: Scalar, scale: Scalar) {
    let point = ProjectivePoint::GENERATOR * scale;
    let bytes = coordinates(&point).expect("scale is not zero");
    let expected = coordinates(&(ProjectivePoint::GENERATOR * u1 + point * u2));
    let (x, y) = (slot(&bytes[..32]), slot(&bytes[32..]));
    let got = linear_combination(&slot(&u1.to_bytes()), &slot(&u2.to_bytes()), &x, &y);
    assert_eq!(got, expected, "{u1:?} {u2:?} {scale:?}");
}

fn scalar(bytes: [u8; 32]) -> Scalar {
    Option::from(Scalar::from_repr(FieldBytes::from(bytes))).unwrap_or(Scalar::ONE)
}

#[test]
fn generator_table_holds_odd_multiples() {
    for (i, entry) in TABLE.iter().enumerate() {
        let point = ProjectivePoint::GENERATOR * Scalar::from(2 * i as u64 + 1);
        let bytes = coordinates(&point).expect("not infinity");
        let p = super::P;
        assert_eq!(p.minus(&entry.minus_x), Words::from_be(bytes[..32].try_into().expect("32 bytes")));
        assert_eq!(entry.y[0], Words::from_be(bytes[32..].try_into().expect("32 bytes")));
        assert_eq!(entry.y[1], p.minus(&entry.y[0]));
    }
}

#[test]
fn recovers_the_signer_with_low_and_high_s() {
    for seed in 1..=64u8 {
        let key = SigningKey::from_slice(&[seed; 32]).expect("a valid key");
        let hash = [seed.wrapping_mul(37); 32];
        let (signature, id) = key.sign_prehash_recoverable(&hash).expect("signs");
        let public: [u8; 64] = key.verifying_key().to_encoded_point(false).as_bytes()[1..].try_into().expect("64 bytes");
        let low: [u8; 64] = signature.to_bytes().into();
        assert_eq!(recover(&hash, &low, id.to_byte()), Some(public));
        let (r, s) = signature.split_scalars();
        let high = joined(&r.to_bytes().into(), &(-*s).to_bytes().into());
        assert_eq!(recover(&hash, &high, id.to_byte() ^ 1), Some(public));
    }
}

/// Every pair of special values of r and s, with special hashes and all recovery ids and some that are none.
#[test]
fn agrees_at_the_edges() {
    let hex = |digits: &str| -> [u8; 32] {
        let mut bytes = [0; 32];
        Words::<4>::hex(digits).write_be(&mut bytes);
        bytes
    };
    let n = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let values = [
        hex(&"0".repeat(64)),
        hex(&format!("{:064x}", 1)),
        hex(&format!("{:064x}", 2)),
        hex(&format!("{:064x}", 5)),
        hex(&n.replace("4141", "4140")),
        hex(n),
        hex(&n.replace("4141", "4142")),
        // Half of n, and one more.
        hex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"),
        hex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1"),
        // p - n, which r must stay below for an unreduced x; and its neighbours.
        hex("000000000000000000000000000000014551231950b75fc4402da1722fc9baed"),
        hex("000000000000000000000000000000014551231950b75fc4402da1722fc9baee"),
        hex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"),
        hex(&"f".repeat(64)),
        // x of G, and the lambda of the endomorphism.
        hex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
        hex("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72"),
    ];
    for hash in [values[0], values[1], values[5], values[12], values[13], values[14]] {
        for r in &values {
            for s in &values {
                for recid in [0, 1, 2, 3, 4, 27, 255] {
                    check(&hash, &joined(r, s), recid);
                }
            }
        }
    }
}

/// Small r with an x that was reduced by n: points whose x lies in n..p.
#[test]
fn agrees_on_reduced_x() {
    for small in 1..40u8 {
        let mut r = [0; 32];
        r[31] = small;
        for recid in 0..4 {
            check(&[7; 32], &joined(&r, &[9; 32]), recid);
        }
    }
}

/// The sum is infinity, or passes through an equal or opposite point: the formula's exceptions.
#[test]
fn agrees_on_exceptional_sums() {
    let lambda = scalar({
        let mut bytes = [0; 32];
        Words::<4>::hex("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72").write_be(&mut bytes);
        bytes
    });
    let small = |k: u64| Scalar::from(k);
    for scale in [small(1), -small(1), small(2), small(3), small(5), lambda, -lambda, lambda * small(3), small(77)] {
        for a in 0..20u64 {
            for b in 1..20u64 {
                check_combination(small(a), small(b), scale);
                check_combination(-small(a), small(b), scale);
                check_combination(small(a) * lambda, small(b), scale);
            }
        }
        // u1 G = -u2 R.
        let u2 = scalar([0x5a; 32]);
        check_combination(-(u2 * scale), u2, scale);
        check_combination(u2 * scale, u2, scale);
    }
}

#[test]
fn verifies() {
    for seed in 1..30u8 {
        let key = SigningKey::from_slice(&[seed; 32]).expect("a valid key");
        let hash = [seed.wrapping_mul(37); 32];
        let (signature, _) = key.sign_prehash_recoverable(&hash).expect("signs");
        let public: [u8; 64] = key.verifying_key().to_encoded_point(false).as_bytes()[1..].try_into().expect("64 bytes");
        let low: [u8; 64] = signature.to_bytes().into();
        let (r, s) = signature.split_scalars();
        let high = joined(&r.to_bytes().into(), &(-*s).to_bytes().into());
        assert!(check_verification(&hash, &low, &public) && check_verification(&hash, &high, &public));
        for bit in [0, 100, 255, 256, 400, 511] {
            let flipped = |bytes: &[u8; 64]| core::array::from_fn(|i| bytes[i] ^ if i == bit / 8 { 1 << (bit % 8) } else { 0 });
            assert!(!check_verification(&hash, &flipped(&low), &public));
            assert!(!check_verification(&hash, &low, &flipped(&public)));
        }
        assert!(!check_verification(&[seed; 32], &low, &public));
    }
}

/// Every key that recovers verifies, with an x that was reduced by n too.
#[test]
fn verifies_what_recovers() {
    for small in 1..40u8 {
        let mut r = [0; 32];
        r[31] = small;
        for recid in 0..4 {
            let r_s = joined(&r, &[9; 32]);
            if let Some(key) = recover(&[7; 32], &r_s, recid) {
                assert!(check_verification(&[7; 32], &r_s, &key));
            }
        }
    }
}

/// r, s and coordinates at and above their moduli, and points off the curve.
#[test]
fn refuses_what_is_malformed() {
    let key = SigningKey::from_slice(&[3; 32]).expect("a valid key");
    let public: [u8; 64] = key.verifying_key().to_encoded_point(false).as_bytes()[1..].try_into().expect("64 bytes");
    let (signature, _) = key.sign_prehash_recoverable(&[1; 32]).expect("signs");
    let good: [u8; 64] = signature.to_bytes().into();
    let bytes = |words: &Words| {
        let mut bytes = [0; 32];
        words.write_be(&mut bytes);
        bytes
    };
    for bad in [[0; 32], bytes(&N), bytes(&P), [0xff; 32]] {
        for at in [0, 32] {
            let with = |bytes: &[u8; 64]| core::array::from_fn(|i| if i / 32 == at / 32 { bad[i % 32] } else { bytes[i] });
            assert!(!check_verification(&[1; 32], &with(&good), &public));
            assert!(!check_verification(&[1; 32], &good, &with(&public)));
        }
    }
    assert!(!check_verification(&[1; 32], &good, &[0; 64]));
}

/// The key is G or its negative: the sum meets the formula's exceptions.
#[test]
fn verifies_under_the_generator() {
    for scalar in [Scalar::ONE, -Scalar::ONE, Scalar::from(2u64)] {
        let key = SigningKey::from_bytes(&scalar.to_bytes()).expect("a valid key");
        let public: [u8; 64] = key.verifying_key().to_encoded_point(false).as_bytes()[1..].try_into().expect("64 bytes");
        for fill in [0u8, 1, 0xff] {
            let (signature, _) = key.sign_prehash_recoverable(&[fill; 32]).expect("signs");
            assert!(check_verification(&[fill; 32], &signature.to_bytes().into(), &public));
        }
        // u1 G = -u2 Q: no point at all
        let r_s = joined(&number(7), &number(1));
        let hash = (-(scalar * Scalar::from(7u64))).to_bytes().into();
        assert!(!check_verification(&hash, &r_s, &public));
    }
}

fn number(value: u8) -> [u8; 32] {
    core::array::from_fn(|i| if i == 31 { value } else { 0 })
}

/// A public key at infinity: R = k G, hash = s k.
#[test]
fn refuses_a_key_at_infinity() {
    let k = scalar([3; 32]);
    let point = (ProjectivePoint::GENERATOR * k).to_affine();
    let encoded = point.to_encoded_point(false);
    let r: [u8; 32] = encoded.as_bytes()[1..33].try_into().expect("32 bytes");
    let s = scalar([4; 32]);
    let hash: [u8; 32] = (s * k).to_bytes().into();
    let parity = encoded.as_bytes()[64] & 1;
    let r_s = joined(&r, &s.to_bytes().into());
    assert_eq!(recover(&hash, &r_s, parity), None);
    check(&hash, &r_s, parity);
    assert!(recover(&hash, &r_s, parity ^ 1).is_some());
}

proptest! {
    #[test]
    fn agrees_on_random_signatures(hash: [u8; 32], r: [u8; 32], s: [u8; 32], recid in 0u8..4) {
        check(&hash, &joined(&r, &s), recid);
    }

    #[test]
    fn agrees_on_random_verifications(hash: [u8; 32], r: [u8; 32], s: [u8; 32], seed in 1u8..255) {
        let key = SigningKey::from_slice(&[seed; 32]).expect("a valid key");
        let public: [u8; 64] = key.verifying_key().to_encoded_point(false).as_bytes()[1..].try_into().expect("64 bytes");
        check_verification(&hash, &joined(&r, &s), &public);
    }

    #[test]
    fn agrees_on_random_combinations(u1: [u8; 32], u2: [u8; 32], scale: [u8; 32]) {
        check_combination(scalar(u1), scalar(u2), scalar(scale));
    }

    /// Digits near the boundaries of words and windows.
    #[test]
    fn agrees_on_sparse_combinations(a in 0u32..256, b in 0u32..256, c in 0u32..256, d in 0u32..256) {
        let power = |k: u32| Scalar::from(2u64).pow_vartime([u64::from(k)]);
        check_combination(power(a) - power(b), power(c) - power(d), Scalar::from(7u64));
    }
}
