//! Filling the decode chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::{CELL_HIGH_BITS, DecodeCols};
use crate::events::DecodeEvent;
use crate::fill::fill_rows;
use crate::gadgets::limbs;
use crate::isa::{Instruction, decode};
use crate::lookups::Lookups;

/// Fills a table of `height` rows. A word that is no instruction gets no row: no such proof exists.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[DecodeEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_rows(events, height, lookups, |event, row, lookups| {
        let instruction = decode(event.word);
        debug_assert!(instruction.is_some(), "word {:#010x} at {:#x}", event.word, event.pc);
        if let Some(instruction) = instruction {
            fill_row(event, &instruction, row);
            lookups.bits(16, (event.pc / 8) & 0xffff);
            lookups.bits(CELL_HIGH_BITS, (event.pc / 8) >> 16);
        }
    })
}

/// Fills a row that claims `event`'s word to decode to `instruction`.
pub(super) fn fill_row(event: &DecodeEvent, instruction: &Instruction, row: &mut DecodeCols<F>) {
    let (cell, second) = (event.pc / 8, event.pc & 4 != 0);
    let (word, other) = (u64::from(event.word), u64::from(event.other_word));
    row.opcodes[instruction.op as usize] = F::ONE;
    row.bits = core::array::from_fn(|i| F::from_bool(event.word >> i & 1 == 1));
    row.cell_low = F::from_u32(cell & 0xffff);
    row.cell_high = F::from_u32(cell >> 16);
    row.second = F::from_bool(second);
    row.order = F::from_u8(event.order);
    row.dword = limbs(if second { word << 32 | other } else { other << 32 | word });
    row.rd_nonzero = F::from_bool(event.word >> 7 & 31 != 0);
    row.rd = F::from_u8(instruction.rd);
    row.rs1 = F::from_u8(instruction.rs1);
    row.rs2 = F::from_u8(instruction.rs2);
    row.imm0 = F::from_u16(instruction.imm as u16);
    row.imm1 = F::from_u16((instruction.imm >> 16) as u16);
    row.sign = F::from_bool(instruction.imm < 0);
    row.multiplicity = F::from_u32(event.count);
}
