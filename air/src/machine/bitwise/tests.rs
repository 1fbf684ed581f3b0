use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::F;

use super::*;
use crate::bus;
use crate::events::AluEvent;
use crate::isa::{Opcode, semantics};
use crate::layout::Columns;
use crate::machine::MachineAir;
use crate::testing::alu::{assert_alu_messages, assert_fails, assert_unprovided};
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{alu_event, assert_honest};

const AIR: MachineAir = MachineAir::Bitwise(BitwiseChip);
const OPCODES: [Opcode; 6] = [Opcode::And, Opcode::Or, Opcode::Xor, Opcode::Andi, Opcode::Ori, Opcode::Xori];

fn event(op: Opcode, a: u64, b: u64) -> AluEvent {
    let b = if op.reads_rs2() { b } else { ((b as i64) << 52 >> 52) as u64 };
    alu_event(op, a, b)
}

fn directed() -> Vec<AluEvent> {
    let values = [0, 1, 0x7ff, 0x800, 0x0123_4567_89ab_cdef, u64::MAX, 1 << 63];
    let pairs = values.iter().flat_map(|&a| values.iter().map(move |&b| (a, b)));
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
    let rows: Vec<usize> = (150..200).chain([events.len()]).collect();
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], rows)], &attacks!(), &[]);
}

/// The table of one instruction, after `forge`.
fn forged(op: Opcode, a: u64, b: u64, forge: impl FnOnce(&mut BitwiseCols<F>)) -> RowMajorMatrix<F> {
    let mut trace = fill(&[event(op, a, b)], 1, &mut Default::default());
    forge(BitwiseCols::of_mut(&mut trace.values));
    trace
}

#[test]
fn wrong_results_are_not_provided() {
    for (i, op) in OPCODES.into_iter().enumerate() {
        let trace = forged(op, 0x1234, 0x5678, |row| row.result[i] += F::ONE);
        assert_unprovided(&AIR, &trace, bus::AND + i as u32 % 3);
    }
}

/// The same limb from other "bytes": `lo + 256, hi - 1`.
#[test]
fn operands_split_in_one_way() {
    let trace = forged(Opcode::Or, 0x1234, 0, |row| {
        row.a[0] += F::from_u32(256);
        row.a[1] -= F::ONE;
        row.result = row.a;
    });
    assert_unprovided(&AIR, &trace, bus::OR);
}

/// `ANDI` (9) must not be read as operation 9, the tag of [`bus::BYTES`], in a register form, nor
/// another family's opcode as a tag.
#[test]
fn operations_are_not_other_tags() {
    for tag in [bus::BYTES, bus::KECCAK, bus::POWER, 0] {
        let trace = forged(Opcode::And, 7, 5, |row| row.operation = F::from_u32(tag));
        assert_fails(&AIR, &trace, "bitwise::operation");
    }
}

#[test]
fn padding_sends_nothing() {
    let trace = forged(Opcode::Andi, 7, 5, |row| row.is_real = F::ZERO);
    assert_fails(&AIR, &trace, "bitwise::is_immediate_boolean");
    let trace = forged(Opcode::And, 7, 5, |row| row.is_real = F::ZERO);
    let report = crate::check::check(&AIR, &trace, &[]);
    assert!(report.failures.is_empty() && report.balance.is_empty(), "{report:?}");
}

#[test]
fn immediates_are_sign_extended() {
    let forge = |row: &mut BitwiseCols<F>| {
        row.b[7] = F::ZERO;
        row.result[7] = F::ZERO;
    };
    assert_fails(&AIR, &forged(Opcode::Ori, 0, u64::MAX, forge), "bitwise::immediate_extension");
}

proptest! {
    #[test]
    fn random_rows_satisfy(a: u64, b: u64, op in 0..6usize) {
        assert_row(event(OPCODES[op], a, b));
    }
}
