//! Products of vectors of the challenge field.
//!
//! Plonky3's product of packed elements reduces eight times, three of them only to multiply by the
//! extension's constant. Here the second factor's coordinates are doubled instead, the constant
//! being two, and each coordinate of the product is one dot product of five with one reduction: 2.2
//! ns an element against 3.6 to 5 with AVX-512. A factor that is the same in all lanes is kept as a
//! [`Scalar`].
//!
//! Everything is Plonky3's arithmetic on vectors of the base field, so it is right on any machine.
//! Coordinates are written out, because closures in such code are not inlined; for the same reason
//! the primitives are functions on references that stay out of line, and write their result where
//! it is to be.

use p3_field::{Algebra, BasedVectorSpace, PrimeCharacteristicRing};
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::packed::{Packed, PackedExt};

/// The coordinates of an element, of the power zero first.
pub type Coordinates<T> = [T; EXTENSION_DEGREE];

/// The coordinates of a vector.
#[inline(always)]
pub fn coordinates(vector: &PackedExt) -> &Coordinates<Packed> {
    let slice: &[Packed] = vector.as_basis_coefficients_slice();
    slice.try_into().expect("as many coordinates as the degree")
}

/// The vector of coordinates.
#[inline(always)]
pub fn vector(coordinates: &Coordinates<Packed>) -> PackedExt {
    PackedExt::from_basis_coefficients_fn(|index| coordinates[index])
}

/// An element that is a factor of whole vectors, as the matrix of its products. The rows lie one by
/// one as they are used: picked from fewer values, they would be put together in each product.
#[derive(Clone, Copy, Debug)]
pub struct Scalar {
    rows: [Coordinates<F>; EXTENSION_DEGREE],
}

impl From<EF> for Scalar {
    #[inline]
    fn from(value: EF) -> Self {
        let slice: &[F] = value.as_basis_coefficients_slice();
        let &[b0, b1, b2, b3, b4] = slice else { unreachable!("as many coordinates as the degree") };
        // X^5 is 2.
        let (c1, c2, c3, c4) = (b1.double(), b2.double(), b3.double(), b4.double());
        Self { rows: [[b0, c4, c3, c2, c1], [b1, b0, c4, c3, c2], [b2, b1, b0, c4, c3], [b3, b2, b1, b0, c4], [b4, b3, b2, b1, b0]] }
    }
}

#[inline(always)]
fn times(a: &Coordinates<Packed>, b: &Coordinates<Packed>) -> Coordinates<Packed> {
    let [b0, b1, b2, b3, b4] = *b;
    // X^5 is 2.
    let (c1, c2, c3, c4) = (b1.double(), b2.double(), b3.double(), b4.double());
    [
        Packed::dot_product(a, &[b0, c4, c3, c2, c1]),
        Packed::dot_product(a, &[b1, b0, c4, c3, c2]),
        Packed::dot_product(a, &[b2, b1, b0, c4, c3]),
        Packed::dot_product(a, &[b3, b2, b1, b0, c4]),
        Packed::dot_product(a, &[b4, b3, b2, b1, b0]),
    ]
}

#[inline(always)]
fn times_scalar(a: &Coordinates<Packed>, scalar: &Scalar) -> Coordinates<Packed> {
    let [row0, row1, row2, row3, row4] = &scalar.rows;
    [
        Packed::mixed_dot_product(a, row0),
        Packed::mixed_dot_product(a, row1),
        Packed::mixed_dot_product(a, row2),
        Packed::mixed_dot_product(a, row3),
        Packed::mixed_dot_product(a, row4),
    ]
}

#[inline(always)]
fn plus(a: &Coordinates<Packed>, b: &Coordinates<Packed>) -> Coordinates<Packed> {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4]]
}

#[inline(always)]
fn minus(a: &Coordinates<Packed>, b: &Coordinates<Packed>) -> Coordinates<Packed> {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3], a[4] - b[4]]
}

/// `to + b`.
#[inline(never)]
pub fn add(to: &mut PackedExt, b: &PackedExt) {
    *to = vector(&plus(coordinates(to), coordinates(b)));
}

/// `a + b`.
#[inline(never)]
pub fn sum(to: &mut PackedExt, a: &PackedExt, b: &PackedExt) {
    *to = vector(&plus(coordinates(a), coordinates(b)));
}

/// `a - b`.
#[inline(never)]
pub fn difference(to: &mut PackedExt, a: &PackedExt, b: &PackedExt) {
    *to = vector(&minus(coordinates(a), coordinates(b)));
}

/// `a b`.
#[inline(never)]
pub fn product(to: &mut PackedExt, a: &PackedExt, b: &PackedExt) {
    *to = vector(&times(coordinates(a), coordinates(b)));
}

/// `to + a b`.
#[inline(never)]
pub fn add_product(to: &mut PackedExt, a: &PackedExt, b: &PackedExt) {
    *to = vector(&plus(coordinates(to), &times(coordinates(a), coordinates(b))));
}

/// `a b + c d` with `b` and `d` in the base field.
#[inline(never)]
pub fn base_product_sum(to: &mut PackedExt, a: &PackedExt, b: &Packed, c: &PackedExt, d: &Packed) {
    let (&[a0, a1, a2, a3, a4], &[c0, c1, c2, c3, c4]) = (coordinates(a), coordinates(c));
    let factors = [*b, *d];
    *to = vector(&[
        Packed::dot_product(&[a0, c0], &factors),
        Packed::dot_product(&[a1, c1], &factors),
        Packed::dot_product(&[a2, c2], &factors),
        Packed::dot_product(&[a3, c3], &factors),
        Packed::dot_product(&[a4, c4], &factors),
    ]);
}

/// `a b` with `b` in the base field.
#[inline(never)]
pub fn base_product(to: &mut PackedExt, a: &PackedExt, b: &Packed) {
    let [a0, a1, a2, a3, a4] = *coordinates(a);
    *to = vector(&[a0 * *b, a1 * *b, a2 * *b, a3 * *b, a4 * *b]);
}

/// `to + a b` with `b` in the base field.
#[inline(never)]
pub fn add_base_product(to: &mut PackedExt, a: &PackedExt, b: &Packed) {
    let [a0, a1, a2, a3, a4] = *coordinates(a);
    *to = vector(&plus(coordinates(to), &[a0 * *b, a1 * *b, a2 * *b, a3 * *b, a4 * *b]));
}

/// `to + (from - to) scalar`.
#[inline(never)]
pub fn fold(to: &mut PackedExt, from: &PackedExt, scalar: &Scalar) {
    let zero = coordinates(to);
    *to = vector(&plus(zero, &times_scalar(&minus(coordinates(from), zero), scalar)));
}

/// `zero + (one - zero) scalar`.
#[inline(never)]
pub fn between(to: &mut PackedExt, zero: &PackedExt, one: &PackedExt, scalar: &Scalar) {
    let zero = coordinates(zero);
    *to = vector(&plus(zero, &times_scalar(&minus(coordinates(one), zero), scalar)));
}

/// `zero + (one - zero) scalar` of elements of the base field.
#[inline(never)]
pub fn base_between(to: &mut PackedExt, zero: &Packed, one: &Packed, scalar: &Scalar) {
    let [s4, s3, s2, s1, s0] = scalar.rows[EXTENSION_DEGREE - 1];
    let difference = *one - *zero;
    *to = vector(&[*zero + difference * s0, difference * s1, difference * s2, difference * s3, difference * s4]);
}

/// `a scalar`.
#[inline(never)]
pub fn scaled(to: &mut PackedExt, a: &PackedExt, scalar: &Scalar) {
    *to = vector(&times_scalar(coordinates(a), scalar));
}

/// `a scalar` with `a` in the base field.
#[inline(never)]
pub fn base_scaled(to: &mut PackedExt, a: &Packed, scalar: &Scalar) {
    let [s4, s3, s2, s1, s0] = scalar.rows[EXTENSION_DEGREE - 1];
    *to = vector(&[*a * s0, *a * s1, *a * s2, *a * s3, *a * s4]);
}

/// `to + a scalar` with `a` in the base field.
#[inline(never)]
pub fn add_base_scaled(to: &mut PackedExt, a: &Packed, scalar: &Scalar) {
    let [s4, s3, s2, s1, s0] = scalar.rows[EXTENSION_DEGREE - 1];
    *to = vector(&plus(coordinates(to), &[*a * s0, *a * s1, *a * s2, *a * s3, *a * s4]));
}

/// `to + a scalar`.
#[inline(never)]
pub fn add_scaled(to: &mut PackedExt, a: &PackedExt, scalar: &Scalar) {
    *to = vector(&plus(coordinates(to), &times_scalar(coordinates(a), scalar)));
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use p3_field::PackedValue;

    use super::*;

    /// Vectors of random elements, and of such with zero, one, minus one and random coordinates mixed.
    fn vectors() -> Vec<PackedExt> {
        let mut state = 1_u64;
        let mut next = move || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            state >> 20
        };
        let mut element = |extreme: bool| match (extreme, next() % 4) {
            (true, 0) => F::ZERO,
            (true, 1) => F::ONE,
            (true, 2) => F::NEG_ONE,
            _ => F::from_u64(next()),
        };
        let constants = [F::ZERO, F::ONE, F::NEG_ONE, F::ONE.halve()];
        let constants = constants.map(|value| PackedExt::from_basis_coefficients_fn(|_| Packed::from(value)));
        let random = (0..60).map(|i| PackedExt::from_basis_coefficients_fn(|_| Packed::from_fn(|_| element(i % 3 > 0))));
        constants.into_iter().chain(random).collect()
    }

    fn first(vector: &PackedExt) -> EF {
        super::super::packed::unpack(&[*vector])[0]
    }

    #[test]
    fn products_are_those_of_the_type() {
        let all = vectors();
        for a in &all {
            for b in &all {
                let (c, d) = (*a + *b, *b - *a);
                let scalar = first(&c);
                let (factor, scalar) = (PackedExt::from(scalar), Scalar::from(scalar));
                let (x, y) = (coordinates(a)[1], coordinates(b)[4]);
                let of = |operation: &dyn Fn(&mut PackedExt)| {
                    let mut to = d;
                    operation(&mut to);
                    to
                };
                assert_eq!(of(&|to| add(to, a)), d + *a);
                assert_eq!(of(&|to| sum(to, a, b)), *a + *b);
                assert_eq!(of(&|to| difference(to, a, b)), *a - *b);
                assert_eq!(of(&|to| base_product(to, a, &x)), *a * x);
                assert_eq!(of(&|to| product(to, a, b)), *a * *b);
                assert_eq!(of(&|to| add_product(to, a, b)), d + *a * *b);
                assert_eq!(of(&|to| base_product_sum(to, a, &x, b, &y)), *a * x + *b * y);
                assert_eq!(of(&|to| add_base_product(to, a, &x)), d + *a * x);
                assert_eq!(of(&|to| fold(to, a, &scalar)), d + (*a - d) * factor);
                assert_eq!(of(&|to| between(to, a, b, &scalar)), *a + (*b - *a) * factor);
                assert_eq!(of(&|to| base_between(to, &x, &y, &scalar)), PackedExt::from(x) + PackedExt::from(y - x) * factor);
                assert_eq!(of(&|to| scaled(to, a, &scalar)), *a * factor);
                assert_eq!(of(&|to| base_scaled(to, &x, &scalar)), factor * x);
                assert_eq!(of(&|to| add_base_scaled(to, &x, &scalar)), d + factor * x);
                assert_eq!(of(&|to| add_scaled(to, a, &scalar)), d + *a * factor);
            }
        }
    }
}
