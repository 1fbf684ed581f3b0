//! A round of BLAKE2b (RFC 7693, sections 3.1 and 3.2).

use super::{ROWS, SCHEDULES};

/// Which message words a round takes, in order, by its number modulo 10 (RFC 7693, section 2.7).
pub const SIGMA: [[usize; 16]; SCHEDULES] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

/// Which words of the work vector each function G takes as a, b, c and d: the columns, then the
/// diagonals (RFC 7693, section 3.2).
pub const PLACES: [[usize; 4]; ROWS] =
    [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];

/// The function G: words a, b, c and d with message words x and y. Gives them halfway, then at its end.
#[must_use]
pub const fn mix([a, b, c, d]: [u64; 4], x: u64, y: u64) -> [[u64; 4]; 2] {
    let a = a.wrapping_add(b).wrapping_add(x);
    let d = (d ^ a).rotate_right(32);
    let c = c.wrapping_add(d);
    let b = (b ^ c).rotate_right(24);
    let half = [a, b, c, d];
    let a = a.wrapping_add(b).wrapping_add(y);
    let d = (d ^ a).rotate_right(16);
    let c = c.wrapping_add(d);
    let b = (b ^ c).rotate_right(63);
    [half, [a, b, c, d]]
}

/// What the `blake2f_round` call makes of a work vector, with a message and a row of [`SIGMA`].
#[must_use]
pub fn round(mut v: [u64; 16], m: &[u64; 16], schedule: &[usize; 16]) -> [u64; 16] {
    for (g, places) in PLACES.iter().enumerate() {
        let [_, mixed] = mix(places.map(|place| v[place]), m[schedule[2 * g]], m[schedule[2 * g + 1]]);
        places.iter().zip(mixed).for_each(|(&place, word)| v[place] = word);
    }
    v
}
