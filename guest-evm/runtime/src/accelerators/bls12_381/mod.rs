//! The curve BLS12-381 of the precompiles at 10 to 17 (EIP-4844, EIP-2537), on `mulmod384`.
//!
//! Elements are places in memory which operations write through shared references (`fp::Element`), so that a
//! multiplication and an addition in the field of coordinates are one call of the accelerator, and nothing is moved.

mod fp;
mod fp12;
mod fp2;
mod group;
mod isogeny;
mod kzg;
mod map;
mod multiply;
mod pairing;
mod point;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
use core::fmt;

use fp::Fp;
use fp2::Fp2;
use group::{Group, read_in_group, read_on_curve, write};
use map::Map;
use multiply::Sum;
use point::{Affine, Jacobian, Scratch};

pub use kzg::verify_proof as verify_kzg_proof;

/// Why bytes are no point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bls12Error {
    /// A coordinate is not below the field's modulus.
    NotInField,
    /// The point is not on the curve.
    G1NotOnCurve,
    /// The point is not on the twist.
    G2NotOnCurve,
    /// The point of the curve is not in the group of prime order.
    G1NotInGroup,
    /// The point of the twist is not in the group of prime order.
    G2NotInGroup,
}

impl fmt::Display for Bls12Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotInField => "coordinate is not below the modulus of BLS12-381",
            Self::G1NotOnCurve => "point is not on the curve BLS12-381",
            Self::G2NotOnCurve => "point is not on the twist of BLS12-381",
            Self::G1NotInGroup => "point is not in the first group of BLS12-381",
            Self::G2NotInGroup => "point is not in the second group of BLS12-381",
        })
    }
}

impl core::error::Error for Bls12Error {}

/// Coordinates `x` and `y` of a point of the curve, big-endian; zeros for infinity.
pub type G1Bytes = ([u8; 48], [u8; 48]);

/// Coordinates `x.c0`, `x.c1`, `y.c0`, `y.c1` of a point of the twist, big-endian; zeros for infinity.
pub type G2Bytes = ([u8; 48], [u8; 48], [u8; 48], [u8; 48]);

/// The sum of two points of the curve, in the group or not.
pub fn g1_add(a: &G1Bytes, b: &G1Bytes) -> Result<[u8; 96], Bls12Error> {
    Ok(write(&add::<Fp>(read_on_curve(&[a.0], &[a.1])?, read_on_curve(&[b.0], &[b.1])?)))
}

/// The sum of two points of the twist, in the group or not.
pub fn g2_add(a: &G2Bytes, b: &G2Bytes) -> Result<[u8; 192], Bls12Error> {
    let read = |point: &G2Bytes| read_on_curve(&[point.0, point.1], &[point.2, point.3]);
    Ok(write(&add::<Fp2>(read(a)?, read(b)?)))
}

/// The sum of multiples of points of the first group by scalars, big-endian and of any value; infinity for none.
///
/// No term is taken after one whose point is refused.
pub fn g1_msm(terms: impl Iterator<Item = (G1Bytes, [u8; 32])>) -> Result<[u8; 96], Bls12Error> {
    let mut sum = Sum::<Fp>::new();
    for (point, scalar) in terms {
        sum.add_multiple(read_in_group(&[point.0], &[point.1])?, &scalar);
    }
    Ok(write(&sum.finish().to_affine()))
}

/// The sum of multiples of points of the second group: see [`g1_msm`].
pub fn g2_msm(terms: impl Iterator<Item = (G2Bytes, [u8; 32])>) -> Result<[u8; 192], Bls12Error> {
    let mut sum = Sum::<Fp2>::new();
    for (point, scalar) in terms {
        sum.add_multiple(read_in_group(&[point.0, point.1], &[point.2, point.3])?, &scalar);
    }
    Ok(write(&sum.finish().to_affine()))
}

/// Whether the product of the pairings of points of the groups is one. All points are checked, also against infinity.
pub fn pairing_check(pairs: &[(G1Bytes, G2Bytes)]) -> Result<bool, Bls12Error> {
    let mut finite = Vec::with_capacity(pairs.len());
    for (g1, g2) in pairs {
        let g1 = read_in_group(&[g1.0], &[g1.1])?;
        let g2 = read_in_group(&[g2.0, g2.1], &[g2.2, g2.3])?;
        finite.extend(g1.zip(g2));
    }
    Ok(pairing::product_is_one(&finite))
}

/// The point of the first group that an element of the base field maps to.
pub fn map_fp_to_g1(element: &[u8; 48]) -> Result<[u8; 96], Bls12Error> {
    map::<Fp, 96>(&[*element])
}

/// The point of the second group that an element `(c0, c1)` of the quadratic extension maps to.
pub fn map_fp2_to_g2((c0, c1): &([u8; 48], [u8; 48])) -> Result<[u8; 192], Bls12Error> {
    map::<Fp2, 192>(&[*c0, *c1])
}

fn map<F: Map, const N: usize>(element: &[[u8; 48]]) -> Result<[u8; N], Bls12Error> {
    let element = F::read(element).ok_or(Bls12Error::NotInField)?;
    Ok(write(&map::map_to_group(&element).to_affine()))
}

fn add<F: Group>(a: Option<Affine<F>>, b: Option<Affine<F>>) -> Option<Affine<F>> {
    let (Some(a), Some(b)) = (&a, &b) else {
        return a.or(b);
    };
    let sum = Jacobian::from_affine(a);
    sum.add(&Jacobian::from_affine(b), &Scratch::new());
    sum.to_affine()
}
