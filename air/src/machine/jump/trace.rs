//! Filling the jump chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::JumpCols;
use crate::events::{AluEvent, TICK_RD, TICK_RS1};
use crate::fill::fill_rows;
use crate::gadgets::{count_access, limbs};
use crate::isa::{Opcode, semantics};
use crate::lookups::Lookups;

/// Opcodes in the order of [`JumpCols::selectors`].
pub(super) const OPCODES: [Opcode; 4] = [Opcode::Lui, Opcode::Auipc, Opcode::Jal, Opcode::Jalr];

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[AluEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, fill_row)
}

fn fill_row(event: &AluEvent, row: &mut JumpCols<F>, lookups: &mut Lookups) {
    let is_upper = matches!(event.op, Opcode::Lui | Opcode::Auipc);
    let result = if is_upper { semantics::upper(event.op, event.pc, event.imm) } else { u64::from(event.pc) + 4 };
    let target = if is_upper { u64::from(event.pc) + 4 } else { semantics::jump_target(event.op, event.pc, event.a, event.imm) };
    row.selectors = OPCODES.map(|op| F::from_bool(op == event.op));
    row.pc = F::from_u32(event.pc);
    row.time = F::from_u32(event.time);
    row.next_pc = F::from_u64(target);
    row.rd = F::from_u8(event.rd);
    row.rs1 = F::from_u8(event.rs1);
    row.imm0 = F::from_u16(event.imm as u16);
    row.imm1 = F::from_u16((event.imm >> 16) as u16);
    row.imm_sign = F::from_bool(event.imm < 0);
    row.pc_low = F::from_u16(event.pc as u16);
    row.result = [result, result >> 16].map(|limb| F::from_u16(limb as u16));
    row.is_negative = F::from_bool(result >> 63 == 1);
    row.rd_old = limbs(event.rd_old);
    row.t_rd = F::from_u32(event.t_rd);
    lookups.bits(16, event.pc & 0xffff);
    lookups.bits(14, event.pc >> 16);
    lookups.bits(16, result as u32 & 0xffff);
    lookups.bits(16, (result >> 16) as u32 & 0xffff);
    count_access(lookups, event.t_rd, event.time + TICK_RD);

    if event.op == Opcode::Jalr {
        let sum = event.a.wrapping_add(event.imm as i64 as u64);
        row.a = limbs(event.a);
        row.target_low = F::from_u16(sum as u16);
        row.cleared_bit = F::from_u64(sum & 1);
        row.t_rs1 = F::from_u32(event.t_rs1);
        lookups.bits(16, sum as u32 & 0xffff);
        lookups.bits(14, (sum >> 16) as u32);
        count_access(lookups, event.t_rs1, event.time + TICK_RS1);
    }
}
