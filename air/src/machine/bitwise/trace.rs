//! Filling the bitwise chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::BitwiseCols;
use crate::bus;
use crate::events::{AluEvent, TICK_RD, TICK_RS1, TICK_RS2};
use crate::fill::fill_rows;
use crate::gadgets::{count_access, limbs};
use crate::isa::{Opcode, semantics};
use crate::lookups::{ByteLookup, Lookups};

/// Fills a table of `height` rows.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[AluEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, fill_row)
}

fn fill_row(event: &AluEvent, row: &mut BitwiseCols<F>, lookups: &mut Lookups) {
    let (operation, lookup) = match event.op {
        Opcode::And | Opcode::Andi => (bus::AND, ByteLookup::And),
        Opcode::Or | Opcode::Ori => (bus::OR, ByteLookup::Or),
        _ => (bus::XOR, ByteLookup::Xor),
    };
    let [a, b, result] = [event.a, event.b, semantics::alu(event.op, event.a, event.b)].map(u64::to_le_bytes);
    row.is_real = F::ONE;
    row.operation = F::from_u32(operation);
    row.pc = F::from_u32(event.pc);
    row.time = F::from_u32(event.time);
    row.rd = F::from_u8(event.rd);
    row.rs1 = F::from_u8(event.rs1);
    row.rs2 = F::from_u8(event.rs2);
    [row.a, row.b, row.result] = [a, b, result].map(|bytes| bytes.map(F::from_u8));
    row.rd_old = limbs(event.rd_old);
    row.t_rs1 = F::from_u32(event.t_rs1);
    row.t_rd = F::from_u32(event.t_rd);
    for (a, b) in a.into_iter().zip(b) {
        lookups.byte(lookup, a, b);
    }
    count_access(lookups, event.t_rs1, event.time + TICK_RS1);
    count_access(lookups, event.t_rd, event.time + TICK_RD);

    if event.op.reads_rs2() {
        row.t_rs2 = F::from_u32(event.t_rs2);
        count_access(lookups, event.t_rs2, event.time + TICK_RS2);
    } else {
        row.is_immediate = F::ONE;
        row.imm0 = F::from_u16(event.imm as u16);
        row.imm_sign = F::from_bool(event.imm < 0);
    }
}
