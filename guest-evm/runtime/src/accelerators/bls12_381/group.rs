//! The two groups of prime order: membership, endomorphisms and encodings.
//!
//! The curve's parameter is `-U`, and `U^4 - U^2 + 1` is the groups' order `R`.

use super::Bls12Error;
use super::fp::{Base, Element, Fp, P};
use super::fp2::Fp2;
use super::point::{Affine, Jacobian};
use crate::accelerators::field::Words;

/// The order of the groups.
pub const R: Words = Words::hex("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");

/// A cube root of unity: `(x, y) -> (BETA x, y)` multiplies the first group by `-U^2`.
static BETA: Words<6> = Words::hex("00000000000000005f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffe");

/// The factors of the endomorphism of the twist: `PSI_X i` is `(1 + i)^((1 - p) / 3)`, and `PSI_Y (i - 1)` is
/// `(1 + i)^((1 - p) / 2)`.
static PSI_X: Words<6> = Words::hex("1a0111ea397fe699ec02408663d4de85aa0d857d89759ad4897d29650fb85f9b409427eb4f49fffd8bfd00000000aaad");
static PSI_Y: Words<6> = Words::hex("06af0e0437ff400b6831e36d6bd17ffe48395dabc2d3435e77f76e17009241c5ee67992f72ec05f4c81084fbede3cc09");
static MINUS_PSI_Y: Words<6> = P.minus(&PSI_Y);

/// What belongs to the one curve over a field, and to its group of order [`R`].
pub trait Group: Element {
    /// The curve's constant `b`.
    const B: Self::Constant;
    const NOT_ON_CURVE: Bls12Error;
    const NOT_IN_GROUP: Bls12Error;
    /// [`Self::leap`] multiplies by this power of `U`.
    const LEAP: usize;

    /// Coordinates of the image of a point under an endomorphism which multiplies points of the group by `U^LEAP`. It is
    /// linear in each of them. Results are not operands.
    fn leap(to_x: &Self, to_y: &Self, x: &Self, y: &Self);

    /// Reads big-endian coordinates.
    fn read(bytes: &[[u8; 48]]) -> Option<Self>;

    /// Writes big-endian coordinates.
    fn write(&self, bytes: &mut [u8]);
}

impl Group for Fp {
    const B: Words<6> = Words::small(4);
    const NOT_ON_CURVE: Bls12Error = Bls12Error::G1NotOnCurve;
    const NOT_IN_GROUP: Bls12Error = Bls12Error::G1NotInGroup;
    const LEAP: usize = 2;

    /// `(BETA x, -y)`.
    fn leap(to_x: &Self, to_y: &Self, x: &Self, y: &Self) {
        to_x.mul_constant(x, &BETA);
        to_y.negate(y);
    }

    fn read(bytes: &[[u8; 48]]) -> Option<Self> {
        let value = Words::from_be_48(bytes.first()?);
        let element = Fp::zero();
        element.put(&value);
        value.less(&P).then_some(element)
    }

    fn write(&self, bytes: &mut [u8]) {
        self.get().write_be(bytes);
    }
}

impl Group for Fp2 {
    const B: [Words<6>; 2] = [Words::small(4); 2];
    const NOT_ON_CURVE: Bls12Error = Bls12Error::G2NotOnCurve;
    const NOT_IN_GROUP: Bls12Error = Bls12Error::G2NotInGroup;
    const LEAP: usize = 1;

    /// The negative of the Frobenius map, taken to the curve that is twisted and back (Galbraith, Lin, Scott 2009):
    /// `(PSI_X i conj(x), -PSI_Y (i - 1) conj(y))`.
    fn leap(to_x: &Self, to_y: &Self, x: &Self, y: &Self) {
        to_x.c0.scale(&x.c1, &PSI_X);
        to_x.c1.scale(&x.c0, &PSI_X);
        to_y.c0.sub_from::<Base>(&y.c1, &y.c0);
        to_y.c0.scale(&to_y.c0, &PSI_Y);
        Element::add(&to_y.c1, &y.c0, &y.c1);
        to_y.c1.scale(&to_y.c1, &MINUS_PSI_Y);
    }

    fn read(bytes: &[[u8; 48]]) -> Option<Self> {
        Some(Self { c0: Fp::read(bytes)?, c1: Fp::read(bytes.get(1..)?)? })
    }

    fn write(&self, bytes: &mut [u8]) {
        let (c0, c1) = bytes.split_at_mut(48);
        self.c0.write(c0);
        self.c1.write(c1);
    }
}

/// Whether a point of the curve belongs to the group: the endomorphism multiplies just those by its eigenvalue (Scott 2021,
/// "A note on group membership tests for G1, G2 and GT on BLS pairing-friendly curves"; Bowe 2019, "Faster subgroup
/// checks for BLS12-381").
pub fn is_in_group<F: Group>(point: &Affine<F>) -> bool {
    let multiple = Jacobian::from_affine(point);
    for _ in 0..F::LEAP {
        multiple.multiply_by_u();
    }
    let image = Affine::zero();
    F::leap(&image.x, &image.y, &point.x, &point.y);
    multiple.equals(&image.x, &image.y)
}

/// Reads a point of the curve, in the group or not. Zeros are infinity, `None`.
pub fn read_on_curve<F: Group>(x: &[[u8; 48]], y: &[[u8; 48]]) -> Result<Option<Affine<F>>, Bls12Error> {
    let not_in_field = Bls12Error::NotInField;
    let point = Affine { x: F::read(x).ok_or(not_in_field)?, y: F::read(y).ok_or(not_in_field)? };
    if point.x.is_zero() && point.y.is_zero() {
        return Ok(None);
    }
    let (left, right) = (F::zero(), F::zero());
    left.square(&point.y);
    curve_equation(&right, &point.x);
    if left.equals(&right) { Ok(Some(point)) } else { Err(F::NOT_ON_CURVE) }
}

/// `y_square = x^3 + b`.
pub fn curve_equation<F: Group>(y_square: &F, x: &F) {
    let b = F::zero();
    b.put(&F::B);
    y_square.square(x);
    y_square.mul_add(y_square, x, &b);
}

/// Reads a point of the group. Zeros are infinity, `None`.
pub fn read_in_group<F: Group>(x: &[[u8; 48]], y: &[[u8; 48]]) -> Result<Option<Affine<F>>, Bls12Error> {
    let point = read_on_curve(x, y)?;
    match point {
        Some(point) if !is_in_group(&point) => Err(F::NOT_IN_GROUP),
        point => Ok(point),
    }
}

/// Writes a point of `N` bytes; zeros for infinity.
pub fn write<F: Group, const N: usize>(point: &Option<Affine<F>>) -> [u8; N] {
    let mut bytes = [0; N];
    if let Some(point) = point {
        let (x, y) = bytes.split_at_mut(N / 2);
        point.x.write(x);
        point.y.write(y);
    }
    bytes
}
