use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use proptest::prelude::*;
use tern_field::F;

use super::*;
use crate::bus;
use crate::check::Report;
use crate::events::AluEvent;
use crate::gadgets::limbs;
use crate::isa::Opcode::{self, *};
use crate::layout::Columns;
use crate::machine::MachineAir;
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{alu_event, assert_honest, prank, unprovided, with_tag};

const EXCEPTIONS: [(&str, &str); 3] = [
    ("div_rem::equal_above[0]", "zero on every row: its factor is the sum of the marks below limb 0"),
    (
        "div_rem::flag_boolean[0]",
        "`is_real` is `by_zero` plus up to four marks, all boolean; two marks leave a difference of -1, which is in no table",
    ),
    ("div_rem::difference_range+0", "both limbs are below 2^16, so their difference is too, or negative"),
];
const OPCODES: [Opcode; 8] = [Div, Divu, Rem, Remu, Divw, Divuw, Remw, Remuw];

const VALUES: [u64; 14] = [
    0,
    1,
    u64::MAX,
    1 << 63,
    (1 << 63) - 1,
    (1 << 63) + 1,
    0x8000_0000,
    0xffff_ffff_8000_0000,
    0x7fff_ffff,
    0xffff_ffff,
    0x1_0000_0000,
    7,
    (-7_i64) as u64,
    0x8081_8283_8485_8687,
];

fn air() -> MachineAir {
    MachineAir::DivRem(DivRemChip)
}

fn directed() -> Vec<AluEvent> {
    let pairs = VALUES.iter().flat_map(|&a| VALUES.iter().map(move |&b| (a, b)));
    pairs.flat_map(|(a, b)| OPCODES.map(|op| alu_event(op, a, b))).collect()
}

#[test]
fn directed_rows_satisfy() {
    assert_honest(&air(), |height, lookups| fill(&directed(), height, lookups), 2048);
}

#[test]
fn the_gate_holds() {
    let pairs = [
        (1000, 7),
        (-1000, 7),
        (1000, -7),
        (0x0081_8283_8485_8687, 0x1_0000_0003),
        (0x5_0000_0000, 0),
        // A quotient, a remainder, a divisor of magnitude one: limbs whose sum is one more than
        // zero modulo 2^16 times an element.
        (-7, 7),
        (-8, 7),
        (8, -1),
        (0x5555_0000_0000_0009, 0x6666_7777_0000_0003),
    ];
    let events: Vec<_> = pairs.iter().flat_map(|&(a, b): &(i64, i64)| OPCODES.map(|op| alu_event(op, a as u64, b as u64))).collect();
    let trace = fill(&events, 128, &mut Default::default());
    let rows: Vec<usize> = (0..=events.len()).collect();
    assert_gate(&air(), &[Table::new(&air(), &trace, &[], rows)], &attacks!(), &EXCEPTIONS);
}

#[test]
fn memory_messages_carry_the_result() {
    let event = AluEvent { rs2: 7, t_rs2: 9, ..alu_event(Remw, 0x5555_5555_8000_0001, 0x1111_1111_0000_0010) };
    let balance = assert_honest(&air(), |height, lookups| fill(&[event], height, lookups), 4);
    let cell = |register: u32, value: u64, time: u32| {
        let limb = |i: u32| (value >> (16 * i)) as u32 & 0xffff;
        vec![bus::REGISTER_KEY + register, limb(0), limb(1), limb(2), limb(3), time]
    };
    let mut expected = vec![
        (cell(6, event.a, 7), -1),
        (cell(6, event.a, 808), 1),
        (cell(7, event.b, 9), -1),
        (cell(7, event.b, 809), 1),
        (cell(5, 0x1234_5678_9abc_def0, 100), -1),
        (cell(5, (-15_i64) as u64, 811), 1),
    ];
    expected.sort();
    assert_eq!(with_tag(&balance, bus::MEMORY), expected);
}

fn pranked(event: AluEvent, change: impl FnOnce(&mut DivRemCols<F>)) -> Report {
    let trace = fill(&[event], 4, &mut Default::default());
    prank(&air(), &trace, change)
}

fn failures(report: &Report) -> Vec<&'static str> {
    report.failures.keys().copied().collect()
}

/// 20 = 5 * 3 + 5 = 7 * 3 - 1.
#[test]
fn remainder_out_of_range_is_rejected() {
    let report = pranked(alu_event(Div, 20, 3), |row| {
        (row.quotient[0], row.result[0], row.remainder[0]) = (F::from_u32(5), F::from_u32(5), F::from_u32(5));
        row.difference = -F::from_u32(3);
    });
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    assert_eq!(unprovided(&report).len(), 1);
    assert_eq!(unprovided(&report)[0][..2], [bus::BITS, 16]);

    let report = pranked(alu_event(Rem, 20, 3), |row| {
        (row.quotient[0], row.remainder[0], row.difference) = (F::from_u32(7), F::NEG_ONE, F::from_u32(3));
        row.result[0] = F::NEG_ONE;
    });
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    assert_eq!(unprovided(&report).len(), 1);
}

/// A remainder that is larger in an upper limb, with the comparison made in a lower one.
#[test]
fn comparison_below_the_highest_difference_is_rejected() {
    let report = pranked(alu_event(Remu, 0x1_0000, 3), |row| {
        row.quotient.fill(F::ZERO);
        row.remainder = limbs(0x1_0000);
        row.result = limbs(0x1_0000);
        row.carries.fill(F::ZERO);
        row.differs = [F::ONE, F::ZERO, F::ZERO, F::ZERO];
        row.difference = F::TWO;
    });
    assert_eq!(failures(&report), ["div_rem::equal_above"]);
}

/// The quotient 0 and remainder 20 of a divisor that claims to be zero.
#[test]
fn pretended_zero_divisor_is_rejected() {
    let claim = |row: &mut DivRemCols<F>| {
        row.quotient.fill(F::ZERO);
        row.remainder = limbs(20);
        row.result = limbs(20);
        row.differs.fill(F::ZERO);
    };
    assert_eq!(failures(&pranked(alu_event(Remu, 20, 3), claim)), ["div_rem::by_zero"]);
    let report = pranked(alu_event(Remu, 20, 3), |row| {
        claim(row);
        row.divisor.fill(F::ZERO);
    });
    assert_eq!(failures(&report), ["div_rem::divisor_copied"]);
}

/// A divisor of zero that claims not to be: any quotient would do.
#[test]
fn hidden_zero_divisor_is_rejected() {
    let report = pranked(alu_event(Divu, 20, 0), |row| {
        row.quotient = [F::ZERO; 8];
        row.result = [F::ZERO; 4];
        row.differs = [F::ONE, F::ZERO, F::ZERO, F::ZERO];
        row.difference = -F::from_u32(21);
    });
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    assert_eq!(unprovided(&report).len(), 1);
    let report = pranked(alu_event(Divu, 20, 0), |row| {
        row.quotient = [F::ZERO; 8];
        row.result = [F::ZERO; 4];
    });
    assert_eq!(failures(&report), ["div_rem::quotient_by_zero"]);
}

/// The upper half of W-form operands takes no part.
#[test]
fn word_divisor_with_upper_half_is_rejected() {
    let report = pranked(alu_event(Remuw, 0x10, 0x1_0000_0003), |row| {
        row.divisor[4] = F::ONE;
        row.quotient = [F::ZERO; 8];
        row.remainder = limbs(0x10);
        row.result = limbs(0x10);
        row.differs = [F::ZERO, F::ZERO, F::ONE, F::ZERO];
        row.difference = F::ZERO;
    });
    assert_eq!(failures(&report), ["div_rem::divisor_word"]);
}

/// Quotients whose product exceeds 2^64 or the last carry.
#[test]
fn product_beyond_64_bits_is_rejected() {
    // (2^32 + x) * 2^32 = 2^64 + 2^32 x.
    let report = pranked(alu_event(Divu, 5 << 32, 1 << 32), |row| {
        row.quotient[4] = F::ONE;
        row.result[2] = F::ONE;
    });
    assert_eq!(failures(&report), ["div_rem::no_high_product"]);
    // Modulo 2^64, 3 * 0xaaaa_aaaa_aaaa_aaab = 1: the carry out of the last step.
    let report = pranked(alu_event(Divu, 1, 3), |row| {
        row.quotient = 0xaaaa_aaaa_aaaa_aaab_u64.to_le_bytes().map(F::from_u8);
        row.result = limbs(0xaaaa_aaaa_aaaa_aaab);
        row.remainder = [F::ZERO; 4];
        row.carries = [F::TWO, F::TWO, F::TWO];
        row.difference = F::TWO;
    });
    assert_eq!(failures(&report), ["div_rem::identity"]);
}

/// Treating a negative operand as positive, or a sign that the form does not have.
#[test]
fn forged_sign_is_rejected() {
    let minus_six = (-6_i64) as u64;
    for op in [Div, Rem, Divw, Remw] {
        let unsigned = fill(&[alu_event(Opcode::from_id(op as u8 + 1).unwrap(), minus_six, 4)], 4, &mut Default::default());
        let report = pranked(alu_event(op, minus_six, 4), |row| {
            *row = DivRemCols { is_unsigned: F::ZERO, ..*DivRemCols::of(&unsigned.values[..DivRemCols::<F>::WIDTH]) };
        });
        assert!(report.failures.is_empty(), "{op:?}: {:?}", report.failures);
        assert_eq!(unprovided(&report), [vec![bus::BITS, 15, 0xffff]]);
        let signed = fill(&[alu_event(op, minus_six, 4)], 4, &mut Default::default());
        let report = pranked(alu_event(op, minus_six, 4), |row| {
            *row = DivRemCols { is_unsigned: F::ONE, ..*DivRemCols::of(&signed.values[..DivRemCols::<F>::WIDTH]) };
        });
        assert_eq!(failures(&report), ["div_rem::sign_unsigned"]);
    }
}

/// The remainder with the sign of the quotient.
#[test]
fn forged_result_sign_is_rejected() {
    let report = pranked(alu_event(Rem, 7, (-4_i64) as u64), |row| {
        row.is_negated = F::ONE;
        row.result = limbs((-3_i64) as u64);
    });
    assert_eq!(failures(&report), ["div_rem::is_negated"]);
}

proptest! {
    #[test]
    fn random_rows_satisfy(a: u64, b: u64, shift in 0..64u32, i in 0..28usize, j in 0..28usize, op in 0..8usize) {
        let (a, b) = (VALUES.get(i).copied().unwrap_or(a), VALUES.get(j).copied().unwrap_or(b >> shift));
        assert_honest(&air(), |height, lookups| fill(&[alu_event(OPCODES[op], a, b)], height, lookups), 4);
    }
}
