//! One compression on words (BLAKE3 specification, section 2.2).

use core::array::from_fn;

use crate::recursion::rounds::{ROUNDS, permute, round};

/// The initial value.
pub const IV: [u32; 8] = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// A compression of BLAKE3, as the circuit has it: the record of a row of this chip and of seven rows of [`crate::recursion::rounds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    /// The chaining value.
    pub cv: [u32; 8],
    /// One half of the block.
    pub own: [u32; 8],
    /// The other half.
    pub sibling: [u32; 8],
    /// Whether `sibling` comes first in the block. False where the circuit reads no bit.
    pub swapped: bool,
    /// The counter, below 2^16 (its column is one limb).
    pub counter: u32,
    /// Bytes of the block.
    pub len: u32,
    /// Flags.
    pub flags: u32,
}

impl Compression {
    /// The block.
    #[must_use]
    pub fn block(&self) -> [u32; 16] {
        let (left, right) = if self.swapped { (&self.sibling, &self.own) } else { (&self.own, &self.sibling) };
        from_fn(|i| if i < 8 { left[i] } else { right[i - 8] })
    }

    /// The state before the first round.
    #[must_use]
    pub fn first_state(&self) -> [u32; 16] {
        let rest = [self.counter, 0, self.len, self.flags];
        from_fn(|i| match i {
            0..8 => self.cv[i],
            8..12 => IV[i - 8],
            _ => rest[i - 12],
        })
    }

    /// The state after the last round.
    #[must_use]
    pub fn last_state(&self) -> [u32; 16] {
        let (mut state, mut block) = (self.first_state(), self.block());
        for _ in 0..ROUNDS {
            round(&mut state, &block);
            block = permute(&block);
        }
        state
    }

    /// The first 32 bytes of output: the next chaining value, or the digest where the flags say root.
    #[must_use]
    pub fn output(&self) -> [u32; 8] {
        let state = self.last_state();
        from_fn(|i| state[i] ^ state[i + 8])
    }
}
