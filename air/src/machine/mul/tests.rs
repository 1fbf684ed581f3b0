use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::F;

use super::trace::{CARRY_BITS, CARRY_OFFSET, OPCODES};
use super::*;
use crate::bus;
use crate::check::Report;
use crate::events::AluEvent;
use crate::isa::Opcode;
use crate::layout::Columns;
use crate::machine::MachineAir;
use crate::testing::gate::{Forgery, Table, assert_gate, attacks};
use crate::testing::{alu_event, assert_honest, prank, unprovided, with_tag};

const VALUES: [u64; 11] = [
    0,
    1,
    u64::MAX,
    1 << 63,
    (1 << 63) - 1,
    0xffff_ffff,
    0x8000_0000,
    0xffff_ffff_8000_0000,
    0x00ff_00ff_00ff_00ff,
    0x8081_8283_8485_8687,
    0xffff_ffff_ffff_0000,
];

/// Carries have 12 bits because that is enough for the honest ones.
const SLACK: [(&str, &str); 7] = {
    let slack = "a carry of 13 bits wraps nothing: its multiple of 2^16 is below 2^29, and what it is to make up for is below 2^28";
    [
        ("mul::carry_range[0]+0", slack),
        ("mul::carry_range[1]+0", slack),
        ("mul::carry_range[2]+0", slack),
        ("mul::carry_range[3]+0", slack),
        ("mul::carry_range[4]+0", slack),
        ("mul::carry_range[5]+0", slack),
        ("mul::carry_range[6]+0", slack),
    ]
};

fn air() -> MachineAir {
    MachineAir::Mul(MulChip)
}

fn directed() -> Vec<AluEvent> {
    let pairs = VALUES.iter().flat_map(|&a| VALUES.iter().map(move |&b| (a, b)));
    pairs.flat_map(|(a, b)| OPCODES.map(|op| alu_event(op, a, b))).collect()
}

#[test]
fn directed_rows_satisfy() {
    assert_honest(&air(), |height, lookups| fill(&directed(), height, lookups), 1024);
}

#[test]
fn the_gate_holds() {
    let pairs = [(u64::MAX, 1 << 63), (0x8081_8283_8485_8687, 0xffff_ffff_8000_0001), (3, 5)];
    let events: Vec<_> = pairs.iter().flat_map(|&(a, b)| OPCODES.map(|op| alu_event(op, a, b))).collect();
    let trace = fill(&events, 16, &mut Default::default());
    assert_gate(&air(), &[Table::new(&air(), &trace, &[], 0..16)], &attacks!().and([sign_of_two_ranges(&trace, 14)]), &SLACK);
}

/// A sign that is not boolean and escapes both ranges: 0xffff times it is below 2^16, and 2^15
/// times it less than 2^15 below a limb that a carry in its range makes up for.
fn sign_of_two_ranges(trace: &RowMajorMatrix<F>, row: usize) -> Forgery {
    let mut forged = trace.values[row * trace.width..(row + 1) * trace.width].to_vec();
    let cols = MulCols::of_mut(&mut forged);
    assert_eq!((cols.selectors[4], cols.result[1]), (F::ONE, F::ZERO), "the product of a MULW is small");
    let carries = (0..1 << CARRY_BITS).map(|carry| F::from_u32(carry) - F::from_u32(CARRY_OFFSET));
    let pairs = (2..1 << 16).flat_map(|extension| carries.clone().map(move |carry| (F::from_u32(extension), carry)));
    let below_sign = |&(extension, carry): &(F, F)| {
        let sign = extension * F::from_u32(0xffff).inverse();
        (-carry * F::from_u32(1 << 16) - sign * F::from_u32(1 << 15)).as_canonical_u32()
    };
    let (extension, carry) = pairs.into_iter().find(|pair| below_sign(pair) < 1 << 15).expect("one in 2^16 pairs does");
    cols.word_sign = extension * F::from_u32(0xffff).inverse();
    cols.carries[1] = carry;
    cols.result[1] = -carry * F::from_u32(1 << 16);
    cols.result[2..].fill(extension);
    Forgery { weakness: Some("mul::word_sign_boolean".into()), table: 0, row, forged }
}

#[test]
fn memory_messages_carry_the_product() {
    let event = AluEvent { rs2: 7, t_rs2: 9, ..alu_event(Opcode::Mulhsu, u64::MAX, 0x1_0000_0000_0001) };
    let balance = assert_honest(&air(), |height, lookups| fill(&[event], height, lookups), 4);
    let cell = |register: u32, value: u64, time: u32| {
        let limb = |i: u32| (value >> (16 * i)) as u32 & 0xffff;
        vec![bus::REGISTER_KEY + register, limb(0), limb(1), limb(2), limb(3), time]
    };
    let mut expected = vec![
        (cell(6, u64::MAX, 7), -1),
        (cell(6, u64::MAX, 808), 1),
        (cell(7, 0x1_0000_0000_0001, 9), -1),
        (cell(7, 0x1_0000_0000_0001, 809), 1),
        (cell(5, 0x1234_5678_9abc_def0, 100), -1),
        (cell(5, u64::MAX, 811), 1),
    ];
    expected.sort();
    assert_eq!(with_tag(&balance, bus::MEMORY), expected);
}

fn pranked(event: AluEvent, change: impl FnOnce(&mut MulCols<F>)) -> Report {
    let trace = fill(&[event], 4, &mut Default::default());
    prank(&air(), &trace, change)
}

/// Modulo p, `2^16 * 30720 = -1`: a limb of one more and a carry of 30720 more add up, and only the
/// carry's range tells.
#[test]
fn forged_carry_is_rejected() {
    for op in [Opcode::Mul, Opcode::Mulw] {
        let report = pranked(alu_event(op, 0x1_0003, 5), |row| {
            row.result[0] += F::ONE;
            row.carries[0] += F::from_u32(30720);
            row.result[1] += F::from_u32(30720);
        });
        assert!(report.failures.is_empty(), "{:?}", report.failures);
        assert_eq!(unprovided(&report), [vec![bus::BITS, 12, 30724]]);
    }
}

/// A limb that keeps its carry.
#[test]
fn limb_without_its_carry_is_rejected() {
    let report = pranked(alu_event(Opcode::Mul, 0xffff, 0xffff), |row| {
        row.result[0] += F::from_u32(1 << 16);
        row.carries[0] -= F::ONE;
        row.result[1] -= F::ONE;
    });
    assert!(report.failures.is_empty());
    assert_eq!(unprovided(&report), [vec![bus::BITS, 16, 0x1_0001]]);
}

/// Multiplying a negative factor as if it were positive.
#[test]
fn forged_sign_is_rejected() {
    let (a, b) = (1 << 63, 2);
    let unsigned = fill(&[alu_event(Opcode::Mulhu, a, b)], 4, &mut Default::default());
    let unsigned = *MulCols::of(&unsigned.values[..MulCols::<F>::WIDTH]);
    let claim = |row: &mut MulCols<F>| {
        (row.result, row.carries, row.borrow) = (unsigned.result, unsigned.carries, unsigned.borrow);
    };
    for op in [Opcode::Mulh, Opcode::Mulhsu] {
        let report = pranked(alu_event(op, a, b), claim);
        assert_eq!(report.failures.keys().copied().collect::<Vec<_>>(), ["mul::high"]);
        let report = pranked(alu_event(op, a, b), |row| {
            claim(row);
            row.signs[0] = F::ZERO;
        });
        assert!(report.failures.is_empty());
        assert_eq!(unprovided(&report), [vec![bus::BYTES, 256, 0]]);
    }
}

#[test]
fn forged_word_sign_is_rejected() {
    let report = pranked(alu_event(Opcode::Mulw, 0x8000_0000, 1), |row| {
        row.word_sign = F::ZERO;
        row.result[2..].fill(F::ZERO);
    });
    assert!(report.failures.is_empty());
    assert_eq!(unprovided(&report), [vec![bus::BITS, 15, 0x8000]]);
}

#[test]
fn forged_bytes_are_rejected() {
    // 256 = 0 + 256 * 1 as the bytes (256, 0): other steps would collect it.
    let report = pranked(alu_event(Opcode::Mul, 0x100, 1), |row| {
        row.a[0] = F::from_u32(256);
        row.a[1] = F::ZERO;
    });
    assert!(report.failures.is_empty());
    assert_eq!(unprovided(&report), [vec![bus::BYTES, 256, 0]]);
}

proptest! {
    #[test]
    fn random_rows_satisfy(a: u64, b: u64, i in 0..22usize, op in 0..5usize) {
        let a = VALUES.get(i).copied().unwrap_or(a);
        assert_honest(&air(), |height, lookups| fill(&[alu_event(OPCODES[op], a, b), alu_event(OPCODES[op], b, a)], height, lookups), 4);
    }
}
