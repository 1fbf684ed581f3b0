//! Columns of the blake2f chip.

use super::{ROWS, SCHEDULES};
use crate::columns;
use crate::gadgets::Limbs;

/// Bytes of a word, lowest first.
pub type Bytes<T> = [T; 8];

/// A row: a function G of a round. Padding rows are zero.
///
/// a, b, c and d are the words that it takes; a', b', c', d' what they are halfway, and a'', b'',
/// c'', d'' at the end. What is a sum or a rotation of columns has none.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Blake2fCols<T> {
    /// Tick at which the call begins; from the ecall chip in the first row, then from the row before.
    pub time: T,
    /// Which of the round's functions it is, as a mark; boolean, at most one of them, none on padding rows.
    pub functions: [T; ROWS],
    /// The row of SIGMA, as a mark; boolean, one of them is set if one of the functions is. Its
    /// number from the row before, as are the next three.
    pub schedules: [T; SCHEDULES],
    /// Lower limbs of the pointers to the work vector and to the message, divided by 8; below 2^13
    /// by lookups in the first row, and pinned there by the ecall chip's message.
    pub dwords: [T; 2],
    /// Upper limbs of the same pointers: limbs of registers, from the ecall chip.
    pub ptr1s: [T; 2],
    /// Region of the message: 0, 1 or 2; nondeterministic, pinned by the memory bus: a cell has one region.
    pub region: T,
    /// Which message words x and y are; determined by function and schedule.
    pub indices: [T; 2],
    /// Limbs of x; from the memory bus.
    pub x: Limbs<T>,
    /// Bytes of b; their range by lookups, and their limbs from the memory bus.
    pub b: Bytes<T>,
    /// Bytes of d; likewise.
    pub d: Bytes<T>,
    /// Bytes of a', which is a + b + x; their range by lookups, and the sum's difference to the
    /// rest, a, from the memory bus.
    pub a_half: Bytes<T>,
    /// Bytes of d xor a', from lookups; d' is this rotated by 32 bits.
    pub d_xor_half: Bytes<T>,
    /// Bytes of c', which is c + d'; as a'.
    pub c_half: Bytes<T>,
    /// Bytes of b xor c', from lookups; b' is this rotated by 24 bits.
    pub b_xor_half: Bytes<T>,
    /// Bytes of a'', which is a' + b' + y; as a', and y from the memory bus.
    pub a_end: Bytes<T>,
    /// Bytes of d' xor a'', from lookups; d'' is this rotated by 16 bits.
    pub d_xor_end: Bytes<T>,
    /// Bytes of c'', which is c' + d''; their range by lookups.
    pub c_end: Bytes<T>,
    /// Bytes of b' xor c'', from lookups; b'' is this rotated by 63 bits.
    pub b_xor_end: Bytes<T>,
    /// Highest bits of the limbs of b' xor c''; boolean, and pinned by the range of the limbs of b''.
    pub top_bits: Limbs<T>,
    /// Carries out of the limbs of both sums that make a' and a''; 0, 1 or 2.
    pub a_carries: [Limbs<T>; 2],
    /// Carries out of the limbs of both sums that make c' and c''; boolean.
    pub c_carries: [Limbs<T>; 2],
    /// Times of the previous accesses to a, b, c and d; nondeterministic, pinned by the memory bus.
    pub t_vector: [T; 4],
    /// Times of the previous accesses to x and y; likewise.
    pub t_message: [T; 2],
}

columns!(Blake2fCols);
