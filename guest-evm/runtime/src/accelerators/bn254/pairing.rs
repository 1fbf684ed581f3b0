//! The optimal ate pairing (Vercauteren 2010) over a product of pairs.
//!
//! A point `(x, y)` of the twist `y^2 = x^3 + 3 / xi` stands for `(x w^2, y w^3)` on the curve. The line of slope
//! `s w` through it, at `(x', y')` of the curve, is `y' - s x' w + (s x - y) w^3`, up to factors that the final
//! exponentiation kills.

use alloc::vec::Vec;

use super::fp2::{Fp, Fp2};
use super::fp12::{FROBENIUS, Fp12};
use crate::accelerators::curve::Field;

/// The curve's parameter.
pub const X: u128 = 4_965_661_367_192_848_881;

/// `3 * (3 / xi)`, three times the twist's constant.
const THREE_B: Fp2 = Fp2::hex(
    "20753adca9c6bfb81499be5e509e8f8ff21b7c8d3cb039cf1ef69c66bce9b021",
    "01c53b10b0d2fc7e67860f09cc8af9ddf5eee18eaf8748f8ade8371391494176",
);

const LOOP: [i8; 66] = signed_digits(6 * X + 2);
const X_DIGITS: [i8; 66] = signed_digits(X);

/// The non-adjacent form, lowest digit first.
const fn signed_digits(mut value: u128) -> [i8; 66] {
    let mut digits = [0; 66];
    let mut at = 0;
    while value > 0 {
        if value % 4 == 1 {
            digits[at] = 1;
            value -= 1;
        } else if value % 4 == 3 {
            digits[at] = -1;
            value += 1;
        }
        value /= 2;
        at += 1;
    }
    digits
}

/// A point of the curve and one of the twist, of the group's order both.
pub struct Pair {
    pub g1: (Fp, Fp),
    pub g2: (Fp2, Fp2),
}

/// Whether the product of the pairings is one.
pub fn product_is_one(pairs: &[Pair]) -> bool {
    final_exponentiation(&miller_loop(pairs)) == Fp12::ONE
}

/// Runs the loop for all pairs side by side, so that they share the squarings.
fn miller_loop(pairs: &[Pair]) -> Fp12 {
    let mut value = Fp12::ONE;
    let mut points: Vec<Homogeneous> = pairs.iter().map(|pair| Homogeneous::new(&pair.g2)).collect();
    let top = LOOP.iter().rposition(|&digit| digit != 0).unwrap_or(0);
    for at in (0..top).rev() {
        value = value.square();
        for (pair, point) in pairs.iter().zip(&mut points) {
            value = value.mul_line(&point.double(&pair.g1));
            let (x, y) = &pair.g2;
            match LOOP[at] {
                1 => value = value.mul_line(&point.add(&(*x, *y), &pair.g1)),
                -1 => value = value.mul_line(&point.add(&(*x, y.negate()), &pair.g1)),
                _ => {}
            }
        }
    }
    for (pair, point) in pairs.iter().zip(&mut points) {
        let once = frobenius(&pair.g2);
        let (x, y) = frobenius(&once);
        value = value.mul_line(&point.add(&once, &pair.g1));
        value = value.mul_line(&point.add(&(x, y.negate()), &pair.g1));
    }
    value
}

/// The Frobenius map of the curve, on the twist.
pub fn frobenius((x, y): &(Fp2, Fp2)) -> (Fp2, Fp2) {
    (x.conjugate().mul(&FROBENIUS[2]), y.conjugate().mul(&FROBENIUS[3]))
}

/// A point of the twist as `(x / z, y / z)`.
struct Homogeneous {
    x: Fp2,
    y: Fp2,
    z: Fp2,
}

impl Homogeneous {
    fn new((x, y): &(Fp2, Fp2)) -> Self {
        Self { x: *x, y: *y, z: Fp2::ONE }
    }

    /// Doubles the point and returns the tangent's line at `at` (Costello, Lange, Naehrig 2010, all scaled by 4).
    fn double(&mut self, (at_x, at_y): &(Fp, Fp)) -> [Fp2; 3] {
        let b = self.y.square();
        let e = THREE_B.mul(&self.z.square());
        let h = self.y.mul(&self.z).times(2);
        let f = e.times(3);
        let squared = self.x.square();
        let line = [h.negate().scale(at_y), squared.times(3).scale(at_x), e.sub(&b)];
        let sum = b.add(&f);
        self.x = self.x.mul(&self.y).mul(&b.sub(&f)).times(2);
        self.y = sum.square().sub(&e.square().times(12));
        self.z = b.mul(&h).times(4);
        line
    }

    /// Adds a point and returns the line's value at `at`.
    fn add(&mut self, (x2, y2): &(Fp2, Fp2), (at_x, at_y): &(Fp, Fp)) -> [Fp2; 3] {
        let theta = self.y.sub(&y2.mul(&self.z));
        let lambda = self.x.sub(&x2.mul(&self.z));
        let minus_theta = theta.negate();
        let square = lambda.square();
        let cube = square.mul(&lambda);
        let g = self.x.mul(&square);
        let h = theta.mul_add(&theta.mul(&self.z), &cube).sub(&g.times(2));
        self.x = lambda.mul(&h);
        self.y = theta.mul(&g.sub(&h)).sub(&cube.mul(&self.y));
        self.z = self.z.mul(&cube);
        [lambda.scale(at_y), minus_theta.scale(at_x), theta.mul(x2).sub(&lambda.mul(y2))]
    }
}

/// A power of `value^((p^12 - 1) / r)` that is one only if that is (Fuentes-Castaneda, Knapp, Rodriguez-Henriquez 2011).
fn final_exponentiation(value: &Fp12) -> Fp12 {
    let f = value.conjugate().mul(&value.invert());
    let f = f.frobenius().frobenius().mul(&f);
    // Exponents of f by name: "2x", "6x", "6x^2", "12x^3".
    let f_2x = power_of_x(&f).square_cyclotomic();
    let f_6x = f_2x.square_cyclotomic().mul(&f_2x);
    let f_6xx = power_of_x(&f_6x);
    let f_12xxx = power_of_x(&f_6xx.square_cyclotomic());
    let common = f_12xxx.mul(&f_6xx);
    let second = common.mul(&f_2x.square_cyclotomic());
    let third = common.mul(&f_6x);
    let first = third.mul(&f_6xx).mul(&f);
    let fourth = second.mul(&f.conjugate());
    // first * second^p * third^(p^2) * fourth^(p^3)
    let inner = third.mul(&fourth.frobenius());
    first.mul(&second.mul(&inner.frobenius()).frobenius())
}

/// `value^x` in the cyclotomic subgroup.
fn power_of_x(value: &Fp12) -> Fp12 {
    let inverse = value.conjugate();
    let mut power = Fp12::ONE;
    for digit in X_DIGITS.iter().rev() {
        power = power.square_cyclotomic();
        match digit {
            1 => power = power.mul(value),
            -1 => power = power.mul(&inverse),
            _ => {}
        }
    }
    power
}
