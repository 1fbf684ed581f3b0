//! Constraints of the bitwise chip.

use p3_air::WindowAccess;
use p3_field::PrimeCharacteristicRing;

use super::BitwiseCols;
use crate::builder::ChipBuilder;
use crate::bus;
use crate::events::{TICK_RD, TICK_RS1, TICK_RS2};
use crate::gadgets::{self, Access, Decoded, Limbs, limb_exprs, register_key};
use crate::isa::Opcode;
use crate::layout::Columns;
use crate::{access_labels, instruction_labels};

// The opcode of an operation is its tag, and three more in the immediate form.
const _: () = assert!(Opcode::And as u32 == bus::AND && Opcode::Or as u32 == bus::OR && Opcode::Xor as u32 == bus::XOR);
const _: () = assert!(Opcode::Andi as u32 == bus::AND + 3 && Opcode::Ori as u32 == bus::OR + 3 && Opcode::Xori as u32 == bus::XOR + 3);

pub(super) fn constrain<B: ChipBuilder>(builder: &mut B) {
    let main = builder.main();
    let row = BitwiseCols::of(main.current_slice());
    selectors(builder, row);
    fetch(builder, row);
    operands(builder, row);
    operation(builder, row);
    write_back(builder, row);
}

/// The row is padding or one of the six instructions.
///
/// The operation must be one of the three tags before the program bus is asked: the sum alone would
/// let a row borrow another tag.
fn selectors<B: ChipBuilder>(builder: &mut B, row: &BitwiseCols<B::Var>) {
    builder.check_bool("bitwise::is_real_boolean", row.is_real);
    let is_other = row.is_immediate - row.is_real;
    builder.check("bitwise::is_immediate_boolean", row.is_immediate * is_other);
    let is_not = |tag: u32| row.operation - B::constant(tag);
    let is_none = is_not(bus::AND) * is_not(bus::OR) * is_not(bus::XOR);
    builder.check("bitwise::operation", row.is_real * is_none);
}

/// The instruction is the one that the program has at `pc`.
fn fetch<B: ChipBuilder>(builder: &mut B, row: &BitwiseCols<B::Var>) {
    let sign: B::Expr = row.imm_sign.into();
    let decoded = Decoded {
        op: row.operation + row.is_immediate * B::constant(3),
        rd: row.rd.into(),
        rs1: row.rs1.into(),
        rs2: row.rs2.into(),
        imm0: row.imm0.into(),
        imm1: sign.clone() * B::constant(0xffff),
        sign,
    };
    let (pc, time): (B::Expr, B::Expr) = (row.pc.into(), row.time.into());
    let next_pc = pc.clone() + B::constant(4);
    gadgets::instruction(builder, instruction_labels!("bitwise"), pc, time, next_pc, decoded, row.is_real);
}

/// `a` is the value of `rs1`; `b` is the value of `rs2` or the sign-extended immediate.
fn operands<B: ChipBuilder>(builder: &mut B, row: &BitwiseCols<B::Var>) {
    let at = |tick: u32| row.time.into() + B::constant(tick);
    let (rs1, rs2) = (register_key::<B>(row.rs1), register_key::<B>(row.rs2));
    let b = limbs_of_bytes::<B>(row.b);
    gadgets::read(builder, access_labels!("bitwise::rs1"), rs1, limbs_of_bytes::<B>(row.a), row.t_rs1, at(TICK_RS1), row.is_real);
    gadgets::read(builder, access_labels!("bitwise::rs2"), rs2, b.clone(), row.t_rs2, at(TICK_RS2), row.is_real - row.is_immediate);

    let [low, upper @ ..] = b;
    builder.check("bitwise::immediate_low", row.is_immediate * (low - row.imm0));
    for limb in upper {
        let extension = row.imm_sign * B::constant(0xffff);
        builder.check("bitwise::immediate_extension", row.is_immediate * (limb - extension));
    }
}

/// Each byte of the result is the operation of the bytes of `a` and `b`, all of them bytes.
fn operation<B: ChipBuilder>(builder: &mut B, row: &BitwiseCols<B::Var>) {
    for i in 0..8 {
        let tuple = [row.operation, row.a[i], row.b[i], row.result[i]].map(Into::into).to_vec();
        builder.message("bitwise::bytes", tuple, row.is_real.into());
    }
}

/// The result is written to `rd`; its limbs are below 2^16 because its bytes are bytes.
fn write_back<B: ChipBuilder>(builder: &mut B, row: &BitwiseCols<B::Var>) {
    let write = Access {
        key: register_key::<B>(row.rd),
        old: limb_exprs::<B>(row.rd_old),
        new: limbs_of_bytes::<B>(row.result),
        old_time: row.t_rd.into(),
        time: row.time.into() + B::constant(TICK_RD),
    };
    gadgets::access(builder, access_labels!("bitwise::rd"), write, row.is_real);
}

fn limbs_of_bytes<B: ChipBuilder>(bytes: [B::Var; 8]) -> Limbs<B::Expr> {
    core::array::from_fn(|i| bytes[2 * i].into() + bytes[2 * i + 1].into() * B::Expr::from_u32(1 << 8))
}
