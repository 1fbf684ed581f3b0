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

const AIR: MachineAir = MachineAir::Compare(CompareChip);
const OPCODES: [Opcode; 4] = [Opcode::Slt, Opcode::Sltu, Opcode::Slti, Opcode::Sltiu];
const VALUES: [u64; 9] = [0, 1, 2047, 0xffff_ffff_ffff_f800, 0x7fff_ffff_ffff_ffff, 1 << 63, u64::MAX, 0x0001_0002_0003_0004, 1 << 32];

fn event(op: Opcode, a: u64, b: u64) -> AluEvent {
    let b = if op.reads_rs2() { b } else { ((b as i64) << 52 >> 52) as u64 };
    alu_event(op, a, b)
}

fn directed() -> Vec<AluEvent> {
    let pairs = VALUES.iter().flat_map(|&a| VALUES.iter().map(move |&b| (a, b)));
    pairs.flat_map(|(a, b)| OPCODES.map(|op| event(op, a, b))).collect()
}

fn assert_row(event: AluEvent) {
    let balance = assert_honest(&AIR, |height, lookups| fill(&[event], height, lookups), 4);
    assert_alu_messages(&balance, &event, semantics::alu(event.op, event.a, event.b), event.pc + 4);
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
    let rows: Vec<usize> = (0..events.len()).step_by(5).chain([events.len()]).collect();
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], rows)], &attacks!(), &[]);
}

/// The table of one instruction, after `forge`.
fn forged(op: Opcode, a: u64, b: u64, forge: impl FnOnce(&mut CompareCols<F>)) -> RowMajorMatrix<F> {
    let mut trace = fill(&[event(op, a, b)], 1, &mut Default::default());
    forge(CompareCols::of_mut(&mut trace.values));
    trace
}

/// Turns the outcome around, with a gap that agrees.
fn turn_around(row: &mut CompareCols<F>) {
    row.comparison.less = F::ONE - row.comparison.less;
    row.comparison.gap = -row.comparison.gap;
}

/// Whatever the operands, the opposite outcome is refused: by the constraint on equal operands, or
/// else by the range of the gap.
#[test]
fn opposite_outcomes_are_refused() {
    for AluEvent { op, a, b, .. } in directed() {
        let trace = forged(op, a, b, turn_around);
        assert!(!is_accepted(&check(&AIR, &trace, &[])), "{op:?} {a:#x} {b:#x}");
        if a == b { assert_fails(&AIR, &trace, "compare::less_boolean") } else { assert_unprovided(&AIR, &trace, bus::BITS) }
    }
}

/// -1 passed off as 2^64 - 1 in a signed comparison.
#[test]
fn signs_are_not_chosen() {
    let trace = forged(Opcode::Slti, u64::MAX, 3, |row| {
        row.comparison.sign_a = F::ZERO;
        row.comparison.less = F::ZERO;
        row.comparison.gap = F::from_u32(0xffff);
    });
    assert_unprovided(&AIR, &trace, bus::BITS);
    let trace = forged(Opcode::Sltiu, u64::MAX, 3, |row| {
        row.comparison.sign_a = F::ONE;
        row.comparison.less = F::ONE;
        row.comparison.gap = F::ONE;
    });
    assert_fails(&AIR, &trace, "compare::sign_boolean");
}

#[test]
fn immediates_are_sign_extended() {
    let trace = forged(Opcode::Sltiu, 5, u64::MAX, |row| row.b[1] = F::ZERO);
    assert_fails(&AIR, &trace, "compare::immediate_extension");
}

#[test]
fn padding_sends_nothing() {
    let trace = forged(Opcode::Slti, 1, 2, |row| row.is_real = F::ZERO);
    assert_fails(&AIR, &trace, "compare::selector_boolean");
    assert_fails(&AIR, &trace, "compare::markers_exclusive");
}

proptest! {
    #[test]
    fn random_rows_satisfy(a: u64, b: u64, same in 0..5u32, op in 0..4usize) {
        // Often equal in their upper limbs.
        let keep = u64::MAX.checked_shl(16 * same).unwrap_or(0);
        assert_row(event(OPCODES[op], a, (a & keep) | (b & !keep)));
    }
}
