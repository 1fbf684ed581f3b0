//! Constraints of the chip of SHA-256's rounds.

use core::array;
use core::iter::once;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::columns::{Bits, Halves};
use super::{FINISH, Kind, START, Sha256RoundsCols};
use crate::builder::{ChipBuilder, Label};
use crate::bus;
use crate::layout::Columns;
use crate::machine::sha256::ROUND_CONSTANTS;

type Cols<B> = Sha256RoundsCols<<B as p3_air::AirBuilder>::Var>;
type Word<B> = Halves<<B as p3_air::AirBuilder>::Expr>;

/// The sum of marks from `first` on, up to before `end`.
fn marked<B: ChipBuilder>(marks: &[B::Var], first: usize, end: usize) -> B::Expr {
    marks[first..end].iter().map(|&mark| mark.into()).sum()
}

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = Sha256RoundsCols::of(main.current_slice());
    selectors(builder, row);
    bits(builder, row);
    let is_round = marked::<B>(&row.groups, 0, 4);
    new_e(builder, row, &is_round);
    new_a(builder, row, &is_round);
    first_words(builder, row);
    later_words(builder, row);
    next_terms(builder, row);
    state(builder, row);
    chain(builder, row, is_round);
    schedule(builder, row);
}

/// The row is padding, row -1, or has one group and one step.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &Cols<B>) {
    for &mark in once(&row.is_start).chain(&row.groups).chain(&row.steps) {
        builder.check_bool("sha256_rounds::selector_boolean", mark);
    }
    let is_round = marked::<B>(&row.groups, 0, 4);
    builder.check_bool("sha256_rounds::one_group", is_round.clone() + row.is_start);
    builder.check_eq("sha256_rounds::one_step", marked::<B>(&row.steps, 0, 8), is_round);
}

/// What stands for bits are bits.
fn bits<B: ChipBuilder>(builder: &mut B, row: &Cols<B>) {
    let words: [(Label, _); 5] = [
        ("sha256_rounds::a_old_bits", &row.a_old),
        ("sha256_rounds::a_new_bits", &row.a_new),
        ("sha256_rounds::e_old_bits", &row.e_old),
        ("sha256_rounds::e_new_bits", &row.e_new),
        ("sha256_rounds::word_bits", &row.words),
    ];
    for (label, words) in words {
        words.as_flattened().iter().for_each(|&bit| builder.check_bool(label, bit));
    }
}

/// The halves of a word whose bits are given.
fn halves<B: ChipBuilder>(bit: impl Fn(usize) -> B::Expr) -> Word<B> {
    array::from_fn(|half| (0..16).rev().fold(B::Expr::ZERO, |sum, i| sum.double() + bit(16 * half + i)))
}

fn word<B: ChipBuilder>(bits: &Bits<B::Var>) -> Word<B> {
    halves::<B>(|i| bits[i].into())
}

fn add<B: ChipBuilder>(terms: impl IntoIterator<Item = Word<B>>) -> Word<B> {
    terms.into_iter().fold([B::Expr::ZERO, B::Expr::ZERO], |[low, high], [other_low, other_high]| [low + other_low, high + other_high])
}

fn negated<B: ChipBuilder>(word: Word<B>) -> Word<B> {
    word.map(|half| -half)
}

fn columns<B: ChipBuilder>(halves: Halves<B::Var>) -> Word<B> {
    halves.map(Into::into)
}

fn xor<E: PrimeCharacteristicRing>(x: E, y: E) -> E {
    x.clone() + y.clone() - (x * y).double()
}

/// The exclusive disjunction of a word rotated to the right by two amounts and rotated or shifted
/// by a third.
fn sigma<B: ChipBuilder>(bits: &Bits<B::Var>, rotations: [usize; 2], last: usize, is_shift: bool) -> Word<B> {
    halves::<B>(|i| {
        let rotated = |by: usize| -> B::Expr { bits[(i + by) % 32].into() };
        let both = xor(rotated(rotations[0]), rotated(rotations[1]));
        if is_shift && i + last >= 32 { both } else { xor(both, rotated(last)) }
    })
}

fn big_sigma0<B: ChipBuilder>(bits: &Bits<B::Var>) -> Word<B> {
    sigma::<B>(bits, [2, 13], 22, false)
}

fn big_sigma1<B: ChipBuilder>(bits: &Bits<B::Var>) -> Word<B> {
    sigma::<B>(bits, [6, 11], 25, false)
}

fn small_sigma0<B: ChipBuilder>(bits: &Bits<B::Var>) -> Word<B> {
    sigma::<B>(bits, [7, 18], 3, true)
}

fn small_sigma1<B: ChipBuilder>(bits: &Bits<B::Var>) -> Word<B> {
    sigma::<B>(bits, [17, 19], 10, true)
}

/// Of each bit, that of y where x is one, and of z where it is zero.
fn choice<B: ChipBuilder>(x: &Bits<B::Var>, y: &Bits<B::Var>, z: &Bits<B::Var>) -> Word<B> {
    halves::<B>(|i| {
        let [x, y, z]: [B::Expr; 3] = [x[i].into(), y[i].into(), z[i].into()];
        z.clone() + x * (y - z)
    })
}

/// Of each bit, what two of the three have.
fn majority<B: ChipBuilder>(x: &Bits<B::Var>, y: &Bits<B::Var>, z: &Bits<B::Var>) -> Word<B> {
    halves::<B>(|i| {
        let [x, y, z]: [B::Expr; 3] = [x[i].into(), y[i].into(), z[i].into()];
        let both = x.clone() * y.clone();
        both.clone() + z * (x + y - both.double())
    })
}

/// Halves of the constant of the row's round `2 i + which`; zero on rows that do no round.
fn constant<B: ChipBuilder>(row: &Cols<B>, which: usize) -> Word<B> {
    array::from_fn(|half| {
        let of_group = |group: usize| -> B::Expr {
            let constants = row.steps.iter().enumerate().map(|(step, &mark)| {
                let constant = ROUND_CONSTANTS[16 * group + 2 * step + which] >> (16 * half);
                mark.into() * B::constant(constant & 0xffff)
            });
            constants.sum()
        };
        (0..4).map(|group| of_group(group) * row.groups[group]).sum()
    })
}

/// Where `active` is one, `sum` is `word` modulo 2^32, with carries out of both halves.
///
/// Half by half, `sum + carry in = word + 2^16 carry out`: with carries of -1 to 5 and sums of at
/// most six halves all is far below p, so that it holds over the integers.
fn reduced<B: ChipBuilder>(builder: &mut B, label: Label, active: &B::Expr, sum: Word<B>, word: Word<B>, carries: Word<B>) {
    let mut carried = B::Expr::ZERO;
    for ((sum, half), carry) in sum.into_iter().zip(word).zip(carries) {
        builder.check(label, active.clone() * (sum + carried - half - carry.clone() * B::constant(1 << 16)));
        carried = carry;
    }
}

/// The values of `E` in both rounds: d + h + Σ1(e) + Ch(e, f, g) + K + W, six words. So carries are 0 to 5.
fn new_e<B: ChipBuilder>(builder: &mut B, row: &Cols<B>, is_round: &B::Expr) {
    for carry in row.e_carries.as_flattened() {
        let [low, high]: [B::Expr; 2] = carry.map(Into::into);
        builder.check("sha256_rounds::e_carry", low.clone() * (low.clone() - B::Expr::ONE) * (low - B::Expr::TWO));
        builder.check_bool("sha256_rounds::e_carry_by_three", high);
    }
    let sums = [
        columns::<B>(row.e_terms),
        add::<B>([
            columns::<B>(row.a_before),
            columns::<B>(row.e_before),
            big_sigma1::<B>(&row.e_new[0]),
            choice::<B>(&row.e_new[0], &row.e_old[1], &row.e_old[0]),
        ]),
    ];
    for (which, sum) in sums.into_iter().enumerate() {
        let sum = add::<B>([sum, constant::<B>(row, which), word::<B>(&row.words[which])]);
        let carries = row.e_carries[which].map(|[low, high]| low.into() + high.into() * B::constant(3));
        reduced(builder, "sha256_rounds::e_sum", is_round, sum, word::<B>(&row.e_new[which]), carries);
    }
}

/// The values of `A` in both rounds: `E` in place of d + T1, so E + Σ0(a) + Maj(a, b, c) - d.
/// Carries are -1 to 2.
fn new_a<B: ChipBuilder>(builder: &mut B, row: &Cols<B>, is_round: &B::Expr) {
    for &carry in row.a_carries.as_flattened() {
        let carry: B::Expr = carry.into();
        let upper = (carry.clone() - B::Expr::ONE) * (carry.clone() - B::Expr::TWO);
        builder.check("sha256_rounds::a_carry", (carry.clone() + B::Expr::ONE) * carry * upper);
    }
    let sums = [
        columns::<B>(row.a_terms),
        add::<B>([
            big_sigma0::<B>(&row.a_new[0]),
            majority::<B>(&row.a_new[0], &row.a_old[1], &row.a_old[0]),
            negated::<B>(columns::<B>(row.a_before)),
        ]),
    ];
    for (which, sum) in sums.into_iter().enumerate() {
        let sum = add::<B>([sum, word::<B>(&row.e_new[which])]);
        let carries = columns::<B>(row.a_carries[which]);
        reduced(builder, "sha256_rounds::a_sum", is_round, sum, word::<B>(&row.a_new[which]), carries);
    }
}

/// In rows 0 to 7 the words are those of the block's dword: four bytes each, the first in memory
/// the highest.
fn first_words<B: ChipBuilder>(builder: &mut B, row: &Cols<B>) {
    for (word, limbs) in row.words.iter().zip(row.base) {
        for (i, limb) in limbs.into_iter().enumerate() {
            // The limb's lower byte is the word's byte 3 or 1, its upper one that below.
            let first = 8 * (3 - 2 * i);
            let byte = |first: usize| (0..8).rev().fold(B::Expr::ZERO, |sum, bit| sum.double() + word[first + bit]);
            let in_memory = byte(first) + byte(first - 8) * B::constant(256);
            builder.check("sha256_rounds::block_bytes", row.groups[0] * (in_memory - limb));
        }
    }
}

/// From row 8 on the words are sums of four. Carries are 0 to 3.
fn later_words<B: ChipBuilder>(builder: &mut B, row: &Cols<B>) {
    for &carry in row.w_carries.as_flattened() {
        let carry: B::Expr = carry.into();
        let upper = (carry.clone() - B::Expr::TWO) * (carry.clone() - B::constant(3));
        builder.check("sha256_rounds::word_carry", carry.clone() * (carry - B::Expr::ONE) * upper);
    }
    let is_later = marked::<B>(&row.groups, 1, 4);
    let no_more = [B::Expr::ZERO, B::Expr::ZERO];
    for (which, more) in [no_more, columns::<B>(row.sigma0)].into_iter().enumerate() {
        let terms = [row.base[which], row.middle[which], row.sigma1[which]].map(columns::<B>);
        let sum = add::<B>(terms.into_iter().chain([more]));
        let carries = columns::<B>(row.w_carries[which]);
        reduced(builder, "sha256_rounds::word_sum", &is_later, sum, word::<B>(&row.words[which]), carries);
    }
}

/// What later rows need and no sum of bits is.
fn next_terms<B: ChipBuilder>(builder: &mut B, row: &Cols<B>) {
    let ([a0, a1], [e0, e1], [w0, w1]) = (&row.a_new, &row.e_new, &row.words);
    let e_terms = [word::<B>(&row.a_old[0]), word::<B>(&row.e_old[0]), big_sigma1::<B>(e1), choice::<B>(e1, e0, &row.e_old[1])];
    let a_terms = [big_sigma0::<B>(a1), majority::<B>(a1, a0, &row.a_old[1]), negated::<B>(word::<B>(&row.a_old[0]))];
    let terms: [(Label, _, _); 6] = [
        ("sha256_rounds::next_e_terms", row.next_e_terms, add::<B>(e_terms)),
        ("sha256_rounds::next_a_terms", row.next_a_terms, add::<B>(a_terms)),
        ("sha256_rounds::next_sigma1", row.next_sigma1[0], small_sigma1::<B>(w0)),
        ("sha256_rounds::next_sigma1", row.next_sigma1[1], small_sigma1::<B>(w1)),
        ("sha256_rounds::next_base", row.next_base, add::<B>([word::<B>(w0), small_sigma0::<B>(w1)])),
        ("sha256_rounds::next_sigma0", row.next_sigma0, small_sigma0::<B>(w0)),
    ];
    for (label, columns, terms) in terms {
        columns.into_iter().zip(terms).for_each(|(column, term)| builder.check_eq(label, column, term));
    }
}

/// Row -1 takes the state from the call's row, row 31 gives the last variables back.
fn state<B: ChipBuilder>(builder: &mut B, row: &Cols<B>) {
    let words = [&row.a_new[1], &row.a_new[0], &row.a_old[1], &row.a_old[0], &row.e_new[1], &row.e_new[0], &row.e_old[1], &row.e_old[0]];
    let message = |which: u32| [row.time.into(), B::constant(which)].into_iter().chain(words.into_iter().flat_map(word::<B>));
    builder.receive("sha256_rounds::start", bus::SHA256_STATE, message(START), row.is_start);
    builder.send("sha256_rounds::finish", bus::SHA256_STATE, message(FINISH), is_last::<B>(row));
}

/// Whether the row is row 31.
fn is_last<B: ChipBuilder>(row: &Cols<B>) -> B::Expr {
    row.groups[3] * row.steps[7]
}

/// The row's number, where it does rounds.
fn number<B: ChipBuilder>(row: &Cols<B>) -> B::Expr {
    let groups = row.groups.iter().zip(0..).map(|(&mark, group)| mark.into() * B::constant(8 * group));
    let steps = row.steps.iter().zip(0..).map(|(&mark, step)| mark.into() * B::constant(step));
    groups.chain(steps).sum()
}

/// Every row but row -1 goes on from the row before, and every row but row 31 leaves the next what
/// it needs.
fn chain<B: ChipBuilder>(builder: &mut B, row: &Cols<B>, is_round: B::Expr) {
    let words = [&row.a_old[0], &row.a_old[1], &row.e_old[0], &row.e_old[1]].map(word::<B>);
    let terms = [row.a_before, row.e_before, row.e_terms, row.a_terms, row.sigma1[0], row.sigma1[1]].map(columns::<B>);
    let taken = words.into_iter().chain(terms).flatten();
    let place = [row.time.into(), number::<B>(row)];
    builder.receive("sha256_rounds::take", bus::SHA256_ROUNDS, place.into_iter().chain(taken), is_round.clone());

    let words = [&row.a_new[0], &row.a_new[1], &row.e_new[0], &row.e_new[1], &row.a_old[1], &row.e_old[1]].map(word::<B>);
    let terms = [row.next_e_terms, row.next_a_terms, row.next_sigma1[0], row.next_sigma1[1]].map(columns::<B>);
    let left = words.into_iter().chain(terms).flatten();
    let place = [row.time.into(), number::<B>(row) + is_round.clone()];
    let is_followed = is_round + row.is_start - is_last::<B>(row);
    builder.send("sha256_rounds::leave", bus::SHA256_ROUNDS, place.into_iter().chain(left), is_followed);
}

/// Whether the row's number is at least `first` and below `first + 24`, for a `first` of 0 to 8.
fn is_within<B: ChipBuilder>(row: &Cols<B>, first: usize) -> B::Expr {
    let [lowest, .., highest] = row.groups;
    let begun = marked::<B>(&row.steps, first, 8) * lowest;
    let ended = marked::<B>(&row.steps, 0, first) * highest;
    begun + marked::<B>(&row.groups, 1, 3) + ended
}

/// Terms of message words: those that the row takes, from row 8 on all, before the base alone; and
/// what it gives to the rows behind it, as far as there are any.
fn schedule<B: ChipBuilder>(builder: &mut B, row: &Cols<B>) {
    let no_more = [B::Expr::ZERO, B::Expr::ZERO];
    let message = |ahead: u32, kind: Kind, first: Word<B>, second: Word<B>| {
        let place = [row.time.into(), number::<B>(row) + B::constant(ahead), B::constant(kind as u32)];
        place.into_iter().chain(first).chain(second)
    };
    let is_later = marked::<B>(&row.groups, 1, 4);
    let [even, odd] = row.base.map(columns::<B>);
    let base = message(0, Kind::Base, even, odd);
    builder.receive("sha256_rounds::take_base", bus::SHA256_SCHEDULE, base, marked::<B>(&row.groups, 0, 4));
    let taken: [(Label, Kind, _); 3] = [
        ("sha256_rounds::take_sigma0", Kind::Sigma, row.sigma0),
        ("sha256_rounds::take_even", Kind::Even, row.middle[0]),
        ("sha256_rounds::take_odd", Kind::Odd, row.middle[1]),
    ];
    for (label, kind, halves) in taken {
        let term = message(0, kind, columns::<B>(halves), no_more.clone());
        builder.receive(label, bus::SHA256_SCHEDULE, term, is_later.clone());
    }

    let [even, odd] = [&row.words[0], &row.words[1]].map(word::<B>);
    let base = message(8, Kind::Base, columns::<B>(row.next_base), odd.clone());
    builder.send("sha256_rounds::leave_base", bus::SHA256_SCHEDULE, base, is_within::<B>(row, 0));
    let left: [(Label, u32, Kind, _); 3] = [
        ("sha256_rounds::leave_sigma0", 7, Kind::Sigma, columns::<B>(row.next_sigma0)),
        ("sha256_rounds::leave_odd", 3, Kind::Odd, even),
        ("sha256_rounds::leave_even", 4, Kind::Even, odd),
    ];
    for (label, ahead, kind, halves) in left {
        let term = message(ahead, kind, halves, no_more.clone());
        builder.send(label, bus::SHA256_SCHEDULE, term, is_within::<B>(row, 8 - ahead as usize));
    }
}
