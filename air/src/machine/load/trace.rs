//! Filling the load chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::LoadCols;
use crate::events::{MemoryEvent, TICK_MEMORY, TICK_RD, TICK_RS1};
use crate::fill::fill_rows;
use crate::gadgets::{count_access, limbs};
use crate::isa::{Opcode, semantics};
use crate::lookups::{ByteLookup, Lookups};

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[MemoryEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, fill_row)
}

fn fill_row(event: &MemoryEvent, row: &mut LoadCols<F>, lookups: &mut Lookups) {
    let width = semantics::access_bytes(event.op);
    let offset = event.addr & 7;
    let raw = semantics::extract(event.op, event.mem_old[0], event.mem_old[1], offset);
    let result = semantics::extend_load(event.op, raw);
    row.pc = F::from_u32(event.pc);
    row.time = F::from_u32(event.time);
    row.rd = F::from_u8(event.rd);
    row.rs1 = F::from_u8(event.rs1);
    row.widths = [1, 2, 4, 8].map(|w| F::from_bool(w == width));
    row.is_unsigned = F::from_bool(is_unsigned(event.op));
    row.address.fill(event, lookups);
    row.offset = [0, 1, 2].map(|i| F::from_bool(offset >> i & 1 == 1));
    row.region = F::from_u8(event.region as u8);
    row.dword = limbs(event.mem_old[0]);
    row.rd_old = limbs(event.rd_old);
    row.result = limbs(result);
    row.t_rs1 = F::from_u32(event.t_rs1);
    row.t_memory = F::from_u32(event.t_mem[0]);
    row.t_rd = F::from_u32(event.t_rd);
    count_access(lookups, event.t_rs1, event.time + TICK_RS1);
    count_access(lookups, event.t_mem[0], event.time + TICK_MEMORY);
    count_access(lookups, event.t_rd, event.time + TICK_RD);

    if width == 1 {
        let other = event.mem_old[0].to_le_bytes()[(offset ^ 1) as usize];
        row.other_byte = F::from_u8(other);
        lookups.byte(ByteLookup::Bytes, raw as u8, other);
    }
    if width < 8 {
        fill_below_sign(event.op, raw, row, lookups);
    }
}

/// The top byte or limb of the loaded bytes `raw`, without the sign bit in signed loads.
fn fill_below_sign(op: Opcode, raw: u64, row: &mut LoadCols<F>, lookups: &mut Lookups) {
    let (top, bits) = match semantics::access_bytes(op) {
        1 => (raw as u32, 7),
        2 => (raw as u32, 15),
        _ => ((raw >> 16) as u32, 15),
    };
    if is_unsigned(op) {
        row.below_sign = F::from_u32(top);
    } else {
        let below = top & ((1 << bits) - 1);
        row.below_sign = F::from_u32(below);
        lookups.bits(bits, below);
    }
}

const fn is_unsigned(op: Opcode) -> bool {
    matches!(op, Opcode::Lbu | Opcode::Lhu | Opcode::Lwu)
}
