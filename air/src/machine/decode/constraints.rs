//! Constraints of the decode chip.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::formats::{WITH_IMMEDIATE, immediate};
use super::{CELL_HIGH_BITS, DecodeCols};
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::{Region, SINK_REGISTER};
use crate::gadgets::{bits, cell, limb_exprs, memory_key};
use crate::isa::{INSTRUCTIONS, InstructionRow};
use crate::layout::Columns;

/// Lowest bits of the fields `rd`, `rs1` and `rs2`.
const FIELDS: [usize; 3] = [7, 15, 20];

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = DecodeCols::of(main.current_slice());
    let is_real = selectors(builder, row);
    word(builder, row);
    read_text(builder, row, &is_real);
    opcode(builder, row);
    registers(builder, row);
    immediates(builder, row);
    provide(builder, row);
}

/// Sum of the selectors of the opcodes that satisfy a predicate: whether the row's opcode does.
fn any<B: ChipBuilder>(row: &DecodeCols<B::Var>, predicate: impl Fn(&InstructionRow) -> bool) -> B::Expr {
    let selected = INSTRUCTIONS.iter().zip(row.opcodes).filter(|(instruction, _)| predicate(instruction));
    selected.map(|(_, selector)| selector.into()).sum()
}

/// The number that `len` of the word's bits from `low` on stand for.
fn field<B: ChipBuilder>(row: &DecodeCols<B::Var>, low: usize, len: usize) -> B::Expr {
    row.bits[low..low + len].iter().enumerate().map(|(i, &bit)| bit.into() * B::constant(1 << i)).sum()
}

/// The opcodes' selectors are boolean and at most one is set; a padding row has none, and provides nothing.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &DecodeCols<B::Var>) -> B::Expr {
    for selector in row.opcodes {
        builder.check_bool("decode::opcode_boolean", selector);
    }
    let is_real = any::<B>(row, |_| true);
    builder.check_bool("decode::opcodes_exclusive", is_real.clone());
    builder.check("decode::padding_provides_nothing", (B::Expr::ONE - is_real.clone()) * row.multiplicity.into());
    is_real
}

/// The bits are those of the selected half of the dword.
fn word<B: ChipBuilder>(builder: &mut B, row: &DecodeCols<B::Var>) {
    for bit in row.bits {
        builder.check_bool("decode::bit_boolean", bit);
    }
    builder.check_bool("decode::second_boolean", row.second);
    for i in 0..2 {
        let selected = row.dword[i].into() + row.second.into() * (row.dword[i + 2] - row.dword[i]);
        builder.check_eq("decode::word", field::<B>(row, 16 * i, 16), selected);
    }
}

/// Index of the dword.
fn cell_index<B: ChipBuilder>(row: &DecodeCols<B::Var>) -> B::Expr {
    row.cell_low.into() + row.cell_high.into() * B::constant(1 << 16)
}

/// The dword is read from the text at tick `order`, and left as it is for the next reader.
fn read_text<B: ChipBuilder>(builder: &mut B, row: &DecodeCols<B::Var>, is_real: &B::Expr) {
    builder.check_bool("decode::order_boolean", row.order);
    bits(builder, "decode::cell_low", 16, row.cell_low, is_real.clone());
    bits(builder, "decode::cell_high", CELL_HIGH_BITS, row.cell_high, is_real.clone());
    let key = memory_key::<B>(cell_index::<B>(row), B::constant(Region::Text as u32));
    let old_time: B::Expr = row.order.into();
    let new_time = old_time.clone() + B::Expr::ONE;
    let dword = limb_exprs::<B>(row.dword);
    builder.receive("decode::text_receive", bus::MEMORY, cell(key.clone(), dword.clone(), old_time), is_real.clone());
    builder.send("decode::text_send", bus::MEMORY, cell(key, dword, new_time), is_real.clone());
}

/// The word has the fixed bits of the selected opcode: `word & mask = match_bits`, bit by bit. As
/// the opcodes' patterns exclude each other, no other opcode fits.
fn opcode<B: ChipBuilder>(builder: &mut B, row: &DecodeCols<B::Var>) {
    for (i, bit) in row.bits.into_iter().enumerate() {
        let fixed = any::<B>(row, |instruction| instruction.mask() >> i & 1 == 1);
        let set = any::<B>(row, |instruction| instruction.match_bits() >> i & 1 == 1);
        builder.check_eq("decode::opcode", fixed * bit.into(), set);
    }
}

/// Register fields are those of the word where the format has them, else 0; a destination `x0`
/// becomes the sink.
fn registers<B: ChipBuilder>(builder: &mut B, row: &DecodeCols<B::Var>) {
    let rd_bits = row.bits[FIELDS[0]..FIELDS[0] + 5].iter();
    let all_zero = rd_bits.fold(B::Expr::ONE, |product, &bit| product * (B::Expr::ONE - bit.into()));
    builder.check_eq("decode::rd_nonzero", row.rd_nonzero, B::Expr::ONE - all_zero);

    let [rd, rs1, rs2] = FIELDS.map(|low| field::<B>(row, low, 5));
    let sink = (B::Expr::ONE - row.rd_nonzero.into()) * B::constant(SINK_REGISTER.into());
    builder.check_eq("decode::rd", row.rd, any::<B>(row, |instruction| instruction.format.has_rd()) * (rd + sink));
    builder.check_eq("decode::rs1", row.rs1, any::<B>(row, |instruction| instruction.format.has_rs1()) * rs1);
    builder.check_eq("decode::rs2", row.rs2, any::<B>(row, |instruction| instruction.format.has_rs2()) * rs2);
}

/// The immediate is the one that the format makes of the word's bits; 0 if it has none.
fn immediates<B: ChipBuilder>(builder: &mut B, row: &DecodeCols<B::Var>) {
    let mut halves = [B::Expr::ZERO, B::Expr::ZERO];
    let mut is_signed = B::Expr::ZERO;
    for format in WITH_IMMEDIATE {
        let selected = any::<B>(row, |instruction| instruction.format == format);
        let parts = immediate(format);
        for (half, low) in halves.iter_mut().zip([0, 16]) {
            let sources = (0..16).filter_map(|i| Some((i, parts.source(low + i)?)));
            let value: B::Expr = sources.map(|(i, bit)| row.bits[bit as usize].into() * B::constant(1 << i)).sum();
            *half += selected.clone() * value;
        }
        if parts.sign_from.is_some() {
            is_signed += selected;
        }
    }
    let [imm0, imm1] = halves;
    builder.check_eq("decode::imm0", row.imm0, imm0);
    builder.check_eq("decode::imm1", row.imm1, imm1);
    builder.check_eq("decode::sign", row.sign, is_signed * row.bits[31].into());
}

/// The decoded instruction.
fn provide<B: ChipBuilder>(builder: &mut B, row: &DecodeCols<B::Var>) {
    let pc = cell_index::<B>(row) * B::constant(8) + row.second.into() * B::constant(4);
    let op = row
        .opcodes
        .into_iter()
        .zip(INSTRUCTIONS)
        .map(|(selector, instruction)| selector.into() * B::constant(instruction.opcode as u32))
        .sum();
    let fields = [row.rd, row.rs1, row.rs2, row.imm0, row.imm1, row.sign].map(Into::into);
    let tuple = [B::constant(bus::PROGRAM), pc, op].into_iter().chain(fields).collect();
    builder.provide("decode::provide", tuple, row.multiplicity.into());
}
