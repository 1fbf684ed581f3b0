//! Filling the mulmod chips' tables.

use core::array;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::constraints::{carry_bits, carry_bound};
use super::{Division, MulModCols, divide};
use crate::events::{MulModEvent, TICKS_MULMOD};
use crate::fill::fill_rows;
use crate::gadgets::{Limbs, count_access, limbs};
use crate::lookups::{ByteLookup, Lookups};

/// Fills a table of `height` rows.
pub(super) fn fill<const DWORDS: usize, const CARRIES: usize>(
    events: &[MulModEvent<DWORDS>],
    height: usize,
    lookups: &mut Lookups,
) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, |event, row: &mut MulModCols<F, DWORDS, CARRIES>, lookups| {
        fill_row(event, divide(event.operands).unwrap_or(Division::ZERO), row, lookups);
    })
}

/// Fills the row of a call that claims the given quotient and remainder.
pub(super) fn fill_row<const DWORDS: usize, const CARRIES: usize>(
    event: &MulModEvent<DWORDS>,
    claim: Division<DWORDS>,
    row: &mut MulModCols<F, DWORDS, CARRIES>,
    lookups: &mut Lookups,
) {
    row.is_real = F::ONE;
    row.time = F::from_u32(event.time);
    let dwords = event.ptrs.map(|ptr| ptr % (1 << 16) / 8);
    row.dwords = dwords.map(F::from_u32);
    row.ptr1s = event.ptrs.map(|ptr| F::from_u32(ptr >> 16));
    row.regions = event.regions.map(|region| F::from_u8(region as u8));
    row.c = event.operands[2].map(limbs);
    row.r = claim.remainder.map(limbs);
    row.dst_old = event.dst_old.map(limbs);
    row.t_mem = event.t_mem.map(|times| times.map(F::from_u32));

    dwords.into_iter().for_each(|dword| lookups.bits(13, dword));
    claim.remainder.into_iter().for_each(|dword| lookups.limbs(dword));
    for (times, tick) in event.t_mem.iter().zip(TICKS_MULMOD) {
        times.iter().for_each(|&old_time| count_access(lookups, old_time, event.time + tick));
    }
    fill_bytes(event, &claim, row, lookups);
    fill_carries(event, &claim, row, lookups);
    fill_comparison(event.operands[3], claim.remainder, row, lookups);
}

fn fill_bytes<const DWORDS: usize, const CARRIES: usize>(
    event: &MulModEvent<DWORDS>,
    claim: &Division<DWORDS>,
    row: &mut MulModCols<F, DWORDS, CARRIES>,
    lookups: &mut Lookups,
) {
    let [a, b, _, m] = event.operands.map(to_bytes);
    let q = to_bytes(claim.quotient);
    for (column, bytes) in [(&mut row.a, a), (&mut row.b, b), (&mut row.m, m), (&mut row.q, q)] {
        *column = bytes.map(|dword| dword.map(F::from_u8));
        bytes.as_flattened().chunks_exact(2).for_each(|pair| lookups.byte(ByteLookup::Bytes, pair[0], pair[1]));
    }
}

/// Each carry is what the lower steps leave to the next, rounded down where the claim is false.
fn fill_carries<const DWORDS: usize, const CARRIES: usize>(
    event: &MulModEvent<DWORDS>,
    claim: &Division<DWORDS>,
    row: &mut MulModCols<F, DWORDS, CARRIES>,
    lookups: &mut Lookups,
) {
    let [a, b, c, m] = event.operands;
    let mut steps = [[0; 8]; DWORDS];
    let steps = steps.as_flattened_mut();
    add_product(steps, a, b, 1);
    add_product(steps, claim.quotient, m, -1);
    let (c, r) = (to_limbs(c), to_limbs(claim.remainder));
    for (step, (&c, &r)) in steps.iter_mut().zip(c.as_flattened().iter().zip(r.as_flattened())) {
        *step += i64::from(c) - i64::from(r);
    }
    let mut carry = 0;
    for (column, step) in row.carries.iter_mut().zip(steps) {
        carry = (carry + *step) >> 16;
        *column = F::from_i64(carry);
        lookups.bits(carry_bits(DWORDS), (carry + i64::from(carry_bound(DWORDS))) as u32);
    }
}

/// Adds `sign * x * y` to the steps, byte product by byte product.
fn add_product<const DWORDS: usize>(steps: &mut [i64], x: [u64; DWORDS], y: [u64; DWORDS], sign: i64) {
    let (x, y) = (to_bytes(x), to_bytes(y));
    for (i, &x) in x.as_flattened().iter().enumerate() {
        for (j, &y) in y.as_flattened().iter().enumerate() {
            let product = sign * i64::from(x) * i64::from(y);
            steps[(i + j) / 2] += product << (8 * ((i + j) % 2));
        }
    }
}

fn fill_comparison<const DWORDS: usize, const CARRIES: usize>(
    m: [u64; DWORDS],
    r: [u64; DWORDS],
    row: &mut MulModCols<F, DWORDS, CARRIES>,
    lookups: &mut Lookups,
) {
    let (m, r) = (to_limbs(m), to_limbs(r));
    let limbs = m.as_flattened().iter().zip(r.as_flattened()).zip(row.differs.as_flattened_mut());
    // none only where the claim is false
    let Some(((&m, &r), differs)) = limbs.rev().find(|((m, r), _)| m != r) else { return };
    *differs = F::ONE;
    row.excess = F::from_u16(m) - F::from_u16(r);
    lookups.bits(16, u32::from(m).wrapping_sub(u32::from(r)).wrapping_sub(1));
}

fn to_bytes<const DWORDS: usize>(dwords: [u64; DWORDS]) -> [[u8; 8]; DWORDS] {
    dwords.map(u64::to_le_bytes)
}

fn to_limbs<const DWORDS: usize>(dwords: [u64; DWORDS]) -> [Limbs<u16>; DWORDS] {
    dwords.map(|dword| array::from_fn(|i| (dword >> (16 * i)) as u16))
}
