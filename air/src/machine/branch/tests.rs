use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
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

const AIR: MachineAir = MachineAir::Branch(BranchChip);
const OPCODES: [Opcode; 6] = [Opcode::Beq, Opcode::Bne, Opcode::Blt, Opcode::Bge, Opcode::Bltu, Opcode::Bgeu];
const VALUES: [u64; 9] = [0, 1, 0xffff, 0x1_0000, 0x7fff_ffff_ffff_ffff, 1 << 63, u64::MAX, 0x0001_0002_0003_0004, 0x0001_0002_0004_0003];

fn event(op: Opcode, a: u64, b: u64, imm: i32) -> AluEvent {
    AluEvent { imm, ..alu_event(op, a, b) }
}

fn directed() -> Vec<AluEvent> {
    let pairs = VALUES.iter().flat_map(|&a| VALUES.iter().map(move |&b| (a, b)));
    pairs.flat_map(|(a, b)| OPCODES.map(|op| event(op, a, b, if a & 1 == 0 { 0x7fc } else { -4096 }))).collect()
}

fn assert_row(event: AluEvent) {
    let balance = assert_honest(&AIR, |height, lookups| fill(&[event], height, lookups), 4);
    let offset = if semantics::branch_taken(event.op, event.a, event.b) { event.imm } else { 4 };
    assert_alu_messages(&balance, &event, 0, event.pc.wrapping_add_signed(offset));
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
fn forged(op: Opcode, a: u64, b: u64, forge: impl FnOnce(&mut BranchCols<F>)) -> RowMajorMatrix<F> {
    let mut trace = fill(&[event(op, a, b, 0x100)], 1, &mut Default::default());
    forge(BranchCols::of_mut(&mut trace.values));
    trace
}

/// Sets the hints, and every column that the constraints derive from them.
fn set_hints(row: &mut BranchCols<F>, markers: u32, less: bool, signs: u32) {
    let hints = &mut row.comparison;
    hints.markers = core::array::from_fn(|i| F::from_u32(markers >> i & 1));
    hints.less = F::from_bool(less);
    [hints.sign_a, hints.sign_b] = [signs & 1, signs >> 1].map(F::from_u32);
    let mut difference: F = (0..4).map(|i| hints.markers[i] * (row.b[i] - row.a[i])).sum();
    difference -= hints.markers[3] * (hints.sign_b - hints.sign_a) * F::from_u32(1 << 16);
    hints.gap = if less { difference } else { -difference };
    let holds = if row.is_signed + row.is_unsigned == F::ONE { less } else { markers == 0 };
    let taken = holds != (row.is_negated == F::ONE);
    row.next_pc = row.pc + F::from_u32(if taken { 0x100 } else { 4 });
}

/// Of all markers, signs and orders that a prover could claim, one is accepted: the truth.
#[test]
fn one_claim_is_accepted() {
    for (a, b) in VALUES.iter().flat_map(|&a| VALUES.map(|b| (a, b))) {
        for op in OPCODES {
            let honest = fill(&[event(op, a, b, 0x100)], 1, &mut Default::default());
            let claims = (0..16).flat_map(|markers| (0..4).flat_map(move |signs| [false, true].map(|less| (markers, less, signs))));
            let accepted: Vec<_> = claims
                .map(|(markers, less, signs)| {
                    let mut trace = honest.clone();
                    set_hints(BranchCols::of_mut(&mut trace.values), markers, less, signs);
                    trace
                })
                .filter(|trace| is_accepted(&check(&AIR, trace, &[])))
                .collect();
            assert_eq!(accepted, [honest], "{op:?} {a:#x} {b:#x}");
        }
    }
}

#[test]
fn wrong_orders_are_not_provided() {
    assert_unprovided(&AIR, &forged(Opcode::Blt, 1, 2, |row| set_hints(row, 1, false, 0)), bus::BITS);
    assert_unprovided(&AIR, &forged(Opcode::Bltu, 2, 1, |row| set_hints(row, 1, true, 0)), bus::BITS);
    // A marker where the operands agree.
    assert_unprovided(&AIR, &forged(Opcode::Beq, 7, 7, |row| set_hints(row, 1, false, 0)), bus::BITS);
    // A positive -1.
    assert_unprovided(&AIR, &forged(Opcode::Blt, u64::MAX, 0, |row| set_hints(row, 8, false, 0)), bus::BITS);
}

#[test]
fn wrong_claims_fail() {
    assert_fails(&AIR, &forged(Opcode::Beq, 1, 2, |row| set_hints(row, 0, false, 0)), "branch::equal_above");
    assert_fails(&AIR, &forged(Opcode::Bltu, 1 << 32, 1, |row| set_hints(row, 1, true, 0)), "branch::equal_above");
    assert_fails(&AIR, &forged(Opcode::Bltu, 0x1_0002, 0x2_0001, |row| set_hints(row, 3, false, 0)), "branch::markers_exclusive");
    assert_fails(&AIR, &forged(Opcode::Bltu, 5, 5, |row| set_hints(row, 0, true, 0)), "branch::less_boolean");
    assert_fails(&AIR, &forged(Opcode::Bltu, 5, u64::MAX, |row| set_hints(row, 8, false, 2)), "branch::sign_boolean");
    assert_fails(&AIR, &forged(Opcode::Beq, 5, 5, |row| row.next_pc = row.pc + F::from_u32(4)), "branch::target");
}

#[test]
fn padding_sends_nothing() {
    let trace = forged(Opcode::Blt, 1, 2, |row| row.is_real = F::ZERO);
    assert_fails(&AIR, &trace, "branch::selectors_exclusive");
    assert_fails(&AIR, &trace, "branch::markers_exclusive");
}

proptest! {
    #[test]
    fn random_rows_satisfy(a: u64, b: u64, same in 0..5u32, imm in -2048..2048i32, op in 0..6usize) {
        // Often equal in their upper limbs.
        let keep = u64::MAX.checked_shl(16 * same).unwrap_or(0);
        assert_row(event(OPCODES[op], a, (a & keep) | (b & !keep), 2 * imm));
    }
}
