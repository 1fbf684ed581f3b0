//! Modular arithmetic on the accelerators `mulmod256` and `mulmod384`: `(a * b + c) mod m` in one call.

use core::cell::Cell;
use core::mem::MaybeUninit;

use crate::platform;

/// A constant of `N` little-endian dwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(32))]
pub struct Words<const N: usize = 4>(pub [u64; N]);

pub static ZERO: Words = Words::ZERO;
pub static ONE: Words = Words::small(1);

impl<const N: usize> Words<N> {
    pub const ZERO: Self = Self::small(0);

    pub const fn small(value: u64) -> Self {
        let mut words = [0; N];
        words[0] = value;
        Self(words)
    }

    /// Parses 16 hexadecimal digits a word, at compile time.
    pub const fn hex(digits: &str) -> Self {
        let digits = digits.as_bytes();
        assert!(digits.len() == 16 * N);
        let mut words = [0u64; N];
        let mut i = 0;
        while i < 16 * N {
            let digit = match digits[i] {
                d @ b'0'..=b'9' => d - b'0',
                d @ b'a'..=b'f' => d - b'a' + 10,
                _ => panic!("not a hexadecimal digit"),
            };
            words[N - 1 - i / 16] = words[N - 1 - i / 16] << 4 | digit as u64;
            i += 1;
        }
        Self(words)
    }

    /// `self - other`, which must not be negative.
    pub const fn minus(&self, other: &Self) -> Self {
        let mut out = [0u64; N];
        let mut borrow = false;
        let mut i = 0;
        while i < N {
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
        for i in (0..N).rev() {
            if self.0[i] != other.0[i] {
                return self.0[i] < other.0[i];
            }
        }
        false
    }

    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        self.0.iter().fold(0, |all, word| all | word) == 0
    }

    /// Writes big-endian bytes.
    #[inline(always)]
    pub fn write_be(&self, bytes: &mut [u8]) {
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(self.0.iter().rev()) {
            chunk.copy_from_slice(&word.to_be_bytes());
        }
    }

    #[inline(always)]
    fn read_be(bytes: &[u8]) -> Self {
        Self(core::array::from_fn(|i| u64::from_be_bytes(core::array::from_fn(|k| bytes[8 * (N - 1 - i) + k]))))
    }
}

impl Words<4> {
    /// Reads big-endian bytes.
    #[inline(always)]
    pub fn from_be(bytes: &[u8; 32]) -> Self {
        Self::read_be(bytes)
    }
}

impl Words<6> {
    /// Reads big-endian bytes.
    #[inline(always)]
    pub fn from_be_48(bytes: &[u8; 48]) -> Self {
        Self::read_be(bytes)
    }
}

/// A prime modulus and its negative one.
pub trait Modulus<const N: usize = 4> {
    const M: &'static Words<N>;
    const MINUS_ONE: &'static Words<N>;
    const MINUS_TWO: &'static Words<N>;
}

/// A place in memory for a residue. Operations write through a shared reference, so operands may be the
/// destination, as they may for the accelerator.
#[repr(C, align(32))]
pub struct Slot<const N: usize = 4>([Cell<u64>; N]);

/// What an operation reads.
pub trait Operand<const N: usize = 4> {
    fn pointer(&self) -> *const u64;
}

impl<const N: usize> Operand<N> for Slot<N> {
    #[inline(always)]
    fn pointer(&self) -> *const u64 {
        self.0.as_ptr().cast()
    }
}

impl<const N: usize> Operand<N> for Words<N> {
    #[inline(always)]
    fn pointer(&self) -> *const u64 {
        self.0.as_ptr()
    }
}

impl<const N: usize> Slot<N> {
    #[inline(always)]
    pub const fn zero() -> Self {
        Self([const { Cell::new(0) }; N])
    }

    #[inline(always)]
    pub fn get(&self) -> Words<N> {
        Words(core::array::from_fn(|i| self.0[i].get()))
    }

    #[inline(always)]
    pub fn put(&self, value: &Words<N>) {
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
    pub fn mul_add<P: Modulus<N>>(&self, a: &impl Operand<N>, b: &impl Operand<N>, c: &impl Operand<N>) {
        let destination = self.0.as_ptr() as *mut u64;
        // SAFETY: all are N aligned dwords; `Cell` allows the write through a shared reference.
        unsafe { accelerate::<N>(destination, a.pointer(), b.pointer(), c.pointer(), P::M.pointer()) }
    }

    /// `self = a * b`.
    #[inline(always)]
    pub fn mul<P: Modulus<N>>(&self, a: &impl Operand<N>, b: &impl Operand<N>) {
        self.mul_add::<P>(a, b, const { &Words::<N>::ZERO });
    }

    /// `self = b - a`.
    #[inline(always)]
    pub fn sub_from<P: Modulus<N>>(&self, a: &impl Operand<N>, b: &impl Operand<N>) {
        self.mul_add::<P>(a, P::MINUS_ONE, b);
    }

    /// `self = self^(2^count)`.
    #[inline(always)]
    pub fn square_times<P: Modulus<N>>(&self, count: usize) {
        for _ in 0..count {
            self.mul::<P>(self, self);
        }
    }
}

/// Room for a residue that is computed before it is read: unlike a [`Slot`], it costs nothing to make.
pub(super) struct Room<const N: usize = 4>(MaybeUninit<Slot<N>>);

impl<const N: usize> Room<N> {
    #[inline(always)]
    pub const fn new() -> Self {
        Self(MaybeUninit::uninit())
    }

    /// `a * b + c`: see [`Slot::mul_add`].
    #[inline(always)]
    pub fn mul_add<P: Modulus<N>>(&mut self, a: &impl Operand<N>, b: &impl Operand<N>, c: &impl Operand<N>) -> &Slot<N> {
        // SAFETY: all are N aligned dwords, and the first of them is written whole.
        unsafe {
            accelerate::<N>(self.0.as_mut_ptr().cast(), a.pointer(), b.pointer(), c.pointer(), P::M.pointer());
            self.0.assume_init_ref()
        }
    }
}

/// Stores `(a * b + c) mod m` at `dst`, by the accelerator for `N` dwords.
///
/// # Safety
///
/// All pointers are to `N` dwords, aligned to 8, `dst` writable; they may alias. `*m` is not zero and the quotient
/// is below `2^(64 N)`.
#[inline(always)]
unsafe fn accelerate<const N: usize>(dst: *mut u64, a: *const u64, b: *const u64, c: *const u64, m: *const u64) {
    const { assert!(N == 4 || N == 6) };
    // SAFETY: promised by the caller.
    unsafe {
        if N == 4 {
            platform::mulmod256(dst, a, b, c, m);
        } else {
            platform::mulmod384(dst, a, b, c, m);
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

/// The same for six dwords, with a quotient below 2^384: see [`mul_add_mod`].
#[inline]
pub fn mul_add_mod_384(a: &[u64; 6], b: &[u64; 6], c: &[u64; 6], m: &[u64; 6]) -> [u64; 6] {
    let mut out = MaybeUninit::<[u64; 6]>::uninit();
    // SAFETY: five aligned arrays of six dwords, the first of which is written whole.
    unsafe {
        platform::mulmod384(out.as_mut_ptr().cast(), a.as_ptr(), b.as_ptr(), c.as_ptr(), m.as_ptr());
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
