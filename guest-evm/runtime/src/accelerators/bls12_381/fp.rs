//! The field of coordinates, and what it has in common with its quadratic extension.

use crate::accelerators::field::{Modulus, Operand, Slot, Words};
use crate::accelerators::power::{ODD_POWERS, Windows, continue_power, fill_odd_powers};

/// `p = (x - 1)^2 (x^4 - x^2 + 1) / 3 + x` for the curve's parameter `x = -U`.
pub const P: Words<6> = Words::hex("1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab");

/// The magnitude of the curve's parameter, which is negative.
pub const U: u64 = 0xd201_0000_0001_0000;

/// The field of coordinates.
pub struct Base;

impl Modulus<6> for Base {
    const M: &'static Words<6> = &P;
    const MINUS_ONE: &'static Words<6> = &P.minus(&Words::small(1));
    const MINUS_TWO: &'static Words<6> = &MINUS_TWO;
}

/// A place for an element of the field of coordinates.
pub type Fp = Slot<6>;

pub static ZERO: Words<6> = Words::ZERO;
pub static ONE: Words<6> = Words::small(1);
pub static TWO: Words<6> = Words::small(2);
static MINUS_TWO: Words<6> = P.minus(&Words::small(2));
static BY_MINUS_TWO: Windows<96> = Windows::new(&MINUS_TWO, 381);
/// `(p - 3) / 4`: `p` is 3 modulo 4.
static BY_QUARTER: Windows<96> = Windows::new(&quarter(&P), 379);
/// `value / 4`, rounded down.
const fn quarter(value: &Words<6>) -> Words<6> {
    let mut words = [0; 6];
    let mut i = 0;
    while i < 6 {
        let above = if i == 5 { 0 } else { value.0[i + 1] };
        words[i] = value.0[i] >> 2 | above << 62;
        i += 1;
    }
    Words(words)
}

/// A place for an element of [`Fp`] or of its quadratic extension. Operations write the result to `self`, which may
/// be any operand but a second factor; a square's base may be `self`.
pub trait Element: Sized {
    /// An element that is known when the program is built.
    type Constant: 'static;
    const ONE: Self::Constant;

    /// A place with zero in it.
    const PLACE: Self;
    fn put(&self, value: &Self::Constant);
    fn put_zero(&self);
    fn copy(&self, other: &Self);
    fn is_zero(&self) -> bool;
    fn equals(&self, other: &Self) -> bool;

    /// A place with zero in it.
    #[inline(always)]
    fn zero() -> Self {
        Self::PLACE
    }

    /// `self = a b + c`.
    fn mul_add(&self, a: &Self, b: &Self, c: &Self);
    /// `self = a b`.
    fn mul(&self, a: &Self, b: &Self);
    /// `self = a factor`.
    fn mul_constant(&self, a: &Self, factor: &Self::Constant);
    /// `self = a^2 + c`.
    fn square_add(&self, a: &Self, c: &Self);
    /// `self = a^2`.
    fn square(&self, a: &Self);
    /// `self = a factor + c` for a factor of the base field.
    fn scale_add(&self, a: &Self, factor: &impl Operand<6>, c: &Self);
    /// `self = a factor` for a factor of the base field.
    fn scale(&self, a: &Self, factor: &impl Operand<6>);
    /// `self = 1 / a`, zero for zero.
    fn invert(&self, a: &Self);

    /// `self = a + b`.
    #[inline(always)]
    fn add(&self, a: &Self, b: &Self) {
        self.scale_add(a, &ONE, b);
    }

    /// `self = a - b`.
    #[inline(always)]
    fn sub(&self, a: &Self, b: &Self) {
        self.scale_add(b, Base::MINUS_ONE, a);
    }

    /// `self = -a`.
    #[inline(always)]
    fn negate(&self, a: &Self) {
        self.scale(a, Base::MINUS_ONE);
    }
}

impl Element for Fp {
    type Constant = Words<6>;
    const ONE: Words<6> = Words::small(1);
    const PLACE: Self = Slot::zero();

    #[inline(always)]
    fn put(&self, value: &Words<6>) {
        Slot::put(self, value);
    }

    fn put_zero(&self) {
        Slot::put(self, &ZERO);
    }

    #[inline(always)]
    fn copy(&self, other: &Self) {
        Slot::copy(self, other);
    }

    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.get().is_zero()
    }

    #[inline(always)]
    fn equals(&self, other: &Self) -> bool {
        self.get() == other.get()
    }

    #[inline(always)]
    fn mul_add(&self, a: &Self, b: &Self, c: &Self) {
        Slot::mul_add::<Base>(self, a, b, c);
    }

    #[inline(always)]
    fn mul(&self, a: &Self, b: &Self) {
        Slot::mul::<Base>(self, a, b);
    }

    #[inline(always)]
    fn mul_constant(&self, a: &Self, factor: &Words<6>) {
        Slot::mul::<Base>(self, a, factor);
    }

    #[inline(always)]
    fn square_add(&self, a: &Self, c: &Self) {
        Slot::mul_add::<Base>(self, a, a, c);
    }

    #[inline(always)]
    fn square(&self, a: &Self) {
        Slot::mul::<Base>(self, a, a);
    }

    #[inline(always)]
    fn scale_add(&self, a: &Self, factor: &impl Operand<6>, c: &Self) {
        Slot::mul_add::<Base>(self, a, factor, c);
    }

    #[inline(always)]
    fn scale(&self, a: &Self, factor: &impl Operand<6>) {
        Slot::mul::<Base>(self, a, factor);
    }

    /// By Fermat: `a^(p - 2)`.
    fn invert(&self, a: &Self) {
        power(self, a, &BY_MINUS_TWO);
    }
}

/// `result = base^((p - 3) / 4)`, whose square is `1 / base` up to the sign: that of `base` as a square.
pub fn root_of_inverse(result: &Fp, base: &Fp) {
    power(result, base, &BY_QUARTER);
}

/// `root^2 = square`; false, and another value, if there is no such root.
pub fn square_root(root: &Fp, square: &Fp) -> bool {
    let (candidate, again) = (Fp::zero(), Fp::zero());
    root_of_inverse(&candidate, square);
    candidate.mul::<Base>(&candidate, square);
    again.square(&candidate);
    root.copy(&candidate);
    again.equals(square)
}

/// `result = base^exponent`.
fn power(result: &Fp, base: &Fp, exponent: &Windows<96>) {
    let odd_powers = [const { Fp::zero() }; ODD_POWERS];
    odd_powers[0].copy(base);
    fill_odd_powers::<Base, 6>(&odd_powers);
    if let Some(((_, first), rest)) = exponent.steps().split_first() {
        result.copy(&odd_powers[usize::from(*first)]);
        continue_power::<Base, 6>(result, rest, &odd_powers);
    }
}
