//! Scalars: inverse, split by the endomorphism, signed windows.

use super::Scalars;
use crate::accelerators::field::{Modulus, Slot, Words};
use crate::accelerators::power::{ODD_POWERS, Windows, continue_power, fill_odd_powers};

type F = Scalars;

/// `-lambda`, where lambda is the scalar by which the endomorphism multiplies.
static MINUS_LAMBDA: Words = Words::hex("ac9c52b33fa3cf1f5ad9e3fd77ed9ba4a880b9fc8ec739c2e0cfc810b51283cf");

/// The lattice of `(a, b)` with `a + b lambda = 0` modulo n has the basis `(a1, b1), (a2, b2)` with
/// `a1 = b2 = 0x3086d221a7d46bcde86c90e49284eb15`, `b1 = -0xe4437ed6010e88286f547fa90abfe4c3`.
static MINUS_B1: Words = Words::hex("00000000000000000000000000000000e4437ed6010e88286f547fa90abfe4c3");
static MINUS_B2: Words = Words::hex("fffffffffffffffffffffffffffffffe8a280ac50774346dd765cda83db1562c");

/// `round(2^384 b2 / n)` and `round(-2^384 b1 / n)`, without their lowest words.
const B2_BY_N: [u64; 3] = [0x3daa_8a14_71e8_ca7f, 0xe86c_90e4_9284_eb15, 0x3086_d221_a7d4_6bcd];
const MINUS_B1_BY_N: [u64; 3] = [0x2212_08ac_9df5_06c6, 0x6f54_7fa9_0abf_e4c4, 0xe443_7ed6_010e_8828];

/// `inverse = 1 / value` for a value that is not zero: `value^(n - 2)`.
///
/// The exponent begins with 127 ones; the rest goes by windows of four bits.
pub fn invert(value: &Words, inverse: &Slot) {
    let x = inverse;
    let odd_powers = [const { Slot::zero() }; ODD_POWERS];
    odd_powers[0].put(value);
    fill_odd_powers::<F, 4>(&odd_powers);
    let (ones_7, ones_21, ones_63) = (Slot::zero(), Slot::zero(), Slot::zero());
    let ones_3 = &odd_powers[3];
    let extend = |from: &Slot, by: usize, with: &Slot| {
        x.mul::<F>(from, from);
        x.square_times::<F>(by - 1);
        x.mul::<F>(x, with);
    };
    extend(ones_3, 3, ones_3);
    extend(x, 1, &odd_powers[0]);
    ones_7.copy(x);
    extend(x, 7, &ones_7);
    extend(x, 7, &ones_7);
    ones_21.copy(x);
    extend(x, 21, &ones_21);
    extend(x, 21, &ones_21);
    ones_63.copy(x);
    extend(x, 63, &ones_63);
    extend(x, 1, &odd_powers[0]);
    continue_power::<F, 4>(x, REST.steps(), &odd_powers);
}

/// The 129 bits of `n - 2` after its 127 ones.
static REST: Windows<40> = Windows::new(F::MINUS_TWO, 129);

/// A magnitude and whether it counts as negative.
pub struct Signed {
    pub magnitude: u128,
    pub negative: bool,
}

/// `(k1, k2)` with `k = k1 + k2 lambda` modulo n, both below 2^128 in magnitude.
///
/// `None` if a part is larger, which the bounds on the lattice exclude.
pub fn split(k: &Slot) -> Option<(Signed, Signed)> {
    let words = k.get();
    let (k1, k2) = (Slot::zero(), Slot::zero());
    k1.mul::<F>(&multiply_round(&words, &B2_BY_N), &MINUS_B1);
    k2.mul_add::<F>(&multiply_round(&words, &MINUS_B1_BY_N), &MINUS_B2, &k1);
    k1.mul_add::<F>(&k2, &MINUS_LAMBDA, k);
    Some((signed(&k1)?, signed(&k2)?))
}

/// `k g / 2^384` rounded, where `g` lacks its lowest word: off by one at most, and very rarely.
#[inline]
fn multiply_round(k: &Words, g: &[u64; 3]) -> Words {
    let mut product = [0u64; 6];
    for i in 0..3 {
        let mut carry = 0u64;
        for j in 0..3 {
            let sum = u128::from(k.0[i + 1]) * u128::from(g[j]) + u128::from(product[i + j]) + u128::from(carry);
            product[i + j] = sum as u64;
            carry = (sum >> 64) as u64;
        }
        product[i + 3] = carry;
    }
    let rounded = (u128::from(product[5]) << 64 | u128::from(product[4])) + u128::from(product[3] >> 63);
    Words([rounded as u64, (rounded >> 64) as u64, 0, 0])
}

/// The representative of least magnitude.
fn signed(k: &Slot) -> Option<Signed> {
    let negative = k.get().0[3] != 0;
    if negative {
        k.mul::<F>(k, F::MINUS_ONE);
    }
    let [low, high, 0, 0] = k.get().0 else {
        return None;
    };
    Some(Signed { magnitude: u128::from(high) << 64 | u128::from(low), negative })
}

/// Writes the signed sliding windows of `scalar`: odd digits below `2^(width - 1)` in magnitude, each at the position
/// `emit` is told, at least `width` apart. The last position is at most 128.
#[inline]
pub fn recode(scalar: &Signed, width: u32, mut emit: impl FnMut(usize, i8)) {
    let mut rest = scalar.magnitude;
    let mut position = 0;
    while rest != 0 {
        let low = rest as u64;
        if low == 0 {
            rest >>= 64;
            position += 64;
            continue;
        }
        let zeros = low.trailing_zeros();
        rest >>= zeros;
        position += zeros as usize;
        let window = (rest as u64 & ((1 << width) - 1)) as i64;
        rest >>= width;
        let carries = window >> (width - 1);
        rest += carries as u128;
        let digit = window - (carries << width);
        emit(position, (if scalar.negative { -digit } else { digit }) as i8);
        position += width as usize;
    }
}
