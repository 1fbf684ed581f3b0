//! Filling the mulmod chip's table.

use core::array;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::columns::{BYTES, LIMBS, STEPS};
use super::constraints::{CARRY_BITS, CARRY_BOUND};
use super::{Division, MulModCols, divide};
use crate::events::{MulModEvent, TICKS_MULMOD};
use crate::fill::fill_rows;
use crate::gadgets::{count_access, limbs};
use crate::lookups::{ByteLookup, Lookups};

/// Fills a table of `height` rows.
///
/// An event that the call does not allow (`m = 0`, or a quotient of 2^256 or more) gets a row that satisfies no verifier.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[MulModEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, |event, row, lookups| {
        fill_row(event, divide(event.operands).unwrap_or_default(), row, lookups);
    })
}

/// Fills the row of a call that claims the given quotient and remainder.
pub(super) fn fill_row(event: &MulModEvent, claim: Division, row: &mut MulModCols<F>, lookups: &mut Lookups) {
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

fn fill_bytes(event: &MulModEvent, claim: &Division, row: &mut MulModCols<F>, lookups: &mut Lookups) {
    let [a, b, _, m] = event.operands.map(to_bytes);
    let q = to_bytes(claim.quotient);
    for (column, bytes) in [(&mut row.a, a), (&mut row.b, b), (&mut row.m, m), (&mut row.q, q)] {
        *column = bytes.map(F::from_u8);
        bytes.chunks_exact(2).for_each(|pair| lookups.byte(ByteLookup::Bytes, pair[0], pair[1]));
    }
}

/// Each carry is what the lower steps leave to the next, rounded down where the claim is false.
fn fill_carries(event: &MulModEvent, claim: &Division, row: &mut MulModCols<F>, lookups: &mut Lookups) {
    let [a, b, c, m] = event.operands;
    let mut steps = [0; STEPS];
    add_product(&mut steps, a, b, 1);
    add_product(&mut steps, claim.quotient, m, -1);
    for (step, (c, r)) in steps.iter_mut().zip(to_limbs(c).into_iter().zip(to_limbs(claim.remainder))) {
        *step += i64::from(c) - i64::from(r);
    }
    let mut carry = 0;
    for (column, step) in row.carries.iter_mut().zip(steps) {
        carry = (carry + step) >> 16;
        *column = F::from_i64(carry);
        lookups.bits(CARRY_BITS, (carry + i64::from(CARRY_BOUND)) as u32);
    }
}

/// Adds `sign * x * y` to the steps, byte product by byte product.
fn add_product(steps: &mut [i64; STEPS], x: [u64; 4], y: [u64; 4], sign: i64) {
    let (x, y) = (to_bytes(x), to_bytes(y));
    for (i, x) in x.into_iter().enumerate() {
        for (j, y) in y.into_iter().enumerate() {
            let product = sign * i64::from(x) * i64::from(y);
            steps[(i + j) / 2] += product << (8 * ((i + j) % 2));
        }
    }
}

fn fill_comparison(m: [u64; 4], r: [u64; 4], row: &mut MulModCols<F>, lookups: &mut Lookups) {
    let (m, r) = (to_limbs(m), to_limbs(r));
    // none only where the claim is false
    let Some(highest) = (0..LIMBS).rev().find(|&i| m[i] != r[i]) else { return };
    let excess = u32::from(m[highest]).wrapping_sub(u32::from(r[highest]));
    row.differs[highest] = F::ONE;
    row.excess = F::from_u16(m[highest]) - F::from_u16(r[highest]);
    lookups.bits(16, excess.wrapping_sub(1));
}

fn to_bytes(dwords: [u64; 4]) -> [u8; BYTES] {
    array::from_fn(|i| (dwords[i / 8] >> (8 * (i % 8))) as u8)
}

fn to_limbs(dwords: [u64; 4]) -> [u16; LIMBS] {
    array::from_fn(|i| (dwords[i / 4] >> (16 * (i % 4))) as u16)
}
