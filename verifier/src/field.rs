//! Constants of the field that the verifier's arithmetic uses.

#![expect(clippy::arithmetic_side_effects, reason = "field arithmetic has no overflow; what is inverted is never zero")]

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing, TwoAdicField};
use tern_field::{EF, F};

/// A root of unity of order `2^log`, for `log` up to 27; larger ones are cut, which no shape has.
pub(crate) fn root(log: usize) -> F {
    F::two_adic_generator(log.min(F::TWO_ADICITY))
}

/// The generator of the extension.
pub(crate) fn generator() -> EF {
    EF::from_basis_coefficients_fn(|index| F::from_bool(index == 1))
}

/// `root^-k / 2` for the `2^log`-th roots of unity.
pub(crate) fn half_inverse_root(log: usize, power: usize) -> F {
    F::ONE.halve() * root(log).inverse().exp_u64(u64::try_from(power).unwrap_or(0))
}
