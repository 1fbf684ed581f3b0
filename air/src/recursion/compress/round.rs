//! What the cells of a quarter round must satisfy.
//!
//! *Given* words of 16-bit limbs and of bytes, a row's state and two words of its block, *these
//! constraints prove* that the cells are the function G of them (BLAKE3 specification, section
//! 2.2), if lookups are counted.
//!
//! Words that are only added to are 16-bit limbs, words of exclusive ors are bytes. A sum's carries
//! are linear in the limbs and need no cells; every new word is of bytes by a lookup, so a sum has
//! only one value. Rotations by 16 and 8 permute bytes. Those by 12 and 7 put together parts of
//! bytes, which the lookup of the exclusive or provides.

use core::array::from_fn;

use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;

use super::QuarterCols;
use super::semantics::lane;
use crate::builder::{ChipBuilder, Label};
use crate::recursion::bus;

/// A word as 16-bit limbs, the low one first.
pub(super) type Limbs<E> = [E; 2];
/// A word as bytes, the lowest first.
pub(super) type Bytes<E> = [E; 4];

/// A state: words 0 to 3, 4 to 7, 8 to 11, 12 to 15.
pub(super) struct State<E> {
    pub a: [Limbs<E>; 4],
    pub b: [Bytes<E>; 4],
    pub c: [Limbs<E>; 4],
    /// Without the bytes that are zero in every row.
    pub d: [Bytes<Option<E>>; 4],
}

/// Quarter round `i` of a round: four sums and four exclusive ors, each of which is one word of the
/// row. Where a byte of d is zero, the byte of `d1` must be that of `a1`.
pub(super) fn quarter<B: ChipBuilder>(
    builder: &mut B,
    cols: &QuarterCols<B::Var>,
    d1: Bytes<B::Expr>,
    state: &mut State<B::Expr>,
    [m0, m1]: [&Limbs<B::Expr>; 2],
    i: usize,
    real: &B::Expr,
) {
    let [a, b, c, d] = from_fn(|row| lane(i, row));
    let [a1, c1, a2, d2, c2] = [cols.a1, cols.c1, cols.a2, cols.d2, cols.c2].map(|word| word.map(Into::<B::Expr>::into));
    let [b1, b2] = [cols.b1, cols.b2].map(|word| word.map(|parts| parts.map(Into::<B::Expr>::into)));
    // Nibble `j` of the rotated word is nibble `j + 3` of the sum, bit `j` bit `j + 7`.
    let b1_rotated = from_fn(|j| b1[(j + 1) % 4][0].clone() + b1[(j + 2) % 4][1].clone() * B::constant(16));
    let b2_rotated = from_fn(|j| b2[j][0].clone() + b2[(j + 1) % 4][1].clone().double());
    let [a1_limbs, c1_limbs, a2_limbs, c2_limbs] = [&a1, &c1, &a2, &c2].map(limbs);

    sum(builder, "compress::sum_a1", &[&state.a[a], &limbs(&state.b[b]), m0], &a1_limbs);
    for (j, byte) in state.d[d].iter().enumerate().filter_map(|(j, byte)| Some((j, byte.clone()?))) {
        builder.send("compress::xor_d1", bus::XOR, [byte, a1[j].clone(), d1[(j + 2) % 4].clone()], real.clone());
    }
    sum(builder, "compress::sum_c1", &[&state.c[c], &limbs(&d1)], &c1_limbs);
    xor(builder, "compress::xor_b1", bus::XOR_12, &state.b[b], &c1, |j| b1[j].clone(), real);
    sum(builder, "compress::sum_a2", &[&a1_limbs, &limbs(&b1_rotated), m1], &a2_limbs);
    xor(builder, "compress::xor_d2", bus::XOR, &d1, &a2, |j| [d2[(j + 3) % 4].clone()], real);
    sum(builder, "compress::sum_c2", &[&c1_limbs, &limbs(&d2)], &c2_limbs);
    xor(builder, "compress::xor_b2", bus::XOR_7, &b1_rotated, &c2, |j| b2[j].clone(), real);

    state.a[a] = a2_limbs;
    state.b[b] = b2_rotated;
    state.c[c] = c2_limbs;
    state.d[d] = d2.map(Some);
}

/// Given words of 16-bit limbs, two or three to be added, proves that `total` is their sum modulo
/// 2^32. Its limbs are of two bytes, so that the carries, which are what is left over, are the true
/// ones: both sides of each equation are below the field's order.
fn sum<B: ChipBuilder>(builder: &mut B, label: Label, terms: &[&Limbs<B::Expr>], total: &Limbs<B::Expr>) {
    let shift = F::from_u32(1 << 16).inverse();
    let mut carry = B::Expr::ZERO;
    for limb in 0..2 {
        let added = terms.iter().fold(carry, |sum, term| sum + term[limb].clone());
        carry = (added - total[limb].clone()) * shift;
        let vanishing = (0..terms.len() as u32).map(|k| carry.clone() - B::constant(k)).reduce(|x, y| x * y);
        builder.check(label, vanishing.unwrap_or(B::Expr::ZERO));
    }
}

/// Proves that the parts of byte `j`, for each of four, are those of `x ^ y`, and that all are
/// bytes, if the lookups are counted.
pub(super) fn xor<B: ChipBuilder, const PARTS: usize>(
    builder: &mut B,
    label: Label,
    tag: u32,
    x: &Bytes<B::Expr>,
    y: &Bytes<B::Expr>,
    parts: impl Fn(usize) -> [B::Expr; PARTS],
    real: &B::Expr,
) {
    for j in 0..4 {
        let payload = [x[j].clone(), y[j].clone()].into_iter().chain(parts(j));
        builder.send(label, tag, payload, real.clone());
    }
}

/// A word of bytes as limbs.
pub(super) fn limbs<E: PrimeCharacteristicRing>(bytes: &Bytes<E>) -> Limbs<E> {
    from_fn(|i| bytes[2 * i].clone() + bytes[2 * i + 1].clone() * E::from_u32(256))
}

/// A byte that is zero where the state has none.
pub(super) fn known<E: PrimeCharacteristicRing>(byte: Option<E>) -> E {
    byte.unwrap_or(E::ZERO)
}
