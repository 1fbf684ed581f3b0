//! The quadratic extension of the field of coordinates by `i^2 = -1`.

use super::fp::{Base, Element, Fp, ONE, TWO, ZERO};
use crate::accelerators::field::{Modulus, Operand, Room, Words};

/// A place for `c0 + c1 i`.
pub struct Fp2 {
    pub c0: Fp,
    pub c1: Fp,
}

impl Fp2 {
    /// `self += a b`, where `-a.c1` is known: four calls. `self` is neither factor.
    #[inline(always)]
    pub fn accumulate(&self, a: &Self, minus_c1: &Fp, b: &Self) {
        self.c0.mul_add::<Base>(&a.c0, &b.c0, &self.c0);
        self.c0.mul_add::<Base>(minus_c1, &b.c1, &self.c0);
        self.c1.mul_add::<Base>(&a.c0, &b.c1, &self.c1);
        self.c1.mul_add::<Base>(&a.c1, &b.c0, &self.c1);
    }

    /// `self = a (1 + i)`: two calls. `self` is not `a`.
    #[inline(always)]
    pub fn times_xi(&self, a: &Self) {
        self.c0.sub_from::<Base>(&a.c1, &a.c0);
        Element::add(&self.c1, &a.c0, &a.c1);
    }

    /// `self = a^p`.
    pub fn conjugate(&self, a: &Self) {
        self.c0.copy(&a.c0);
        self.c1.negate(&a.c1);
    }

    /// `result = |a|^2`, the norm over the base field.
    pub fn norm(result: &Fp, a: &Self) {
        result.square(&a.c1);
        result.square_add(&a.c0, result);
    }

    /// `self = a (b0 + b1 i) + (c0 + c1 i)`: five calls.
    #[inline(always)]
    fn product(&self, a: &Self, b: [&impl Operand<6>; 2], c: [&impl Operand<6>; 2]) {
        debug_assert!(self.c0.pointer() != b[0].pointer(), "the second factor is overwritten");
        let mut room = Room::new();
        let minus_c1 = room.mul_add::<Base>(&a.c1, Base::MINUS_ONE, &ZERO);
        self.c1.mul_add::<Base>(&a.c1, b[0], c[1]);
        self.c1.mul_add::<Base>(&a.c0, b[1], &self.c1);
        self.c0.mul_add::<Base>(&a.c0, b[0], c[0]);
        self.c0.mul_add::<Base>(minus_c1, b[1], &self.c0);
    }

    /// `self = (a0 + a1) (a0 - a1) + 2 a0 a1 i + (c0 + c1 i)`: five calls.
    #[inline(always)]
    fn square_of(&self, a: &Self, c: [&impl Operand<6>; 2]) {
        let (mut sum, mut difference, mut twice) = (Room::new(), Room::new(), Room::new());
        let sum = sum.mul_add::<Base>(&a.c0, &ONE, &a.c1);
        let difference = difference.mul_add::<Base>(&a.c1, Base::MINUS_ONE, &a.c0);
        let twice = twice.mul_add::<Base>(&a.c0, &TWO, &ZERO);
        self.c1.mul_add::<Base>(twice, &a.c1, c[1]);
        self.c0.mul_add::<Base>(sum, difference, c[0]);
    }
}

impl Element for Fp2 {
    type Constant = [Words<6>; 2];
    const ONE: [Words<6>; 2] = [Words::small(1), Words::ZERO];
    const PLACE: Self = Self { c0: Fp::PLACE, c1: Fp::PLACE };

    #[inline(always)]
    fn put(&self, [c0, c1]: &[Words<6>; 2]) {
        self.c0.put(c0);
        self.c1.put(c1);
    }

    fn put_zero(&self) {
        self.c0.put_zero();
        self.c1.put_zero();
    }

    #[inline(always)]
    fn copy(&self, other: &Self) {
        self.c0.copy(&other.c0);
        self.c1.copy(&other.c1);
    }

    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.c0.is_zero() && self.c1.is_zero()
    }

    #[inline(always)]
    fn equals(&self, other: &Self) -> bool {
        self.c0.equals(&other.c0) && self.c1.equals(&other.c1)
    }

    #[inline]
    fn mul_add(&self, a: &Self, b: &Self, c: &Self) {
        self.product(a, [&b.c0, &b.c1], [&c.c0, &c.c1]);
    }

    #[inline]
    fn mul(&self, a: &Self, b: &Self) {
        self.product(a, [&b.c0, &b.c1], [&ZERO; 2]);
    }

    fn mul_constant(&self, a: &Self, [c0, c1]: &[Words<6>; 2]) {
        self.product(a, [c0, c1], [&ZERO; 2]);
    }

    #[inline]
    fn square_add(&self, a: &Self, c: &Self) {
        self.square_of(a, [&c.c0, &c.c1]);
    }

    #[inline]
    fn square(&self, a: &Self) {
        self.square_of(a, [&ZERO; 2]);
    }

    #[inline(always)]
    fn scale_add(&self, a: &Self, factor: &impl Operand<6>, c: &Self) {
        self.c0.mul_add::<Base>(&a.c0, factor, &c.c0);
        self.c1.mul_add::<Base>(&a.c1, factor, &c.c1);
    }

    #[inline(always)]
    fn scale(&self, a: &Self, factor: &impl Operand<6>) {
        self.c0.mul::<Base>(&a.c0, factor);
        self.c1.mul::<Base>(&a.c1, factor);
    }

    /// By the norm over the base field.
    fn invert(&self, a: &Self) {
        let (norm, inverse) = (Fp::zero(), Fp::zero());
        Self::norm(&norm, a);
        inverse.invert(&norm);
        self.conjugate(a);
        self.scale(self, &inverse);
    }
}
