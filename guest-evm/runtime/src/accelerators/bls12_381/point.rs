//! Points of the curves `y^2 = x^3 + b` over a field. Neither has a point of order two.

use alloc::vec::Vec;

use super::fp::{Base, Element, U};
use crate::accelerators::field::{Modulus, Words};

/// 3/2 modulo p.
static THREE_HALVES: Words<6> =
    Words::hex("0d0088f51cbff34d258dd3db21a5d66bb23ba5c279c2895fb39869507b587b120f55ffff58a9ffffdcff7fffffffd557");

/// A point that is not infinity.
pub struct Affine<F> {
    pub x: F,
    pub y: F,
}

impl<F: Element> Affine<F> {
    /// A place that holds no point yet.
    pub fn zero() -> Self {
        Self { x: F::zero(), y: F::zero() }
    }

    pub fn duplicate(&self) -> Self {
        let point = Self::zero();
        point.x.copy(&self.x);
        point.y.copy(&self.y);
        point
    }

    /// The point with known coordinates.
    pub fn constant(x: &F::Constant, y: &F::Constant) -> Self {
        let point = Self::zero();
        point.x.put(x);
        point.y.put(y);
        point
    }
}

/// Jacobian coordinates: `(x / z^2, y / z^3)`, infinity where `z` is zero. Operations change the point in place.
pub struct Jacobian<F> {
    pub x: F,
    pub y: F,
    pub z: F,
}

/// Places for intermediate results.
pub struct Scratch<F>([F; 6]);

impl<F: Element> Scratch<F> {
    #[inline(always)]
    pub fn new() -> Self {
        Self([const { F::PLACE }; 6])
    }
}

impl<F: Element> Jacobian<F> {
    #[inline(always)]
    pub fn infinity() -> Self {
        Self { x: F::PLACE, y: F::PLACE, z: F::PLACE }
    }

    pub fn from_affine(point: &Affine<F>) -> Self {
        let out = Self::infinity();
        out.set(&point.x, &point.y);
        out
    }

    fn set(&self, x: &F, y: &F) {
        self.x.copy(x);
        self.y.copy(y);
        self.z.put(&F::ONE);
    }

    pub fn copy(&self, other: &Self) {
        self.x.copy(&other.x);
        self.y.copy(&other.y);
        self.z.copy(&other.z);
    }

    pub fn is_infinity(&self) -> bool {
        self.z.is_zero()
    }

    pub fn negate(&self) {
        self.y.negate(&self.y);
    }

    /// Doubles the point. With `S = y^2`, `L = 3/2 x^2`, `T = x S`: `x' = L^2 - 2T`, `y' = L (T - x') - S^2`, `z' = y z`.
    #[inline(always)]
    pub fn double(&self, Scratch([s, l, t, d, ..]): &Scratch<F>) {
        let Self { x, y, z } = self;
        s.square(y);
        z.mul(z, y);
        l.scale(x, &THREE_HALVES);
        l.mul(l, x);
        t.mul(x, s);
        d.scale(t, Base::MINUS_TWO);
        x.square_add(l, d);
        d.sub(t, x);
        t.negate(s);
        t.mul(t, s);
        y.mul_add(d, l, t);
    }

    /// Adds the affine point whose negated coordinates are given, in every case.
    #[inline(always)]
    pub fn add_affine(&self, minus_x: &F, minus_y: &F, scratch: &Scratch<F>) {
        if self.is_infinity() {
            self.x.negate(minus_x);
            self.y.negate(minus_y);
            self.z.put(&F::ONE);
            return;
        }
        let (Self { x, y, z }, Scratch([square, cube, h, r, ..])) = (self, scratch);
        square.square(z);
        cube.mul(square, z);
        h.mul_add(minus_x, square, x);
        r.mul_add(minus_y, cube, y);
        self.add_by_differences(scratch);
    }

    /// Adds a point in every case.
    pub fn add(&self, other: &Self, scratch: &Scratch<F>) {
        if other.is_infinity() {
            return;
        }
        if self.is_infinity() {
            return self.copy(other);
        }
        let (Self { x, y, z }, Scratch([square, cube, h, r, other_square, other_cube])) = (self, scratch);
        square.square(z);
        cube.mul(square, z);
        other_square.square(&other.z);
        other_cube.mul(other_square, &other.z);
        // The same point with the product of both z.
        x.mul(x, other_square);
        y.mul(y, other_cube);
        z.mul(z, &other.z);
        h.mul(&other.x, square);
        h.sub(x, h);
        r.mul(&other.y, cube);
        r.sub(y, r);
        self.add_by_differences(scratch);
    }

    /// Adds a point whose coordinates over the cube and square of this one's `z` are less by `r` and `h`.
    ///
    /// With `V = x h^2`: `x' = r^2 + h^3 - 2V`, `y' = r (V - x') - y h^3`, `z' = z h`.
    #[inline(always)]
    fn add_by_differences(&self, scratch: &Scratch<F>) {
        let (Self { x, y, z }, Scratch([square, cube, h, r, ..])) = (self, scratch);
        if h.is_zero() {
            // Equal points, or opposite ones.
            return if r.is_zero() { self.double(scratch) } else { z.put_zero() };
        }
        z.mul(z, h);
        square.square(h);
        cube.mul(square, h);
        let v = square;
        v.mul(v, x);
        h.scale_add(v, Base::MINUS_TWO, cube);
        x.square_add(r, h);
        v.sub(v, x);
        cube.negate(cube);
        cube.mul(cube, y);
        y.mul_add(v, r, cube);
    }

    /// Multiplies the point by the magnitude of the curve's parameter: 63 doublings and five additions.
    pub fn multiply_by_u(&self) {
        let (base, scratch) = (Self::infinity(), Scratch::new());
        base.copy(self);
        for at in (0..63).rev() {
            self.double(&scratch);
            if U >> at & 1 == 1 {
                self.add(&base, &scratch);
            }
        }
    }

    /// Whether this is the affine point.
    pub fn equals(&self, x: &F, y: &F) -> bool {
        let (power, scaled) = (&F::zero(), &F::zero());
        power.square(&self.z);
        scaled.mul(x, power);
        let same_x = scaled.equals(&self.x);
        power.mul(power, &self.z);
        scaled.mul(y, power);
        !self.is_infinity() && same_x && scaled.equals(&self.y)
    }

    /// The same point, affine; `None` for infinity.
    pub fn to_affine(&self) -> Option<Affine<F>> {
        if self.is_infinity() {
            return None;
        }
        let (point, inverse) = (Affine::zero(), F::zero());
        inverse.invert(&self.z);
        self.scale_to(&point, &inverse);
        Some(point)
    }

    /// Writes the affine point, where `inverse = 1 / z`.
    fn scale_to(&self, point: &Affine<F>, inverse: &F) {
        let power = &F::zero();
        power.square(inverse);
        point.x.mul(&self.x, power);
        power.mul(power, inverse);
        point.y.mul(&self.y, power);
    }
}

/// The points in affine coordinates, by one inversion (Montgomery 1987). None of them is infinity.
pub fn normalise<F: Element>(points: &[Jacobian<F>]) -> Vec<Affine<F>> {
    let (product, inverse, rest) = (F::zero(), F::zero(), F::zero());
    product.put(&F::ONE);
    // The product of all z before a point's own waits in the place of its affine x.
    let affine: Vec<Affine<F>> = points
        .iter()
        .map(|point| {
            let place: Affine<F> = Affine::zero();
            place.x.copy(&product);
            product.mul(&product, &point.z);
            place
        })
        .collect();
    rest.invert(&product);
    for (point, place) in points.iter().zip(&affine).rev() {
        inverse.mul(&rest, &place.x);
        rest.mul(&rest, &point.z);
        point.scale_to(place, &inverse);
    }
    affine
}
