//! Constraints of the load chip.

use p3_air::WindowAccess;
use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;

use super::LoadCols;
use crate::address::{self, Address};
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::{TICK_MEMORY, TICK_RD, TICK_RS1};
use crate::gadgets::{self, Access, Decoded, limb_exprs, memory_key, register_key};
use crate::isa::Opcode;
use crate::layout::Columns;
use crate::{access_labels, address_labels, instruction_labels};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = LoadCols::of(main.current_slice());
    let kind = selectors(builder, row);
    fetch(builder, row, &kind);
    alignment(builder, row, &kind);
    operands(builder, row, &kind);
    let sign = extension(builder, row, &kind);
    selected(builder, row, &kind, &sign);
    sign_bit(builder, row, &kind, &sign);
    write_back(builder, row, &kind);
}

/// What the selectors say.
struct Kind<E> {
    is_real: E,
    byte: E,
    half: E,
    word: E,
    dword: E,
    /// Narrower than a dword.
    is_narrow: E,
}

/// Widths are boolean and at most one is set; the unsigned forms are narrow.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &LoadCols<B::Var>) -> Kind<B::Expr> {
    for selector in row.widths {
        builder.check_bool("load::width_boolean", selector);
    }
    let [byte, half, word, dword] = row.widths.map(Into::<B::Expr>::into);
    let is_narrow = byte.clone() + half.clone() + word.clone();
    let is_real = is_narrow.clone() + dword.clone();
    builder.check_bool("load::widths_exclusive", is_real.clone());
    builder.check_bool("load::unsigned_boolean", row.is_unsigned);
    builder.check("load::unsigned_narrow", row.is_unsigned * (B::Expr::ONE - is_narrow.clone()));
    Kind { is_real, byte, half, word, dword, is_narrow }
}

/// The instruction is the one that the program has at `pc`. The seven opcodes follow each other.
fn fetch<B: ChipBuilder>(builder: &mut B, row: &LoadCols<B::Var>, kind: &Kind<B::Expr>) {
    const { assert!(Opcode::Lwu as u32 == Opcode::Lb as u32 + 6 && Opcode::Ld as u32 == Opcode::Lb as u32 + 3) };
    let width = kind.half.clone() + kind.word.clone() * B::constant(2) + kind.dword.clone() * B::constant(3);
    let op = kind.is_real.clone() * B::constant(Opcode::Lb as u32) + width + row.is_unsigned.into() * B::constant(4);
    let sign: B::Expr = row.address.imm_sign.into();
    let decoded = Decoded {
        op,
        rd: row.rd.into(),
        rs1: row.rs1.into(),
        rs2: B::Expr::ZERO,
        imm0: row.address.imm0.into(),
        imm1: sign.clone() * B::constant(0xffff),
        sign,
    };
    let (pc, time): (B::Expr, B::Expr) = (row.pc.into(), row.time.into());
    let next_pc = pc.clone() + B::constant(4);
    gadgets::instruction(builder, instruction_labels!("load"), pc, time, next_pc, decoded, kind.is_real.clone());
}

/// The address is a multiple of the width.
fn alignment<B: ChipBuilder>(builder: &mut B, row: &LoadCols<B::Var>, kind: &Kind<B::Expr>) {
    let [bit0, bit1, bit2] = row.offset;
    for bit in row.offset {
        builder.check_bool("load::offset_boolean", bit);
    }
    let at_least_word = kind.word.clone() + kind.dword.clone();
    builder.check("load::aligned_half", (kind.half.clone() + at_least_word.clone()) * bit0);
    builder.check("load::aligned_word", at_least_word * bit1);
    builder.check("load::aligned_dword", kind.dword.clone() * bit2);
}

/// The base comes from `rs1`, the dword from the address that it gives.
fn operands<B: ChipBuilder>(builder: &mut B, row: &LoadCols<B::Var>, kind: &Kind<B::Expr>) {
    let at = |tick: u32| row.time.into() + B::constant(tick);
    let [bit0, bit1, bit2] = row.offset.map(Into::<B::Expr>::into);
    let offset = bit0 + bit1 * B::constant(2) + bit2 * B::constant(4);
    let Address { base, index } = address::address(builder, address_labels!("load"), &row.address, offset, kind.is_real.clone());
    let rs1 = register_key::<B>(row.rs1);
    gadgets::read(builder, access_labels!("load::rs1"), rs1, base, row.t_rs1, at(TICK_RS1), kind.is_real.clone());

    let region: B::Expr = row.region.into();
    builder.check("load::region", region.clone() * (region.clone() - B::Expr::ONE) * (region.clone() - B::Expr::TWO));
    let (key, dword) = (memory_key::<B>(index, region), limb_exprs::<B>(row.dword));
    gadgets::read(builder, access_labels!("load::memory"), key, dword, row.t_memory, at(TICK_MEMORY), kind.is_real.clone());
}

/// Limbs above the loaded bytes repeat one boolean sign, zero in unsigned forms. Returns it: the
/// result's top limb over 2^16 - 1, meaningful in narrow loads.
fn extension<B: ChipBuilder>(builder: &mut B, row: &LoadCols<B::Var>, kind: &Kind<B::Expr>) -> B::Expr {
    let [_, r1, r2, r3] = row.result;
    let sign = r3.into() * F::from_u32(0xffff).inverse();
    builder.check("load::sign_boolean", kind.is_narrow.clone() * sign.clone() * (sign.clone() - B::Expr::ONE));
    builder.check("load::sign_unsigned", row.is_unsigned * sign.clone());
    builder.check("load::extension_half", (kind.byte.clone() + kind.half.clone()) * (r1 - r3));
    builder.check("load::extension_word", kind.is_narrow.clone() * (r2 - r3));
    sign
}

/// The limbs of the result that come from the dword.
fn selected<B: ChipBuilder>(builder: &mut B, row: &LoadCols<B::Var>, kind: &Kind<B::Expr>, sign: &B::Expr) {
    let [bit0, bit1, bit2] = row.offset.map(Into::<B::Expr>::into);
    let [d0, d1, d2, d3] = limb_exprs::<B>(row.dword);
    let [r0, r1, r2, r3] = limb_exprs::<B>(row.result);
    let lower = d0.clone() + bit1.clone() * (d1.clone() - d0);
    let upper = d2.clone() + bit1 * (d3.clone() - d2.clone());
    let limb = lower.clone() + bit2.clone() * (upper - lower);

    let wider_than_byte = kind.is_real.clone() - kind.byte.clone();
    builder.check("load::limb0", wider_than_byte * (r0.clone() - limb.clone()));
    let second = d1.clone() + bit2 * (d3.clone() - d1);
    builder.check("load::limb1", (kind.word.clone() + kind.dword.clone()) * (r1 - second));
    builder.check("load::limb2", kind.dword.clone() * (r2 - d2));
    builder.check("load::limb3", kind.dword.clone() * (r3 - d3));

    let loaded = loaded_byte::<B>(r0, sign);
    let other: B::Expr = row.other_byte.into();
    builder.send("load::bytes", bus::BYTES, [loaded.clone(), other.clone()], kind.byte.clone());
    let swapped = bit0 * (loaded.clone() - other.clone()) * B::constant(255);
    let both = loaded + other * B::constant(256) + swapped;
    builder.check("load::byte", kind.byte.clone() * (limb - both));
}

/// In byte loads, the low limb is the byte with the sign repeated above it.
fn loaded_byte<B: ChipBuilder>(result0: B::Expr, sign: &B::Expr) -> B::Expr {
    result0 - sign.clone() * B::constant(0xff00)
}

/// The sign of a signed narrow load is the top bit of what it loaded: without it 7 or 15 bits remain.
fn sign_bit<B: ChipBuilder>(builder: &mut B, row: &LoadCols<B::Var>, kind: &Kind<B::Expr>, sign: &B::Expr) {
    let below: B::Expr = row.below_sign.into();
    let top_of_limb = sign.clone() * B::constant(1 << 15);
    let byte = loaded_byte::<B>(row.result[0].into(), sign) - sign.clone() * B::constant(1 << 7);
    let half = row.result[0].into() - top_of_limb.clone();
    let word = row.result[1].into() - top_of_limb;
    let claim = kind.byte.clone() * (below.clone() - byte)
        + kind.half.clone() * (below.clone() - half)
        + kind.word.clone() * (below.clone() - word);
    builder.check("load::below_sign", claim);
    let bits = kind.byte.clone() * B::constant(7) + (kind.half.clone() + kind.word.clone()) * B::constant(15);
    builder.send("load::sign", bus::BITS, [bits, below], kind.is_narrow.clone() - row.is_unsigned);
}

/// The result is written to `rd`.
fn write_back<B: ChipBuilder>(builder: &mut B, row: &LoadCols<B::Var>, kind: &Kind<B::Expr>) {
    let write = Access {
        key: register_key::<B>(row.rd),
        old: limb_exprs::<B>(row.rd_old),
        new: limb_exprs::<B>(row.result),
        old_time: row.t_rd.into(),
        time: row.time.into() + B::constant(TICK_RD),
    };
    gadgets::access(builder, access_labels!("load::rd"), write, kind.is_real.clone());
}
