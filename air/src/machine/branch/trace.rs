//! Filling the branch chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::BranchCols;
use crate::comparison;
use crate::events::{AluEvent, TICK_RS1, TICK_RS2};
use crate::fill::fill_rows;
use crate::gadgets::{count_access, limbs};
use crate::isa::{Opcode, semantics};
use crate::lookups::Lookups;

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[AluEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, fill_row)
}

fn fill_row(event: &AluEvent, row: &mut BranchCols<F>, lookups: &mut Lookups) {
    let is_signed = matches!(event.op, Opcode::Blt | Opcode::Bge);
    let offset = if semantics::branch_taken(event.op, event.a, event.b) { event.imm } else { 4 };
    row.is_real = F::ONE;
    row.is_signed = F::from_bool(is_signed);
    row.is_unsigned = F::from_bool(matches!(event.op, Opcode::Bltu | Opcode::Bgeu));
    row.is_negated = F::from_bool(matches!(event.op, Opcode::Bne | Opcode::Bge | Opcode::Bgeu));
    row.pc = F::from_u32(event.pc);
    row.time = F::from_u32(event.time);
    row.next_pc = F::from_u32(event.pc.wrapping_add_signed(offset));
    row.rs1 = F::from_u8(event.rs1);
    row.rs2 = F::from_u8(event.rs2);
    row.imm0 = F::from_u16(event.imm as u16);
    row.imm_sign = F::from_bool(event.imm < 0);
    row.a = limbs(event.a);
    row.b = limbs(event.b);
    row.t_rs1 = F::from_u32(event.t_rs1);
    row.t_rs2 = F::from_u32(event.t_rs2);
    comparison::fill(&mut row.comparison, event.a, event.b, is_signed, lookups);
    count_access(lookups, event.t_rs1, event.time + TICK_RS1);
    count_access(lookups, event.t_rs2, event.time + TICK_RS2);
}
