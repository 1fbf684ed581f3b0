//! Payloads and arithmetic that several recursion chips share.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;

use crate::builder::ChipBuilder;

/// `X^5` in the challenge field.
const NON_RESIDUE: u32 = 2;

/// The product of two elements of the challenge field, by coordinates.
pub fn product<E: PrimeCharacteristicRing>(x: &[E; 5], y: &[E; 5]) -> [E; 5] {
    // The sum of all `x_i y_j` with `i + j = degree`.
    let coefficient = |degree: usize| {
        let first = degree.saturating_sub(4);
        (first..=degree.min(4)).map(|i| x[i].clone() * y[degree - i].clone()).sum::<E>()
    };
    core::array::from_fn(|k| match k {
        4 => coefficient(4),
        _ => coefficient(k) + coefficient(k + 5) * E::from_u32(NON_RESIDUE),
    })
}

/// Payload of [`super::bus::WIRE`]: an element of the challenge field.
pub fn wire<B: ChipBuilder>(addr: impl Into<B::Expr>, value: [B::Var; 5]) -> Vec<B::Expr> {
    core::iter::once(addr.into()).chain(value.map(Into::into)).collect()
}

/// Payload of [`super::bus::WIRE`]: an element of the base field.
pub fn base_wire<B: ChipBuilder>(addr: impl Into<B::Expr>, value: impl Into<B::Expr>) -> Vec<B::Expr> {
    let zeros = core::iter::repeat_n(B::Expr::ZERO, 4);
    [addr.into(), value.into()].into_iter().chain(zeros).collect()
}

/// Payload of [`super::bus::HALF`] and [`super::bus::CAP`].
pub fn digest<B: ChipBuilder>(addr: impl Into<B::Expr>, limbs: impl IntoIterator<Item = impl Into<B::Expr>>) -> Vec<B::Expr> {
    core::iter::once(addr.into()).chain(limbs.into_iter().map(Into::into)).collect()
}
