//! The curve alt_bn128 of the precompiles at 6, 7 and 8 (EIP-196, EIP-197), on `mulmod256`.

mod fp12;
mod fp2;
mod pairing;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::fmt;

use super::curve::{self, Affine, Field};
use super::field::Words;
use fp2::{Fp, Fp2, P};
use pairing::Pair;

/// Why bytes are no point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bn254Error {
    /// A coordinate is not below the field's modulus.
    NotInField,
    /// The point is not on the curve, or not in the group of prime order.
    NotInGroup,
    /// A point or scalar has the wrong number of bytes.
    Length,
}

impl fmt::Display for Bn254Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotInField => "coordinate is not below the modulus of bn254",
            Self::NotInGroup => "point is not in the group of bn254",
            Self::Length => "wrong number of bytes for bn254",
        })
    }
}

impl core::error::Error for Bn254Error {}

/// The twist's constant, `3 / xi`.
const TWIST_B: Fp2 = Fp2::hex(
    "2b149d40ceb8aaae81be18991be06ac3b5b4c5e559dbefa33267e6dc24a138e5",
    "009713b03af0fed4cd2cafadeed8fdf4a74fa084e52d1852e4a2bd0685c315d2",
);

/// The sum of two points of 64 bytes each (`x`, `y`, big-endian; zeros for infinity).
pub fn add(a: &[u8], b: &[u8]) -> Result<[u8; 64], Bn254Error> {
    Ok(write_g1(&curve::add(&read_g1(a)?, &read_g1(b)?)))
}

/// A point of 64 bytes times a scalar of 32, big-endian, of any value.
pub fn multiply(point: &[u8], scalar: &[u8]) -> Result<[u8; 64], Bn254Error> {
    let scalar: &[u8; 32] = scalar.try_into().map_err(|_| Bn254Error::Length)?;
    Ok(write_g1(&curve::multiply(&read_g1(point)?, &Words::from_be(scalar).0)))
}

/// Whether the product of the pairings of points of 64 bytes with points of the twist of 128 is one.
///
/// A coordinate of the twist is `c1` and then `c0`. All points are checked, also against infinity.
pub fn pairing_check(pairs: &[(&[u8], &[u8])]) -> Result<bool, Bn254Error> {
    let mut finite = Vec::with_capacity(pairs.len());
    for (g1, g2) in pairs {
        if let (Some(g1), Some(g2)) = (read_g1(g1)?, read_g2(g2)?) {
            finite.push(Pair { g1, g2 });
        }
    }
    Ok(pairing::product_is_one(&finite))
}

fn read_fp(bytes: &[u8]) -> Result<Fp, Bn254Error> {
    let value = Words::from_be(bytes.try_into().map_err(|_| Bn254Error::Length)?);
    if value.less(&P) { Ok(Fp(value)) } else { Err(Bn254Error::NotInField) }
}

fn read_fp2(bytes: &[u8]) -> Result<Fp2, Bn254Error> {
    let (c1, c0) = bytes.split_at_checked(32).ok_or(Bn254Error::Length)?;
    let c1 = read_fp(c1)?;
    Ok(Fp2 { c0: read_fp(c0)?, c1 })
}

fn read_g1(bytes: &[u8]) -> Result<Affine<Fp>, Bn254Error> {
    let (x, y) = bytes.split_at_checked(32).ok_or(Bn254Error::Length)?;
    let (x, y) = (read_fp(x)?, read_fp(y)?);
    if x.is_zero() && y.is_zero() {
        return Ok(None);
    }
    let three = Fp(Words([3, 0, 0, 0]));
    let on_curve = y.square() == x.square().mul_add(&x, &three);
    // The curve's order is prime.
    if on_curve { Ok(Some((x, y))) } else { Err(Bn254Error::NotInGroup) }
}

fn read_g2(bytes: &[u8]) -> Result<Affine<Fp2>, Bn254Error> {
    let (x, y) = bytes.split_at_checked(64).ok_or(Bn254Error::Length)?;
    let (x, y) = (read_fp2(x)?, read_fp2(y)?);
    if x.is_zero() && y.is_zero() {
        return Ok(None);
    }
    let on_curve = y.square() == x.square().mul_add(&x, &TWIST_B);
    if on_curve && is_in_group(&(x, y)) { Ok(Some((x, y))) } else { Err(Bn254Error::NotInGroup) }
}

/// Whether a point of the twist has the group's order: the Frobenius map multiplies just those by `6x^2` (El Housni,
/// Guillevic, Piellard 2022, section 4.3).
fn is_in_group(point: &(Fp2, Fp2)) -> bool {
    let factor = 6 * pairing::X * pairing::X;
    let multiple = curve::multiply(&Some(*point), &[factor as u64, (factor >> 64) as u64, 0, 0]);
    multiple == Some(pairing::frobenius(point))
}

fn write_g1(point: &Affine<Fp>) -> [u8; 64] {
    let mut bytes = [0; 64];
    if let Some((x, y)) = point {
        let (x_bytes, y_bytes) = bytes.split_at_mut(32);
        x.0.write_be(x_bytes);
        y.0.write_be(y_bytes);
    }
    bytes
}
