//! Columns of the mulmod chip.

use crate::columns;
use crate::gadgets::Limbs;

/// Bytes of a 256-bit number.
pub(super) const BYTES: usize = 32;
/// Limbs of a 256-bit number.
pub(super) const LIMBS: usize = 16;
/// Steps of 16 bits in which the equation is checked: all of a 512-bit number.
pub(super) const STEPS: usize = 32;

/// A row: one call. Padding rows are zero.
///
/// Bytes and limbs are lowest first.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MulModCols<T> {
    /// Boolean; zero on padding rows.
    pub is_real: T,
    /// Tick at which the call begins; from the ecall chip.
    pub time: T,
    /// Lower limbs of the pointers to the destination, a, b, c and m, divided by 8; below 2^13 by lookups, and pinned by the ecall chip's
    /// message.
    pub dwords: [T; 5],
    /// Upper limbs of the same pointers: limbs of registers, from the ecall chip.
    pub ptr1s: [T; 5],
    /// Regions of a, b, c and m, each 0, 1 or 2; nondeterministic, pinned by the memory bus: a cell has one region.
    pub regions: [T; 4],
    /// Bytes of a; their range by lookups, and their limbs from the memory bus.
    pub a: [T; BYTES],
    /// Bytes of b; as above.
    pub b: [T; BYTES],
    /// Limbs of c, from the memory bus.
    pub c: [Limbs<T>; 4],
    /// Bytes of m; as a's.
    pub m: [T; BYTES],
    /// Bytes of the quotient; their range by lookups. Nondeterministic, pinned by the equation and `r < m`.
    pub q: [T; BYTES],
    /// Limbs of the remainder; their range by lookups. Pinned like the quotient.
    pub r: [Limbs<T>; 4],
    /// The destination before the write; from the memory bus.
    pub dst_old: [Limbs<T>; 4],
    /// Times of the previous accesses to the dwords of a, b, c, m and the destination; nondeterministic, pinned by the memory bus.
    pub t_mem: [[T; 4]; 5],
    /// Carries out of all steps of the equation but the last, whose carry is zero; in `-2^13 .. 2^13` by lookups.
    pub carries: [T; STEPS - 1],
    /// One at the highest limb in which m and r differ, else zero; boolean, exactly one set on a real row.
    pub differs: [T; LIMBS],
    /// By how much m exceeds r in that limb; from 1 to 2^16 by a lookup.
    pub excess: T,
}

columns!(MulModCols);
