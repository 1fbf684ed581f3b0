//! Powers with exponents that are known when the program is built, by sliding windows.

use super::field::{Modulus, Slot, Words};

/// Bits of a window.
const WIDTH: usize = 4;
/// Odd powers below the windows' end.
pub const ODD_POWERS: usize = 1 << (WIDTH - 1);
/// No odd power.
const NONE: u8 = ODD_POWERS as u8;

/// An exponent as steps, at most `STEPS`: squarings, then the index of an odd power to multiply by.
pub struct Windows<const STEPS: usize> {
    steps: [(u8, u8); STEPS],
    length: usize,
}

impl<const STEPS: usize> Windows<STEPS> {
    /// The lowest `bits` of an exponent.
    pub const fn new<const N: usize>(exponent: &Words<N>, bits: usize) -> Self {
        let mut out = Self { steps: [(0, NONE); STEPS], length: 0 };
        let mut at = bits;
        let mut pending = 0;
        while at > 0 {
            if bit(exponent, at - 1) == 0 {
                at -= 1;
                pending += 1;
                continue;
            }
            let mut width = if at < WIDTH { at } else { WIDTH };
            while bit(exponent, at - width) == 0 {
                width -= 1;
            }
            let mut value = 0;
            let mut i = 0;
            while i < width {
                value = 2 * value + bit(exponent, at - 1 - i);
                i += 1;
            }
            out.steps[out.length] = (pending + width as u8, (value / 2) as u8);
            out.length += 1;
            at -= width;
            pending = 0;
        }
        out.steps[out.length] = (pending, NONE);
        out.length += 1;
        out
    }

    pub fn steps(&self) -> &[(u8, u8)] {
        &self.steps[..self.length]
    }
}

const fn bit<const N: usize>(value: &Words<N>, at: usize) -> u64 {
    value.0[at / 64] >> (at % 64) & 1
}

/// Fills the odd powers of a base from the first of them, which is the base.
#[inline(always)]
pub fn fill_odd_powers<P: Modulus<N>, const N: usize>(powers: &[Slot<N>; ODD_POWERS]) {
    let square = Slot::zero();
    square.mul::<P>(&powers[0], &powers[0]);
    for i in 1..ODD_POWERS {
        powers[i].mul::<P>(&powers[i - 1], &square);
    }
}

/// Raises `x`, a power of the base of `odd_powers`, by what follows in the exponent.
#[inline(always)]
pub fn continue_power<P: Modulus<N>, const N: usize>(x: &Slot<N>, steps: &[(u8, u8)], odd_powers: &[Slot<N>; ODD_POWERS]) {
    for &(squarings, index) in steps {
        x.square_times::<P>(squarings.into());
        if let Some(power) = odd_powers.get(usize::from(index)) {
            x.mul::<P>(x, power);
        }
    }
}
