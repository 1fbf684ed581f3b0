//! Filling the add/sub chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::AddSubCols;
use crate::events::{AluEvent, TICK_RD, TICK_RS1, TICK_RS2};
use crate::fill::fill_rows;
use crate::gadgets::{count_access, limbs};
use crate::isa::{Opcode, semantics};
use crate::lookups::Lookups;

/// Opcodes in the order of [`AddSubCols::selectors`].
pub(super) const OPCODES: [Opcode; 6] = [Opcode::Add, Opcode::Sub, Opcode::Addi, Opcode::Addw, Opcode::Subw, Opcode::Addiw];

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[AluEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, fill_row)
}

fn fill_row(event: &AluEvent, row: &mut AddSubCols<F>, lookups: &mut Lookups) {
    let result = semantics::alu(event.op, event.a, event.b);
    row.pc = F::from_u32(event.pc);
    row.time = F::from_u32(event.time);
    row.rd = F::from_u8(event.rd);
    row.rs1 = F::from_u8(event.rs1);
    row.rs2 = F::from_u8(event.rs2);
    row.selectors = OPCODES.map(|op| F::from_bool(op == event.op));
    row.a = limbs(event.a);
    row.b = limbs(event.b);
    row.rd_old = limbs(event.rd_old);
    row.t_rs1 = F::from_u32(event.t_rs1);
    row.t_rd = F::from_u32(event.t_rd);
    count_access(lookups, event.t_rs1, event.time + TICK_RS1);
    count_access(lookups, event.t_rd, event.time + TICK_RD);

    if matches!(event.op, Opcode::Addi | Opcode::Addiw) {
        row.imm0 = F::from_u16(event.imm as u16);
        row.imm_sign = F::from_bool(event.imm < 0);
    } else {
        row.t_rs2 = F::from_u32(event.t_rs2);
        count_access(lookups, event.t_rs2, event.time + TICK_RS2);
    }
    fill_result(event.op, result, row, lookups);
}

/// The word's sign, and the result's range checks.
fn fill_result(op: Opcode, result: u64, row: &mut AddSubCols<F>, lookups: &mut Lookups) {
    row.result = limbs(result);
    if matches!(op, Opcode::Addw | Opcode::Subw | Opcode::Addiw) {
        row.sign = F::from_bool(result >> 31 & 1 == 1);
        for i in [0, 2, 3] {
            lookups.bits(16, (result >> (16 * i)) as u32 & 0xffff);
        }
        lookups.bits(15, (result >> 16) as u32 & 0x7fff);
    } else {
        lookups.limbs(result);
    }
}
