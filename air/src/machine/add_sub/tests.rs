use alloc::vec;
use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use proptest::prelude::*;
use tern_field::F;

use super::*;
use crate::bus;
use crate::check::Report;
use crate::events::AluEvent;
use crate::gadgets::limbs;
use crate::isa::{Opcode, semantics};
use crate::machine::MachineAir;
use crate::testing::alu::assert_alu_messages;
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{alu_event, assert_honest, prank, unprovided};

const VALUES: [u64; 8] = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, u64::MAX, 1 << 63, 0x0001_0000_ffff_ffff];

const AIR: MachineAir = MachineAir::AddSub(AddSubChip);

fn event(op: Opcode, a: u64, b: u64) -> AluEvent {
    let immediate = matches!(op, Opcode::Addi | Opcode::Addiw);
    let b = if immediate { ((b as i64) << 52 >> 52) as u64 } else { b };
    alu_event(op, a, b)
}

fn directed() -> Vec<AluEvent> {
    let pairs = VALUES.iter().flat_map(|&a| VALUES.iter().map(move |&b| (a, b)));
    pairs.flat_map(|(a, b)| trace::OPCODES.map(|op| event(op, a, b))).collect()
}

#[test]
fn directed_rows_satisfy() {
    assert_honest(&AIR, |height, lookups| fill(&directed(), height, lookups), 512);
}

#[test]
fn messages_carry_the_result() {
    for event in directed() {
        let balance = assert_honest(&AIR, |height, lookups| fill(&[event], height, lookups), 1);
        assert_alu_messages(&balance, &event, semantics::alu(event.op, event.a, event.b), event.pc + 4);
    }
}

#[test]
fn the_gate_holds() {
    let mut lookups = Default::default();
    let events = directed();
    let trace = fill(&events, 512, &mut lookups);
    let rows: Vec<usize> = (0..60).chain([events.len()]).collect();
    assert_gate(&AIR, &[Table::new(&AIR, &trace, &[], rows)], &attacks!(), &[]);
}

fn pranked(event: AluEvent, change: impl FnOnce(&mut AddSubCols<F>)) -> Report {
    let trace = fill(&[event], 2, &mut Default::default());
    prank(&AIR, &trace, change)
}

/// Asserts that exactly these constraints fail.
fn assert_fails(report: &Report, labels: &[&str]) {
    assert_eq!(report.failures.keys().copied().collect::<Vec<_>>(), labels);
}

/// A limb that keeps its carry satisfies every constraint, and only its range tells.
#[test]
fn limb_without_its_carry_is_rejected() {
    for op in [Opcode::Add, Opcode::Addw] {
        let report = pranked(event(op, 0x1_ffff, 1), |row| {
            row.result[0] += F::from_u32(1 << 16);
            row.result[1] -= F::ONE;
        });
        assert_fails(&report, &[]);
        assert_eq!(unprovided(&report), [vec![bus::BITS, 16, 1 << 16]]);
    }
    let report = pranked(event(Opcode::Sub, 0, 1), |row| {
        row.result[0] -= F::from_u32(1 << 16);
        row.result[1] += F::ONE;
    });
    assert_fails(&report, &[]);
    assert!(unprovided(&report).contains(&vec![bus::BITS, 16, 1 << 16]));
}

/// A sign outside of W-forms would move the range of limb 1 up by 2^15, so that the limb could keep
/// its carry.
#[test]
fn sign_outside_of_word_forms_is_rejected() {
    let report = pranked(event(Opcode::Add, 0xffff_0000, 0x5_0000), |row| {
        row.sign = F::ONE;
        row.result[1] += F::from_u32(1 << 16);
        row.result[2] -= F::ONE;
    });
    assert_fails(&report, &["add_sub::sign_boolean"]);
    assert!(unprovided(&report).is_empty());
    let padding = fill(&[], 1, &mut Default::default());
    let report = prank(&AIR, &padding, |row: &mut AddSubCols<F>| row.sign = F::ONE);
    assert_fails(&report, &["add_sub::sign_boolean"]);
}

#[test]
fn forged_word_sign_is_rejected() {
    let extended = |sign: u32| {
        move |row: &mut AddSubCols<F>| {
            row.sign = F::from_u32(sign);
            row.result[2..].fill(F::from_u32(sign * 0xffff));
        }
    };
    for op in [Opcode::Addw, Opcode::Subw, Opcode::Addiw] {
        let report = pranked(event(op, 0x8000_0000, 0), extended(0));
        assert_fails(&report, &[]);
        assert_eq!(unprovided(&report), [vec![bus::BITS, 15, 0x8000]]);
        let report = pranked(event(op, 0x7fff_0000, 0), extended(1));
        assert_fails(&report, &[]);
        let below_zero = (F::from_u32(0x7fff) - F::from_u32(0x8000)).as_canonical_u32();
        assert_eq!(unprovided(&report), [vec![bus::BITS, 15, below_zero]]);
        let report = pranked(event(op, 0x8000_0000, 0), |row| row.result[3] = F::ZERO);
        assert_fails(&report, &["add_sub::sign_extension"]);
    }
}

/// The 64-bit sum does not pass for the 32-bit one, nor the other way round.
#[test]
fn other_width_is_rejected() {
    let double = limbs(semantics::alu(Opcode::Add, 1 << 40, 1));
    let report = pranked(event(Opcode::Addw, 1 << 40, 1), |row| row.result = double);
    assert_fails(&report, &["add_sub::sign_extension"]);
    let word = limbs(semantics::alu(Opcode::Addw, 1 << 40, 1));
    let report = pranked(event(Opcode::Add, 1 << 40, 1), |row| row.result = word);
    assert_fails(&report, &["add_sub::carry_boolean"]);
}

/// `SUB` and `ADDI` together have the number of `ADDW`.
#[test]
fn two_selectors_are_rejected() {
    let report = pranked(event(Opcode::Addw, 3, 5), |row| row.selectors = [0, 1, 1, 0, 0, 0].map(F::from_u32));
    assert!(report.failures.contains_key("add_sub::selectors_exclusive"));
}

#[test]
fn forged_immediate_is_rejected() {
    let report = pranked(event(Opcode::Addi, 7, 5), |row| {
        row.b[0] += F::ONE;
        row.result[0] += F::ONE;
    });
    assert_fails(&report, &["add_sub::immediate_low"]);
    let report = pranked(event(Opcode::Addi, 7, u64::MAX), |row| {
        row.b[1..].fill(F::ZERO);
        row.result = limbs(7 + 0xffff);
    });
    assert_fails(&report, &["add_sub::immediate_extension"]);
}

proptest! {
    #[test]
    fn random_rows_satisfy(a: u64, b: u64, op in 0..6usize) {
        assert_honest(&AIR, |height, lookups| fill(&[event(trace::OPCODES[op], a, b)], height, lookups), 4);
    }
}
