//! The hash of every hash map, keyed by a salt.
//!
//! hashbrown and alloy hash with a crate of this name, whose keys are constants in a program without a standard library.
//! Whoever builds a block could then choose a contract's storage keys so that they collide. The workspace puts this crate
//! in its place (`[patch.crates-io]`). It has the names that they use, [`fast::RandomState`] and [`fast::FoldHasher`], and
//! keys that a program [installs](install).
//!
//! The hash of 64-bit words `w` under uniform 64-bit keys is, modulo 2^64,
//!
//! ```text
//! c + sum over i of (a[i] + w[i]) * (b[i] + floor(w[i] / 2^32))
//! ```
//!
//! Its upper 32 bits are pairwise independent and uniform. Two inputs of one length differ in some word `i`. If the word's
//! upper half differs, the factor of `a[i]` in the difference of the sums is the difference of two numbers below 2^32, which
//! is divisible by 2^31 at most; if only the lower half does, the same holds for `b[i]`. So the difference is uniform among
//! multiples of a power of two that is at most 2^31, up to a number that does not depend on that key, and `c` makes either
//! sum uniform by itself. Hence of keys that are chosen without knowledge of the salt, each is expected to share its
//! bucket with as many others as chance gives. (The tag that a map keeps beside a key is taken from lower bits, which may
//! agree: that costs comparisons within one group.) This holds up to [`WORDS`] words, beyond which the sum so far becomes the next first word.
#![no_std]

use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// Words that are hashed with keys of their own: an input of as many words has collisions by chance only.
pub const WORDS: usize = 8;

/// Keys of one map: `c`, then each word's `a` and `b`.
const WINDOW: usize = 1 + 2 * WORDS;

/// Windows in a set of keys. Each map takes the next one, so that what is read from one map in its order does not arrive
/// in order at another's buckets.
const WINDOWS: usize = 16;

/// Words in a set of keys.
pub const KEY_WORDS: usize = WINDOW + WINDOWS - 1;

/// A set of keys.
#[derive(Clone, Debug)]
pub struct Keys([u64; KEY_WORDS]);

impl Keys {
    /// A set of keys from uniform words.
    #[must_use]
    pub const fn new(words: [u64; KEY_WORDS]) -> Self {
        Self(words)
    }

    /// The window at `turn`, counted round.
    #[inline(always)]
    fn window(&self, turn: usize) -> &[u64; WINDOW] {
        let (_, rest) = self.0.split_at(turn % WINDOWS);
        match rest.first_chunk() {
            Some(window) => window,
            // Behind each of the sixteen places a window fits.
            None => unreachable!(),
        }
    }
}

/// The keys of a program that installs none: digits without a structure, but no secret.
static DEFAULT: Keys = Keys(mixed_counters());

/// The keys of maps that are made from now on. It always points to a set that lives as long as the program.
static CURRENT: AtomicPtr<Keys> = AtomicPtr::new(ptr::null_mut());

/// Maps made so far.
static TURN: AtomicUsize = AtomicUsize::new(0);

/// Makes `keys` those of every map that is made from now on, and starts again with their first window.
///
/// Maps that exist keep their keys. Threads share the keys; what a map holds never depends on them, only its order does.
pub fn install(keys: &'static Keys) {
    CURRENT.store(ptr::from_ref(keys).cast_mut(), Ordering::Release);
    TURN.store(0, Ordering::Relaxed);
}

#[inline(always)]
fn current() -> &'static Keys {
    let keys = CURRENT.load(Ordering::Acquire);
    // SAFETY: the pointer is null or was a reference that lives as long as the program, and nothing writes through it.
    unsafe { keys.as_ref() }.unwrap_or(&DEFAULT)
}

const fn mixed_counters() -> [u64; KEY_WORDS] {
    let mut words = [0; KEY_WORDS];
    let mut at = 0;
    let mut state = 0x7465_726e_2d6d_6170u64;
    while at < KEY_WORDS {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 31)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        words[at] = mixed ^ (mixed >> 29);
        at += 1;
    }
    words
}

/// The names by which maps know the hash.
pub mod fast {
    use core::hash::{BuildHasher, Hasher};
    use core::sync::atomic::Ordering;

    use super::{TURN, WINDOW, current};

    /// Makes the hashers of one map.
    #[derive(Clone, Debug)]
    pub struct RandomState {
        keys: &'static [u64; WINDOW],
    }

    impl Default for RandomState {
        #[inline]
        fn default() -> Self {
            let turn = TURN.load(Ordering::Relaxed);
            // Two threads may take the same turn, which is no worse than maps of one window.
            TURN.store(turn.wrapping_add(1), Ordering::Relaxed);
            Self { keys: current().window(turn) }
        }
    }

    impl BuildHasher for RandomState {
        type Hasher = FoldHasher<'static>;

        #[inline(always)]
        fn build_hasher(&self) -> FoldHasher<'static> {
            FoldHasher { keys: self.keys, sum: self.keys[0], next: 1 }
        }
    }

    /// The hash of one value, word by word.
    #[derive(Clone, Debug)]
    pub struct FoldHasher<'a> {
        keys: &'a [u64; WINDOW],
        sum: u64,
        /// Place of the next word's keys.
        next: usize,
    }

    impl FoldHasher<'_> {
        #[inline(always)]
        fn absorb(&mut self, word: u64) {
            if self.next == WINDOW {
                (self.next, self.sum) = (3, self.keys[0].wrapping_add(self.product(1, self.sum)));
            }
            self.sum = self.sum.wrapping_add(self.product(self.next, word));
            self.next += 2;
        }

        #[inline(always)]
        fn product(&self, at: usize, word: u64) -> u64 {
            self.keys[at].wrapping_add(word).wrapping_mul(self.keys[at + 1].wrapping_add(word >> 32))
        }
    }

    impl Hasher for FoldHasher<'_> {
        #[inline]
        fn write(&mut self, bytes: &[u8]) {
            // The length tells "a" from "a" and zeros.
            self.absorb(bytes.len() as u64);
            let (words, rest) = bytes.as_chunks();
            for word in words {
                self.absorb(u64::from_le_bytes(*word));
            }
            if !rest.is_empty() {
                let mut word = [0; 8];
                word[..rest.len()].copy_from_slice(rest);
                self.absorb(u64::from_le_bytes(word));
            }
        }

        #[inline(always)]
        fn write_u8(&mut self, number: u8) {
            self.absorb(number.into());
        }

        #[inline(always)]
        fn write_u16(&mut self, number: u16) {
            self.absorb(number.into());
        }

        #[inline(always)]
        fn write_u32(&mut self, number: u32) {
            self.absorb(number.into());
        }

        #[inline(always)]
        fn write_u64(&mut self, number: u64) {
            self.absorb(number);
        }

        #[inline(always)]
        fn write_u128(&mut self, number: u128) {
            self.absorb(number as u64);
            self.absorb((number >> 64) as u64);
        }

        #[inline(always)]
        fn write_usize(&mut self, number: usize) {
            self.absorb(number as u64);
        }

        /// The good half of the sum comes lowest, where maps look for the bucket.
        #[inline(always)]
        fn finish(&self) -> u64 {
            self.sum.rotate_left(32)
        }
    }
}

#[cfg(test)]
mod tests;
