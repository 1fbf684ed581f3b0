//! Modular arithmetic on the `mulmod256` accelerator: `(a * b + c) mod m` in one call.

use core::cell::Cell;
use core::mem::MaybeUninit;

use crate::runtime::platform;

/// A constant of 256 bits, little-endian dwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(32))]
pub struct Words(pub [u64; 4]);

pub static ZERO: Words = Words([0; 4]);
pub static ONE: Words = Words([1, 0, 0, 0]);

impl Words {
    /// Parses 64 hexadecimal digits, at compile time.
    pub const fn hex(digits: &str) -> Self {
        let digits = digits.as_bytes();
        assert!(digits.len() == 64);
        let mut words = [0u64; 4];
        let mut i = 0;
        while i < 64 {
            let digit = match digits[i] {
                d @ b'0'..=b'9' => d - b'0',
                d @ b'a'..=b'f' => d - b'a' + 10,
                _ => panic!("not a hexadecimal digit"),
            };
            words[3 - i / 16] = words[3 - i / 16] << 4 | digit as u64;
            i += 1;
        }
        Self(words)
    }

    /// `self - other`, which must not be negative.
    pub const fn minus(&self, other: &Self) -> Self {
        let mut out = [0u64; 4];
        let mut borrow = false;
        let mut i = 0;
        while i < 4 {
            let (word, under_a) = self.0[i].overflowing_sub(other.0[i]);
            let (word, under_b) = word.overflowing_sub(borrow as u64);
            out[i] = word;
            borrow = under_a | under_b;
            i += 1;
        }
        assert!(!borrow);
        Self(out)
    }

    /// Whether `self < other`.
    #[inline(always)]
    pub fn less(&self, other: &Self) -> bool {
        for i in (0..4).rev() {
            if self.0[i] != other.0[i] {
                return self.0[i] < other.0[i];
            }
        }
        false
    }

    pub fn is_zero(&self) -> bool {
        self.0[0] | self.0[1] | self.0[2] | self.0[3] == 0
    }

    /// Reads big-endian bytes.
    #[inline(always)]
    pub fn from_be(bytes: &[u8; 32]) -> Self {
        let word = |i: usize| u64::from_be_bytes(core::array::from_fn(|k| bytes[8 * (3 - i) + k]));
        Self([word(0), word(1), word(2), word(3)])
    }

    /// Writes big-endian bytes.
    #[inline(always)]
    pub fn write_be(&self, bytes: &mut [u8]) {
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(self.0.iter().rev()) {
            chunk.copy_from_slice(&word.to_be_bytes());
        }
    }
}

/// A prime modulus and its negative one.
pub trait Modulus {
    const M: &'static Words;
    const MINUS_ONE: &'static Words;
    const MINUS_TWO: &'static Words;
}

/// A place in memory for a residue. Operations write through a shared reference, so operands may be the
/// destination, as they may for the accelerator.
#[repr(C, align(32))]
pub struct Slot([Cell<u64>; 4]);

/// What an operation reads.
pub trait Operand {
    fn pointer(&self) -> *const u64;
}

impl Operand for Slot {
    #[inline(always)]
    fn pointer(&self) -> *const u64 {
        self.0.as_ptr().cast()
    }
}

impl Operand for Words {
    #[inline(always)]
    fn pointer(&self) -> *const u64 {
        self.0.as_ptr()
    }
}

impl Slot {
    #[inline(always)]
    pub const fn zero() -> Self {
        Self([const { Cell::new(0) }; 4])
    }

    #[inline(always)]
    pub fn get(&self) -> Words {
        Words([self.0[0].get(), self.0[1].get(), self.0[2].get(), self.0[3].get()])
    }

    #[inline(always)]
    pub fn put(&self, value: &Words) {
        for (cell, word) in self.0.iter().zip(value.0) {
            cell.set(word);
        }
    }

    #[inline(always)]
    pub fn copy(&self, other: &Self) {
        self.put(&other.get());
    }

    /// `self = a * b + c`. One of `a`, `b` and all of `c` are below the modulus.
    #[inline(always)]
    pub fn mul_add<P: Modulus>(&self, a: &impl Operand, b: &impl Operand, c: &impl Operand) {
        let destination = self.0.as_ptr() as *mut u64;
        // SAFETY: all are four aligned dwords; `Cell` allows the write through a shared reference.
        unsafe { platform::mulmod256(destination, a.pointer(), b.pointer(), c.pointer(), P::M.pointer()) }
    }

    /// `self = a * b`.
    #[inline(always)]
    pub fn mul<P: Modulus>(&self, a: &impl Operand, b: &impl Operand) {
        self.mul_add::<P>(a, b, &ZERO);
    }

    /// `self = b - a`.
    #[inline(always)]
    pub fn sub_from<P: Modulus>(&self, a: &impl Operand, b: &impl Operand) {
        self.mul_add::<P>(a, P::MINUS_ONE, b);
    }

    /// `self = self^(2^count)`.
    #[inline(always)]
    pub fn square_times<P: Modulus>(&self, count: usize) {
        for _ in 0..count {
            self.mul::<P>(self, self);
        }
    }
}

/// `(a * b + c) mod m` for little-endian dwords, in one call of the accelerator.
///
/// `m` is not zero and the quotient is below 2^256 (it is where `a, b, c < m`); the machine stops otherwise, and
/// the twin on the host panics.
#[inline]
pub fn mul_add_mod(a: &[u64; 4], b: &[u64; 4], c: &[u64; 4], m: &[u64; 4]) -> [u64; 4] {
    let mut out = MaybeUninit::<[u64; 4]>::uninit();
    // SAFETY: five aligned arrays of four dwords, the first of which is written whole.
    unsafe {
        platform::mulmod256(out.as_mut_ptr().cast(), a.as_ptr(), b.as_ptr(), c.as_ptr(), m.as_ptr());
        out.assume_init()
    }
}

/// `sum = (a * b + sum) mod m`: see [`mul_add_mod`].
#[inline(always)]
pub fn accumulate_mod(sum: &mut [u64; 4], a: &[u64; 4], b: &[u64; 4], m: &[u64; 4]) {
    let sum = sum.as_mut_ptr();
    // SAFETY: four aligned arrays of four dwords; the accelerator allows the addend to be the destination.
    unsafe { platform::mulmod256(sum, a.as_ptr(), b.as_ptr(), sum, m.as_ptr()) };
}

/// `base^exponent mod m` for `m` above 1.
pub fn power_mod(base: &[u64; 4], exponent: &[u64; 4], m: &[u64; 4]) -> [u64; 4] {
    let mut power = ONE.0;
    for at in (0..256).rev() {
        power = mul_add_mod(&power, &power, &ZERO.0, m);
        if exponent[at / 64] >> (at % 64) & 1 == 1 {
            power = mul_add_mod(&power, base, &ZERO.0, m);
        }
    }
    power
}
