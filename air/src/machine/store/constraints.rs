//! Constraints of the store chip.

use p3_air::WindowAccess;
use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;

use super::StoreCols;
use super::trace::OPCODES;
use crate::address::{self, Address};
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::{Region, TICK_MEMORY, TICK_RS1, TICK_RS2};
use crate::gadgets::{self, Access, Decoded, Limbs, limb_exprs, memory_key, register_key};
use crate::layout::Columns;
use crate::{access_labels, address_labels, instruction_labels};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = StoreCols::of(main.current_slice());
    let kind = selectors(builder, row);
    fetch(builder, row, &kind);
    alignment(builder, row, &kind);
    accesses(builder, row, &kind);
    let chosen = chosen_limbs::<B>(row);
    let inserted = inserted_byte(builder, row, &kind, &chosen);
    replacement(builder, row, &kind, &chosen, &inserted);
}

/// What the selectors say.
struct Kind<E> {
    is_real: E,
    byte: E,
    half: E,
    word: E,
    dword: E,
}

/// The selectors are boolean and at most one is set.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &StoreCols<B::Var>) -> Kind<B::Expr> {
    for selector in row.selectors {
        builder.check_bool("store::selector_boolean", selector);
    }
    let [byte, half, word, dword] = row.selectors.map(Into::<B::Expr>::into);
    let is_real = byte.clone() + half.clone() + word.clone() + dword.clone();
    builder.check_bool("store::selectors_exclusive", is_real.clone());
    Kind { is_real, byte, half, word, dword }
}

/// The instruction is the one that the program has at `pc`.
fn fetch<B: ChipBuilder>(builder: &mut B, row: &StoreCols<B::Var>, kind: &Kind<B::Expr>) {
    let op = row.selectors.iter().zip(OPCODES).map(|(&s, op)| s.into() * B::constant(op as u32)).sum();
    let sign: B::Expr = row.address.imm_sign.into();
    let decoded = Decoded {
        op,
        rd: B::Expr::ZERO,
        rs1: row.rs1.into(),
        rs2: row.rs2.into(),
        imm0: row.address.imm0.into(),
        imm1: sign.clone() * B::constant(0xffff),
        sign,
    };
    let (pc, time): (B::Expr, B::Expr) = (row.pc.into(), row.time.into());
    let next_pc = pc.clone() + B::constant(4);
    gadgets::instruction(builder, instruction_labels!("store"), pc, time, next_pc, decoded, kind.is_real.clone());
}

/// The address is a multiple of the width.
fn alignment<B: ChipBuilder>(builder: &mut B, row: &StoreCols<B::Var>, kind: &Kind<B::Expr>) {
    let [bit0, bit1, bit2] = row.offset;
    for bit in row.offset {
        builder.check_bool("store::offset_boolean", bit);
    }
    let at_least_word = kind.word.clone() + kind.dword.clone();
    builder.check("store::aligned_half", (kind.half.clone() + at_least_word.clone()) * bit0);
    builder.check("store::aligned_word", at_least_word * bit1);
    builder.check("store::aligned_dword", kind.dword.clone() * bit2);
}

/// The base comes from `rs1`, the value from `rs2`, and the dword at the address changes from `old`
/// to `new`.
fn accesses<B: ChipBuilder>(builder: &mut B, row: &StoreCols<B::Var>, kind: &Kind<B::Expr>) {
    let at = |tick: u32| row.time.into() + B::constant(tick);
    let [bit0, bit1, bit2] = row.offset.map(Into::<B::Expr>::into);
    let offset = bit0 + bit1 * B::constant(2) + bit2 * B::constant(4);
    let Address { base, index } = address::address(builder, address_labels!("store"), &row.address, offset, kind.is_real.clone());
    let (rs1, rs2) = (register_key::<B>(row.rs1), register_key::<B>(row.rs2));
    gadgets::read(builder, access_labels!("store::rs1"), rs1, base, row.t_rs1, at(TICK_RS1), kind.is_real.clone());
    let value = limb_exprs::<B>(row.value);
    gadgets::read(builder, access_labels!("store::rs2"), rs2, value, row.t_rs2, at(TICK_RS2), kind.is_real.clone());
    let write = Access {
        key: memory_key::<B>(index, B::constant(Region::ReadWrite as u32)),
        old: limb_exprs::<B>(row.old),
        new: limb_exprs::<B>(row.new),
        old_time: row.t_memory.into(),
        time: at(TICK_MEMORY),
    };
    gadgets::access(builder, access_labels!("store::memory"), write, kind.is_real.clone());
}

/// For each limb of the dword, whether bits 1 and 2 of the offset choose it: exactly one is 1.
fn chosen_limbs<B: ChipBuilder>(row: &StoreCols<B::Var>) -> Limbs<B::Expr> {
    let [_, bit1, bit2] = row.offset.map(Into::<B::Expr>::into);
    let both = bit1.clone() * bit2.clone();
    [B::Expr::ONE - bit1.clone() - bit2.clone() + both.clone(), bit1 - both.clone(), bit2 - both.clone(), both]
}

/// In `SB`, the chosen limb and the value's low limb are split into bytes. Returns the chosen
/// limb's successor.
fn inserted_byte<B: ChipBuilder>(builder: &mut B, row: &StoreCols<B::Var>, kind: &Kind<B::Expr>, chosen: &Limbs<B::Expr>) -> B::Expr {
    let [stored, lost, kept] = [row.stored_byte, row.lost_byte, row.kept_byte].map(Into::<B::Expr>::into);
    let above_stored = (row.value[0].into() - stored.clone()) * F::from_u32(1 << 8).inverse();
    builder.send("store::value_bytes", bus::BYTES, [stored.clone(), above_stored], kind.byte.clone());
    builder.send("store::dword_bytes", bus::BYTES, [lost.clone(), kept.clone()], kind.byte.clone());

    let is_high: B::Expr = row.offset[0].into();
    let limb_of = |byte: B::Expr| {
        let swapped = is_high.clone() * (byte.clone() - kept.clone()) * B::constant(255);
        byte + kept.clone() * B::constant(256) + swapped
    };
    let limb: B::Expr = chosen.iter().zip(row.old).map(|(chosen, limb)| chosen.clone() * limb).sum();
    builder.check("store::byte_split", kind.byte.clone() * (limb - limb_of(lost)));
    limb_of(stored)
}

/// Each limb of the dword is replaced where the width and the offset say so, and stays elsewhere.
fn replacement<B: ChipBuilder>(
    builder: &mut B,
    row: &StoreCols<B::Var>,
    kind: &Kind<B::Expr>,
    chosen: &Limbs<B::Expr>,
    inserted: &B::Expr,
) {
    let bit2: B::Expr = row.offset[2].into();
    for (i, chosen) in chosen.iter().enumerate() {
        let (old, new): (B::Expr, B::Expr) = (row.old[i].into(), row.new[i].into());
        let change = new.clone() - old.clone();
        let to = |limb: B::Expr| limb - old.clone();
        let in_word = if i < 2 { B::Expr::ONE - bit2.clone() } else { bit2.clone() };
        let (narrow, wide): (B::Expr, B::Expr) = (row.value[0].into(), row.value[i].into());
        builder.check("store::byte", kind.byte.clone() * (change.clone() - chosen.clone() * to(inserted.clone())));
        builder.check("store::half", kind.half.clone() * (change.clone() - chosen.clone() * to(narrow)));
        builder.check("store::word", kind.word.clone() * (change - in_word * to(row.value[i % 2].into())));
        builder.check("store::dword", kind.dword.clone() * (new - wide));
    }
}
