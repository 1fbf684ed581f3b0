//! One round of BLAKE3 on words (BLAKE3 specification, section 2.2).

/// Where the words of the next round's block stand in this round's.
pub const SCHEDULE: [usize; 16] = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

/// Rounds of a compression.
pub const ROUNDS: usize = 7;

/// What a quarter round computes, word by word, as [`super::QuarterCols`] holds it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quarter {
    pub a1: u32,
    pub d1: u32,
    pub c1: u32,
    /// Before its rotation.
    pub b1: u32,
    pub a2: u32,
    pub d2: u32,
    pub c2: u32,
    /// Before its rotation.
    pub b2: u32,
}

/// Position of quarter round `i`'s word in row `row` of the state (a, b, c, d): columns first, then diagonals.
pub(super) const fn lane(i: usize, row: usize) -> usize {
    if i < 4 { i } else { (i + row) % 4 }
}

/// The state after a round.
pub fn round(state: &mut [u32; 16], block: &[u32; 16]) {
    for i in 0..8 {
        quarter(state, block, i);
    }
}

/// The block in the order of the next round.
#[must_use]
pub fn permute(block: &[u32; 16]) -> [u32; 16] {
    SCHEDULE.map(|i| block[i])
}

/// Quarter round `i` of a round.
pub(super) fn quarter(state: &mut [u32; 16], block: &[u32; 16], i: usize) -> Quarter {
    let [a, b, c, d]: [usize; 4] = core::array::from_fn(|row| 4 * row + lane(i, row));
    let a1 = state[a].wrapping_add(state[b]).wrapping_add(block[2 * i]);
    let d1 = (state[d] ^ a1).rotate_right(16);
    let c1 = state[c].wrapping_add(d1);
    let b1 = state[b] ^ c1;
    let b1_rotated = b1.rotate_right(12);
    let a2 = a1.wrapping_add(b1_rotated).wrapping_add(block[2 * i + 1]);
    let d2 = (d1 ^ a2).rotate_right(8);
    let c2 = c1.wrapping_add(d2);
    let b2 = b1_rotated ^ c2;
    (state[a], state[b], state[c], state[d]) = (a2, b2.rotate_right(7), c2, d2);
    Quarter { a1, d1, c1, b1, a2, d2, c2, b2 }
}
