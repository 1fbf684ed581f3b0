//! One compression on words (BLAKE3 specification, section 2.2).

use core::array::from_fn;

use tern_field::word::Word;

/// The initial value.
pub const IV: [u32; 8] = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Where the words of the next round's block stand in this round's.
pub const SCHEDULE: [usize; 16] = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

/// Rounds of a compression.
pub const ROUNDS: usize = 7;

/// Which of the circuit's bytes (the counter's two, length, flags) stand in words 12 to 15 of the
/// first state; the others are zero.
pub(super) const PARAMETERS: [[Option<usize>; 4]; 4] =
    [[Some(0), Some(1), None, None], [None; 4], [Some(2), None, None, None], [Some(3), None, None, None]];

/// A compression of BLAKE3, as the circuit has it: the record of a row.
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
    /// The counter, below 2^16 (its columns are two bytes).
    pub counter: u32,
    /// Bytes of the block.
    pub len: u32,
    /// Flags, below 2^8.
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
        first_state(&self.cv, [self.counter, 0, self.len, self.flags])
    }

    /// The first 32 bytes of output: the next chaining value, or the digest where the flags say root.
    #[must_use]
    pub fn output(&self) -> [u32; 8] {
        let (mut state, mut block) = (self.first_state(), self.block());
        for _ in 0..ROUNDS {
            for i in 0..8 {
                quarter(&mut state, &block, i);
            }
            block = permute(&block);
        }
        from_fn(|i| state[i] ^ state[i + 8])
    }
}

/// The state before the first round, of a chaining value and the last words.
pub(super) fn first_state<W: Word>(cv: &[W; 8], rest: [W; 4]) -> [W; 16] {
    from_fn(|i| match i {
        0..8 => cv[i],
        8..12 => W::from(IV[i - 8]),
        _ => rest[i - 12],
    })
}

/// The block in the order of the next round.
pub(super) fn permute<T: Clone>(block: &[T; 16]) -> [T; 16] {
    SCHEDULE.map(|i| block[i].clone())
}

/// Position of quarter round `i`'s word in row `row` of the state (a, b, c, d): columns first, then
/// diagonals.
pub(super) const fn lane(i: usize, row: usize) -> usize {
    if i < 4 { i } else { (i + row) % 4 }
}

/// What a quarter round computes, word by word, in the order of computation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quarter<W> {
    pub a1: W,
    pub d1: W,
    pub c1: W,
    /// Before its rotation.
    pub b1: W,
    pub a2: W,
    pub d2: W,
    pub c2: W,
    /// Before its rotation.
    pub b2: W,
}

/// Quarter round `i` of a round.
fn quarter(state: &mut [u32; 16], block: &[u32; 16], i: usize) -> Quarter<u32> {
    quarter_with(state, block, i, |_, terms| sum(terms), |_, x, y| x ^ y)
}

/// The sum of words.
pub(super) fn sum<W: Word>(terms: &[W]) -> W {
    terms.iter().fold(W::from(0), |sum, &term| sum.plus(term))
}

/// A word, rotated.
pub(super) fn rotated<W: Word>(word: W, right: u32) -> W {
    (word >> W::from(right)) | (word << W::from(u32::BITS - right))
}

/// Quarter round `i` of a round with other sums (a1, c1, a2, c2) and exclusive ors (d1, b1, d2, b2).
pub(super) fn quarter_with<W: Word>(
    state: &mut [W; 16],
    block: &[W; 16],
    i: usize,
    sum: impl Fn(usize, &[W]) -> W,
    xor: impl Fn(usize, W, W) -> W,
) -> Quarter<W> {
    let [a, b, c, d]: [usize; 4] = from_fn(|row| 4 * row + lane(i, row));
    let a1 = sum(0, &[state[a], state[b], block[2 * i]]);
    let d1 = rotated(xor(0, state[d], a1), 16);
    let c1 = sum(1, &[state[c], d1]);
    let b1 = xor(1, state[b], c1);
    let b1_rotated = rotated(b1, 12);
    let a2 = sum(2, &[a1, b1_rotated, block[2 * i + 1]]);
    let d2 = rotated(xor(2, d1, a2), 8);
    let c2 = sum(3, &[c1, d2]);
    let b2 = xor(3, b1_rotated, c2);
    (state[a], state[b], state[c], state[d]) = (a2, rotated(b2, 7), c2, d2);
    Quarter { a1, d1, c1, b1, a2, d2, c2, b2 }
}
