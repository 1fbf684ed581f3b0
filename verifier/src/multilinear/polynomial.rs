//! Polynomials and places by their bits.

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use crate::field;
use crate::ops::{Checked, Ops};
use crate::reason::Reason;

/// An element of the challenge field from its coefficients.
pub(super) fn from_coefficients<O: Ops>(ops: &mut O, coefficients: &[O::Ext]) -> O::Ext {
    let generator = ops.constant(field::generator());
    horner(ops, coefficients, &generator)
}

/// `sum of x^i c_i`.
pub(super) fn horner<O: Ops>(ops: &mut O, coefficients: &[O::Ext], x: &O::Ext) -> O::Ext {
    let mut rest = coefficients.iter().rev();
    let Some(last) = rest.next() else {
        return ops.constant(EF::ZERO);
    };
    rest.fold(last.clone(), |sum, coefficient| ops.mul_add(&sum, x, coefficient))
}

/// Checks that `value` stands in the row at the place that the bits give, the lowest first.
///
/// # Errors
///
/// If another value does.
pub(super) fn check_place<O: Ops>(ops: &mut O, row: &[O::Ext], place: &[O::Bit], value: &O::Ext, reason: Reason) -> Checked<O, ()> {
    let mut values = row.to_vec();
    for bit in place {
        values = values.as_chunks::<2>().0.iter().map(|[zero, one]| ops.select(bit, zero, one)).collect();
    }
    match values.first() {
        Some(got) => ops.assert_equal(value, got, reason),
        None => Ok(()),
    }
}

/// The lowest `bits` bits of a number, reversed.
pub(super) fn reversed(number: usize, bits: usize) -> usize {
    let mut rest = number;
    let mut reversed = 0_usize;
    for _ in 0..bits {
        reversed = reversed.wrapping_shl(1) | (rest & 1);
        rest = rest.wrapping_shr(1);
    }
    reversed
}
