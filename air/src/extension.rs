//! Multilinear extensions of fixed columns in closed form.
//!
//! A fixed column is a function of the row's number. Its multilinear extension is the one
//! polynomial, linear in each coordinate, that equals it where the coordinates are the bits of a
//! row's number. A verifier evaluates it at one point, natively or in a circuit: so the forms are
//! written over [`Arithmetic`], without panics and without branches on values.

use alloc::vec::Vec;
use core::marker::PhantomData;

use p3_field::{Algebra, PrimeCharacteristicRing};
use tern_field::F;

/// What closed forms are computed with.
pub trait Arithmetic {
    /// An element of the challenge field.
    type Element: Clone;

    /// A constant.
    fn constant(&mut self, value: F) -> Self::Element;
    /// `a + b`.
    fn add(&mut self, a: &Self::Element, b: &Self::Element) -> Self::Element;
    /// `a - b`.
    fn sub(&mut self, a: &Self::Element, b: &Self::Element) -> Self::Element;
    /// `a * b`.
    fn mul(&mut self, a: &Self::Element, b: &Self::Element) -> Self::Element;
    /// `a * b + c`.
    fn mul_add(&mut self, a: &Self::Element, b: &Self::Element, c: &Self::Element) -> Self::Element {
        let product = self.mul(a, b);
        self.add(&product, c)
    }
}

/// Arithmetic in a field over the base field.
#[derive(Clone, Copy, Debug, Default)]
pub struct Native<E>(PhantomData<E>);

impl<E: Algebra<F> + Copy> Arithmetic for Native<E> {
    type Element = E;

    fn constant(&mut self, value: F) -> E {
        value.into()
    }

    fn add(&mut self, a: &E, b: &E) -> E {
        *a + *b
    }

    fn sub(&mut self, a: &E, b: &E) -> E {
        *a - *b
    }

    fn mul(&mut self, a: &E, b: &E) -> E {
        *a * *b
    }
}

/// `1 - x`.
pub fn complement<A: Arithmetic>(ops: &mut A, x: &A::Element) -> A::Element {
    let one = ops.constant(F::ONE);
    ops.sub(&one, x)
}

/// One on the row of zero bits, zero on all others; one for no bits.
pub fn none_set<'a, A: Arithmetic>(ops: &mut A, bits: impl IntoIterator<Item = &'a A::Element>) -> A::Element
where
    A::Element: 'a,
{
    let mut product = None;
    for bit in bits {
        let unset = complement(ops, bit);
        product = Some(match product {
            Some(product) => ops.mul(&product, &unset),
            None => unset,
        });
    }
    product.unwrap_or_else(|| ops.constant(F::ONE))
}

/// The number with these bits, the lowest first: linear in each of them.
pub fn number<A: Arithmetic>(ops: &mut A, bits: &[A::Element]) -> A::Element {
    let (zero, two) = (ops.constant(F::ZERO), ops.constant(F::TWO));
    bits.iter().rev().fold(zero, |number, bit| ops.mul_add(&number, &two, bit))
}

/// The first `count` coordinates of a point, zeros for those that it lacks, and what is one on rows
/// whose number has no more bits and zero on others.
pub fn split<A: Arithmetic>(ops: &mut A, point: &[A::Element], count: usize) -> (Vec<A::Element>, A::Element) {
    let zero = ops.constant(F::ZERO);
    let bits = point.iter().chain(core::iter::repeat(&zero)).take(count).cloned().collect();
    let below = none_set(ops, point.iter().skip(count));
    (bits, below)
}
