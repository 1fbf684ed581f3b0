//! Constraints of the blake2f chip.

use core::array;
use core::iter::once;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::columns::Bytes;
use super::{Blake2fCols, PLACES, ROWS, SIGMA};
use crate::access_labels;
use crate::builder::{ChipBuilder, Label};
use crate::bus;
use crate::events::{Region, TICKS_BLAKE2F};
use crate::gadgets::{self, Access, AccessLabels, Limbs, limb_exprs, memory_key};
use crate::layout::Columns;

type Cols<B> = Blake2fCols<<B as p3_air::AirBuilder>::Var>;

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = Blake2fCols::of(main.current_slice());
    let is_real = selectors(builder, row);
    call(builder, row, &is_real);
    indices(builder, row);
    exclusive_or(builder, row, &is_real);
    carries(builder, row);
    vector(builder, row, &is_real);
    message(builder, row, &is_real);
}

/// The row is padding, or has one function and one schedule. Returns whether it has.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &Cols<B>) -> B::Expr {
    for &mark in row.functions.iter().chain(&row.schedules) {
        builder.check_bool("blake2f::selector_boolean", mark);
    }
    let is_real = weighted::<B>(&row.functions, |_| 1);
    builder.check_bool("blake2f::one_function", is_real.clone());
    builder.check_eq("blake2f::one_schedule", weighted::<B>(&row.schedules, |_| 1), is_real.clone());
    is_real
}

/// The value that belongs to the mark which is set.
fn weighted<B: ChipBuilder>(marks: &[B::Var], value: impl Fn(usize) -> usize) -> B::Expr {
    marks.iter().enumerate().map(|(i, &mark)| mark.into() * B::constant(value(i) as u32)).sum()
}

/// The ecall chip asked for the first row, with pointers that are multiples of 8; every other one
/// continues the row before.
///
/// Both limbs of a pointer are limbs of a register, so that `dword < 2^13` makes
/// `dword + 2^13 ptr1` the pointer divided by 8.
fn call<B: ChipBuilder>(builder: &mut B, row: &Cols<B>, is_real: &B::Expr) {
    let [first, .., last] = row.functions;
    let schedule = weighted::<B>(&row.schedules, |schedule| schedule);
    let pointers = row.dwords.into_iter().zip(row.ptr1s);
    let limbs = pointers.clone().flat_map(|(dword, ptr1)| [dword.into() * B::constant(8), ptr1.into()]);
    let asked = once(row.time.into()).chain(limbs).chain([schedule.clone()]);
    builder.receive("blake2f::call", bus::BLAKE2F, asked, first);
    for dword in row.dwords {
        gadgets::bits(builder, "blake2f::aligned", 13, dword, first);
    }
    let region: B::Expr = row.region.into();
    let below_two = region.clone() * (region.clone() - B::Expr::ONE);
    builder.check("blake2f::region", below_two * (region.clone() - B::Expr::TWO));

    let number = weighted::<B>(&row.functions, |function| function);
    let rest: [B::Expr; 6] = [row.dwords[0].into(), row.ptr1s[0].into(), row.dwords[1].into(), row.ptr1s[1].into(), schedule, region];
    let place = |number: B::Expr| [row.time.into(), number].into_iter().chain(rest.clone());
    builder.receive("blake2f::take", bus::BLAKE2F_NEXT, place(number.clone()), is_real.clone() - first);
    builder.send("blake2f::leave", bus::BLAKE2F_NEXT, place(number + B::Expr::ONE), is_real.clone() - last);
}

/// x and y are the message words that SIGMA has for the function in this schedule.
fn indices<B: ChipBuilder>(builder: &mut B, row: &Cols<B>) {
    for (which, &index) in row.indices.iter().enumerate() {
        let of_schedule = |schedule: usize| weighted::<B>(&row.functions, |function| SIGMA[schedule][2 * function + which]);
        let expected: B::Expr = row.schedules.iter().enumerate().map(|(schedule, &mark)| of_schedule(schedule) * mark).sum();
        builder.check_eq("blake2f::index", index, expected);
    }
}

/// A word rotated to the right by so many bytes.
fn rotated<T: Copy>(word: Bytes<T>, bytes: usize) -> Bytes<T> {
    array::from_fn(|i| word[(i + bytes) % 8])
}

/// The four exclusive disjunctions, byte by byte, which also shows that all of these are bytes.
fn exclusive_or<B: ChipBuilder>(builder: &mut B, row: &Cols<B>, is_real: &B::Expr) {
    let words: [(Label, _); 4] = [
        ("blake2f::d_half", [row.d, row.a_half, row.d_xor_half]),
        ("blake2f::b_half", [row.b, row.c_half, row.b_xor_half]),
        ("blake2f::d_end", [d_half::<B>(row), row.a_end, row.d_xor_end]),
        ("blake2f::b_end", [b_half::<B>(row), row.c_end, row.b_xor_end]),
    ];
    for (label, [x, y, xor]) in words {
        for i in 0..8 {
            builder.send(label, bus::XOR, [x[i], y[i], xor[i]].map(Into::into), is_real.clone());
        }
    }
}

/// d', by a rotation of 32 bits.
fn d_half<B: ChipBuilder>(row: &Cols<B>) -> Bytes<B::Var> {
    rotated(row.d_xor_half, 4)
}

/// b', by a rotation of 24 bits.
fn b_half<B: ChipBuilder>(row: &Cols<B>) -> Bytes<B::Var> {
    rotated(row.b_xor_half, 3)
}

/// d'', by a rotation of 16 bits.
fn d_end<B: ChipBuilder>(row: &Cols<B>) -> Bytes<B::Var> {
    rotated(row.d_xor_end, 2)
}

/// b'', by a rotation of 63 bits to the right, one to the left: each limb loses its highest bit and
/// gains that of the limb below.
fn b_end<B: ChipBuilder>(row: &Cols<B>) -> Limbs<B::Expr> {
    let limbs = gather::<B>(row.b_xor_end);
    array::from_fn(|i| limbs[i].double() - row.top_bits[i].into() * B::constant(1 << 16) + row.top_bits[(i + 3) % 4])
}

fn gather<B: ChipBuilder>(bytes: Bytes<B::Var>) -> Limbs<B::Expr> {
    array::from_fn(|i| bytes[2 * i].into() + bytes[2 * i + 1].into() * B::constant(256))
}

/// What has to be added to `terms`, limb by limb, for `sum` to come out with these carries.
///
/// All limbs are below 2^16, and carries 0 to 2. So if the difference is such a limb too, as one
/// that comes from memory is, the equation holds over the integers.
fn missing<B: ChipBuilder>(sum: Limbs<B::Expr>, terms: &[Limbs<B::Expr>], carries: Limbs<B::Var>) -> Limbs<B::Expr> {
    array::from_fn(|i| {
        let carried = if i > 0 { carries[i - 1].into() } else { B::Expr::ZERO };
        let known: B::Expr = terms.iter().map(|limbs| limbs[i].clone()).sum();
        sum[i].clone() + carries[i].into() * B::constant(1 << 16) - carried - known
    })
}

/// Carries have their ranges, and c' + d'' is c''.
fn carries<B: ChipBuilder>(builder: &mut B, row: &Cols<B>) {
    for &carry in row.a_carries.as_flattened() {
        let carry: B::Expr = carry.into();
        builder.check("blake2f::a_carry", carry.clone() * (carry.clone() - B::Expr::ONE) * (carry - B::Expr::TWO));
    }
    for &carry in row.c_carries.as_flattened().iter().chain(&row.top_bits) {
        builder.check_bool("blake2f::carry_boolean", carry);
    }
    let terms = [gather::<B>(row.c_half), gather::<B>(d_end::<B>(row))];
    for difference in missing::<B>(gather::<B>(row.c_end), &terms, row.c_carries[1]) {
        builder.check("blake2f::c_sum", difference);
    }
}

/// Index of a dword behind the pointer to the vector or to the message.
fn index<B: ChipBuilder>(row: &Cols<B>, pointer: usize, place: B::Expr) -> B::Expr {
    row.dwords[pointer].into() + row.ptr1s[pointer].into() * B::constant(1 << 13) + place
}

/// The function's words of the vector are a, b, c and d before the access and a'', b'', c'', d''
/// after it, one tick later for a diagonal than for a column.
///
/// New limbs are below 2^16: those of b'' by lookups, all others as they consist of bytes. An index
/// of 2^29 or more would be the key of one of the first 15 dwords of region 1, which is in the null
/// page and no cell.
fn vector<B: ChipBuilder>(builder: &mut B, row: &Cols<B>, is_real: &B::Expr) {
    const LABELS: [AccessLabels; 4] =
        [access_labels!("blake2f::a"), access_labels!("blake2f::b"), access_labels!("blake2f::c"), access_labels!("blake2f::d")];
    let [b, d] = [row.b, row.d].map(gather::<B>);
    let a = missing::<B>(gather::<B>(row.a_half), &[b.clone(), limb_exprs::<B>(row.x)], row.a_carries[0]);
    let c = missing::<B>(gather::<B>(row.c_half), &[gather::<B>(d_half::<B>(row))], row.c_carries[0]);
    let new = [gather::<B>(row.a_end), b_end::<B>(row), gather::<B>(row.c_end), gather::<B>(d_end::<B>(row))];
    for limb in new[1].clone() {
        gadgets::bits(builder, "blake2f::b_range", 16, limb, is_real.clone());
    }
    let tick = weighted::<B>(&row.functions, |function| TICKS_BLAKE2F[1 + function / (ROWS / 2)] as usize);
    for (i, (old, new)) in [a, b, c, d].into_iter().zip(new).enumerate() {
        let place = weighted::<B>(&row.functions, |function| PLACES[function][i]);
        let access = Access {
            key: memory_key::<B>(index::<B>(row, 0, place), B::constant(Region::ReadWrite as u32)),
            old,
            new,
            old_time: row.t_vector[i].into(),
            time: row.time.into() + tick.clone(),
        };
        gadgets::access(builder, LABELS[i], access, is_real.clone());
    }
}

/// x and y are read, y being what makes a'' of a' and b'.
///
/// All sixteen dwords of a message are read in a call. An index of 2^29 or more has the key of one
/// of the first dwords of the next region. In regions 1 and 2 those lie in the null page, where the
/// memory has no cells; behind region 2 there are the registers, but then the message's first dword
/// is none of theirs, being at the end of the address space, where no text is.
fn message<B: ChipBuilder>(builder: &mut B, row: &Cols<B>, is_real: &B::Expr) {
    const LABELS: [AccessLabels; 2] = [access_labels!("blake2f::x"), access_labels!("blake2f::y")];
    let terms = [gather::<B>(row.a_half), gather::<B>(b_half::<B>(row))];
    let y = missing::<B>(gather::<B>(row.a_end), &terms, row.a_carries[1]);
    for (i, value) in [limb_exprs::<B>(row.x), y].into_iter().enumerate() {
        let key = memory_key::<B>(index::<B>(row, 1, row.indices[i].into()), row.region);
        let time = row.time.into() + B::constant(TICKS_BLAKE2F[0]);
        gadgets::read(builder, LABELS[i], key, value, row.t_message[i], time, is_real.clone());
    }
}
