//! Filling the ecall chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{BLAKE2F_ROUND, EcallCols, HALT, KECCAK_F1600, MULMOD256, MULMOD384, NO_OPS, SHA256_COMPRESS};
use crate::events::{EcallEvent, TICK_RS1};
use crate::fill::fill_rows;
use crate::gadgets::{count_access, limbs};
use crate::lookups::Lookups;

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[EcallEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, fill_row)
}

fn fill_row(event: &EcallEvent, row: &mut EcallCols<F>, lookups: &mut Lookups) {
    row.pc = F::from_u32(event.pc);
    row.time = F::from_u32(event.time);
    row.is_fence = F::from_bool(event.is_fence);
    if event.is_fence {
        return;
    }
    let [number, args @ ..] = event.regs;
    let is = |call: u32| F::from_bool(number == u64::from(call));
    row.is_halt = is(HALT);
    row.is_no_op = F::from_bool(u32::try_from(number).is_ok_and(|number| NO_OPS.contains(&number)));
    row.is_keccak = is(KECCAK_F1600);
    row.is_mulmod = is(MULMOD256);
    row.is_mulmod384 = is(MULMOD384);
    row.is_sha256 = is(SHA256_COMPRESS);
    row.is_blake2f = is(BLAKE2F_ROUND);
    row.number = F::from_u16(number as u16);
    row.args = args.map(limbs);
    row.t_regs = event.t_regs.map(F::from_u32);
    for t_reg in event.t_regs {
        count_access(lookups, t_reg, event.time + TICK_RS1);
    }
}
