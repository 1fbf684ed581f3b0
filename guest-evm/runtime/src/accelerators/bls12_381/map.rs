//! Maps from the fields to the groups (RFC 9380): simplified SWU to a curve with an isogeny to ours, then the multiplication
//! by a cofactor.

use alloc::vec::Vec;

use super::fp::{Base, Element, Fp, P, root_of_inverse, square_root};
use super::fp2::Fp2;
use super::group::Group;
use super::isogeny::{Isogeny, TO_G1, TO_G2};
use super::point::{Jacobian, Scratch};
use crate::accelerators::field::{Modulus, Slot, Words};

/// What the map to the group over a field needs of it (RFC 9380, sections 8.8.1 and 8.8.2).
pub trait Map: Group {
    /// The isogenous curve is `y^2 = x^3 + A x + B`.
    const A: Self::Constant;
    const ISOGENOUS_B: Self::Constant;
    /// The map's constant, which is no square.
    const Z: Self::Constant;
    const ISOGENY: &'static Isogeny<Self::Constant>;

    /// `self^2 = u / v`; false, and `self^2 = Z u / v`, if there is no such root. `v` is not zero.
    fn root_of_ratio(&self, u: &Self, v: &Self) -> bool;

    /// The sign of section 4.1.
    fn is_odd(&self) -> bool;

    /// Multiplies a point of the curve into the group by the effective cofactor.
    fn clear_cofactor(point: &Jacobian<Self>);
}

/// The point of the group that an element maps to.
pub fn map_to_group<F: Map>(element: &F) -> Jacobian<F> {
    let [x, d, y] = &core::array::from_fn(|_| F::zero());
    map_to_isogenous_curve(element, x, d, y);
    let point = apply_isogeny(x, d, y);
    F::clear_cofactor(&point);
    point
}

/// The point `(x / d, y)` of the isogenous curve (appendix F.2).
fn map_to_isogenous_curve<F: Map>(u: &F, x: &F, d: &F, y: &F) {
    let [one, a, b, zuu, t, numerator, power, product] = &core::array::from_fn(|_| F::zero());
    one.put(&F::ONE);
    a.put(&F::A);
    b.put(&F::ISOGENOUS_B);
    // x = B (t + 1) over d = -A t, for t = (Z u^2)^2 + Z u^2; d = A Z where t is zero.
    zuu.square(u);
    zuu.mul_constant(zuu, &F::Z);
    t.square_add(zuu, zuu);
    x.add(t, one);
    x.mul(x, b);
    if t.is_zero() {
        t.put(&F::Z);
    } else {
        t.negate(t);
    }
    d.mul(t, a);
    // The curve's equation over d^3: numerator = x^3 + A x d^2 + B d^3.
    power.square(d);
    product.mul(power, a);
    numerator.square_add(x, product);
    numerator.mul(numerator, x);
    power.mul(power, d);
    numerator.mul_add(power, b, numerator);
    if !y.root_of_ratio(numerator, power) {
        // The other candidate: x Z u^2, whose y is Z u^3 times the root with Z.
        x.mul(x, zuu);
        y.mul(y, zuu);
        y.mul(y, u);
    }
    if u.is_odd() != y.is_odd() {
        y.negate(y);
    }
}

/// The image of `(n / d, y)`; infinity for a point of the kernel.
fn apply_isogeny<F: Map>(n: &F, d: &F, y: &F) -> Jacobian<F> {
    let isogeny = F::ISOGENY;
    let degree = isogeny.y_numerator.len().max(isogeny.x_numerator.len()) - 1;
    let mut powers: Vec<F> = Vec::with_capacity(degree);
    for _ in 0..degree {
        let power = F::zero();
        match powers.last() {
            Some(last) => power.mul(last, d),
            None => power.copy(d),
        }
        powers.push(power);
    }
    let [x_numerator, x_denominator, y_numerator, y_denominator] = &core::array::from_fn(|_| F::zero());
    evaluate(x_numerator, isogeny.x_numerator, n, &powers);
    evaluate(x_denominator, isogeny.x_denominator, n, &powers);
    evaluate(y_numerator, isogeny.y_numerator, n, &powers);
    evaluate(y_denominator, isogeny.y_denominator, n, &powers);
    x_denominator.mul(x_denominator, d);
    y_numerator.mul(y_numerator, y);
    // With z the product of the denominators, x is over z^2 and y over z^3.
    let point: Jacobian<F> = Jacobian::infinity();
    let [y_square, x_cube] = &core::array::from_fn(|_| F::zero());
    y_square.square(y_denominator);
    point.z.mul(x_denominator, y_denominator);
    point.x.mul(x_numerator, x_denominator);
    point.x.mul(&point.x, y_square);
    x_cube.square(x_denominator);
    x_cube.mul(x_cube, x_denominator);
    point.y.mul(y_numerator, y_square);
    point.y.mul(&point.y, x_cube);
    point
}

/// A polynomial at `n / d`, times the power of `d` that its degree is. `powers` begins with `d`.
fn evaluate<F: Element>(result: &F, coefficients: &[F::Constant], n: &F, powers: &[F]) {
    let term = F::zero();
    let Some((first, rest)) = coefficients.split_first() else {
        return;
    };
    result.put(first);
    for (coefficient, power) in rest.iter().zip(powers) {
        term.mul_constant(power, coefficient);
        result.mul_add(result, n, &term);
    }
}

impl Map for Fp {
    const A: Words<6> = Words::hex("00144698a3b8e9433d693a02c96d4982b0ea985383ee66a8d8e8981aefd881ac98936f8da0e0f97f5cf428082d584c1d");
    const ISOGENOUS_B: Words<6> =
        Words::hex("12e2908d11688030018b12e8753eee3b2016c1f0f24f4070a0b9c14fcef35ef55a23215a316ceaa5d1cc48e98e172be0");
    const Z: Words<6> = Words::small(11);
    const ISOGENY: &'static Isogeny<Words<6>> = &TO_G1;

    /// `u v (u v^3)^((p - 3) / 4)` is a root of `u / v` or of its negative (appendix F.2.1.2).
    fn root_of_ratio(&self, u: &Self, v: &Self) -> bool {
        /// A root of `-Z`.
        static ROOT: Words<6> =
            Words::hex("04610e003bd3ac94dfa9246c390d7a78942602029175a4ca366d601f33f3946e3ed39794735c38315d874bc1d70637c3");
        let (uv, base, again) = (Fp::zero(), Fp::zero(), Fp::zero());
        Element::mul(&uv, u, v);
        base.square(v);
        Element::mul(&base, &base, &uv);
        root_of_inverse(self, &base);
        Element::mul(self, self, &uv);
        again.square(self);
        Element::mul(&again, &again, v);
        let is_square = again.equals(u);
        if !is_square {
            self.mul_constant(self, &ROOT);
        }
        is_square
    }

    fn is_odd(&self) -> bool {
        self.get().0[0] & 1 == 1
    }

    /// By `1 + U` (section 8.8.1).
    fn clear_cofactor(point: &Jacobian<Self>) {
        let multiple = Jacobian::infinity();
        multiple.copy(point);
        multiple.multiply_by_u();
        point.add(&multiple, &Scratch::new());
    }
}

impl Map for Fp2 {
    const A: [Words<6>; 2] = [Words::ZERO, Words::small(240)];
    const ISOGENOUS_B: [Words<6>; 2] = [Words::small(1012); 2];
    /// `-(2 + i)`.
    const Z: [Words<6>; 2] = [P.minus(&Words::small(2)), P.minus(&Words::small(1))];
    const ISOGENY: &'static Isogeny<[Words<6>; 2]> = &TO_G2;

    /// By two roots in the base field: of the norm, and of the root's real part (the complex method, Scott 2013, for a ratio).
    fn root_of_ratio(&self, u: &Self, v: &Self) -> bool {
        /// A root of -5: five is the norm of `Z`, and no square.
        static ROOT: Words<6> =
            Words::hex("186417302d5a65347a88b0f999ab2b504614aa5e2eebdeb1a014c40bceb7d2306c12a6d436befcf94d39c9db7b263cd4");
        let (a, conjugate) = (Fp2::zero(), Fp2::zero());
        let [norm, again, n, m, d, t, s] = &[const { Fp::zero() }; 7];
        // u / v = a / |v|^2, and n^2 is the norm of a.
        conjugate.conjugate(v);
        a.mul(u, &conjugate);
        Fp2::norm(norm, &a);
        let is_square = square_root(n, norm);
        if !is_square {
            // n^2 is the norm's negative: the norm of Z a is 5 times the norm.
            a.mul_constant(&a, &Self::Z);
            n.mul_constant(n, &ROOT);
        }
        // The real part's square is d / m for d = a0 + n, m = 2 |v|^2, or else that with -n.
        Fp2::norm(m, v);
        Element::add(m, m, m);
        Element::add(d, &a.c0, n);
        if d.is_zero() {
            Element::add(d, &a.c0, &a.c0);
        }
        // s^2 = d / m up to the sign, and 1 / s = t m^2 up to the same sign, for t = (d m^3)^((p - 3) / 4).
        again.square(m);
        Element::mul(t, d, m);
        Element::mul(s, t, again);
        root_of_inverse(again, s);
        Element::mul(s, t, again);
        Element::mul(t, again, m);
        Element::mul(t, t, &a.c1);
        again.square(s);
        Element::mul(again, again, m);
        // With the first sign the root is s + a1 t m i, with the other one -a1 t m + s i.
        if again.equals(d) {
            Slot::copy(&self.c0, s);
            Slot::copy(&self.c1, t);
        } else {
            self.c0.mul::<Base>(t, Base::MINUS_ONE);
            Slot::copy(&self.c1, s);
        }
        is_square
    }

    fn is_odd(&self) -> bool {
        self.c0.is_odd() || self.c0.is_zero() && self.c1.is_odd()
    }

    /// By `(x^2 - x - 1) + (x - 1) psi + 2 psi^2` for `x = -U` and the endomorphism `psi`, of which the leap is the negative
    /// (Budroni, Pintore 2017, section 4.1; RFC 9380, appendix G.3).
    fn clear_cofactor(point: &Jacobian<Self>) {
        let [part, image, sum] = &core::array::from_fn(|_| Jacobian::infinity());
        let scratch = &Scratch::new();
        // With the leap L and T = U P + L P: U T + T - P + L L 2P.
        part.copy(point);
        part.multiply_by_u();
        leap(image, point);
        part.add(image, scratch);
        sum.copy(part);
        sum.multiply_by_u();
        sum.add(part, scratch);
        image.copy(point);
        image.double(scratch);
        leap(part, image);
        leap(image, part);
        sum.add(image, scratch);
        point.negate();
        sum.add(point, scratch);
        point.copy(sum);
    }
}

/// [`Group::leap`] of a point.
fn leap(to: &Jacobian<Fp2>, from: &Jacobian<Fp2>) {
    Fp2::leap(&to.x, &to.y, &from.x, &from.y);
    to.z.conjugate(&from.z);
}
