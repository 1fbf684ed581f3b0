//! Filling the store chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::StoreCols;
use crate::events::{MemoryEvent, TICK_MEMORY, TICK_RS1, TICK_RS2};
use crate::fill::fill_rows;
use crate::gadgets::{count_access, limbs};
use crate::isa::{Opcode, semantics};
use crate::lookups::{ByteLookup, Lookups};

/// Opcodes in the order of [`StoreCols::selectors`].
pub(super) const OPCODES: [Opcode; 4] = [Opcode::Sb, Opcode::Sh, Opcode::Sw, Opcode::Sd];

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[MemoryEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, fill_row)
}

fn fill_row(event: &MemoryEvent, row: &mut StoreCols<F>, lookups: &mut Lookups) {
    let offset = event.addr & 7;
    let old = event.mem_old[0];
    let (new, _) = semantics::insert(event.op, old, event.mem_old[1], offset, event.value);
    row.pc = F::from_u32(event.pc);
    row.time = F::from_u32(event.time);
    row.rs1 = F::from_u8(event.rs1);
    row.rs2 = F::from_u8(event.rs2);
    row.selectors = OPCODES.map(|op| F::from_bool(op == event.op));
    row.address.fill(event, lookups);
    row.offset = [0, 1, 2].map(|i| F::from_bool(offset >> i & 1 == 1));
    row.old = limbs(old);
    row.new = limbs(new);
    row.value = limbs(event.value);
    row.t_rs1 = F::from_u32(event.t_rs1);
    row.t_rs2 = F::from_u32(event.t_rs2);
    row.t_memory = F::from_u32(event.t_mem[0]);
    count_access(lookups, event.t_rs1, event.time + TICK_RS1);
    count_access(lookups, event.t_rs2, event.time + TICK_RS2);
    count_access(lookups, event.t_mem[0], event.time + TICK_MEMORY);

    if event.op == Opcode::Sb {
        let byte_of_old = |offset: u32| old.to_le_bytes()[offset as usize];
        let [stored, above, ..] = event.value.to_le_bytes();
        let (lost, kept) = (byte_of_old(offset), byte_of_old(offset ^ 1));
        row.stored_byte = F::from_u8(stored);
        row.lost_byte = F::from_u8(lost);
        row.kept_byte = F::from_u8(kept);
        lookups.byte(ByteLookup::Bytes, stored, above);
        lookups.byte(ByteLookup::Bytes, lost, kept);
    }
}
