//! Verification and public-key recovery of ECDSA over secp256k1 (SEC 1, sections 4.1.4 and 4.1.6; SEC 2, section 2.4.1),
//! on `mulmod256`.
//!
//! The two scalars are split by the curve's endomorphism (Gallant, Lambert, Vanstone 2001) into four of 128 bits,
//! whose signed sliding windows share 128 doublings in Jacobian coordinates. Two things keep the number of
//! accelerator calls low: doubling and addition each return the negative of the true point, which saves a
//! call and costs a flag; and the table of the recovered point stays on an isomorphic curve on which it is affine, with one
//! common denominator, so that it needs no inversion.
//!
//! The addition formula is wrong only where it meets a point and its equal or negative, and then leaves `Z = 0`, which
//! sticks. A result with `Z = 0` is computed once more, bit by bit, with every case told apart.

mod generator;
mod multiply;
mod point;
pub(super) mod scalar;
#[cfg(test)]
mod tests;

use super::field::{Modulus, ONE, Slot, Words};
use multiply::linear_combination;

/// The field of coordinates, `p = 2^256 - 2^32 - 977`.
pub(super) struct Coordinates;

/// The field of scalars: the group's order `n`.
pub(super) struct Scalars;

const P: Words = Words::hex("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");
const N: Words = Words::hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

impl Modulus for Coordinates {
    const M: &'static Words = &P;
    const MINUS_ONE: &'static Words = &P.minus(&Words([1, 0, 0, 0]));
    const MINUS_TWO: &'static Words = &P.minus(&Words([2, 0, 0, 0]));
}

impl Modulus for Scalars {
    const M: &'static Words = &N;
    const MINUS_ONE: &'static Words = &N.minus(&Words([1, 0, 0, 0]));
    const MINUS_TWO: &'static Words = &N.minus(&Words([2, 0, 0, 0]));
}

/// A cube root of unity: `(x, y) -> (BETA x, y)` multiplies a point by the scalar lambda of [`scalar`].
const BETA: Words = Words::hex("7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501ee");

static SEVEN: Words = Words([7, 0, 0, 0]);

/// The public key (`x` and `y`, big-endian) whose signature of `hash` is `r_s` (`r` and `s`, big-endian).
///
/// `recid` is the parity of the nonce point's `y`, plus 2 if its `x` was reduced by `n` to give `r`. `s` may be high.
///
/// `None` where no key exists: `recid > 3`, `r` or `s` zero or not below `n`, no point with this `x`, or the key
/// would be the point at infinity.
pub fn recover(hash: &[u8; 32], r_s: &[u8; 64], recid: u8) -> Option<[u8; 64]> {
    let (r_bytes, s_bytes) = r_s.split_first_chunk::<32>()?;
    let r = Words::from_be(r_bytes);
    let s = Words::from_be(s_bytes.first_chunk::<32>()?);
    if recid > 3 || r.is_zero() || s.is_zero() || !r.less(&N) || !s.less(&N) {
        return None;
    }
    let x = if recid & 2 == 0 { r } else { unreduced(&r)? };
    let (nonce_x, nonce_y) = lift_x(&x, recid & 1)?;

    // Q = (-hash / r) G + (s / r) R
    let inverse = Slot::zero();
    scalar::invert(&r, &inverse);
    let (u1, u2) = (Slot::zero(), Slot::zero());
    u1.mul::<Scalars>(&Words::from_be(hash), &inverse);
    u1.mul::<Scalars>(&u1, Scalars::MINUS_ONE);
    u2.mul::<Scalars>(&s, &inverse);
    linear_combination(&u1, &u2, &nonce_x, &nonce_y)
}

/// Whether `r_s` (`r`, `s`) signs `hash` under `public_key` (`x`, `y`), all big-endian. `s` may be high.
///
/// False also where `r` or `s` is zero or not below the order, or the key is no point of the curve.
pub fn verify(hash: &[u8; 32], r_s: &[u8; 64], public_key: &[u8; 64]) -> bool {
    nonce_point(hash, r_s, public_key).is_some_and(|(x, _)| {
        let reduced = Slot::zero();
        reduced.mul::<Scalars>(&x, &ONE);
        reduced.get() == half(r_s, 0)
    })
}

/// Whether [`recover`] gives `public_key`, for the cost of [`verify`], which is lower.
///
/// Recovery solves the equation that verification checks for the key, given the nonce point that `r` and `recid` name.
pub fn recovers(hash: &[u8; 32], r_s: &[u8; 64], recid: u8, public_key: &[u8; 64]) -> bool {
    let r = half(r_s, 0);
    let Some(named) = (if recid & 2 == 0 { Some(r) } else { unreduced(&r) }) else { return false };
    recid <= 3 && nonce_point(hash, r_s, public_key).is_some_and(|(x, y)| x == named && y.0[0] & 1 == u64::from(recid & 1))
}

fn half(bytes: &[u8; 64], from: usize) -> Words {
    Words::from_be(&core::array::from_fn(|i| bytes[from + i]))
}

/// The nonce point's coordinates by which `r_s` could sign `hash` under `public_key`: those of `(hash / s) G + (r / s) Q`.
///
/// `None` if it is the point at infinity, `r` or `s` is zero or not below the order, or the key is no point of the curve.
fn nonce_point(hash: &[u8; 32], r_s: &[u8; 64], public_key: &[u8; 64]) -> Option<(Words, Words)> {
    let (r, s, x, y) = (half(r_s, 0), half(r_s, 32), half(public_key, 0), half(public_key, 32));
    if r.is_zero() || s.is_zero() || !r.less(&N) || !s.less(&N) || !is_on_curve(&x, &y) {
        return None;
    }
    let (key_x, key_y) = (Slot::zero(), Slot::zero());
    key_x.put(&x);
    key_y.put(&y);

    let inverse = Slot::zero();
    scalar::invert(&s, &inverse);
    let (u1, u2) = (Slot::zero(), Slot::zero());
    u1.mul::<Scalars>(&Words::from_be(hash), &inverse);
    u2.mul::<Scalars>(&r, &inverse);
    let sum = linear_combination(&u1, &u2, &key_x, &key_y)?;
    Some((half(&sum, 0), half(&sum, 32)))
}

/// Whether `x` and `y` are the coordinates of a point.
fn is_on_curve(x: &Words, y: &Words) -> bool {
    if !x.less(&P) || !y.less(&P) {
        return false;
    }
    let (left, right) = (Slot::zero(), Slot::zero());
    left.mul::<Coordinates>(y, y);
    right.mul::<Coordinates>(x, x);
    right.mul_add::<Coordinates>(&right, x, &SEVEN);
    left.get() == right.get()
}

/// `r + n` if it is below `p`.
fn unreduced(r: &Words) -> Option<Words> {
    r.less(&P.minus(&N)).then(|| {
        let mut sum = Words([0; 4]);
        let mut carry = false;
        for i in 0..4 {
            let (word, over_a) = r.0[i].overflowing_add(N.0[i]);
            let (word, over_b) = word.overflowing_add(u64::from(carry));
            sum.0[i] = word;
            carry = over_a | over_b;
        }
        sum
    })
}

/// The point with this `x` and this parity of `y`.
fn lift_x(x_words: &Words, odd: u8) -> Option<(Slot, Slot)> {
    let (x, y, y_squared) = (Slot::zero(), Slot::zero(), Slot::zero());
    x.put(x_words);
    y_squared.mul::<Coordinates>(&x, &x);
    y_squared.mul_add::<Coordinates>(&y_squared, &x, &SEVEN);
    point::square_root_candidate(&y_squared, &y);
    let square = Slot::zero();
    square.mul::<Coordinates>(&y, &y);
    if square.get() != y_squared.get() {
        return None;
    }
    // y is not zero: the order of the group is odd.
    if y.get().0[0] & 1 != u64::from(odd) {
        y.mul::<Coordinates>(&y, Coordinates::MINUS_ONE);
    }
    Some((x, y))
}
