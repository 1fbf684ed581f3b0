use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::bus;
use crate::check::check;
use crate::machine::MachineAir;
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::with_tag;
use p3_field::PrimeCharacteristicRing;

const AIR: MachineAir = MachineAir::Segment(SegmentChip);

fn statement(halt: Option<Halt>) -> Statement {
    let pc_out = if halt.is_some() { 0 } else { 0x12_3454 };
    Statement { pc_in: 0x1_0000, pc_out, root_in: [F::TWO; 9], root_out: [F::NEG_ONE; 9], halt }
}

const HALT: Halt = Halt { exit_code: 0x0001_0002, output_digest: [7; 32] };

#[test]
fn running_and_halting_statements_satisfy() {
    for halt in [None, Some(HALT)] {
        let statement = statement(halt);
        statement.check().expect("a statement that can be");
        let report = check(&AIR, &fill(100), &statement.to_values());
        assert!(report.failures.is_empty() && report.overcounted.is_empty(), "{report:?}");
        assert_eq!(with_tag(&report.balance, bus::HALT).len(), usize::from(halt.is_some()));
        assert_eq!(with_tag(&report.balance, bus::EXECUTION).len(), 2 - usize::from(halt.is_some()));
        assert_eq!(with_tag(&report.balance, bus::NODE).len(), 2);
    }
}

/// What the first row states of the execution and of memory does not depend on what the prover
/// commits to, but for the time of the last token: a row of zeros states it too.
#[test]
fn the_first_row_speaks_whatever_it_holds() {
    for halt in [None, Some(HALT)] {
        let values = statement(halt).to_values();
        let honest = check(&AIR, &fill(100), &values);
        let empty = check(&AIR, &RowMajorMatrix::new(vec![F::ZERO], 1), &values);
        assert!(empty.failures.is_empty());
        for (tag, len) in [(bus::NODE, 2), (bus::HALT, usize::from(halt.is_some()))] {
            let messages = with_tag(&empty.balance, tag);
            assert_eq!(messages, with_tag(&honest.balance, tag));
            assert_eq!(messages.len(), len);
        }
        let sent = with_tag(&empty.balance, bus::EXECUTION).into_iter().filter(|(_, count)| *count == 1);
        assert_eq!(sent.map(|(payload, _)| payload).collect::<Vec<_>>(), [[0x1_0000, crate::events::FIRST_TIME]]);
        assert_eq!(empty.balance.len(), 4, "what starts and ends cannot cancel by itself");
    }
}

#[test]
fn the_gate_holds() {
    let table = |halt| Table::new(&AIR, &fill(100), &statement(halt).to_values(), [0]);
    assert_gate(&AIR, &[table(Some(HALT)), table(None)], &attacks!(), &[]);
}

#[test]
fn public_value_labels_bite() {
    let fails = |mutate: fn(&mut [F]), halt| {
        let mut values = statement(halt).to_values();
        mutate(&mut values);
        check(&AIR, &fill(100), &values).failures
    };
    assert!(fails(|v| v[22] = F::TWO, Some(HALT)).contains_key("segment::halted_boolean"));
    assert!(fails(|v| v[2] = F::ONE, Some(HALT)).contains_key("segment::halted_has_no_pc"));
    assert!(fails(|v| v[23] = F::ONE, None).contains_key("segment::running_has_no_exit"));
    assert!(fails(|v| v[40] = F::ONE, None).contains_key("segment::running_has_no_exit"));
}

#[test]
fn impossible_statements_are_refused() {
    let with = |pc_in, pc_out| Statement { pc_in, pc_out, ..statement(None) }.check();
    assert_eq!(with(4, (1 << 30) - 4), Ok(()));
    for pc in [2, 5, 1 << 30, u32::MAX - 3] {
        assert_eq!(with(pc, 4), Err(StatementError::ProgramCounter(pc)));
        assert_eq!(with(4, pc), Err(StatementError::ProgramCounter(pc)));
    }
    let halted = Statement { pc_out: 0, ..statement(Some(HALT)) };
    assert_eq!(halted.check(), Ok(()));
    assert_eq!(Statement { pc_out: 4, ..halted }.check(), Err(StatementError::HaltedWithProgramCounter(4)));
}
