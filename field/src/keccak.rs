//! The permutation Keccak-f\[1600\] (FIPS 202, section 3), round by round.

use core::array;

/// Lanes of a state; lane `(x, y)` is the word at `x + 5 y`.
pub const LANES: usize = 25;

/// Rounds of the permutation.
pub const ROUNDS: usize = 24;

/// Bits of a lane that a round constant can set: bit `2^j - 1` for `j` below this.
pub const CONSTANT_BITS: usize = 7;

/// A state.
pub type State = [u64; LANES];

/// Where rho and pi take a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// By how much rho rotates it: bit `z` becomes bit `z + rotation` modulo 64.
    pub rotation: u32,
    /// The lane that it becomes.
    pub target: usize,
}

/// Where rho and pi take each lane.
pub const MOVES: [Move; LANES] = moves();

/// The constants of iota: bit `j` of an entry says whether bit `2^j - 1` of lane 0 is flipped.
pub const CONSTANTS: [u8; ROUNDS] = constants();

/// What a round computes.
#[derive(Clone, Copy, Debug)]
pub struct Stages {
    /// The parities of columns, `C`, by `x`.
    pub parities: [u64; 5],
    /// The lanes after theta, rho and pi, `B`.
    pub moved: State,
    /// The round's output.
    pub output: State,
}

const fn moves() -> [Move; LANES] {
    let mut moves = [Move { rotation: 0, target: 0 }; LANES];
    // The lanes but (0, 0) form one orbit of pi; the t-th of it is rotated by the t-th triangular
    // number.
    let (mut x, mut y, mut t) = (1, 0, 1);
    while t <= 24 {
        let target = (y, (2 * x + 3 * y) % 5);
        moves[x + 5 * y] = Move { rotation: (t * (t + 1) / 2 % 64) as u32, target: target.0 + 5 * target.1 };
        (x, y) = target;
        t += 1;
    }
    moves
}

const fn constants() -> [u8; ROUNDS] {
    let mut constants = [0; ROUNDS];
    // The linear feedback shift register of x^8 + x^6 + x^5 + x^4 + 1.
    let mut register: u16 = 1;
    let mut step = 0;
    while step < ROUNDS * CONSTANT_BITS {
        constants[step / CONSTANT_BITS] |= (register as u8 & 1) << (step % CONSTANT_BITS);
        register <<= 1;
        if register > 0xff {
            register ^= 0x171;
        }
        step += 1;
    }
    constants
}

/// The constant that iota adds to lane 0 in a round.
#[must_use]
pub fn constant(round: usize) -> u64 {
    (0..CONSTANT_BITS).filter(|j| CONSTANTS[round] >> j & 1 == 1).map(|j| 1 << ((1 << j) - 1)).sum()
}

/// One round.
#[must_use]
pub fn stages(input: &State, round: usize) -> Stages {
    let parities: [u64; 5] = array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ input[x + 5 * y]));
    let mut moved = [0; LANES];
    for (lane, place) in MOVES.iter().enumerate() {
        let x = lane % 5;
        let flips = parities[(x + 4) % 5] ^ parities[(x + 1) % 5].rotate_left(1);
        moved[place.target] = (input[lane] ^ flips).rotate_left(place.rotation);
    }
    let mut output = array::from_fn(|lane| {
        let (x, row) = (lane % 5, lane - lane % 5);
        moved[lane] ^ (!moved[row + (x + 1) % 5] & moved[row + (x + 2) % 5])
    });
    output[0] ^= constant(round);
    Stages { parities, moved, output }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_the_permutation() {
        let mut state: State = array::from_fn(|lane| (lane as u64 + 3).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for _ in 0..20 {
            let mut expected = state;
            keccak::f1600(&mut expected);
            state = (0..ROUNDS).fold(state, |state, round| stages(&state, round).output);
            assert_eq!(state, expected);
        }
    }

    #[test]
    fn targets_are_a_permutation_of_lanes() {
        let mut seen = [false; LANES];
        MOVES.iter().for_each(|place| seen[place.target] = true);
        assert_eq!(seen, [true; LANES]);
    }
}
