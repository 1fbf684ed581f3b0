//! Filling the shift chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::ShiftCols;
use crate::events::{AluEvent, TICK_RD, TICK_RS1, TICK_RS2};
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

fn fill_row(event: &AluEvent, row: &mut ShiftCols<F>, lookups: &mut Lookups) {
    use Opcode::{Sll, Slli, Slliw, Sllw, Sra, Srai, Sraiw, Sraw};
    let is_left = matches!(event.op, Sll | Slli | Sllw | Slliw);
    let is_arithmetic = matches!(event.op, Sra | Srai | Sraw | Sraiw);
    let is_word = event.op as u8 >= Sllw as u8;
    let result = semantics::alu(event.op, event.a, event.b);
    row.is_real = F::ONE;
    row.is_logical = F::from_bool(!is_left && !is_arithmetic);
    row.is_arithmetic = F::from_bool(is_arithmetic);
    row.is_word = F::from_bool(is_word);
    row.pc = F::from_u32(event.pc);
    row.time = F::from_u32(event.time);
    row.rd = F::from_u8(event.rd);
    row.rs1 = F::from_u8(event.rs1);
    row.rs2 = F::from_u8(event.rs2);
    row.a = limbs(event.a);
    row.result = limbs(result);
    row.rd_old = limbs(event.rd_old);
    row.t_rs1 = F::from_u32(event.t_rs1);
    row.t_rd = F::from_u32(event.t_rd);
    count_access(lookups, event.t_rs1, event.time + TICK_RS1);
    count_access(lookups, event.t_rd, event.time + TICK_RD);

    if event.op.reads_rs2() {
        row.b = limbs(event.b);
        row.t_rs2 = F::from_u32(event.t_rs2);
        lookups.bits(10, (event.b as u32 & 0xffff) >> 6);
        count_access(lookups, event.t_rs2, event.time + TICK_RS2);
    } else {
        row.is_immediate = F::ONE;
        row.imm0 = F::from_u16(event.imm as u16);
    }
    fill_split(event, is_left, is_word, is_arithmetic, row, lookups);
    if is_word || is_arithmetic {
        let signed = match (is_arithmetic, is_word) {
            (true, false) => event.a >> 48,
            (true, true) => event.a >> 16,
            (false, _) => result >> 16,
        } as u32;
        row.sign = F::from_u32(signed >> 15 & 1);
        row.below_sign = F::from_u32(signed & 0x7fff);
        lookups.bits(15, signed & 0x7fff);
    }
}

/// Fills the amount and the pieces of the input's limbs.
fn fill_split(event: &AluEvent, is_left: bool, is_word: bool, is_arithmetic: bool, row: &mut ShiftCols<F>, lookups: &mut Lookups) {
    let amount = event.b as u32 & 63;
    let bits = amount & 15;
    row.limbs = [1, 2, 3].map(|whole| F::from_bool(amount >> 4 == whole));
    row.bits = F::from_u32(bits);
    row.power = F::from_u32(1 << bits);
    lookups.bits(4, bits);
    lookups.power(bits);

    let input = match (is_word, is_arithmetic) {
        (false, _) => event.a,
        (true, false) => u64::from(event.a as u32),
        (true, true) => event.a as i32 as i64 as u64,
    };
    let lower_bits = if is_left { 16 - bits } else { bits };
    for i in 0..4 {
        let limb = (input >> (16 * i)) as u32 & 0xffff;
        let (lower, upper) = (limb & ((1 << lower_bits) - 1), limb >> lower_bits);
        let (moving, staying) = if is_left { (upper, lower) } else { (lower, upper) };
        row.moving[i] = F::from_u32(moving);
        row.staying[i] = F::from_u32(staying);
        lookups.bits(bits, moving);
        lookups.bits(16 - bits, staying);
    }
}
