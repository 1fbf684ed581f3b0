//! The field of pairing values: the extension of [`Fp2`] by `w^6 = xi = 1 + i`, written as six coefficients.

use super::fp::{Base, Element, Fp, TWO};
use super::fp2::Fp2;
use crate::accelerators::field::{Modulus, Words};

static THREE: Words<6> = Words::small(3);
static SIX: Words<6> = Words::small(6);

/// A place for the sum of `c_i w^i`. Results take no operand's place.
pub struct Fp12(pub [Fp2; 6]);

/// Places for intermediate results.
pub struct Scratch {
    /// The negatives of imaginary parts.
    minus_c1: [Fp; 6],
    parts: [Fp2; 7],
}

impl Scratch {
    pub fn new() -> Self {
        Self { minus_c1: [const { Fp::PLACE }; 6], parts: [const { Fp2::PLACE }; 7] }
    }

    /// The negatives of the imaginary parts of `a`, and the places for other results.
    #[inline(always)]
    fn negate(&self, a: &Fp12) -> (&[Fp; 6], &[Fp2; 7]) {
        self.minus_c1.iter().zip(&a.0).for_each(|(place, coefficient)| place.negate(&coefficient.c1));
        (&self.minus_c1, &self.parts)
    }
}

/// `xi^(i (p - 1) / 6)`: what the Frobenius map makes of `w^i` beside conjugating its coefficient.
pub static FROBENIUS: [[Words<6>; 2]; 6] = [
    [Words::small(1), Words::ZERO],
    [
        Words::hex("1904d3bf02bb0667c231beb4202c0d1f0fd603fd3cbd5f4f7b2443d784bab9c4f67ea53d63e7813d8d0775ed92235fb8"),
        Words::hex("00fc3e2b36c4e03288e9e902231f9fb854a14787b6c7b36fec0c8ec971f63c5f282d5ac14d6c7ec22cf78a126ddc4af3"),
    ],
    [Words::ZERO, Words::hex("1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaac")],
    [
        Words::hex("06af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09"),
        Words::hex("06af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09"),
    ],
    [Words::hex("1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaad"), Words::ZERO],
    [
        Words::hex("05b2cfd9013a5fd8df47fa6b48b1e045f39816240c0b8fee8beadf4d8e9c0566c63a3e6e257f87329b18fae980078116"),
        Words::hex("144e4211384586c16bd3ad4afa99cc9170df3560e77982d0db45f3536814f0bd5871c1908bd478cd1ee605167ff82995"),
    ],
];

impl Fp12 {
    pub fn zero() -> Self {
        Self([const { Fp2::PLACE }; 6])
    }

    /// A place with one in it.
    pub fn one() -> Self {
        let place = Self::zero();
        place.0[0].put(&Fp2::ONE);
        place
    }

    pub fn is_one(&self) -> bool {
        self.0[0].c0.get() == Words::small(1) && self.0[0].c1.is_zero() && self.0[1..].iter().all(Fp2::is_zero)
    }

    pub fn copy(&self, other: &Self) {
        self.0.iter().zip(&other.0).for_each(|(place, coefficient)| place.copy(coefficient));
    }

    /// `self = a b`.
    pub fn mul(&self, a: &Self, b: &Self, scratch: &Scratch) {
        self.sum_products(a, &b.0, &[0, 1, 2, 3, 4, 5], scratch);
    }

    /// `self = a (line[0] + line[1] w^2 + line[2] w^3)`.
    pub fn mul_line(&self, a: &Self, line: &[Fp2; 3], scratch: &Scratch) {
        self.sum_products(a, line, &[0, 2, 3], scratch);
    }

    /// `a` times the sum of `factors[k] w^powers[k]`.
    #[inline(always)]
    fn sum_products<const K: usize>(&self, a: &Self, factors: &[Fp2; K], powers: &[usize; K], scratch: &Scratch) {
        self.0.iter().for_each(Element::put_zero);
        let (minus_c1, [wrapped, ..]) = scratch.negate(a);
        for (b, &power) in factors.iter().zip(powers) {
            if power > 0 {
                wrapped.times_xi(b);
            }
            for (i, (coefficient, minus_c1)) in a.0.iter().zip(minus_c1).enumerate() {
                let (at, factor) = if i + power < 6 { (i + power, b) } else { (i + power - 6, wrapped) };
                self.0[at].accumulate(coefficient, minus_c1, factor);
            }
        }
    }

    /// `self = a^2`. Products of different coefficients count twice; from `w^6` on they wrap.
    pub fn square(&self, a: &Self, scratch: &Scratch) {
        let (minus_c1, [twice, wrapped, ..]) = scratch.negate(a);
        self.0.iter().for_each(Element::put_zero);
        for j in 0..6 {
            if j < 3 {
                self.0[2 * j].accumulate(&a.0[j], &minus_c1[j], &a.0[j]);
            } else {
                wrapped.times_xi(&a.0[j]);
                self.0[2 * j - 6].accumulate(&a.0[j], &minus_c1[j], wrapped);
            }
            if j > 0 {
                twice.scale(&a.0[j], &TWO);
            }
            // `i + j < 6` for the first factors and for no other.
            let plain = j.min(6 - j);
            if plain < j {
                wrapped.scale(wrapped, &TWO);
            }
            for (i, (coefficient, minus_c1)) in a.0.iter().zip(minus_c1).enumerate().take(j) {
                let (at, factor) = if i < plain { (i + j, twice) } else { (i + j - 6, wrapped) };
                self.0[at].accumulate(coefficient, minus_c1, factor);
            }
        }
    }

    /// The square of an element of the cyclotomic subgroup, in place (Granger, Scott 2010): with `s = w^3` and the three parts
    /// `A + B w + C w^2` over `Fp2[s]`, it is `3A^2 - 2A' + (3s C^2 + 2B') w + (3B^2 - 2C') w^2`, where `'` negates `s`.
    pub fn square_cyclotomic(&self, scratch: &Scratch) {
        let [a0, b0, c0, a1, b1, c1] = &self.0;
        let [aa, a_a, bb, b_b, cc, c_c, t] = &scratch.parts;
        square_pair(aa, a_a, a0, a1);
        square_pair(bb, b_b, b0, b1);
        square_pair(cc, c_c, c0, c1);
        let less = |part: &Fp2, square: &Fp2| {
            part.scale(part, Base::MINUS_TWO);
            part.scale_add(square, &THREE, part);
        };
        let more = |part: &Fp2, half_of_square: &Fp2| {
            part.scale(part, &TWO);
            part.scale_add(half_of_square, &SIX, part);
        };
        less(a0, aa);
        more(a1, a_a);
        less(c0, bb);
        more(c1, b_b);
        less(b1, cc);
        t.times_xi(c_c);
        more(b0, t);
    }

    /// `self = self^(p^6)`, the inverse of an element of norm one.
    pub fn conjugate(&self) {
        self.0.iter().skip(1).step_by(2).for_each(|coefficient| coefficient.negate(coefficient));
    }

    /// `self = a^p`.
    pub fn frobenius(&self, a: &Self) {
        let conjugate = Fp2::zero();
        for ((place, coefficient), factor) in self.0.iter().zip(&a.0).zip(&FROBENIUS) {
            conjugate.conjugate(coefficient);
            place.mul_constant(&conjugate, factor);
        }
    }

    /// `self = 1 / a`, by the norm over `Fp2[w^2]` and then over `Fp2`.
    pub fn invert(&self, a: &Self, scratch: &Scratch) {
        let (conjugate, norm, inverse) = (Self::zero(), Self::zero(), Self::zero());
        conjugate.copy(a);
        conjugate.conjugate();
        // In Fp2[v] with v = w^2: only even coefficients are left.
        norm.mul(a, &conjugate, scratch);
        let [a, _, b, _, c, _] = &norm.0;
        let [x, _, y, _, z, _] = &inverse.0;
        let (t, xi_t) = (Fp2::zero(), Fp2::zero());
        // x = a^2 - xi b c, y = xi c^2 - a b, z = b^2 - a c.
        t.mul(b, c);
        xi_t.times_xi(&t);
        x.square(a);
        x.sub(x, &xi_t);
        t.square(c);
        xi_t.times_xi(&t);
        y.mul(a, b);
        y.sub(&xi_t, y);
        z.mul(a, c);
        t.square(b);
        z.sub(&t, z);
        // The norm over Fp2 is a x + xi (c y + b z).
        t.mul(b, z);
        t.mul_add(c, y, &t);
        xi_t.times_xi(&t);
        t.mul_add(a, x, &xi_t);
        xi_t.invert(&t);
        for part in [x, y, z] {
            part.mul(part, &xi_t);
        }
        self.mul(&conjugate, &inverse, scratch);
    }
}

/// The parts of `(a + b s)^2` for `s^2 = xi`: `a^2 + b (xi b)` and half of `2 a b`.
#[inline(always)]
fn square_pair(constant: &Fp2, half_of_linear: &Fp2, a: &Fp2, b: &Fp2) {
    let xi_b = half_of_linear;
    xi_b.times_xi(b);
    constant.mul(b, xi_b);
    constant.square_add(a, constant);
    half_of_linear.mul(a, b);
}
