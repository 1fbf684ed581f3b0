//! The base field and its quadratic extension by `i^2 = -1`.

use crate::accelerators::curve::Field;
use crate::accelerators::field::{Words, accumulate_mod, mul_add_mod, power_mod};

/// `p = 36x^4 + 36x^3 + 24x^2 + 6x + 1` for `x = 4965661367192848881`.
pub const P: Words = Words::hex("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47");
const MINUS_ONE: Fp = Fp(P.minus(&Words([1, 0, 0, 0])));

/// An element of the base field, below `p`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fp(pub Words);

impl Fp {
    const fn small(value: u64) -> Self {
        Self(Words([value, 0, 0, 0]))
    }

    /// `self * factor + addend`: one call.
    #[inline(always)]
    pub fn mul_add(&self, factor: &Self, addend: &Self) -> Self {
        Self(Words(mul_add_mod(&self.0.0, &factor.0.0, &addend.0.0, &P.0)))
    }

    /// `self += a * b`: one call, and nothing moved.
    #[inline(always)]
    pub fn accumulate(&mut self, a: &Self, b: &Self) {
        accumulate_mod(&mut self.0.0, &a.0.0, &b.0.0, &P.0);
    }
}

impl Field for Fp {
    const ZERO: Self = Self::small(0);
    const ONE: Self = Self::small(1);

    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        self.mul_add(&Self::ONE, other)
    }

    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        other.mul_add(&MINUS_ONE, self)
    }

    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        self.mul_add(other, &Self::ZERO)
    }

    #[inline(always)]
    fn times(&self, factor: u64) -> Self {
        self.mul(&Self::small(factor))
    }

    /// By Fermat: `self^(p - 2)`.
    fn invert(&self) -> Self {
        Self(Words(power_mod(&self.0.0, &P.minus(&Words([2, 0, 0, 0])).0, &P.0)))
    }

    fn tangent(x: &Self, _z: &Self) -> Self {
        x.square().times(3)
    }
}

/// `c0 + c1 i`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fp2 {
    pub c0: Fp,
    pub c1: Fp,
}

impl Fp2 {
    pub const fn hex(c0: &str, c1: &str) -> Self {
        Self { c0: Fp(Words::hex(c0)), c1: Fp(Words::hex(c1)) }
    }

    /// `self * factor + addend`: five calls.
    #[inline]
    pub fn mul_add(&self, factor: &Self, addend: &Self) -> Self {
        let mut sum = *addend;
        sum.accumulate(self, &self.c1.negate(), factor);
        sum
    }

    /// `self += a * b`, where `-a.c1` is known: four calls.
    #[inline(always)]
    pub fn accumulate(&mut self, a: &Self, minus_c1: &Fp, b: &Self) {
        self.c0.accumulate(&a.c0, &b.c0);
        self.c0.accumulate(minus_c1, &b.c1);
        self.c1.accumulate(&a.c0, &b.c1);
        self.c1.accumulate(&a.c1, &b.c0);
    }

    /// By an element of the base field.
    #[inline(always)]
    pub fn scale(&self, factor: &Fp) -> Self {
        Self { c0: self.c0.mul(factor), c1: self.c1.mul(factor) }
    }

    pub fn conjugate(&self) -> Self {
        Self { c0: self.c0, c1: self.c1.negate() }
    }

    /// By `xi = 9 + i`: three calls.
    #[inline(always)]
    pub fn times_xi(&self) -> Self {
        let nine = Fp::small(9);
        Self { c0: self.c0.mul_add(&nine, &self.c1.negate()), c1: self.c1.mul_add(&nine, &self.c0) }
    }
}

impl Field for Fp2 {
    const ZERO: Self = Self { c0: Fp::ZERO, c1: Fp::ZERO };
    const ONE: Self = Self { c0: Fp::ONE, c1: Fp::ZERO };

    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        Self { c0: self.c0.add(&other.c0), c1: self.c1.add(&other.c1) }
    }

    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        Self { c0: self.c0.sub(&other.c0), c1: self.c1.sub(&other.c1) }
    }

    #[inline]
    fn mul(&self, other: &Self) -> Self {
        self.mul_add(other, &Self::ZERO)
    }

    #[inline(always)]
    fn times(&self, factor: u64) -> Self {
        self.scale(&Fp::small(factor))
    }

    fn invert(&self) -> Self {
        let norm = self.c0.mul_add(&self.c0, &self.c1.square());
        self.conjugate().scale(&norm.invert())
    }

    fn tangent(x: &Self, _z: &Self) -> Self {
        x.square().times(3)
    }
}
