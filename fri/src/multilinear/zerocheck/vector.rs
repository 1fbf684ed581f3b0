//! A vector of challenge-field elements as an algebra over the base field, which constraints are stated over.

use core::iter::{Product, Sum};
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use p3_field::{Algebra, PrimeCharacteristicRing};
use tern_field::F;

use super::super::packed::{Packed, PackedExt};
use super::super::quintic::product;

/// A machine's vector of challenge-field elements.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExtVector(pub PackedExt);

impl From<F> for ExtVector {
    #[inline]
    fn from(value: F) -> Self {
        Self(Packed::from(value).into())
    }
}

impl PrimeCharacteristicRing for ExtVector {
    type PrimeSubfield = F;

    const ZERO: Self = Self(PackedExt::ZERO);
    const ONE: Self = Self(PackedExt::ONE);
    const TWO: Self = Self(PackedExt::TWO);
    const NEG_ONE: Self = Self(PackedExt::NEG_ONE);

    #[inline]
    fn from_prime_subfield(value: F) -> Self {
        value.into()
    }

    #[inline]
    fn double(&self) -> Self {
        Self(self.0.double())
    }

    #[inline]
    fn halve(&self) -> Self {
        Self(self.0.halve())
    }

    #[inline]
    fn square(&self) -> Self {
        *self * *self
    }
}

impl Neg for ExtVector {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Add for ExtVector {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for ExtVector {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul for ExtVector {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        let mut result = Self::ZERO;
        product(&mut result.0, &self.0, &other.0);
        result
    }
}

impl Add<F> for ExtVector {
    type Output = Self;

    #[inline]
    fn add(self, other: F) -> Self {
        Self(self.0 + Packed::from(other))
    }
}

impl Sub<F> for ExtVector {
    type Output = Self;

    #[inline]
    fn sub(self, other: F) -> Self {
        Self(self.0 - Packed::from(other))
    }
}

impl Mul<F> for ExtVector {
    type Output = Self;

    #[inline]
    fn mul(self, other: F) -> Self {
        Self(self.0 * Packed::from(other))
    }
}

impl<T> AddAssign<T> for ExtVector
where
    Self: Add<T, Output = Self>,
{
    #[inline]
    fn add_assign(&mut self, other: T) {
        *self = *self + other;
    }
}

impl<T> SubAssign<T> for ExtVector
where
    Self: Sub<T, Output = Self>,
{
    #[inline]
    fn sub_assign(&mut self, other: T) {
        *self = *self - other;
    }
}

impl<T> MulAssign<T> for ExtVector
where
    Self: Mul<T, Output = Self>,
{
    #[inline]
    fn mul_assign(&mut self, other: T) {
        *self = *self * other;
    }
}

impl Sum for ExtVector {
    fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
        values.fold(Self::ZERO, Add::add)
    }
}

impl Product for ExtVector {
    fn product<I: Iterator<Item = Self>>(values: I) -> Self {
        values.fold(Self::ONE, Mul::mul)
    }
}

impl Algebra<F> for ExtVector {}
