//! ECDSA verification over secp256r1 (FIPS 186-5; the precompile at 0x100, EIP-7951), on `mulmod256`.

use super::curve::{self, Affine, Field};
use super::field::{ONE, Words, ZERO, mul_add_mod, power_mod};

const P: Words = Words::hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
const N: Words = Words::hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const B: Fp = Fp(Words::hex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"));
const GENERATOR: (Fp, Fp) = (
    Fp(Words::hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")),
    Fp(Words::hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")),
);

/// Whether `r_s` (`r`, `s`) signs `hash` under `public_key` (`x`, `y`), all big-endian. `s` may be high.
///
/// False also where `r` or `s` is zero or not below the order, or the key is no point of the curve.
pub fn verify(hash: &[u8; 32], r_s: &[u8; 64], public_key: &[u8; 64]) -> bool {
    let [r, s] = halves(r_s);
    let [x, y] = halves(public_key);
    if r.is_zero() || s.is_zero() || !r.less(&N) || !s.less(&N) {
        return false;
    }
    let Some(key) = point(&x, &y) else {
        return false;
    };
    let inverse = power_mod(&s.0, &N.minus(&Words([2, 0, 0, 0])).0, &N.0);
    let by_inverse = |scalar: &Words| mul_add_mod(&scalar.0, &inverse, &ZERO.0, &N.0);
    let (u1, u2) = (by_inverse(&Words::from_be(hash)), by_inverse(&r));
    let sum = curve::combine(&u1, &Some(GENERATOR), &u2, &Some(key));
    sum.is_some_and(|(x, _)| mul_add_mod(&x.0.0, &ONE.0, &ZERO.0, &N.0) == r.0)
}

fn halves(bytes: &[u8; 64]) -> [Words; 2] {
    let half = |from: usize| Words::from_be(&core::array::from_fn(|i| bytes[from + i]));
    [half(0), half(32)]
}

/// The point with these coordinates, if it is one. Infinity has none.
fn point(x: &Words, y: &Words) -> Affine<Fp> {
    if !x.less(&P) || !y.less(&P) {
        return None;
    }
    let (x, y) = (Fp(*x), Fp(*y));
    let right = x.square().sub(&Fp::ONE.times(3)).mul(&x).add(&B);
    (y.square() == right).then_some((x, y))
}

/// An element of the field of coordinates, below `P`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fp(Words);

impl Fp {
    #[inline(always)]
    fn mul_add(&self, factor: &Words, addend: &Words) -> Self {
        Self(Words(mul_add_mod(&self.0.0, &factor.0, &addend.0, &P.0)))
    }
}

impl Field for Fp {
    const ZERO: Self = Self(Words([0; 4]));
    const ONE: Self = Self(Words([1, 0, 0, 0]));

    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        self.mul_add(&ONE, &other.0)
    }

    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        const MINUS_ONE: Words = P.minus(&Words([1, 0, 0, 0]));
        other.mul_add(&MINUS_ONE, &self.0)
    }

    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        self.mul_add(&other.0, &ZERO)
    }

    #[inline(always)]
    fn times(&self, factor: u64) -> Self {
        self.mul_add(&Words([factor, 0, 0, 0]), &ZERO)
    }

    /// By Fermat: `self^(p - 2)`.
    fn invert(&self) -> Self {
        Self(Words(power_mod(&self.0.0, &P.minus(&Words([2, 0, 0, 0])).0, &P.0)))
    }

    /// `a = -3`: `3 (x - z^2) (x + z^2)`.
    fn tangent(x: &Self, z: &Self) -> Self {
        let square = z.square();
        x.sub(&square).mul(&x.add(&square)).times(3)
    }
}

#[cfg(test)]
mod tests {
    use super::{GENERATOR, N, P, curve, verify};
    use crate::accelerators::field::{ONE, Words, mul_add_mod, power_mod};
    use proptest::prelude::*;
    use revm::precompile::{Crypto, DefaultCrypto};

    fn check(hash: &[u8; 32], r_s: &[u8; 64], key: &[u8; 64]) -> bool {
        let valid = verify(hash, r_s, key);
        assert_eq!(valid, DefaultCrypto.secp256r1_verify_signature(hash, r_s, key), "{hash:?} {r_s:?} {key:?}");
        valid
    }

    fn joined(a: &Words, b: &Words) -> [u8; 64] {
        let mut bytes = [0; 64];
        a.write_be(&mut bytes[..32]);
        b.write_be(&mut bytes[32..]);
        bytes
    }

    fn mul_n(a: &Words, b: &Words, c: &Words) -> Words {
        Words(mul_add_mod(&a.0, &b.0, &c.0, &N.0))
    }

    /// The public key of `secret` and its signature of `hash` with the nonce `nonce`, all below the order and not zero.
    fn sign(secret: &Words, nonce: &Words, hash: &[u8; 32]) -> ([u8; 64], [u8; 64]) {
        let (x, y) = curve::multiply(&Some(GENERATOR), &secret.0).expect("a key");
        let (nonce_x, _) = curve::multiply(&Some(GENERATOR), &nonce.0).expect("a point");
        let zero = Words([0; 4]);
        let r = mul_n(&nonce_x.0, &ONE, &zero);
        let hash = mul_n(&Words::from_be(hash), &ONE, &zero);
        let inverse = Words(power_mod(&nonce.0, &N.minus(&Words([2, 0, 0, 0])).0, &N.0));
        let s = mul_n(&mul_n(&r, secret, &hash), &inverse, &zero);
        (joined(&x.0, &y.0), joined(&r, &s))
    }

    fn small(value: u64) -> Words {
        Words([value, 0, 0, 0])
    }

    #[test]
    fn agrees_at_the_edges() {
        let hash = [7; 32];
        let (key, signature) = sign(&small(5), &small(9), &hash);
        assert!(check(&hash, &signature, &key));
        let s = Words::from_be(signature[32..].try_into().expect("32 bytes"));
        let r = Words::from_be(signature[..32].try_into().expect("32 bytes"));
        assert!(check(&hash, &joined(&r, &N.minus(&s)), &key));
        for r in [small(0), small(1), N.minus(&small(1)), N, P, Words([u64::MAX; 4]), r] {
            for s in [small(0), small(1), N.minus(&small(1)), N, Words([u64::MAX; 4]), s] {
                check(&hash, &joined(&r, &s), &key);
                check(&[0; 32], &joined(&r, &s), &key);
            }
        }
        for at in 0..64 {
            let mut wrong = key;
            wrong[at] ^= 1;
            assert!(!check(&hash, &signature, &wrong));
        }
        assert!(!check(&hash, &signature, &[0; 64]));
        assert!(!check(&hash, &signature, &[0xff; 64]));
    }

    /// Keys that are small multiples of the generator make sums pass through equal and opposite points.
    #[test]
    fn agrees_where_the_key_is_close_to_the_generator() {
        for secret in 1..12 {
            for secret in [small(secret), N.minus(&small(secret))] {
                let (key, signature) = sign(&secret, &small(3), &[0; 32]);
                assert!(check(&[0; 32], &signature, &key));
                let mut hash = [0; 32];
                signature[..32].iter().enumerate().for_each(|(i, byte)| hash[i] = *byte);
                check(&hash, &signature, &key);
                let (key, signature) = sign(&secret, &small(1), &hash);
                assert!(check(&hash, &signature, &key));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn agrees(secret: [u8; 32], nonce: [u8; 32], hash: [u8; 32], other: [u8; 32]) {
            let below = |bytes: &[u8; 32]| mul_n(&Words::from_be(bytes), &ONE, &Words([0; 4]));
            prop_assume!(!below(&secret).is_zero() && !below(&nonce).is_zero());
            let (key, signature) = sign(&below(&secret), &below(&nonce), &hash);
            prop_assert!(check(&hash, &signature, &key));
            prop_assert_eq!(check(&other, &signature, &key), other == hash);
        }
    }
}
