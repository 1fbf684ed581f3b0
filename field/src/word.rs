//! Words of 32 bits that code computes with before it is known what they are: numbers, or names in
//! a program that computes with them later.
//!
//! What is written over [`Word`] has no branches that depend on a word, so it does the same steps
//! whatever they are. Conditions are words that are zero or one.

use core::ops::{BitAnd, BitOr, BitXor, Shl, Shr};

/// A word of 32 bits. Shifts are by less than 32.
pub trait Word:
    Copy + From<u32> + BitAnd<Output = Self> + BitOr<Output = Self> + BitXor<Output = Self> + Shl<Output = Self> + Shr<Output = Self>
{
    /// The sum modulo 2^32.
    #[must_use]
    fn plus(self, other: Self) -> Self;

    /// The difference modulo 2^32.
    #[must_use]
    fn minus(self, other: Self) -> Self;

    /// The product modulo 2^32.
    #[must_use]
    fn times(self, other: Self) -> Self;

    /// One if they are equal, else zero.
    #[must_use]
    fn equals(self, other: Self) -> Self;

    /// One if this one is the smaller number, without signs, else zero.
    #[must_use]
    fn is_below(self, other: Self) -> Self;

    /// Of a condition: one word if it holds, another if not.
    #[must_use]
    fn select(self, one: Self, zero: Self) -> Self;

    /// Of a condition: a word if it holds, else zero.
    #[must_use]
    fn then(self, word: Self) -> Self {
        self.select(word, Self::from(0))
    }

    /// Of a condition: its opposite.
    #[must_use]
    fn not(self) -> Self {
        self ^ Self::from(1)
    }

    /// Of a condition: all bits set if it holds, else none.
    #[must_use]
    fn filled(self) -> Self {
        Self::from(0).minus(self)
    }

    /// So many bits from a place on.
    #[must_use]
    fn bits(self, first: u32, count: u32) -> Self {
        let moved = if first == 0 { self } else { self >> Self::from(first) };
        if first + count == u32::BITS { moved } else { moved & Self::from((1 << count) - 1) }
    }

    /// One bit.
    #[must_use]
    fn bit(self, place: u32) -> Self {
        self.bits(place, 1)
    }
}

impl Word for u32 {
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    fn minus(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }

    fn times(self, other: Self) -> Self {
        self.wrapping_mul(other)
    }

    fn equals(self, other: Self) -> Self {
        (self == other).into()
    }

    fn is_below(self, other: Self) -> Self {
        (self < other).into()
    }

    fn select(self, one: Self, zero: Self) -> Self {
        if self == 1 { one } else { zero }
    }
}

/// A dword: two words, the lower first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dword<W>(pub [W; 2]);

impl From<u64> for Dword<u32> {
    fn from(dword: u64) -> Self {
        Self(words(dword))
    }
}

/// A dword's two words.
#[must_use]
pub const fn words(dword: u64) -> [u32; 2] {
    [dword as u32, (dword >> 32) as u32]
}

impl<W: Word> Dword<W> {
    /// A word without a sign.
    #[must_use]
    pub fn of_word(word: W) -> Self {
        Self([word, W::from(0)])
    }

    /// A word with a sign.
    #[must_use]
    pub fn of_signed_word(word: W) -> Self {
        Self([word, word.bit(31).filled()])
    }

    /// The lower word.
    #[must_use]
    pub fn low(self) -> W {
        self.0[0]
    }

    /// The upper word.
    #[must_use]
    pub fn high(self) -> W {
        self.0[1]
    }

    /// Bit 63.
    #[must_use]
    pub fn sign(self) -> W {
        self.high().bit(31)
    }

    /// The sum modulo 2^64.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let low = self.low().plus(other.low());
        Self([low, self.high().plus(other.high()).plus(low.is_below(other.low()))])
    }

    /// The difference modulo 2^64.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        let borrow = self.low().is_below(other.low());
        Self([self.low().minus(other.low()), self.high().minus(other.high()).minus(borrow)])
    }

    /// What a function of words makes of both words.
    #[must_use]
    pub fn zip(self, other: Self, f: impl Fn(W, W) -> W) -> Self {
        Self([f(self.low(), other.low()), f(self.high(), other.high())])
    }

    /// One dword if a condition holds, another if not.
    #[must_use]
    pub fn select(condition: W, one: Self, zero: Self) -> Self {
        one.zip(zero, |one, zero| condition.select(one, zero))
    }

    /// With the bits under a mask replaced by others, which has none beside it.
    #[must_use]
    pub fn replaced(self, mask: Self, bits: Self) -> Self {
        self.zip(mask, |word, mask| word & (mask ^ W::from(u32::MAX))).zip(bits, |kept, bits| kept | bits)
    }

    /// Times a power of two, modulo 2^64. The exponent is below 64.
    #[must_use]
    pub fn shifted_left(self, by: W) -> Self {
        let (whole, part) = (by >> W::from(5), by & W::from(31));
        let low = self.low() << part;
        let high = (self.high() << part) | ((self.low() >> W::from(1)) >> (part ^ W::from(31)));
        Self([whole.select(W::from(0), low), whole.select(low, high)])
    }

    /// Shifted right by less than 64 bits, with the bits of `fill`, all alike, from above.
    #[must_use]
    pub fn shifted_right(self, by: W, fill: W) -> Self {
        let (whole, part) = (by >> W::from(5), by & W::from(31));
        let into = |upper: W, lower: W| (lower >> part) | ((upper << W::from(1)) << (part ^ W::from(31)));
        let (low, high) = (into(self.high(), self.low()), into(fill, self.high()));
        Self([whole.select(high, low), whole.select(fill, high)])
    }

    /// Its 16-bit limbs, the lowest first.
    #[must_use]
    pub fn limbs(self) -> [W; 4] {
        core::array::from_fn(|i| self.0[i / 2].bits(16 * (i as u32 % 2), 16))
    }

    /// Its bytes, the lowest first.
    #[must_use]
    pub fn bytes(self) -> [W; 8] {
        core::array::from_fn(|i| self.0[i / 4].bits(8 * (i as u32 % 4), 8))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DWORDS: [u64; 9] = [0, 1, 5, 0xffff_ffff, 1 << 32, 0x8000_0000_0000_0000, u64::MAX, 0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210];

    fn whole(dword: Dword<u32>) -> u64 {
        u64::from(dword.low()) | u64::from(dword.high()) << 32
    }

    #[test]
    fn dwords_are_numbers() {
        for a in DWORDS {
            let dword = Dword::from(a);
            assert_eq!((whole(dword), u64::from(dword.sign())), (a, a >> 63));
            assert_eq!(whole(Dword::of_word(a as u32)), u64::from(a as u32));
            assert_eq!(whole(Dword::of_signed_word(a as u32)), a as i32 as u64);
            assert_eq!(dword.bytes(), a.to_le_bytes().map(u32::from));
            assert_eq!(dword.limbs(), core::array::from_fn(|i| (a >> (16 * i)) as u32 & 0xffff));
            for by in 0..64 {
                assert_eq!(whole(dword.shifted_left(by)), a << by);
                assert_eq!(whole(dword.shifted_right(by, 0)), a >> by);
                assert_eq!(whole(dword.shifted_right(by, u32::MAX)), !(!a >> by));
            }
            for b in DWORDS {
                assert_eq!(whole(dword.plus(b.into())), a.wrapping_add(b));
                assert_eq!(whole(dword.minus(b.into())), a.wrapping_sub(b));
                assert_eq!(whole(Dword::select(1, dword, b.into())), a);
                assert_eq!(whole(Dword::select(0, dword, b.into())), b);
                assert_eq!(whole(dword.replaced(b.into(), (b & 0x5555_5555_5555_5555).into())), a & !b | b & 0x5555_5555_5555_5555);
            }
        }
    }

    #[test]
    fn bits_are_cut_out() {
        let word = 0x89ab_cdef_u32;
        assert_eq!([word.bits(0, 32), word.bits(16, 16), word.bits(4, 8), word.bit(31), word.bit(4)], [word, 0x89ab, 0xde, 1, 0]);
        assert_eq!([1_u32.filled(), 0_u32.filled(), 1_u32.not(), 0_u32.not()], [u32::MAX, 0, 0, 1]);
        assert_eq!([1_u32.then(word), 0_u32.then(word)], [word, 0]);
    }
}
