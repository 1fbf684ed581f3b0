//! What a call exchanges with the ecall chip and the memory.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::KeccakCols;
use crate::access_labels;
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::{Region, TICK_MEMORY};
use crate::gadgets::{self, Access, memory_key};
use crate::layout::Columns;

/// Counts every message with `real`.
pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = KeccakCols::of(main.current_slice());
    let real: B::Expr = row.real.into();
    builder.check("keccak::real_boolean", real.clone() * (real - B::Expr::ONE));
    call(builder, row);
    state(builder, row);
}

/// The ecall chip asked for this permutation, with a pointer that is a multiple of 8.
///
/// Both limbs of the pointer are limbs of a register, so that `dword < 2^13` makes
/// `dword + 2^13 ptr1` the pointer divided by 8.
fn call<B: ChipBuilder>(builder: &mut B, row: &KeccakCols<B::Var>) {
    let ptr0 = row.dword.into() * B::constant(8);
    builder.receive("keccak::call", bus::KECCAK, [row.time.into(), ptr0, row.ptr1.into()], row.real);
    gadgets::bits(builder, "keccak::aligned", 13, row.dword, row.real);
}

/// The 25 dwords hold the input before the access and the output after it.
///
/// An index of 2^29 or more would be the key of one of the first 24 dwords of region 1; those lie
/// in the null page, where the memory has no cells but registers, whose keys are others. So an
/// access past the end of the address space finds no value to receive.
fn state<B: ChipBuilder>(builder: &mut B, row: &KeccakCols<B::Var>) {
    let first = row.dword.into() + row.ptr1.into() * B::constant(1 << 13);
    let dwords = row.input.iter().zip(&row.output).zip(&row.t_mem).zip(0..);
    for (((input, output), &old_time), i) in dwords {
        let region = B::constant(Region::ReadWrite as u32);
        let access = Access {
            key: memory_key::<B>(first.clone() + B::constant(i), region),
            old: input.map(Into::into),
            new: output.map(Into::into),
            old_time: old_time.into(),
            time: row.time.into() + B::constant(TICK_MEMORY),
        };
        gadgets::access(builder, access_labels!("keccak::state"), access, row.real);
    }
}
