//! Constraints of the mulmod chips.

use core::array;
use core::iter::once;

use p3_air::WindowAccess;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use tern_field::F;

use super::MulModCols;
use super::labels::Labels;
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::{Region, TICKS_MULMOD};
use crate::gadgets::{self, Access, Limbs, limb_exprs, memory_key};
use crate::layout::Columns;

/// Most that a side of the equation comes to in a step, for numbers of `n` bytes: `n - 1` products
/// of bytes, 256 times `n` others, and a limb.
const fn most_of_a_side(dwords: usize) -> u32 {
    let bytes = 8 * dwords as u32;
    (bytes - 1 + 256 * bytes) * 255 * 255 + 0xffff
}

/// Bits of a carry, its sign among them, for numbers of so many dwords: 14 for four, 15 for six.
///
/// A carry out of an honest row's step is at most `(most_of_a_side + carry in) / 2^16`, so that all
/// are at most `most_of_a_side / (2^16 - 1)`, which is 8,160 for four dwords and 12,240 for six.
pub(super) const fn carry_bits(dwords: usize) -> u32 {
    2 + (most_of_a_side(dwords) / 0xffff).ilog2()
}

/// Carries lie in `-carry_bound .. carry_bound`.
pub(super) const fn carry_bound(dwords: usize) -> u32 {
    1 << (carry_bits(dwords) - 1)
}

/// States the claims of a chip whose calls have the tag `call`.
pub(super) fn constrain<B: ChipBuilder, const DWORDS: usize, const CARRIES: usize>(builder: &mut B, labels: &Labels, call: u32) {
    const { assert!(CARRIES == 8 * DWORDS - 1, "all steps but the last have a carry") };
    let main = builder.main();
    let row: &MulModCols<B::Var, DWORDS, CARRIES> = MulModCols::of(main.current_slice());
    builder.check_bool(labels.is_real_boolean, row.is_real);
    asked(builder, labels, call, row);
    bytes(builder, labels, row);
    let (m, r) = (gather::<B, DWORDS>(row.m), row.r.map(limb_exprs::<B>));
    operands(builder, labels, row, &m);
    equation(builder, labels, row);
    reduced(builder, labels, row, &m, &r);
    write_back(builder, labels, row, r);
}

/// The ecall chip asked for this row, with pointers that are multiples of 8.
///
/// Both limbs of a pointer are limbs of a register, so that `dword < 2^13` makes
/// `dword + 2^13 ptr1` the pointer divided by 8.
fn asked<B: ChipBuilder, const DWORDS: usize, const CARRIES: usize>(
    builder: &mut B,
    labels: &Labels,
    call: u32,
    row: &MulModCols<B::Var, DWORDS, CARRIES>,
) {
    let pointers = row.dwords.into_iter().zip(row.ptr1s);
    let limbs = pointers.flat_map(|(dword, ptr1)| [dword.into() * B::constant(8), ptr1.into()]);
    builder.receive(labels.call, call, once(row.time.into()).chain(limbs), row.is_real);
    for dword in row.dwords {
        gadgets::bits(builder, labels.aligned, 13, dword, row.is_real);
    }
}

/// What stands for bytes are bytes.
fn bytes<B: ChipBuilder, const DWORDS: usize, const CARRIES: usize>(
    builder: &mut B,
    labels: &Labels,
    row: &MulModCols<B::Var, DWORDS, CARRIES>,
) {
    for (label, number) in labels.bytes.into_iter().zip([row.a, row.b, row.m, row.q]) {
        for pair in number.as_flattened().chunks_exact(2) {
            builder.send(label, bus::BYTES, [pair[0].into(), pair[1].into()], row.is_real);
        }
    }
}

/// The limbs of a number given by its bytes.
fn gather<B: ChipBuilder, const DWORDS: usize>(bytes: [[B::Var; 8]; DWORDS]) -> [Limbs<B::Expr>; DWORDS] {
    bytes.map(|bytes| array::from_fn(|limb| bytes[2 * limb].into() + bytes[2 * limb + 1].into() * B::constant(256)))
}

/// a, b, c and m are read, each from dwords of one region.
///
/// An index of 2^29 or more has the key of one of the first dwords of the next region. In regions 1
/// and 2 those lie in the null page, where the memory has no cells; behind region 2 there are the
/// registers, but then the operand's first dword is none of theirs, being at the end of the address
/// space, where no text is. So an operand past the end of the address space finds no value to
/// receive.
fn operands<B: ChipBuilder, const DWORDS: usize, const CARRIES: usize>(
    builder: &mut B,
    labels: &Labels,
    row: &MulModCols<B::Var, DWORDS, CARRIES>,
    m: &[Limbs<B::Expr>; DWORDS],
) {
    let values = [gather::<B, DWORDS>(row.a), gather::<B, DWORDS>(row.b), row.c.map(limb_exprs::<B>), m.clone()];
    for (operand, value) in values.into_iter().enumerate() {
        let region: B::Expr = row.regions[operand].into();
        let below_two = region.clone() * (region.clone() - B::Expr::ONE);
        builder.check(labels.region, below_two * (region.clone() - B::Expr::TWO));
        for (i, dword) in value.into_iter().enumerate() {
            let key = memory_key::<B>(index::<B, DWORDS, CARRIES>(row, operand + 1, i), region.clone());
            let time = row.time.into() + B::constant(TICKS_MULMOD[operand]);
            gadgets::read(builder, labels.operands[operand], key, dword, row.t_mem[operand][i], time, row.is_real);
        }
    }
}

/// Index of dword `i` behind a pointer.
fn index<B: ChipBuilder, const DWORDS: usize, const CARRIES: usize>(
    row: &MulModCols<B::Var, DWORDS, CARRIES>,
    pointer: usize,
    i: usize,
) -> B::Expr {
    row.dwords[pointer].into() + row.ptr1s[pointer].into() * B::constant(1 << 13) + B::constant(i as u32)
}

/// `a b + c = q m + r` over the integers.
///
/// Step k is the sum of what both sides have at the bytes 2k and 2k + 1, in units of 2^(16 k). With
/// 32 bytes each side is at most `(31 + 32 * 256) * 255^2 + 2^16 < 5.35e8`, and a carry's 2^16
/// multiple at most 2^29: together with the carry in, less than 1.1e9 < p in absolute value. With
/// 48 bytes a side is at most `(47 + 48 * 256) * 255^2 + 2^16 < 8.03e8`, a carry's multiple at most
/// 2^30, and the sum less than 1.88e9, where p > 2.01e9. So what is zero in the field is zero. The
/// carries leave in the next step what they took from this one, and the last takes none; hence the
/// weighted sum of all steps, the difference of the two sides, is zero.
fn equation<B: ChipBuilder, const DWORDS: usize, const CARRIES: usize>(
    builder: &mut B,
    labels: &Labels,
    row: &MulModCols<B::Var, DWORDS, CARRIES>,
) {
    const {
        let carry = carry_bound(DWORDS) as u64;
        assert!(most_of_a_side(DWORDS) as u64 + carry + (carry << 16) < F::ORDER_U32 as u64, "a step wraps");
    };
    let [a, b, q, m] = [&row.a, &row.b, &row.q, &row.m].map(|number| number.as_flattened());
    let limbs: [&[B::Var]; 2] = [row.c.as_flattened(), row.r.as_flattened()];
    let mut carry = B::Expr::ZERO;
    for step in 0..=CARRIES {
        let mut difference = carry + digit::<B>(a, b, step) - digit::<B>(q, m, step);
        if let [Some(&c), Some(&r)] = limbs.map(|limbs| limbs.get(step)) {
            difference += c - r;
        }
        carry = B::Expr::ZERO;
        if let Some(&out) = row.carries.get(step) {
            carry = out.into();
            let shifted = carry.clone() + B::constant(carry_bound(DWORDS));
            gadgets::bits(builder, labels.carry_range, carry_bits(DWORDS), shifted, row.is_real);
        }
        builder.check(labels.equation, difference - carry.clone() * B::constant(1 << 16));
    }
}

/// Coefficients `2 step` and `2 step + 1` of the product of two polynomials in 256 of one length.
fn digit<B: ChipBuilder>(x: &[B::Var], y: &[B::Var], step: usize) -> B::Expr {
    let coefficient = |n: usize| -> B::Expr {
        let first = n.saturating_sub(x.len() - 1);
        (first..x.len().min(n + 1)).map(|i| x[i].into() * y[n - i]).sum()
    };
    coefficient(2 * step) + coefficient(2 * step + 1) * B::constant(256)
}

/// `r < m`: above the limb that [`MulModCols::differs`] marks they agree, and there m exceeds r.
///
/// Limbs are below 2^16, so that a difference between them is from 1 to 2^16 in the field only if
/// it is over the integers.
fn reduced<B: ChipBuilder, const DWORDS: usize, const CARRIES: usize>(
    builder: &mut B,
    labels: &Labels,
    row: &MulModCols<B::Var, DWORDS, CARRIES>,
    m: &[Limbs<B::Expr>; DWORDS],
    r: &[Limbs<B::Expr>; DWORDS],
) {
    let mut agrees: B::Expr = row.is_real.into();
    let mut excess = B::Expr::ZERO;
    let limbs = m.as_flattened().iter().zip(r.as_flattened()).zip(row.differs.as_flattened());
    for ((m, r), &differs) in limbs.rev() {
        builder.check_bool(labels.differs_boolean, differs);
        agrees -= differs.into();
        let difference = m.clone() - r.clone();
        builder.check(labels.upper_limbs_agree, agrees.clone() * difference.clone());
        excess += difference * differs;
    }
    builder.check(labels.differs_once, agrees);
    builder.check_eq(labels.excess, row.excess, excess);
    gadgets::bits(builder, labels.remainder_below_modulus, 16, row.excess.into() - B::Expr::ONE, row.is_real);
}

/// The remainder's limbs are below 2^16, and it is written to the destination.
///
/// A destination past the end of the address space is no cell, as above.
fn write_back<B: ChipBuilder, const DWORDS: usize, const CARRIES: usize>(
    builder: &mut B,
    labels: &Labels,
    row: &MulModCols<B::Var, DWORDS, CARRIES>,
    r: [Limbs<B::Expr>; DWORDS],
) {
    for (i, new) in r.into_iter().enumerate() {
        for limb in new.clone() {
            gadgets::bits(builder, labels.r_range, 16, limb, row.is_real);
        }
        let access = Access {
            key: memory_key::<B>(index::<B, DWORDS, CARRIES>(row, 0, i), B::constant(Region::ReadWrite as u32)),
            old: limb_exprs::<B>(row.dst_old[i]),
            new,
            old_time: row.t_mem[4][i].into(),
            time: row.time.into() + B::constant(TICKS_MULMOD[4]),
        };
        gadgets::access(builder, labels.dst, access, row.is_real);
    }
}
