use alloc::vec;
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use proptest::prelude::*;
use tern_field::F;

use super::*;
use crate::bus;
use crate::check::Report;
use crate::events::{MemoryEvent, Region};
use crate::isa::Opcode::{self, *};
use crate::layout::Columns;
use crate::machine::MachineAir;
use crate::testing::gate::{Forgery, Table, assert_gate, attacks};
use crate::testing::{assert_honest, memory_event, prank, unprovided, with_tag};

const EXCEPTIONS: [(&str, &str); 3] = [
    ("misaligned::extension[0]", "zero on every row: every form accesses byte 0"),
    ("misaligned::extension[1]", "zero on every row: every form accesses byte 1"),
    ("misaligned::extension[7]", "zero on every row: byte 7 less itself"),
];
const OPCODES: [Opcode; 8] = [Lh, Lw, Ld, Lhu, Lwu, Sh, Sw, Sd];

const LOW: u64 = 0x8786_8584_8382_8180;
const HIGH: u64 = 0x8f8e_8d8c_8b8a_8988;

fn air() -> MachineAir {
    MachineAir::Misaligned(MisalignedChip)
}

fn event(op: Opcode, mem: [u64; 2], offset: u64) -> MemoryEvent {
    memory_event(op, 0x7c12_fff8 + offset, -16, mem, 0x1716_1514_1312_1110)
}

fn directed() -> Vec<MemoryEvent> {
    let mems = [[LOW, HIGH], [0x7f01_7f02_7f03_7f04, 0x0017_0018_7f19_001a], [u64::MAX, 0], [0, u64::MAX]];
    let places = mems.iter().flat_map(|&mem| (1..8).map(move |offset| (mem, offset)));
    let mut events: Vec<_> = places.flat_map(|(mem, offset)| OPCODES.map(|op| event(op, mem, offset))).collect();
    let bases = [(0x1001, 0), (0x0fff, 2), (0x1_0000_0007, -14), (0xffff_fffe, -7), (0x2_0000, -7), (0x1_ffff, 2)];
    events.extend(bases.map(|(base, imm)| memory_event(Lw, base, imm, [LOW, HIGH], 0)));
    for event in events.iter_mut().step_by(3).filter(|event| event.rd != 0) {
        event.region = Region::ReadOnly;
    }
    events
}

#[test]
fn directed_rows_satisfy() {
    assert_honest(&air(), |height, lookups| fill(&directed(), height, lookups), 256);
}

#[test]
fn the_gate_holds() {
    let events = directed();
    let trace = fill(&events, 256, &mut Default::default());
    let rows: Vec<usize> = (0..56).chain([events.len()]).collect();
    assert_gate(&air(), &[Table::new(&air(), &trace, &[], rows)], &attacks!().and([fraction_of_a_sign(&trace)]), &EXCEPTIONS);
}

/// A sign that is not boolean, such that nothing remains below it of the loaded limb.
fn fraction_of_a_sign(trace: &RowMajorMatrix<F>) -> Forgery {
    let mut forged = trace.values[..trace.width].to_vec();
    let cols = MisalignedCols::of_mut(&mut forged);
    let limb = cols.value[0] + cols.value[1] * F::from_u32(256);
    let sign = limb * F::from_u32(1 << 15).inverse();
    cols.below_sign = F::ZERO;
    cols.value[2..].fill(sign * F::from_u32(0xff));
    Forgery { weakness: Some("misaligned::sign_boolean".into()), table: 0, row: 0, forged }
}

fn cell(key: u32, value: u64, time: u32) -> Vec<u32> {
    let limb = |i: u32| (value >> (16 * i)) as u32 & 0xffff;
    vec![key, limb(0), limb(1), limb(2), limb(3), time]
}

#[test]
fn memory_messages_carry_the_load() {
    let event = MemoryEvent { region: Region::ReadOnly, ..memory_event(Lw, 0x8000_0000, 0x25, [LOW, HIGH], 0) };
    let balance = assert_honest(&air(), |height, lookups| fill(&[event], height, lookups), 4);
    let key = (0x8000_0020 >> 3) + bus::REGION_STRIDE;
    let mut expected = vec![
        (cell(bus::REGISTER_KEY + 6, 0x8000_0000, 7), -1),
        (cell(bus::REGISTER_KEY + 6, 0x8000_0000, 808), 1),
        (cell(key, LOW, 17), -1),
        (cell(key, LOW, 810), 1),
        (cell(key + 1, HIGH, 23), -1),
        (cell(key + 1, HIGH, 810), 1),
        (cell(bus::REGISTER_KEY + 5, 0x1234_5678_9abc_def0, 100), -1),
        (cell(bus::REGISTER_KEY + 5, 0xffff_ffff_8887_8685, 811), 1),
    ];
    expected.sort();
    assert_eq!(with_tag(&balance, bus::MEMORY), expected);
}

#[test]
fn memory_messages_carry_the_store() {
    let value = 0x1716_1514_1312_1110;
    let source = bus::REGISTER_KEY + 9;
    let registers = [
        (cell(bus::REGISTER_KEY + 6, 0x2000, 7), -1),
        (cell(bus::REGISTER_KEY + 6, 0x2000, 808), 1),
        (cell(source, value, 99), -1),
        (cell(source, value, 809), 1),
    ];
    let messages = |op: Opcode, offset: i32| {
        let event = memory_event(op, 0x2000, offset, [LOW, HIGH], value);
        with_tag(&assert_honest(&air(), |height, lookups| fill(&[event], height, lookups), 4), bus::MEMORY)
    };
    let first = |new: u64| [(cell(0x400, LOW, 17), -1), (cell(0x400, new, 810), 1)];
    let second = |new: u64| [(cell(0x401, HIGH, 23), -1), (cell(0x401, new, 810), 1)];

    let mut within = [&registers[..], &first(0x8786_8513_1211_1080)].concat();
    within.sort();
    assert_eq!(messages(Sw, 1), within);
    let mut crossing = [&registers[..], &first(0x1211_1084_8382_8180), &second(0x8f8e_8d17_1615_1413)].concat();
    crossing.sort();
    assert_eq!(messages(Sd, 5), crossing);
}

fn pranked(event: MemoryEvent, change: impl FnOnce(&mut MisalignedCols<F>)) -> Report {
    let trace = fill(&[event], 4, &mut Default::default());
    prank(&air(), &trace, change)
}

fn failures(report: &Report) -> Vec<&'static str> {
    report.failures.keys().copied().collect()
}

/// A load that crosses but takes the missing bytes from nowhere, and a store that drops them.
#[test]
fn crossing_cannot_be_hidden() {
    let memory = |report: &Report| with_tag(&report.balance, bus::MEMORY).len();
    let honest = memory(&pranked(event(Lw, [LOW, HIGH], 5), |_| ()));
    let report = pranked(event(Lw, [LOW, HIGH], 5), |row| {
        row.old[8] = F::ZERO;
        row.new[4] -= F::from_u32(0x88);
        row.value[3..].fill(F::ZERO);
        row.below_sign = F::from_u32(0x87);
    });
    // All constraints hold, but the second dword is still received, with another value than it has.
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    assert_eq!(memory(&report), honest);
    let claims_other_value = |(cell, count): &(Vec<u32>, i64)| cell[5] == 23 && cell[1] == 0x8900 && *count == -1;
    assert!(with_tag(&report.balance, bus::MEMORY).iter().any(claims_other_value));

    let report = pranked(event(Sd, [LOW, HIGH], 5), |row| {
        for k in 4..8 {
            row.new[k] = row.old[2 * k] + row.old[2 * k + 1] * F::from_u32(256);
        }
    });
    assert_eq!(failures(&report), ["misaligned::new_limb"]);
}

/// Another offset than the address has.
#[test]
fn forged_offset_is_rejected() {
    let other = fill(&[event(Sh, [LOW, HIGH], 3)], 4, &mut Default::default());
    let other = *MisalignedCols::of(&other.values[..MisalignedCols::<F>::WIDTH]);
    let report = pranked(event(Sh, [LOW, HIGH], 1), |row| (row.offsets, row.new) = (other.offsets, other.new));
    assert!(failures(&report).contains(&"misaligned::address_carry"));
}

#[test]
fn forged_bytes_are_rejected() {
    // One more in a byte, 256 less in the byte below it: the limb is the same.
    let report = pranked(event(Lhu, [LOW, HIGH], 1), |row| {
        row.old[1] += F::ONE;
        row.old[0] -= F::from_u32(256);
        row.value[0] += F::ONE;
        row.below_sign += F::ONE;
    });
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    assert_eq!(unprovided(&report).len(), 1);

    let report = pranked(event(Sh, [LOW, HIGH], 1), |row| {
        row.value[0] += F::from_u32(256);
        row.value[1] -= F::ONE;
        row.new[0] += F::from_u32(256 * 256);
        row.new[1] -= F::ONE;
    });
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    assert_eq!(unprovided(&report), [vec![bus::BYTES, 0x110, 0x10]]);
}

#[test]
fn forged_sign_is_rejected() {
    for (op, width) in [(Lh, 2), (Lw, 4)] {
        let report = pranked(event(op, [LOW, HIGH], 3), |row| {
            row.value[width..].fill(F::ZERO);
            row.below_sign += F::from_u32(1 << 15);
        });
        assert!(report.failures.is_empty(), "{:?}", report.failures);
        assert_eq!(unprovided(&report), [vec![bus::BITS, 15, 0x8483 + 0x202 * (width as u32 / 2 - 1)]]);
    }
}

#[test]
fn store_outside_region_0_is_rejected() {
    let report = pranked(event(Sd, [LOW, HIGH], 3), |row| row.region = F::ONE);
    assert_eq!(failures(&report), ["misaligned::store_region"]);
}

/// A store that names `rd`, or a load that names `rs2`, would access another register.
#[test]
fn registers_are_exclusive() {
    assert_eq!(failures(&pranked(event(Sd, [LOW, HIGH], 3), |row| row.rd = F::ONE)), ["misaligned::store_rd"]);
    assert_eq!(failures(&pranked(event(Ld, [LOW, HIGH], 3), |row| row.rs2 = F::ONE)), ["misaligned::load_rs2"]);
}

/// The second dword of the last access of a region has the key of dword 0 of the next region, which
/// has no cell.
#[test]
fn last_dword_of_a_region_needs_a_cell_of_the_null_page() {
    for region in [Region::ReadWrite, Region::ReadOnly] {
        let last = MemoryEvent { region, ..memory_event(Lw, 0xffff_fffd, 0, [LOW, HIGH], 0) };
        let balance = assert_honest(&air(), |height, lookups| fill(&[last], height, lookups), 4);
        let null = cell((region as u32 + 1) * bus::REGION_STRIDE, HIGH, 23);
        assert!(with_tag(&balance, bus::MEMORY).contains(&(null, -1)));
    }
}

proptest! {
    #[test]
    fn random_rows_satisfy(mem: [u64; 2], value: u64, addr in 0x1000..0x7fff_fff0u32, imm in -2048..2048i32, op in 0..8usize) {
        prop_assume!(addr & 7 != 0);
        let base = u64::from(addr).wrapping_sub(imm as i64 as u64);
        let event = memory_event(OPCODES[op], base, imm, mem, value);
        assert_honest(&air(), |height, lookups| fill(&[event], height, lookups), 4);
    }
}
