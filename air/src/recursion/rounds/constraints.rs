//! Constraints of the chip of rounds.

use core::array::from_fn;

use p3_air::WindowAccess;
use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;

use super::semantics::{SCHEDULE, lane};
use super::{QuarterCols, RoundsCols};
use crate::builder::{ChipBuilder, Label};
use crate::layout::Columns;
use crate::recursion::bus;

/// A word as 16-bit limbs, the low one first.
type Limbs<E> = [E; 2];
/// A word as bytes, the lowest first.
type Bytes<E> = [E; 4];

/// A state: words 0 to 3, 4 to 7, 8 to 11, 12 to 15.
#[derive(Clone)]
struct State<E> {
    a: [Limbs<E>; 4],
    b: [Bytes<E>; 4],
    c: [Limbs<E>; 4],
    d: [Bytes<E>; 4],
}

/// States everything about a row; each exclusive or is looked up `lookups` times.
pub(in crate::recursion) fn constrain<B: ChipBuilder>(builder: &mut B, lookups: impl FnOnce(&RoundsCols<B::Var>) -> B::Expr) {
    let main = builder.main();
    let row = RoundsCols::of(main.current_slice());
    let lookups = lookups(row);
    flags(builder, row);
    let mut state = State {
        a: row.a.map(|word| word.map(Into::into)),
        b: row.b.map(|word| word.map(Into::into)),
        c: row.c.map(|word| word.map(Into::into)),
        d: row.d.map(|word| word.map(Into::into)),
    };
    let block: [Limbs<B::Expr>; 16] = row.m.map(|word| word.map(Into::into));
    take(builder, row, &state, &block);
    for (i, cols) in row.quarters.iter().enumerate() {
        quarter(builder, cols, &mut state, [&block[2 * i], &block[2 * i + 1]], i, &lookups);
    }
    pass_on(builder, row, &state, &block);
}

/// Flags are boolean, and a padding row has none.
fn flags<B: ChipBuilder>(builder: &mut B, row: &RoundsCols<B::Var>) {
    builder.check_bool("rounds::real_boolean", row.real);
    builder.check_bool("rounds::last_boolean", row.last);
    builder.check("rounds::padding_not_last", row.last.into() * (B::Expr::ONE - row.real.into()));
}

/// The row takes the state and the block of its key.
fn take<B: ChipBuilder>(builder: &mut B, row: &RoundsCols<B::Var>, state: &State<B::Expr>, block: &[Limbs<B::Expr>; 16]) {
    let key: B::Expr = row.key.into();
    let ab = keyed(&key, state.a.clone().into_iter().chain(state.b.each_ref().map(limbs)));
    let cd = keyed(&key, state.c.clone().into_iter().chain(state.d.each_ref().map(limbs)));
    builder.receive("rounds::take_ab", bus::STATE_AB, ab, row.real);
    builder.receive("rounds::take_cd", bus::STATE_CD, cd, row.real);
    builder.receive("rounds::take_low", bus::MESSAGE_LOW, keyed(&key, block[..8].iter().cloned()), row.real);
    builder.receive("rounds::take_high", bus::MESSAGE_HIGH, keyed(&key, block[8..].iter().cloned()), row.real);
}

/// The row leaves the state after the round under the next key, and the block in its next order unless it is the last round.
fn pass_on<B: ChipBuilder>(builder: &mut B, row: &RoundsCols<B::Var>, state: &State<B::Expr>, block: &[Limbs<B::Expr>; 16]) {
    let key = row.key.into() + B::Expr::ONE;
    let ab = keyed(&key, state.a.clone().into_iter().chain(state.b.each_ref().map(limbs)));
    let cd = keyed(&key, state.c.clone().into_iter().chain(state.d.each_ref().map(limbs)));
    builder.send("rounds::leave_ab", bus::STATE_AB, ab, row.real);
    builder.send("rounds::leave_cd", bus::STATE_CD, cd, row.real);
    let goes_on = row.real.into() - row.last.into();
    let permuted = SCHEDULE.map(|i| block[i].clone());
    builder.send("rounds::leave_low", bus::MESSAGE_LOW, keyed(&key, permuted[..8].iter().cloned()), goes_on.clone());
    builder.send("rounds::leave_high", bus::MESSAGE_HIGH, keyed(&key, permuted[8..].iter().cloned()), goes_on);
}

/// Quarter round `i`: four sums and four exclusive ors, each of which is one word of the row.
fn quarter<B: ChipBuilder>(
    builder: &mut B,
    cols: &QuarterCols<B::Var>,
    state: &mut State<B::Expr>,
    [m0, m1]: [&Limbs<B::Expr>; 2],
    i: usize,
    lookups: &B::Expr,
) {
    let [a, b, c, d] = from_fn(|row| lane(i, row));
    let bytes = |word: [B::Var; 4]| word.map(Into::<B::Expr>::into);
    let (a1, d1, c1) = (bytes(cols.a1), bytes(cols.d1), bytes(cols.c1));
    let (a2, d2, c2) = (bytes(cols.a2), bytes(cols.d2), bytes(cols.c2));
    let b1 = cols.b1.map(|parts| parts.map(Into::<B::Expr>::into));
    let b2 = cols.b2.map(|parts| parts.map(Into::<B::Expr>::into));
    // Nibble `j` of the rotated word is nibble `j + 3` of the sum, bit `j` bit `j + 7`.
    let b1_rotated = from_fn(|j| b1[(j + 1) % 4][0].clone() + b1[(j + 2) % 4][1].clone() * B::constant(16));
    let b2_rotated = from_fn(|j| b2[j][0].clone() + b2[(j + 1) % 4][1].clone().double());

    sum(builder, "rounds::sum_a1", &[&state.a[a], &limbs(&state.b[b]), m0], &limbs(&a1));
    xor(builder, "rounds::xor_d1", bus::XOR, &state.d[d], &a1, |j| [d1[(j + 2) % 4].clone()], lookups);
    sum(builder, "rounds::sum_c1", &[&state.c[c], &limbs(&d1)], &limbs(&c1));
    xor(builder, "rounds::xor_b1", bus::XOR_12, &state.b[b], &c1, |j| b1[j].clone(), lookups);
    sum(builder, "rounds::sum_a2", &[&limbs(&a1), &limbs(&b1_rotated), m1], &limbs(&a2));
    xor(builder, "rounds::xor_d2", bus::XOR, &d1, &a2, |j| [d2[(j + 3) % 4].clone()], lookups);
    sum(builder, "rounds::sum_c2", &[&limbs(&c1), &limbs(&d2)], &limbs(&c2));
    xor(builder, "rounds::xor_b2", bus::XOR_7, &b1_rotated, &c2, |j| b2[j].clone(), lookups);

    state.a[a] = limbs(&a2);
    state.b[b] = b2_rotated;
    state.c[c] = limbs(&c2);
    state.d[d] = d2;
}

/// Given words of 16-bit limbs, two or three to be added, proves that `total` is their sum modulo 2^32. Its limbs are of two bytes, so that the carries, which
/// are what is left over, are the true ones: both sides of each equation are below the field's order.
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

/// Proves that the parts of byte `j`, for each of four, are those of `x ^ y`, and that all are bytes, if the lookups are counted.
fn xor<B: ChipBuilder, const PARTS: usize>(
    builder: &mut B,
    label: Label,
    tag: u32,
    x: &Bytes<B::Expr>,
    y: &Bytes<B::Expr>,
    parts: impl Fn(usize) -> [B::Expr; PARTS],
    lookups: &B::Expr,
) {
    for j in 0..4 {
        let payload = [x[j].clone(), y[j].clone()].into_iter().chain(parts(j));
        builder.send(label, tag, payload, lookups.clone());
    }
}

fn limbs<E: PrimeCharacteristicRing>(bytes: &Bytes<E>) -> Limbs<E> {
    from_fn(|i| bytes[2 * i].clone() + bytes[2 * i + 1].clone() * E::from_u32(256))
}

fn keyed<E: Clone>(key: &E, words: impl IntoIterator<Item = Limbs<E>>) -> impl Iterator<Item = E> {
    core::iter::once(key.clone()).chain(words.into_iter().flatten())
}
