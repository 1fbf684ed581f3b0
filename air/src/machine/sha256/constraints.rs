//! Constraints of the chip of SHA-256's calls.

use core::iter::once;

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::Sha256Cols;
use crate::access_labels;
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::{Region, TICKS_SHA256};
use crate::gadgets::{self, Access, limb_exprs, memory_key};
use crate::layout::Columns;
use crate::machine::sha256_rounds::{FINISH, Kind, START};

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = Sha256Cols::of(main.current_slice());
    builder.check_bool("sha256::is_real_boolean", row.is_real);
    call(builder, row);
    block(builder, row);
    state(builder, row);
    rounds(builder, row);
}

/// The ecall chip asked for this row, with pointers that are multiples of 8.
///
/// Both limbs of a pointer are limbs of a register, so that `dword < 2^13` makes
/// `dword + 2^13 ptr1` the pointer divided by 8.
fn call<B: ChipBuilder>(builder: &mut B, row: &Sha256Cols<B::Var>) {
    let pointers = row.dwords.into_iter().zip(row.ptr1s);
    let limbs = pointers.flat_map(|(dword, ptr1)| [dword.into() * B::constant(8), ptr1.into()]);
    builder.receive("sha256::call", bus::SHA256, once(row.time.into()).chain(limbs), row.is_real);
    for dword in row.dwords {
        gadgets::bits(builder, "sha256::aligned", 13, dword, row.is_real);
    }
}

/// Index of dword `i` behind a pointer.
fn index<B: ChipBuilder>(row: &Sha256Cols<B::Var>, pointer: usize, i: usize) -> B::Expr {
    row.dwords[pointer].into() + row.ptr1s[pointer].into() * B::constant(1 << 13) + B::constant(i as u32)
}

/// The block is read from eight dwords of one region, and each is handed to the row of two rounds
/// that takes it.
///
/// An index of 2^29 or more has the key of one of the first dwords of the next region. In regions 1
/// and 2 those lie in the null page, where the memory has no cells; behind region 2 there are the
/// registers, but then the block's first dword is none of theirs, being at the end of the address
/// space, where no text is. So a block past the end of the address space finds no value to receive.
fn block<B: ChipBuilder>(builder: &mut B, row: &Sha256Cols<B::Var>) {
    let region: B::Expr = row.region.into();
    let below_two = region.clone() * (region.clone() - B::Expr::ONE);
    builder.check("sha256::region", below_two * (region.clone() - B::Expr::TWO));
    let time = row.time.into() + B::constant(TICKS_SHA256[0]);
    for (i, dword) in row.block.map(limb_exprs::<B>).into_iter().enumerate() {
        let key = memory_key::<B>(index::<B>(row, 1, i), region.clone());
        gadgets::read(builder, access_labels!("sha256::block"), key, dword.clone(), row.t_block[i], time.clone(), row.is_real);
        let place = [row.time.into(), B::constant(i as u32), B::constant(Kind::Base as u32)];
        builder.send("sha256::words", bus::SHA256_SCHEDULE, place.into_iter().chain(dword), row.is_real);
    }
}

/// The state's limbs are below 2^16, and they take the place of the old ones.
///
/// An index of 2^29 or more would be the key of one of the first three dwords of region 1, which is
/// in the null page and no cell.
fn state<B: ChipBuilder>(builder: &mut B, row: &Sha256Cols<B::Var>) {
    for (i, new) in row.new.map(limb_exprs::<B>).into_iter().enumerate() {
        for limb in new.clone() {
            gadgets::bits(builder, "sha256::new_range", 16, limb, row.is_real);
        }
        let access = Access {
            key: memory_key::<B>(index::<B>(row, 0, i), B::constant(Region::ReadWrite as u32)),
            old: limb_exprs::<B>(row.old[i]),
            new,
            old_time: row.t_state[i].into(),
            time: row.time.into() + B::constant(TICKS_SHA256[1]),
        };
        gadgets::access(builder, access_labels!("sha256::state"), access, row.is_real);
    }
}

/// The rounds begin with the old state, and end with words that, added to it, make the new one.
///
/// So a half that comes back is `new + 2^16 carry out - old - carry in`. It is below 2^16 by the
/// rounds, as are the other two, and carries are boolean: the equation holds over the integers.
fn rounds<B: ChipBuilder>(builder: &mut B, row: &Sha256Cols<B::Var>) {
    let place = |which: u32| [row.time.into(), B::constant(which)];
    let [old, new, carries] = [row.old, row.new, row.carries].map(|limbs| limbs.as_flattened().to_vec());
    let words = old.iter().map(|&half| half.into());
    builder.send("sha256::start", bus::SHA256_STATE, place(START).into_iter().chain(words), row.is_real);

    let words = (0..old.len()).map(|i| {
        let carried = if i % 2 == 1 { carries[i - 1].into() } else { B::Expr::ZERO };
        new[i].into() + carries[i].into() * B::constant(1 << 16) - old[i] - carried
    });
    builder.receive("sha256::finish", bus::SHA256_STATE, place(FINISH).into_iter().chain(words), row.is_real);
    for carry in carries {
        builder.check_bool("sha256::carry_boolean", carry);
    }
}
