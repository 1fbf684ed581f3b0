//! The optimal ate pairing (Vercauteren 2010) over a product of pairs.
//!
//! A point `(x, y)` of the twist `y^2 = x^3 + 4 xi` stands for `(x / w^2, y / w^3)` on the curve. The line of slope
//! `s / w` through it, at `(x', y')` of the curve, is `(s x - y) - s x' w^2 + y' w^3`, up to factors that the final
//! exponentiation kills.
//!
//! The curve's parameter `-U` is negative, which makes the loop's value over `U` the inverse of what it should be: it is one
//! for the same products.

use alloc::vec::Vec;

use super::fp::{Base, Element, Fp, P, TWO, U};
use super::fp2::Fp2;
use super::fp12::{self, Fp12};
use super::point::Affine;
use crate::accelerators::field::{Modulus, Words};

static THREE: Words<6> = Words::small(3);
static FOUR: Words<6> = Words::small(4);
static TWELVE: Words<6> = Words::small(12);
static MINUS_TWELVE: Words<6> = P.minus(&TWELVE);

/// Whether the product of the pairings of points of the groups is one.
pub fn product_is_one(pairs: &[(Affine<Fp>, Affine<Fp2>)]) -> bool {
    final_exponentiation(miller_loop(pairs)).is_one()
}

/// Runs the loop for all pairs side by side, so that they share the squarings.
fn miller_loop(pairs: &[(Affine<Fp>, Affine<Fp2>)]) -> Fp12 {
    let (even, odd) = (Fp12::one(), Fp12::zero());
    let (mut value, mut next) = (&even, &odd);
    let (scratch, power_scratch) = (Scratch([const { Fp2::PLACE }; 6]), fp12::Scratch::new());
    let line = [const { Fp2::PLACE }; 3];
    let points: Vec<Homogeneous> = pairs.iter().map(|(g1, g2)| Homogeneous::new(g1, g2)).collect();
    for at in (0..63).rev() {
        if at < 62 {
            next.square(value, &power_scratch);
            core::mem::swap(&mut value, &mut next);
        }
        for (point, (_, g2)) in points.iter().zip(pairs) {
            point.double(&scratch, &line);
            next.mul_line(value, &line, &power_scratch);
            core::mem::swap(&mut value, &mut next);
            if U >> at & 1 == 1 {
                point.add(g2, &scratch, &line);
                next.mul_line(value, &line, &power_scratch);
                core::mem::swap(&mut value, &mut next);
            }
        }
    }
    let result = Fp12::zero();
    result.copy(value);
    result
}

/// A point of the twist as `(x / z, y / z)`, and one of the curve as lines want it.
struct Homogeneous {
    x: Fp2,
    y: Fp2,
    z: Fp2,
    at_y: Fp,
    minus_at_y: Fp,
    minus_at_x: Fp,
    three_at_x: Fp,
}

/// Places for intermediate results.
struct Scratch([Fp2; 6]);

impl Homogeneous {
    fn new(at: &Affine<Fp>, point: &Affine<Fp2>) -> Self {
        let zero = Fp::zero;
        let new = Self {
            x: Fp2::zero(),
            y: Fp2::zero(),
            z: Fp2::zero(),
            at_y: zero(),
            minus_at_y: zero(),
            minus_at_x: zero(),
            three_at_x: zero(),
        };
        new.x.copy(&point.x);
        new.y.copy(&point.y);
        new.z.put(&Fp2::ONE);
        new.at_y.copy(&at.y);
        new.minus_at_y.negate(&at.y);
        new.minus_at_x.negate(&at.x);
        new.three_at_x.scale(&at.x, &THREE);
        new
    }

    /// Doubles the point and writes the tangent's line (Costello, Lange, Naehrig 2010, all scaled by 4).
    ///
    /// With `B = y^2`, `E = 12 xi z^2`, `H = 2 y z`: `x' = 2 x y (B - 3E)`, `y' = (B + 3E)^2 - 12 E^2`, `z' = 4 B H`, and
    /// the line is `E - B`, `3 x^2 at_x`, `-H at_y`.
    fn double(&self, Scratch([b, e, h, f, sum, t]): &Scratch, line: &[Fp2; 3]) {
        let Self { x, y, z, .. } = self;
        b.square(y);
        t.square(z);
        e.times_xi(t);
        e.scale(e, &TWELVE);
        h.mul(y, z);
        h.scale(h, &TWO);
        f.scale(e, &THREE);
        line[0].sub(e, b);
        line[1].square(x);
        line[1].scale(&line[1], &self.three_at_x);
        line[2].scale(h, &self.minus_at_y);
        sum.add(b, f);
        f.sub(b, f);
        t.mul(x, y);
        t.mul(t, f);
        x.scale(t, &TWO);
        t.square(e);
        t.scale(t, &MINUS_TWELVE);
        y.square_add(sum, t);
        t.mul(b, h);
        z.scale(t, &FOUR);
    }

    /// Adds a point and writes the line through both.
    ///
    /// With `T = y - y2 z`, `L = x - x2 z`, `G = x L^2`, `H = L^3 + T^2 z - 2 G`: `x' = L H`, `y' = T (G - H) - L^3 y`,
    /// `z' = L^3 z`, and the line is `T x2 - L y2`, `-T at_x`, `L at_y`.
    fn add(&self, point: &Affine<Fp2>, Scratch([theta, lambda, cube, g, h, t]): &Scratch, line: &[Fp2; 3]) {
        let Self { x, y, z, .. } = self;
        t.mul(&point.y, z);
        theta.sub(y, t);
        t.mul(&point.x, z);
        lambda.sub(x, t);
        line[2].mul(lambda, &point.y);
        line[0].mul(theta, &point.x);
        line[0].sub(&line[0], &line[2]);
        line[1].scale(theta, &self.minus_at_x);
        line[2].scale(lambda, &self.at_y);
        t.square(lambda);
        cube.mul(t, lambda);
        g.mul(x, t);
        t.square(theta);
        h.mul_add(t, z, cube);
        h.scale_add(g, Base::MINUS_TWO, h);
        x.mul(lambda, h);
        g.sub(g, h);
        t.mul(cube, y);
        t.negate(t);
        y.mul_add(theta, g, t);
        z.mul(z, cube);
    }
}

/// The cube of `value^((p^12 - 1) / r)` or its inverse: one only if that is.
///
/// The exponent is `(p^6 - 1) (p^2 + 1)` and then `(U + 1)^2 (p - U) (U^2 + p^2 - 1) + 3` (Hayashida, Hayasaka, Teruya
/// 2020, theorem 1, for `x = -U`).
fn final_exponentiation(value: Fp12) -> Fp12 {
    let [f, a, b, t, power] = &core::array::from_fn(|_| Fp12::zero());
    let scratch = &fp12::Scratch::new();
    t.invert(&value, scratch);
    value.conjugate();
    a.mul(&value, t, scratch);
    t.frobenius(a);
    b.frobenius(t);
    f.mul(b, a, scratch);
    // a = f^((U + 1)^2)
    power_of_u(t, f, scratch);
    b.mul(t, f, scratch);
    power_of_u(t, b, scratch);
    a.mul(t, b, scratch);
    // b = a^(p - U)
    power_of_u(t, a, scratch);
    t.conjugate();
    power.frobenius(a);
    b.mul(power, t, scratch);
    // a = b^(U^2 + p^2 - 1)
    power_of_u(t, b, scratch);
    power_of_u(a, t, scratch);
    t.frobenius(b);
    power.frobenius(t);
    t.mul(a, power, scratch);
    b.conjugate();
    a.mul(t, b, scratch);
    // a f^3
    t.copy(f);
    t.square_cyclotomic(scratch);
    b.mul(t, f, scratch);
    let result = Fp12::zero();
    result.mul(a, b, scratch);
    result
}

/// `result = value^U` in the cyclotomic subgroup.
fn power_of_u(result: &Fp12, value: &Fp12, scratch: &fp12::Scratch) {
    let (even, odd) = (Fp12::zero(), Fp12::zero());
    let (mut power, mut next) = (&even, &odd);
    power.copy(value);
    for at in (0..63).rev() {
        power.square_cyclotomic(scratch);
        if U >> at & 1 == 1 {
            next.mul(power, value, scratch);
            core::mem::swap(&mut power, &mut next);
        }
    }
    result.copy(power);
}
