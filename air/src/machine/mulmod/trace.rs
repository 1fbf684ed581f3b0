//! Filling the mulmod chips' tables.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::word::{Dword, Word, words};

use super::constraints::{carry_bits, carry_bound};
use super::{Division, MulMod384Chip, MulModChip, MulModCols, divide};
use crate::columns;
use crate::comparison::mark_difference;
use crate::events::{MulModEvent, TICKS_MULMOD};
use crate::fill::{FillRow, fill_table, signed};
use crate::lookups::{Count, Lookups};

/// Bits of a region.
const REGION_BITS: u32 = 2;

/// Of a [`MulModEvent`] and the division that it is, or is claimed to be, with the carries of its
/// product: a device would need long for these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct MulModRecord<T, const DWORDS: usize, const CARRIES: usize> {
    time: T,
    ptrs: [T; 5],
    regions: T,
    operands: [[[T; 2]; DWORDS]; 4],
    quotient: [[T; 2]; DWORDS],
    remainder: [[T; 2]; DWORDS],
    dst_old: [[T; 2]; DWORDS],
    t_mem: [[T; DWORDS]; 5],
    /// With signs.
    carries: [T; CARRIES],
}

columns!(MulModRecord<DWORDS, CARRIES>);

impl<const DWORDS: usize, const CARRIES: usize> MulModRecord<u32, DWORDS, CARRIES> {
    /// Of a call that claims this quotient and remainder.
    pub(super) fn new(event: &MulModEvent<DWORDS>, claim: Division<DWORDS>) -> Self {
        Self {
            time: event.time,
            ptrs: event.ptrs,
            regions: event.regions.iter().rev().fold(0, |word, &region| word << REGION_BITS | region as u32),
            operands: event.operands.map(|operand| operand.map(words)),
            quotient: claim.quotient.map(words),
            remainder: claim.remainder.map(words),
            dst_old: event.dst_old.map(words),
            t_mem: event.t_mem,
            carries: carries(event, &claim),
        }
    }
}

/// What the lower steps leave to the next, rounded down where the claim is false.
fn carries<const DWORDS: usize, const CARRIES: usize>(event: &MulModEvent<DWORDS>, claim: &Division<DWORDS>) -> [u32; CARRIES] {
    let [a, b, c, m] = event.operands;
    let mut steps = [[0; 8]; DWORDS];
    let steps = steps.as_flattened_mut();
    add_product(steps, a, b, 1);
    add_product(steps, claim.quotient, m, -1);
    for (i, step) in steps.iter_mut().take(4 * DWORDS).enumerate() {
        let limb = |number: &[u64; DWORDS]| i64::from((number[i / 4] >> (16 * (i % 4))) as u16);
        *step += limb(&c) - limb(&claim.remainder);
    }
    let mut carry = 0;
    core::array::from_fn(|i| {
        carry = (carry + steps[i]) >> 16;
        carry as u32
    })
}

/// Adds `sign * x * y` to the steps, byte product by byte product.
fn add_product<const DWORDS: usize>(steps: &mut [i64], x: [u64; DWORDS], y: [u64; DWORDS], sign: i64) {
    let (x, y) = (x.map(u64::to_le_bytes), y.map(u64::to_le_bytes));
    for (i, &x) in x.as_flattened().iter().enumerate() {
        for (j, &y) in y.as_flattened().iter().enumerate() {
            let product = sign * i64::from(x) * i64::from(y);
            steps[(i + j) / 2] += product << (8 * ((i + j) % 2));
        }
    }
}

/// A record's row, whose lookups are counted.
pub(super) fn row<W: Word, const DWORDS: usize, const CARRIES: usize>(
    record: &MulModRecord<W, DWORDS, CARRIES>,
    lookups: &mut impl Count<W>,
) -> MulModCols<W, DWORDS, CARRIES> {
    let (zero, one) = (W::from(0), W::from(1));
    let dwords = record.ptrs.map(|ptr| ptr.bits(3, 13));
    let [a, b, c, m] = record.operands.map(|operand| operand.map(Dword));
    let [q, r] = [record.quotient, record.remainder].map(|number| number.map(Dword));
    for dword in dwords {
        lookups.count_bits(W::from(13), dword, one);
    }
    for dword in r {
        lookups.count_limbs(dword, one);
    }
    for number in [a, b, m, q] {
        number.into_iter().for_each(|dword| lookups.count_bytes(dword, one));
    }
    for (times, tick) in record.t_mem.iter().zip(TICKS_MULMOD) {
        times.iter().for_each(|&old_time| lookups.count_access(old_time, record.time, tick, one));
    }
    for carry in record.carries {
        lookups.count_bits(W::from(carry_bits(DWORDS)), carry.plus(W::from(carry_bound(DWORDS))), one);
    }

    // Remainder and modulus are equal only where the claim is false.
    let [m_limbs, r_limbs] = [m, r].map(|number| number.map(Dword::limbs));
    let mut differs = [[zero; 4]; DWORDS];
    let [is_different, at_m, at_r] = mark_difference(m_limbs.as_flattened(), r_limbs.as_flattened(), differs.as_flattened_mut());
    let excess = at_m.minus(at_r);
    lookups.count_bits(W::from(16), excess.minus(one), is_different);
    MulModCols {
        is_real: one,
        time: record.time,
        dwords,
        ptr1s: record.ptrs.map(|ptr| ptr.bits(16, 16)),
        regions: core::array::from_fn(|i| record.regions.bits(REGION_BITS * i as u32, REGION_BITS)),
        a: a.map(Dword::bytes),
        b: b.map(Dword::bytes),
        c: c.map(Dword::limbs),
        m: m.map(Dword::bytes),
        q: q.map(Dword::bytes),
        r: r_limbs,
        dst_old: record.dst_old.map(|dword| Dword(dword).limbs()),
        t_mem: record.t_mem,
        carries: record.carries.map(signed),
        differs,
        excess: signed(excess),
    }
}

/// Fills the table of `mulmod256` calls, of `height` rows.
///
/// An event that the call does not allow (`m = 0`, or a quotient of 2^256 or more) gets a row that
/// satisfies no verifier.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[MulModEvent<4>], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<MulModChip>(events, height, lookups)
}

/// Fills the table of `mulmod384` calls, like [`fill`].
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill_384(events: &[MulModEvent<6>], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<MulMod384Chip>(events, height, lookups)
}

impl FillRow for MulModChip {
    type Event = MulModEvent<4>;
    type Record<T> = MulModRecord<T, 4, 31>;

    fn record(event: &MulModEvent<4>) -> MulModRecord<u32, 4, 31> {
        MulModRecord::new(event, divide(event.operands).unwrap_or(Division::ZERO))
    }

    fn row<W: Word>(record: &MulModRecord<W, 4, 31>, lookups: &mut impl Count<W>) -> Self::Main<W> {
        row(record, lookups)
    }
}

impl FillRow for MulMod384Chip {
    type Event = MulModEvent<6>;
    type Record<T> = MulModRecord<T, 6, 47>;

    fn record(event: &MulModEvent<6>) -> MulModRecord<u32, 6, 47> {
        MulModRecord::new(event, divide(event.operands).unwrap_or(Division::ZERO))
    }

    fn row<W: Word>(record: &MulModRecord<W, 6, 47>, lookups: &mut impl Count<W>) -> Self::Main<W> {
        row(record, lookups)
    }
}
