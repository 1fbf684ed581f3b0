//! Powers in the field of coordinates, and the accumulator of a point multiplication.

use super::Coordinates;
use crate::accelerators::field::{Modulus, ONE, Operand, Slot, Words};

type F = Coordinates;

/// 3/2 modulo p.
static THREE_HALVES: Words = Words::hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffff7ffffe19");

/// `root^2 = square`, if there is such a root: `square^((p + 1) / 4)`.
pub fn square_root_candidate(square: &Slot, root: &Slot) {
    let (ones_2, ones_22) = (Slot::zero(), Slot::zero());
    power_of_ones(square, root, &ones_2, &ones_22);
    root.square_times::<F>(23);
    root.mul::<F>(root, &ones_22);
    root.square_times::<F>(6);
    root.mul::<F>(root, &ones_2);
    root.square_times::<F>(2);
}

/// `inverse = 1 / value`, zero for zero: `value^(p - 2)`.
pub fn invert(value: &Slot, inverse: &Slot) {
    let (ones_2, ones_22) = (Slot::zero(), Slot::zero());
    power_of_ones(value, inverse, &ones_2, &ones_22);
    inverse.square_times::<F>(23);
    inverse.mul::<F>(inverse, &ones_22);
    inverse.square_times::<F>(5);
    inverse.mul::<F>(inverse, value);
    inverse.square_times::<F>(3);
    inverse.mul::<F>(inverse, &ones_2);
    inverse.square_times::<F>(2);
    inverse.mul::<F>(inverse, value);
}

/// The powers of `base` whose exponents are 223, 2 and 22 ones in binary: both exponents above begin with them.
fn power_of_ones(base: &Slot, ones_223: &Slot, ones_2: &Slot, ones_22: &Slot) {
    let scratch: [Slot; 4] = [const { Slot::zero() }; 4];
    let [ones_3, ones_11, ones_44, ones_88] = &scratch;
    let x = ones_223;
    let extend = |from: &Slot, by: usize, with: &Slot| {
        x.mul::<F>(from, from);
        x.square_times::<F>(by - 1);
        x.mul::<F>(x, with);
    };
    extend(base, 1, base);
    ones_2.copy(x);
    extend(ones_2, 1, base);
    ones_3.copy(x);
    extend(ones_3, 3, ones_3);
    extend(x, 3, ones_3);
    extend(x, 2, ones_2);
    ones_11.copy(x);
    extend(ones_11, 11, ones_11);
    ones_22.copy(x);
    extend(ones_22, 22, ones_22);
    ones_44.copy(x);
    extend(ones_44, 44, ones_44);
    ones_88.copy(x);
    extend(ones_88, 88, ones_88);
    extend(x, 44, ones_44);
    extend(x, 3, ones_3);
}

/// A point in Jacobian coordinates (`X / Z^2`, `Y / Z^3`) or its negative, as `negated` says.
pub struct Accumulator {
    pub x: Slot,
    pub y: Slot,
    pub z: Slot,
    pub negated: bool,
    /// The factor by which the last addition multiplied `z`.
    pub z_ratio: Slot,
    /// Zero after an addition of equal `y`, at `z_ratio` zero.
    pub slope: Slot,
    scratch: [Slot; 4],
}

impl Accumulator {
    pub const fn new() -> Self {
        Self {
            x: Slot::zero(),
            y: Slot::zero(),
            z: Slot::zero(),
            negated: false,
            z_ratio: Slot::zero(),
            slope: Slot::zero(),
            scratch: [const { Slot::zero() }; 4],
        }
    }

    /// Becomes the affine point.
    pub fn set_affine(&mut self, x: &Slot, y: &Slot) {
        self.x.copy(x);
        self.y.copy(y);
        self.z.put(&ONE);
        self.negated = false;
    }

    /// Doubles the point: ten multiplications. There is no point of order two, so no exception.
    ///
    /// With `S = Y^2`, `L = 3/2 X^2`, `T = X S`: `X' = L^2 - 2T`, `-Y' = L (X' - T) + S^2`, `Z' = Y Z`.
    #[inline(always)]
    pub fn double(&mut self) {
        let Self { x, y, z, scratch, .. } = &*self;
        let [s, l, t, d] = scratch;
        s.mul::<F>(y, y);
        z.mul::<F>(y, z);
        l.mul::<F>(x, &THREE_HALVES);
        l.mul::<F>(l, x);
        t.mul::<F>(x, s);
        d.mul::<F>(t, F::MINUS_TWO);
        x.mul_add::<F>(l, l, d);
        d.sub_from::<F>(t, x);
        s.mul::<F>(s, s);
        y.mul_add::<F>(l, d, s);
        self.negated = !self.negated;
    }

    /// Adds the affine point whose negated coordinates are given: 13 multiplications.
    ///
    /// The stored point counts, so the caller picks the sign of `y` by `negated`. If the points are equal or opposite, `z`
    /// becomes zero and the rest is meaningless.
    ///
    /// With `H = X - x Z^2`, `r = Y - y Z^3`, `V = X H^2`: `X' = r^2 + H^3 - 2V`, `Y' = r (X' - V) + Y H^3`,
    /// `-Z' = Z H`.
    #[inline(always)]
    pub fn add(&mut self, minus_x: &impl Operand, minus_y: &impl Operand) {
        self.add_over(minus_x, minus_y, &self.z);
        self.negated = !self.negated;
    }

    /// Adds an affine point of the curve on which this point's `Z` is `Z z_factor`: 14 multiplications.
    #[inline(always)]
    pub fn add_scaled(&mut self, minus_x: &impl Operand, minus_y: &impl Operand, z_factor: &impl Operand) {
        let scaled = &self.scratch[0];
        scaled.mul::<F>(&self.z, z_factor);
        self.add_over(minus_x, minus_y, scaled);
        self.negated = !self.negated;
    }

    /// [`Self::add`] for the `Z` that relates the two points; it may lie in `scratch[0]`.
    #[inline(always)]
    fn add_over(&self, minus_x: &impl Operand, minus_y: &impl Operand, related_z: &Slot) {
        let Self { x, y, z, z_ratio: h, slope: r, scratch, .. } = self;
        let [cube, square, v, e] = scratch;
        square.mul::<F>(related_z, related_z);
        cube.mul::<F>(related_z, square);
        h.mul_add::<F>(minus_x, square, x);
        r.mul_add::<F>(minus_y, cube, y);
        z.mul::<F>(z, h);
        square.mul::<F>(h, h);
        cube.mul::<F>(square, h);
        v.mul::<F>(x, square);
        e.mul_add::<F>(v, F::MINUS_TWO, cube);
        x.mul_add::<F>(r, r, e);
        e.sub_from::<F>(v, x);
        v.mul::<F>(y, cube);
        y.mul_add::<F>(r, e, v);
    }
}
