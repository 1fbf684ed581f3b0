//! Filling the table of SHA-256's calls.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{Sha256Cols, compress};
use crate::events::{Sha256Event, TICKS_SHA256};
use crate::fill::fill_rows;
use crate::gadgets::{count_access, limbs};
use crate::lookups::Lookups;

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[Sha256Event], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, fill_row)
}

fn fill_row(event: &Sha256Event, row: &mut Sha256Cols<F>, lookups: &mut Lookups) {
    row.is_real = F::ONE;
    row.time = F::from_u32(event.time);
    let dwords = event.ptrs.map(|ptr| ptr % (1 << 16) / 8);
    row.dwords = dwords.map(F::from_u32);
    row.ptr1s = event.ptrs.map(|ptr| F::from_u32(ptr >> 16));
    row.region = F::from_u8(event.region as u8);
    let new = compress(event.state, event.block);
    row.old = event.state.map(limbs);
    row.new = new.map(limbs);
    row.carries = core::array::from_fn(|i| carries(event.state[i], new[i]));
    row.block = event.block.map(limbs);
    row.t_state = event.t_state.map(F::from_u32);
    row.t_block = event.t_block.map(F::from_u32);

    dwords.into_iter().for_each(|dword| lookups.bits(13, dword));
    new.into_iter().for_each(|dword| lookups.limbs(dword));
    event.t_block.iter().for_each(|&old_time| count_access(lookups, old_time, event.time + TICKS_SHA256[0]));
    event.t_state.iter().for_each(|&old_time| count_access(lookups, old_time, event.time + TICKS_SHA256[1]));
}

/// The carries out of the halves of both words of a dword, in the sums that make `new` of `old`: a
/// sum carries if it is less than what it adds to.
fn carries(old: u64, new: u64) -> [F; 4] {
    let carry = |shift: u32, bits: u32| F::from_bool(new >> shift & ((1 << bits) - 1) < old >> shift & ((1 << bits) - 1));
    [carry(0, 16), carry(0, 32), carry(32, 16), carry(32, 32)]
}
