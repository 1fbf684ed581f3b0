//! Filling the misaligned chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::MisalignedCols;
use crate::events::{MemoryEvent, TICK_MEMORY, TICK_RD, TICK_RS1, TICK_RS2};
use crate::fill::fill_rows;
use crate::gadgets::{count_access, limbs};
use crate::isa::{Family, Opcode, semantics};
use crate::lookups::{ByteLookup, Lookups};

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[MemoryEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, fill_row)
}

fn fill_row(event: &MemoryEvent, row: &mut MisalignedCols<F>, lookups: &mut Lookups) {
    let width = semantics::access_bytes(event.op);
    let offset = event.addr & 7;
    row.pc = F::from_u32(event.pc);
    row.time = F::from_u32(event.time);
    row.rd = F::from_u8(event.rd);
    row.rs1 = F::from_u8(event.rs1);
    row.rs2 = F::from_u8(event.rs2);
    row.widths = [2, 4, 8].map(|w| F::from_bool(w == width));
    row.address.fill(event, lookups);
    row.offsets = core::array::from_fn(|i| F::from_bool(i as u32 + 1 == offset));
    row.region = F::from_u8(event.region as u8);
    row.t_rs1 = F::from_u32(event.t_rs1);
    count_access(lookups, event.t_rs1, event.time + TICK_RS1);
    let is_store = event.op.family() == Family::Store;
    let new = if is_store { fill_store(event, row, lookups) } else { fill_load(event, row, lookups) };
    fill_memory(event, new, offset + width > 8, row, lookups);
}

/// The value's columns of a store. Returns the dwords after it.
fn fill_store(event: &MemoryEvent, row: &mut MisalignedCols<F>, lookups: &mut Lookups) -> [u64; 2] {
    row.is_store = F::ONE;
    row.value = event.value.to_le_bytes().map(F::from_u8);
    row.register_old = limbs(event.value);
    row.t_register = F::from_u32(event.t_rs2);
    count_access(lookups, event.t_rs2, event.time + TICK_RS2);
    count_bytes(lookups, event.value);
    let [low, high] = event.mem_old;
    semantics::insert(event.op, low, high, event.addr & 7, event.value).into()
}

/// The value's columns of a load. Returns the dwords.
fn fill_load(event: &MemoryEvent, row: &mut MisalignedCols<F>, lookups: &mut Lookups) -> [u64; 2] {
    let [low, high] = event.mem_old;
    let raw = semantics::extract(event.op, low, high, event.addr & 7);
    let value = semantics::extend_load(event.op, raw);
    row.value = value.to_le_bytes().map(F::from_u8);
    row.register_old = limbs(event.rd_old);
    row.t_register = F::from_u32(event.t_rd);
    count_access(lookups, event.t_rd, event.time + TICK_RD);
    let top = match semantics::access_bytes(event.op) {
        2 => raw as u32,
        4 => (raw >> 16) as u32,
        _ => return event.mem_old,
    };
    if matches!(event.op, Opcode::Lhu | Opcode::Lwu) {
        row.is_unsigned = F::ONE;
        row.below_sign = F::from_u32(top);
    } else {
        row.below_sign = F::from_u32(top & 0x7fff);
        lookups.bits(15, top & 0x7fff);
    }
    event.mem_old
}

/// The dwords before and after the access.
fn fill_memory(event: &MemoryEvent, new: [u64; 2], crosses: bool, row: &mut MisalignedCols<F>, lookups: &mut Lookups) {
    for d in 0..if crosses { 2 } else { 1 } {
        let (old, new) = (event.mem_old[d], new[d]);
        row.old[8 * d..][..8].copy_from_slice(&old.to_le_bytes().map(F::from_u8));
        row.new[4 * d..][..4].copy_from_slice(&limbs(new));
        row.t_memory[d] = F::from_u32(event.t_mem[d]);
        count_access(lookups, event.t_mem[d], event.time + TICK_MEMORY);
        count_bytes(lookups, old);
    }
}

fn count_bytes(lookups: &mut Lookups, x: u64) {
    for [low, high] in x.to_le_bytes().as_chunks::<2>().0 {
        lookups.byte(ByteLookup::Bytes, *low, *high);
    }
}
