//! Columns of bits over positions and instances.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::{BasedVectorSpace, PackedValue, PrimeCharacteristicRing};
use p3_maybe_rayon::prelude::*;
use tern_field::{EXTENSION_DEGREE, F};

use super::super::shape::{PARTS, POSITION_VARIABLES, SKIP, Z_VARIABLES};
use super::grid::Grid;
use crate::multilinear::packed::{LANES as VECTOR, Packed, PackedExt};

/// Positions: bits of a lane in all parts.
pub const POSITIONS: usize = 1 << POSITION_VARIABLES;

/// Bits of a lane.
pub(super) const WORD: usize = 1 << Z_VARIABLES;

/// Vectors of positions.
pub(super) const POSITION_VECTORS: usize = POSITIONS / VECTOR;

/// Columns of 64-bit words.
pub(super) struct Bits {
    /// Number of columns.
    width: usize,
    /// Instances in a part.
    calls: usize,
    /// Column `c` of instance `i` in part `t` is at `(t * calls + i) * width + c`.
    words: Vec<u64>,
}

impl Bits {
    /// Makes columns from states, given part by part; `row` appends one for each column.
    pub(super) fn new<T>(width: usize, states: &[T], row: impl Fn(usize, &T, &mut Vec<u64>)) -> Self {
        let calls = states.len() / PARTS;
        let mut words = Vec::with_capacity(width * states.len());
        for (part, states) in states.chunks(calls).enumerate() {
            states.iter().for_each(|state| row(part, state, &mut words));
        }
        debug_assert_eq!(words.len(), width * PARTS * calls);
        Self { width, calls, words }
    }

    /// Their signs, column by column in each cell of a vector of positions of an instance.
    pub(super) fn signs(&self) -> Grid<PackedExt> {
        let signs = [F::ONE, F::NEG_ONE];
        let mut cells = Vec::with_capacity(self.calls * POSITION_VECTORS * self.width);
        for instance in 0..self.calls {
            for vector in 0..POSITION_VECTORS {
                for column in 0..self.width {
                    let sign = |lane| {
                        let position = vector * VECTOR + lane;
                        let word = self.words[(position / WORD * self.calls + instance) * self.width + column];
                        signs[(word >> (position % WORD) & 1) as usize]
                    };
                    cells.push(PackedExt::from(Packed::from_fn(sign)));
                }
            }
        }
        Grid::new(self.width, cells)
    }

    /// The bits of [`SKIP`] instances each at one place.
    pub(super) fn planes(&self) -> Planes {
        let mut words = vec![0; self.calls / SKIP * POSITIONS * self.width];
        words.par_chunks_mut(POSITIONS * self.width).enumerate().for_each(|(block, words)| {
            for (part, words) in words.chunks_mut(WORD * self.width).enumerate() {
                let first = (part * self.calls + block * SKIP) * self.width;
                for column in 0..self.width {
                    let bits = transpose(core::array::from_fn(|j| self.words[first + j * self.width + column]));
                    for (z, bits) in bits.into_iter().enumerate() {
                        words[z * self.width + column] = bits;
                    }
                }
            }
        });
        Planes { width: self.width, words }
    }
}

/// Columns of bits, the instances of a block in one word.
pub(super) struct Planes {
    /// Number of columns.
    width: usize,
    /// Column `c` of block `b` at position `a` is at `(b * POSITIONS + a) * width + c`.
    words: Vec<u16>,
}

impl Planes {
    /// Number of blocks.
    pub(super) fn blocks(&self) -> usize {
        self.words.len() / (POSITIONS * self.width)
    }

    /// The columns of a block at a position.
    pub(super) fn row(&self, block: usize, position: usize) -> &[u16] {
        &self.words[(block * POSITIONS + position) * self.width..][..self.width]
    }

    /// Columns as sums of two values, of the low and the high byte of their words, in cells like
    /// those of [`Bits::signs`] with blocks for instances.
    pub(super) fn fold(&self, low: &ByteTable, high: &ByteTable) -> Grid<PackedExt> {
        let mut cells = PackedExt::zero_vec(self.words.len() / VECTOR);
        cells.par_chunks_mut(self.width).zip(self.words.par_chunks(self.width * VECTOR)).for_each(|(cell, words)| {
            for (column, place) in cell.iter_mut().enumerate() {
                let bytes: [[u8; 2]; VECTOR] = core::array::from_fn(|lane| words[lane * self.width + column].to_le_bytes());
                let value = |table: &[F; 256], byte: usize| Packed::from_fn(|lane| table[usize::from(bytes[lane][byte])]);
                *place = PackedExt::from_basis_coefficients_fn(|index| value(&low[index], 0) + value(&high[index], 1));
            }
        });
        Grid::new(self.width, cells)
    }
}

/// The coordinates of a value for each byte.
pub(super) type ByteTable = [[F; 256]; EXTENSION_DEGREE];

/// Bit `j` of word `z` of the result is bit `z` of word `j`.
fn transpose(words: [u64; SKIP]) -> [u16; WORD] {
    let mut transposed = [0; WORD];
    for (half, words) in words.chunks(8).enumerate() {
        let bytes: [[u8; 8]; 8] = core::array::from_fn(|j| words[j].to_le_bytes());
        for index in 0..8 {
            let block = transpose_block(u64::from_le_bytes(core::array::from_fn(|j| bytes[j][index])));
            for (place, byte) in transposed[8 * index..].iter_mut().zip(block.to_le_bytes()) {
                *place |= u16::from(byte) << (8 * half);
            }
        }
    }
    transposed
}

/// Transposes eight bytes as a matrix of bits, by swapping the halves off the diagonal of blocks of
/// two, four and eight.
const fn transpose_block(mut block: u64) -> u64 {
    let mut swapped = (block ^ (block >> 7)) & 0x00aa_00aa_00aa_00aa;
    block ^= swapped ^ (swapped << 7);
    swapped = (block ^ (block >> 14)) & 0x0000_cccc_0000_cccc;
    block ^= swapped ^ (swapped << 14);
    swapped = (block ^ (block >> 28)) & 0x0000_0000_f0f0_f0f0;
    block ^ swapped ^ (swapped << 28)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_transposed() {
        let words: [u64; SKIP] = core::array::from_fn(|j| (j as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678);
        for (z, bits) in transpose(words).into_iter().enumerate() {
            for (j, word) in words.iter().enumerate() {
                assert_eq!(bits >> j & 1, (word >> z & 1) as u16);
            }
        }
    }
}
