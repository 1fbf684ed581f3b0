use super::*;
use crate::bus;
use crate::check::check;
use crate::chip::TernAir;
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::with_tag;
use p3_field::PrimeCharacteristicRing;

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
        let report = check(&TernAir::Segment(SegmentChip), &fill(100, 16), &statement.to_values());
        assert!(report.failures.is_empty() && report.overcounted.is_empty(), "{report:?}");
        assert_eq!(with_tag(&report.balance, bus::HALT).len(), usize::from(halt.is_some()));
        assert_eq!(with_tag(&report.balance, bus::EXECUTION).len(), 2 - usize::from(halt.is_some()));
        assert_eq!(with_tag(&report.balance, bus::NODE).len(), 2);
    }
}

#[test]
fn the_gate_holds() {
    let air = TernAir::Segment(SegmentChip);
    let table = |halt| Table::new(&air, &fill(100, 4), &statement(halt).to_values(), [0, 1]);
    assert_gate(&air, &[table(Some(HALT)), table(None)], &attacks!(), &[]);
}

#[test]
fn public_value_labels_bite() {
    let fails = |mutate: fn(&mut [F]), halt| {
        let mut values = statement(halt).to_values();
        mutate(&mut values);
        check(&TernAir::Segment(SegmentChip), &fill(100, 16), &values).failures
    };
    assert!(fails(|v| v[22] = F::TWO, Some(HALT)).contains_key("segment::halted_boolean"));
    assert!(fails(|v| v[2] = F::ONE, Some(HALT)).contains_key("segment::halted_has_no_pc"));
    assert!(fails(|v| v[23] = F::ONE, None).contains_key("segment::running_has_no_exit"));
    assert!(fails(|v| v[40] = F::ONE, None).contains_key("segment::running_has_no_exit"));
}

#[test]
fn impossible_statements_are_refused() {
    let with = |pc_in, pc_out| Statement { pc_in, pc_out, ..statement(None) }.check();
    assert_eq!(with(2, 4), Err(StatementError::ProgramCounter(2)));
    assert_eq!(with(4, 1 << 30), Err(StatementError::ProgramCounter(1 << 30)));
    let halted = Statement { pc_out: 4, ..statement(Some(HALT)) };
    assert_eq!(halted.check(), Err(StatementError::HaltedWithProgramCounter(4)));
}
