//! How often each row of the preprocessed tables is looked up.

use alloc::vec;
use alloc::vec::Vec;

use tern_field::word::{Dword, Word};

/// Multiplicities of the preprocessed tables, counted by the fills that send the lookups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookups {
    /// Row `2^k - 1 + v` counts `(k, v)`.
    pub bits: Vec<u32>,
    /// Entry `k` counts the power lookups of `k`.
    pub power: Vec<u32>,
    /// Row `a + 256 b` counts AND, OR, XOR and BYTES lookups of `(a, b)`.
    pub bytes: [Vec<u32>; 4],
}

/// The four lookups of the byte table.
#[repr(usize)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteLookup {
    /// `(a, b, a & b)`.
    And = 0,
    /// `(a, b, a | b)`.
    Or = 1,
    /// `(a, b, a ^ b)`.
    Xor = 2,
    /// `(a, b)`.
    Bytes = 3,
}

/// Largest `k` of the bits table.
pub const MAX_BITS: u32 = 16;

impl Default for Lookups {
    fn default() -> Self {
        Self {
            bits: vec![0; 1 << (MAX_BITS + 1)],
            power: vec![0; MAX_BITS as usize + 1],
            bytes: core::array::from_fn(|_| vec![0; 1 << 16]),
        }
    }
}

impl Lookups {
    /// Counts a lookup of `v < 2^k`.
    ///
    /// A value out of range is counted nowhere: the bus is then unbalanced and the proof fails,
    /// which is what a broken fill deserves.
    pub fn bits(&mut self, k: u32, v: u32) {
        debug_assert!(k <= MAX_BITS && u64::from(v) < 1 << k, "{v} does not have {k} bits");
        if k <= MAX_BITS && u64::from(v) < 1 << k {
            self.bits[(1 << k) - 1 + v as usize] += 1;
        }
    }

    /// Counts lookups of a dword's four limbs.
    pub fn limbs(&mut self, x: u64) {
        for i in 0..4 {
            self.bits(16, u32::from((x >> (16 * i)) as u16));
        }
    }

    /// Counts a lookup of `2^k`.
    pub fn power(&mut self, k: u32) {
        self.power[k as usize] += 1;
    }

    /// Counts a lookup in the byte table.
    pub fn byte(&mut self, lookup: ByteLookup, a: u8, b: u8) {
        self.bytes[lookup as usize][usize::from(a) + 256 * usize::from(b)] += 1;
    }

    /// Adds the counts of another fill.
    pub fn merge(mut self, other: &Self) -> Self {
        let add = |a: &mut Vec<u32>, b: &Vec<u32>| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        add(&mut self.bits, &other.bits);
        add(&mut self.power, &other.power);
        self.bytes.iter_mut().zip(&other.bytes).for_each(|(a, b)| add(a, b));
        self
    }
}

/// What counts the lookups of rows that are written over words: lookups count where `active` is one.
pub trait Count<W: Word> {
    /// Counts a lookup of `v < 2^k`.
    fn count_bits(&mut self, k: W, v: W, active: W);

    /// Counts a lookup of `2^k`.
    fn count_power(&mut self, k: W, active: W);

    /// Counts a lookup in the byte table, whose number is that of a [`ByteLookup`].
    fn count_byte(&mut self, lookup: W, a: W, b: W, active: W);

    /// Counts lookups of a dword's four limbs.
    fn count_limbs(&mut self, x: Dword<W>, active: W) {
        x.limbs().into_iter().for_each(|limb| self.count_bits(W::from(16), limb, active));
    }

    /// Counts lookups of a dword's bytes, two at a time.
    fn count_bytes(&mut self, x: Dword<W>, active: W) {
        let lookup = W::from(ByteLookup::Bytes as u32);
        x.bytes().as_chunks::<2>().0.iter().for_each(|&[low, high]| self.count_byte(lookup, low, high, active));
    }

    /// Counts the lookup of an access's [`crate::gadgets::AccessLabels::order`].
    /// The access is at a tick of an instruction that begins at `time`.
    fn count_access(&mut self, old_time: W, time: W, tick: u32, active: W) {
        self.count_bits(W::from(16), time.plus(W::from(tick)).minus(old_time).minus(W::from(1)), active);
    }

    /// Counts the range checks of a result whose word, if it is one, has its sign beside the other
    /// bits of its upper limb.
    fn count_result(&mut self, result: Dword<W>, is_word: W) {
        let (zero, one) = (W::from(0), W::from(1));
        for (i, limb) in result.limbs().into_iter().enumerate() {
            let has_sign = if i == 1 { is_word } else { zero };
            self.count_bits(W::from(16).minus(has_sign), limb & (W::from(0xffff) ^ (has_sign << W::from(15))), one);
        }
    }
}

impl Count<u32> for Lookups {
    fn count_bits(&mut self, k: u32, v: u32, active: u32) {
        if active == 1 {
            self.bits(k, v);
        }
    }

    fn count_power(&mut self, k: u32, active: u32) {
        if active == 1 {
            self.power(k);
        }
    }

    fn count_byte(&mut self, lookup: u32, a: u32, b: u32, active: u32) {
        if active == 1 {
            self.bytes[lookup as usize][(a + 256 * b) as usize] += 1;
        }
    }
}
