//! Constraints of the mulmod chip.

use core::array;
use core::iter::once;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::MulModCols;
use super::columns::{BYTES, LIMBS, STEPS};
use crate::access_labels;
use crate::builder::{ChipBuilder, Label};
use crate::bus;
use crate::events::{Region, TICKS_MULMOD};
use crate::gadgets::{self, Access, AccessLabels, Limbs, limb_exprs, memory_key};
use crate::layout::Columns;

/// Carries lie in `-CARRY_BOUND .. CARRY_BOUND`.
pub(super) const CARRY_BOUND: u32 = 1 << (CARRY_BITS - 1);
/// Bits of a carry, its sign among them.
pub(super) const CARRY_BITS: u32 = 14;

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = MulModCols::of(main.current_slice());
    builder.check_bool("mulmod::is_real_boolean", row.is_real);
    call(builder, row);
    bytes(builder, row);
    let (m, r) = (gather::<B>(row.m), row.r.map(limb_exprs::<B>));
    operands(builder, row, &m);
    equation(builder, row);
    reduced(builder, row, &m, &r);
    write_back(builder, row, r);
}

/// The ecall chip asked for this row, with pointers that are multiples of 8.
///
/// Both limbs of a pointer are limbs of a register, so that `dword < 2^13` makes `dword + 2^13 ptr1` the pointer divided by 8.
fn call<B: ChipBuilder>(builder: &mut B, row: &MulModCols<B::Var>) {
    let pointers = row.dwords.into_iter().zip(row.ptr1s);
    let limbs = pointers.flat_map(|(dword, ptr1)| [dword.into() * B::constant(8), ptr1.into()]);
    builder.receive("mulmod::call", bus::MULMOD, once(row.time.into()).chain(limbs), row.is_real);
    for dword in row.dwords {
        gadgets::bits(builder, "mulmod::aligned", 13, dword, row.is_real);
    }
}

/// What stands for bytes are bytes.
fn bytes<B: ChipBuilder>(builder: &mut B, row: &MulModCols<B::Var>) {
    let numbers: [(Label, _); 4] =
        [("mulmod::a_bytes", row.a), ("mulmod::b_bytes", row.b), ("mulmod::m_bytes", row.m), ("mulmod::q_bytes", row.q)];
    for (label, number) in numbers {
        for pair in number.chunks_exact(2) {
            builder.send(label, bus::BYTES, [pair[0].into(), pair[1].into()], row.is_real);
        }
    }
}

/// The limbs of a number given by its bytes.
fn gather<B: ChipBuilder>(bytes: [B::Var; BYTES]) -> [Limbs<B::Expr>; 4] {
    array::from_fn(|dword| {
        array::from_fn(|limb| {
            let low = 8 * dword + 2 * limb;
            bytes[low].into() + bytes[low + 1].into() * B::constant(256)
        })
    })
}

/// a, b, c and m are read, each from four dwords of one region.
///
/// An index of 2^29 or more has the key of one of the first dwords of the next region. In regions 1 and 2 those lie in the null page, where
/// the memory has no cells; behind region 2 there are the registers, but then the operand's first dword is none of theirs, being
/// at the end of the address space, where no text is. So an operand past the end of the address space finds no value to receive.
fn operands<B: ChipBuilder>(builder: &mut B, row: &MulModCols<B::Var>, m: &[Limbs<B::Expr>; 4]) {
    const LABELS: [AccessLabels; 4] =
        [access_labels!("mulmod::a"), access_labels!("mulmod::b"), access_labels!("mulmod::c"), access_labels!("mulmod::m")];
    let values = [gather::<B>(row.a), gather::<B>(row.b), row.c.map(limb_exprs::<B>), m.clone()];
    for (operand, value) in values.into_iter().enumerate() {
        let region: B::Expr = row.regions[operand].into();
        let below_two = region.clone() * (region.clone() - B::Expr::ONE);
        builder.check("mulmod::region", below_two * (region.clone() - B::Expr::TWO));
        for (i, dword) in value.into_iter().enumerate() {
            let key = memory_key::<B>(index::<B>(row, operand + 1, i), region.clone());
            let time = row.time.into() + B::constant(TICKS_MULMOD[operand]);
            gadgets::read(builder, LABELS[operand], key, dword, row.t_mem[operand][i], time, row.is_real);
        }
    }
}

/// Index of dword `i` behind a pointer.
fn index<B: ChipBuilder>(row: &MulModCols<B::Var>, pointer: usize, i: usize) -> B::Expr {
    row.dwords[pointer].into() + row.ptr1s[pointer].into() * B::constant(1 << 13) + B::constant(i as u32)
}

/// `a b + c = q m + r` over the integers.
///
/// Step k is the sum of what both sides have at the bytes 2k and 2k + 1, in units of 2^(16 k). Each side is at most
/// `(31 + 32 * 256) * 255^2 + 2^16 < 5.35e8`, and a carry's 2^16 multiple at most 2^29: together with the carry in, less than 1.1e9 < p in absolute
/// value. So what is zero in the field is zero. The carries leave in the next step what they took from this one, and the last takes none; hence
/// the weighted sum of all steps, the difference of the two sides, is zero.
fn equation<B: ChipBuilder>(builder: &mut B, row: &MulModCols<B::Var>) {
    let mut carry = B::Expr::ZERO;
    for step in 0..STEPS {
        let mut difference = carry + digit::<B>(&row.a, &row.b, step) - digit::<B>(&row.q, &row.m, step);
        if step < LIMBS {
            difference += row.c[step / 4][step % 4] - row.r[step / 4][step % 4];
        }
        carry = B::Expr::ZERO;
        if step < STEPS - 1 {
            carry = row.carries[step].into();
            let shifted = carry.clone() + B::constant(CARRY_BOUND);
            gadgets::bits(builder, "mulmod::carry_range", CARRY_BITS, shifted, row.is_real);
        }
        builder.check("mulmod::equation", difference - carry.clone() * B::constant(1 << 16));
    }
}

/// Coefficients `2 step` and `2 step + 1` of the product of two polynomials in 256.
fn digit<B: ChipBuilder>(x: &[B::Var; BYTES], y: &[B::Var; BYTES], step: usize) -> B::Expr {
    let coefficient = |n: usize| -> B::Expr {
        let first = n.saturating_sub(BYTES - 1);
        (first..BYTES.min(n + 1)).map(|i| x[i].into() * y[n - i]).sum()
    };
    coefficient(2 * step) + coefficient(2 * step + 1) * B::constant(256)
}

/// `r < m`: above the limb that [`MulModCols::differs`] marks they agree, and there m exceeds r.
///
/// Limbs are below 2^16, so that a difference between them is from 1 to 2^16 in the field only if it is over the integers.
fn reduced<B: ChipBuilder>(builder: &mut B, row: &MulModCols<B::Var>, m: &[Limbs<B::Expr>; 4], r: &[Limbs<B::Expr>; 4]) {
    let mut agrees: B::Expr = row.is_real.into();
    let mut excess = B::Expr::ZERO;
    for i in (0..LIMBS).rev() {
        builder.check_bool("mulmod::differs_boolean", row.differs[i]);
        agrees -= row.differs[i].into();
        let difference = m[i / 4][i % 4].clone() - r[i / 4][i % 4].clone();
        builder.check("mulmod::upper_limbs_agree", agrees.clone() * difference.clone());
        excess += difference * row.differs[i];
    }
    builder.check("mulmod::differs_once", agrees);
    builder.check_eq("mulmod::excess", row.excess, excess);
    gadgets::bits(builder, "mulmod::remainder_below_modulus", 16, row.excess.into() - B::Expr::ONE, row.is_real);
}

/// The remainder's limbs are below 2^16, and it is written to the destination.
///
/// A destination past the end of the address space is no cell, as above.
fn write_back<B: ChipBuilder>(builder: &mut B, row: &MulModCols<B::Var>, r: [Limbs<B::Expr>; 4]) {
    for (i, new) in r.into_iter().enumerate() {
        for limb in new.clone() {
            gadgets::bits(builder, "mulmod::r_range", 16, limb, row.is_real);
        }
        let access = Access {
            key: memory_key::<B>(index::<B>(row, 0, i), B::constant(Region::ReadWrite as u32)),
            old: limb_exprs::<B>(row.dst_old[i]),
            new,
            old_time: row.t_mem[4][i].into(),
            time: row.time.into() + B::constant(TICKS_MULMOD[4]),
        };
        gadgets::access(builder, access_labels!("mulmod::dst"), access, row.is_real);
    }
}
