//! Columns of the mulmod chips.

use crate::columns;
use crate::gadgets::Limbs;

/// A row: one call, on numbers of four or six dwords. Padding rows are zero.
///
/// Bytes and limbs are lowest first.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MulModCols<T, const DWORDS: usize, const CARRIES: usize> {
    /// Boolean; zero on padding rows.
    pub is_real: T,
    /// Tick at which the call begins; from the ecall chip.
    pub time: T,
    /// Lower limbs of the pointers to the destination, a, b, c and m, divided by 8; below 2^13 by
    /// lookups, and pinned by the ecall chip's message.
    pub dwords: [T; 5],
    /// Upper limbs of the same pointers: limbs of registers, from the ecall chip.
    pub ptr1s: [T; 5],
    /// Regions of a, b, c and m, each 0, 1 or 2; nondeterministic, pinned by the memory bus: a cell
    /// has one region.
    pub regions: [T; 4],
    /// Bytes of a; their range by lookups, and their limbs from the memory bus.
    pub a: [[T; 8]; DWORDS],
    /// Bytes of b; as above.
    pub b: [[T; 8]; DWORDS],
    /// Limbs of c, from the memory bus.
    pub c: [Limbs<T>; DWORDS],
    /// Bytes of m; as a's.
    pub m: [[T; 8]; DWORDS],
    /// Bytes of the quotient; their range by lookups. Nondeterministic, pinned by the equation and `r < m`.
    pub q: [[T; 8]; DWORDS],
    /// Limbs of the remainder; their range by lookups. Pinned like the quotient.
    pub r: [Limbs<T>; DWORDS],
    /// The destination before the write; from the memory bus.
    pub dst_old: [Limbs<T>; DWORDS],
    /// Times of the previous accesses to the dwords of a, b, c, m and the destination;
    /// nondeterministic, pinned by the memory bus.
    pub t_mem: [[T; DWORDS]; 5],
    /// Carries out of all steps of the equation, eight a dword, but the last, whose carry is zero;
    /// of 14 bits, or 15 where numbers have six dwords, the sign included, by lookups.
    pub carries: [T; CARRIES],
    /// One at the highest limb in which m and r differ, else zero; boolean, exactly one set on a real row.
    pub differs: [Limbs<T>; DWORDS],
    /// By how much m exceeds r in that limb; from 1 to 2^16 by a lookup.
    pub excess: T,
}

columns!(MulModCols<DWORDS, CARRIES>);
