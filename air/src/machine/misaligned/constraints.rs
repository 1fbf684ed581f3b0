//! Constraints of the misaligned chip.

use p3_air::WindowAccess;
use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;

use super::MisalignedCols;
use crate::address::{self, Address};
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::{TICK_MEMORY, TICK_RD, TICK_RS1, TICK_RS2};
use crate::gadgets::{self, Access, AccessLabels, Decoded, Limbs, limb_exprs, memory_key, register_key};
use crate::isa::Opcode;
use crate::layout::Columns;
use crate::{access_labels, address_labels, instruction_labels};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = MisalignedCols::of(main.current_slice());
    let kind = selectors(builder, row);
    fetch(builder, row, &kind);
    bytes(builder, row, &kind);
    memory(builder, row, &kind);
    register(builder, row, &kind);
    loaded(builder, row, &kind);
    sign_bit(builder, row, &kind);
    stored(builder, row, &kind);
}

/// What the selectors say.
struct Kind<E> {
    is_real: E,
    half: E,
    word: E,
    dword: E,
    /// One minus `is_store`: a load, on rows that are real.
    not_store: E,
    /// The access reaches into the second dword. Degree 2.
    crosses: E,
}

impl<E: PrimeCharacteristicRing> Kind<E> {
    /// Whether byte `j` of the value is accessed.
    fn accesses_byte(&self, j: usize) -> E {
        match j {
            0 | 1 => self.is_real.clone(),
            2 | 3 => self.word.clone() + self.dword.clone(),
            _ => self.dword.clone(),
        }
    }
}

/// Widths and offsets are boolean, and one of each is set on the same rows; the unsigned forms are
/// narrow loads; stores are real.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &MisalignedCols<B::Var>) -> Kind<B::Expr> {
    for selector in row.widths {
        builder.check_bool("misaligned::width_boolean", selector);
    }
    for selector in row.offsets {
        builder.check_bool("misaligned::offset_boolean", selector);
    }
    let [half, word, dword] = row.widths.map(Into::<B::Expr>::into);
    let is_real = half.clone() + word.clone() + dword.clone();
    builder.check_bool("misaligned::widths_exclusive", is_real.clone());
    builder.check_eq("misaligned::offsets_exclusive", row.offsets.into_iter().map(Into::into).sum::<B::Expr>(), is_real.clone());
    builder.check_bool("misaligned::unsigned_boolean", row.is_unsigned);
    builder.check_bool("misaligned::store_boolean", row.is_store);
    let not_store = B::Expr::ONE - row.is_store;
    builder.check("misaligned::store_real", row.is_store * (B::Expr::ONE - is_real.clone()));
    let narrow_load = half.clone() + word.clone() - row.is_store;
    builder.check("misaligned::unsigned_narrow_load", row.is_unsigned * (B::Expr::ONE - narrow_load));

    let [_, _, _, _, five, six, seven] = row.offsets.map(Into::<B::Expr>::into);
    let crosses = half.clone() * seven.clone() + word.clone() * (five + six + seven) + dword.clone();
    Kind { is_real, half, word, dword, not_store, crosses }
}

/// The instruction is the one that the program has at `pc`.
fn fetch<B: ChipBuilder>(builder: &mut B, row: &MisalignedCols<B::Var>, kind: &Kind<B::Expr>) {
    const { assert!(Opcode::Ld as u32 == Opcode::Lb as u32 + 3 && Opcode::Lwu as u32 == Opcode::Lb as u32 + 6) };
    const { assert!(Opcode::Sh as u32 == Opcode::Lh as u32 + 7 && Opcode::Sd as u32 == Opcode::Ld as u32 + 7) };
    let width = kind.half.clone() + kind.word.clone() * B::constant(2) + kind.dword.clone() * B::constant(3);
    let form = row.is_unsigned.into() * B::constant(4) + row.is_store.into() * B::constant(7);
    let sign: B::Expr = row.address.imm_sign.into();
    let decoded = Decoded {
        op: kind.is_real.clone() * B::constant(Opcode::Lb as u32) + width + form,
        rd: row.rd.into(),
        rs1: row.rs1.into(),
        rs2: row.rs2.into(),
        imm0: row.address.imm0.into(),
        imm1: sign.clone() * B::constant(0xffff),
        sign,
    };
    let (pc, time): (B::Expr, B::Expr) = (row.pc.into(), row.time.into());
    let next_pc = pc.clone() + B::constant(4);
    gadgets::instruction(builder, instruction_labels!("misaligned"), pc, time, next_pc, decoded, kind.is_real.clone());
}

/// The dwords that are accessed, and a stored value, are made of bytes.
fn bytes<B: ChipBuilder>(builder: &mut B, row: &MisalignedCols<B::Var>, kind: &Kind<B::Expr>) {
    for (i, &[low, high]) in row.old.as_chunks::<2>().0.iter().enumerate() {
        let is_accessed = if i < 4 { kind.is_real.clone() } else { kind.crosses.clone() };
        builder.send("misaligned::dword_bytes", bus::BYTES, [low.into(), high.into()], is_accessed);
    }
    for &[low, high] in row.value.as_chunks::<2>().0 {
        builder.send("misaligned::value_bytes", bus::BYTES, [low.into(), high.into()], row.is_store);
    }
}

/// Limb `k` of little-endian bytes.
fn limb_of<B: ChipBuilder>(bytes: &[B::Var], k: usize) -> B::Expr {
    bytes[2 * k].into() + bytes[2 * k + 1].into() * B::constant(256)
}

/// The base comes from `rs1`; the dword at the address that it gives, and where the access crosses,
/// the next one, change from `old` to `new`.
fn memory<B: ChipBuilder>(builder: &mut B, row: &MisalignedCols<B::Var>, kind: &Kind<B::Expr>) {
    let at = |tick: u32| row.time.into() + B::constant(tick);
    let offset = (1..8).zip(row.offsets).map(|(offset, selector)| selector.into() * B::constant(offset)).sum();
    let Address { base, index } = address::address(builder, address_labels!("misaligned"), &row.address, offset, kind.is_real.clone());
    let rs1 = register_key::<B>(row.rs1);
    gadgets::read(builder, access_labels!("misaligned::rs1"), rs1, base, row.t_rs1, at(TICK_RS1), kind.is_real.clone());

    let region: B::Expr = row.region.into();
    builder.check("misaligned::region", region.clone() * (region.clone() - B::Expr::ONE) * (region.clone() - B::Expr::TWO));
    builder.check("misaligned::store_region", row.is_store * row.region);
    let mut dword = |labels: AccessLabels, d: usize, active: B::Expr| {
        let access = Access {
            key: memory_key::<B>(index.clone() + B::constant(d as u32), row.region),
            old: core::array::from_fn(|k| limb_of::<B>(&row.old, 4 * d + k)),
            new: core::array::from_fn(|k| row.new[4 * d + k].into()),
            old_time: row.t_memory[d].into(),
            time: at(TICK_MEMORY),
        };
        gadgets::access(builder, labels, access, active);
    };
    dword(access_labels!("misaligned::first"), 0, kind.is_real.clone());
    dword(access_labels!("misaligned::second"), 1, kind.crosses.clone());
}

/// A load writes the value to `rd`, a store reads it from `rs2`: one access, since the program bus
/// has 0 for the register that the instruction lacks, and the constraints say so again.
fn register<B: ChipBuilder>(builder: &mut B, row: &MisalignedCols<B::Var>, kind: &Kind<B::Expr>) {
    builder.check("misaligned::store_rd", row.is_store * row.rd);
    builder.check("misaligned::load_rs2", kind.not_store.clone() * row.rs2);
    let value: Limbs<B::Expr> = core::array::from_fn(|k| limb_of::<B>(&row.value, k));
    for (old, new) in row.register_old.into_iter().zip(&value) {
        builder.check("misaligned::rs2_unchanged", row.is_store * (new.clone() - old));
    }
    let tick = B::constant(TICK_RD) - row.is_store.into() * B::constant(TICK_RD - TICK_RS2);
    let access = Access {
        key: register_key::<B>(row.rd + row.rs2),
        old: limb_exprs::<B>(row.register_old),
        new: value,
        old_time: row.t_register.into(),
        time: row.time.into() + tick,
    };
    gadgets::access(builder, access_labels!("misaligned::register"), access, kind.is_real.clone());
}

/// In narrow loads, the sign that the upper bytes repeat: the value's top byte over 255.
fn load_sign<B: ChipBuilder>(row: &MisalignedCols<B::Var>) -> B::Expr {
    row.value[7].into() * F::from_u32(0xff).inverse()
}

/// A load's bytes within the width are those of the dwords, counted from the offset; the others
/// repeat one boolean sign, zero in unsigned forms.
fn loaded<B: ChipBuilder>(builder: &mut B, row: &MisalignedCols<B::Var>, kind: &Kind<B::Expr>) {
    let sign = load_sign::<B>(row);
    let narrow = kind.half.clone() + kind.word.clone();
    let narrow_load = kind.not_store.clone() * narrow;
    builder.check("misaligned::sign_boolean", narrow_load.clone() * sign.clone() * (sign.clone() - B::Expr::ONE));
    builder.check("misaligned::sign_unsigned", row.is_unsigned * sign.clone());
    for (j, &byte) in row.value.iter().enumerate() {
        let addressed: B::Expr = (1..8).zip(row.offsets).map(|(offset, selector)| selector * row.old[offset + j]).sum();
        let is_loaded = kind.not_store.clone() * kind.accesses_byte(j);
        builder.check("misaligned::loaded_byte", is_loaded * (byte.into() - addressed));
        let is_extension = kind.not_store.clone() * (kind.is_real.clone() - kind.accesses_byte(j));
        builder.check("misaligned::extension", is_extension * (byte - row.value[7]));
    }
}

/// The sign of a signed narrow load is the top bit of what it loaded: without it 15 bits remain of
/// the top limb.
fn sign_bit<B: ChipBuilder>(builder: &mut B, row: &MisalignedCols<B::Var>, kind: &Kind<B::Expr>) {
    let with_sign = row.below_sign.into() + load_sign::<B>(row) * B::constant(1 << 15);
    let half = kind.half.clone() * (with_sign.clone() - limb_of::<B>(&row.value, 0));
    let word = kind.word.clone() * (with_sign - limb_of::<B>(&row.value, 1));
    builder.check("misaligned::below_sign", kind.not_store.clone() * (half + word));
    let is_signed = kind.not_store.clone() * (kind.half.clone() + kind.word.clone()) - row.is_unsigned;
    gadgets::bits(builder, "misaligned::sign", 15, row.below_sign, is_signed);
}

/// A store replaces the addressed bytes; every other byte of the dwords stays, as all do in a load.
fn stored<B: ChipBuilder>(builder: &mut B, row: &MisalignedCols<B::Var>, kind: &Kind<B::Expr>) {
    let change = |i: usize| -> B::Expr {
        let by_offset = (1..8).zip(row.offsets).filter(|(offset, _)| (*offset..offset + 8).contains(&i));
        by_offset.map(|(offset, selector)| kind.accesses_byte(i - offset) * selector * (row.value[i - offset] - row.old[i])).sum()
    };
    for (k, new) in row.new.into_iter().enumerate() {
        let change = change(2 * k) + change(2 * k + 1) * B::constant(256);
        let old = limb_of::<B>(&row.old, k);
        builder.check("misaligned::new_limb", new.into() - old - row.is_store.into() * change);
    }
}
