use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::F;

use super::*;
use crate::bus;
use crate::check::check;
use crate::events::AluEvent;
use crate::isa::{Opcode, semantics};
use crate::layout::Columns;
use crate::machine::MachineAir;
use crate::testing::alu::{assert_alu_messages, assert_fails, assert_unprovided, is_accepted};
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{alu_event, assert_honest};

const AIR: MachineAir = MachineAir::Jump(JumpChip);
const PCS: [u32; 6] = [0x1000, 0x1_1004, 0xfffc, 0x1_fffc, 0x3fff_fffc, 0x2345_6788];
const UPPER: [i32; 7] = [0, 0x1000, -0x1000, 0x7fff_f000, i32::MIN, -0xf000, 0x1234_5000];

fn event(op: Opcode, pc: u32, a: u64, imm: i32) -> AluEvent {
    AluEvent { pc, ..alu_event(op, a, imm as i64 as u64) }
}

/// A `jalr` whose sum is `target`.
fn jalr(pc: u32, target: u32, imm: i32) -> AluEvent {
    event(Opcode::Jalr, pc, u64::from(target).wrapping_sub(imm as i64 as u64), imm)
}

fn directed() -> Vec<AluEvent> {
    let upper = |op| move |(pc, imm)| event(op, pc, 0, imm);
    let pairs = || PCS.into_iter().flat_map(|pc| UPPER.map(|imm| (pc, imm)));
    let jals = PCS.into_iter().flat_map(|pc| [8, -4, 0x800, -0x1000, 0xffffc].map(|imm| event(Opcode::Jal, pc, 0, imm)));
    let jals = jals.filter(|event| event.pc.wrapping_add_signed(event.imm) < 1 << 30);
    let targets = [0, 1, 4, 0x7fc, 0xffff, 0x1_0000, 0x1_0001, 0x3fff_fffd];
    let jalrs =
        PCS.into_iter().flat_map(|pc| targets.into_iter().flat_map(move |t| [0, 1, 4, 2047, -1, -2048].map(|imm| jalr(pc, t, imm))));
    pairs().map(upper(Opcode::Lui)).chain(pairs().map(upper(Opcode::Auipc))).chain(jals).chain(jalrs).collect()
}

fn assert_row(event: AluEvent) {
    let balance = assert_honest(&AIR, |height, lookups| fill(&[event], height, lookups), 4);
    let link = u64::from(event.pc) + 4;
    let (result, next_pc) = match event.op {
        Opcode::Lui | Opcode::Auipc => (semantics::upper(event.op, event.pc, event.imm), link),
        _ => (link, semantics::jump_target(event.op, event.pc, event.a, event.imm)),
    };
    assert_alu_messages(&balance, &event, result, next_pc as u32);
}

#[test]
fn directed_rows_satisfy() {
    assert_honest(&AIR, |height, lookups| fill(&directed(), height, lookups), 512);
    directed().into_iter().for_each(assert_row);
}

#[test]
fn the_gate_holds() {
    let events = directed();
    let trace = fill(&events, 512, &mut Default::default());
    let rows: Vec<usize> = (0..events.len()).step_by(7).chain([events.len()]).collect();
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], rows)], &attacks!(), &[]);
}

/// The table of one instruction, after `forge`.
fn forged(event: AluEvent, forge: impl FnOnce(&mut JumpCols<F>)) -> RowMajorMatrix<F> {
    let mut trace = fill(&[event], 1, &mut Default::default());
    forge(JumpCols::of_mut(&mut trace.values));
    trace
}

/// A carry more or less at each limb of the result, and the other splits of `pc`: all are refused.
#[test]
fn results_carry_in_one_way() {
    let limb = F::from_u32(1 << 16);
    let steps = [F::ZERO, limb, -limb];
    for event in directed() {
        let honest = fill(&[event], 1, &mut Default::default());
        for (low, high, pc_low) in steps.into_iter().flat_map(|x| steps.into_iter().flat_map(move |y| steps.map(|z| (x, y, z)))) {
            for negative in [F::ZERO, F::ONE] {
                let mut trace = honest.clone();
                let row = JumpCols::of_mut(&mut trace.values);
                row.pc_low += pc_low;
                row.result[0] += low;
                // The carry out of the lower limb moves on.
                row.result[1] += high - low * limb.inverse();
                row.is_negative = negative;
                assert_eq!(is_accepted(&check(&AIR, &trace, &[])), trace == honest, "{event:?}");
            }
        }
    }
}

/// Of the two targets that the cleared bit leaves, one is even, so that the decode chip takes at most one.
#[test]
fn cleared_bit_is_pinned_by_alignment() {
    for target in [0x1000, 0x1001] {
        let event = jalr(0x1_0000, target, 8);
        let trace = forged(event, |row| {
            row.next_pc += row.cleared_bit.double() - F::ONE;
            row.cleared_bit = F::ONE - row.cleared_bit;
        });
        assert!(is_accepted(&check(&AIR, &trace, &[])));
        assert_eq!(JumpCols::of(&trace.values).next_pc.as_canonical_u32() % 2, 1);
    }
    assert_fails(&AIR, &forged(jalr(0x1_0000, 0x1000, 8), |row| row.cleared_bit = F::TWO), "jump::cleared_bit_boolean");
}

#[test]
fn register_targets_do_not_alias() {
    let event = jalr(0x1_0000, 0x2000, -8);
    let bit = |limb: usize, shift: u32| move |row: &mut JumpCols<F>| row.a[limb] += F::from_u32(1 << shift);
    // A base that is too large for the address space of code, by 2^32, 2^63.
    assert_fails(&AIR, &forged(event, bit(2, 0)), "jump::target_carry");
    assert_fails(&AIR, &forged(event, bit(3, 15)), "jump::target_carry");
    // By 2^30, with the target that follows.
    let trace = forged(event, |row| {
        row.a[1] += F::from_u32(1 << 14);
        row.next_pc += F::from_u32(1 << 30);
    });
    assert_unprovided(&AIR, &trace, bus::BITS);
    // The same target with the carry left in its lowest limb.
    let trace = forged(event, |row| row.target_low += F::from_u32(1 << 16));
    assert_unprovided(&AIR, &trace, bus::BITS);
}

#[test]
fn wrong_targets_fail() {
    let wrong = |op, imm, label| assert_fails(&AIR, &forged(event(op, 0x1_0000, 0, imm), |row| row.next_pc += F::from_u32(4)), label);
    wrong(Opcode::Lui, 0x1000, "jump::next_in_line");
    wrong(Opcode::Auipc, 0x1000, "jump::next_in_line");
    wrong(Opcode::Jal, 0x1000, "jump::jal_target");
    assert_fails(&AIR, &forged(jalr(0x1_0000, 0x1000, 0), |row| row.next_pc += F::from_u32(1 << 16)), "jump::target_carry");
}

#[test]
fn padding_sends_nothing() {
    let trace = forged(event(Opcode::Lui, 0x1_0000, 0, 0x1000), |row| row.selectors = [F::ZERO; 4]);
    assert!(check(&AIR, &trace, &[]).balance.is_empty());
}

proptest! {
    #[test]
    fn random_upper_rows_satisfy(pc in 0..1u32 << 28, imm: i32, is_lui: bool) {
        let op = if is_lui { Opcode::Lui } else { Opcode::Auipc };
        assert_row(event(op, 4 * pc, 0, imm & !0xfff));
    }

    #[test]
    fn random_jumps_satisfy(pc in 0..1u32 << 28, target in 0..1u32 << 30, imm in -2048..2048i32) {
        assert_row(jalr(4 * pc, target, imm));
        let near = pc.clamp(1 << 18, (1 << 28) - (1 << 18));
        assert_row(event(Opcode::Jal, 4 * near, 0, imm * 512));
    }
}
