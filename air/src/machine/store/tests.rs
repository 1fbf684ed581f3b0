use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use proptest::prelude::*;
use tern_field::F;

use super::trace::OPCODES;
use super::*;
use crate::bus;
use crate::check::Report;
use crate::events::MemoryEvent;
use crate::isa::{Opcode, semantics};
use crate::machine::MachineAir;
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{assert_honest, memory_event, prank, unprovided, with_tag};

fn air() -> MachineAir {
    MachineAir::Store(StoreChip)
}

/// A store at `offset` of a dword, rounded down to its alignment.
fn event(op: Opcode, dword: u64, value: u64, offset: u64) -> MemoryEvent {
    let aligned = offset & !(u64::from(semantics::access_bytes(op)) - 1);
    memory_event(op, 0x7c12_fff8 + aligned, -16, [dword, 0], value)
}

fn directed() -> Vec<MemoryEvent> {
    let values =
        [(0, u64::MAX), (u64::MAX, 0), (0x8081_8283_8485_8687, 0x0102_0304_0506_0708), (0x0011_2233_4455_6677, 0xffff_00ff_8000_7fff)];
    let places = values.iter().flat_map(|&pair| (0..8).map(move |offset| (pair, offset)));
    let mut events: Vec<_> = places.flat_map(|((dword, value), offset)| OPCODES.map(|op| event(op, dword, value, offset))).collect();
    let bases = [(0x1000, 0), (0x0fff, 1), (0x1_0000_0007, -15), (0xffff_ffff, -7), (0xffff_f7f9, 2047), (0x2_0000, -8), (0x1_ffff, 1)];
    events.extend(bases.map(|(base, imm)| memory_event(Opcode::Sb, base, imm, [0x0102_0304_0506_0708, 0], 0xa5)));
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
    let rows: Vec<usize> = (64..110).chain([events.len()]).collect();
    assert_gate(&air(), &[Table::new(&air(), &trace, &[], rows)], &attacks!(), &[]);
}

#[test]
fn memory_messages_carry_the_store() {
    let event = memory_event(Opcode::Sb, 0x7fff_fff0, 3, [0x8081_8283_8485_8687, 0], 0x1122_3344_5566_77aa);
    let balance = assert_honest(&air(), |height, lookups| fill(&[event], height, lookups), 4);
    let cell = |key: u32, value: u64, time: u32| {
        let limb = |i: u32| (value >> (16 * i)) as u32 & 0xffff;
        vec![key, limb(0), limb(1), limb(2), limb(3), time]
    };
    let (base, source, key) = (bus::REGISTER_KEY + 6, bus::REGISTER_KEY + 9, 0x7fff_fff0 >> 3);
    let mut expected = vec![
        (cell(base, 0x7fff_fff0, 7), -1),
        (cell(base, 0x7fff_fff0, 808), 1),
        (cell(source, 0x1122_3344_5566_77aa, 99), -1),
        (cell(source, 0x1122_3344_5566_77aa, 809), 1),
        (cell(key, 0x8081_8283_8485_8687, 17), -1),
        (cell(key, 0x8081_8283_aa85_8687, 810), 1),
    ];
    expected.sort();
    assert_eq!(with_tag(&balance, bus::MEMORY), expected);
}

fn pranked(event: MemoryEvent, change: impl FnOnce(&mut StoreCols<F>)) -> Report {
    let trace = fill(&[event], 4, &mut Default::default());
    prank(&air(), &trace, change)
}

fn failures(report: &Report) -> Vec<&'static str> {
    report.failures.keys().copied().collect()
}

#[test]
fn forged_bytes_are_rejected() {
    // A stored byte of 256 more, taken from the byte above it in the value.
    let report = pranked(event(Opcode::Sb, 0x1234, 0x5678, 0), |row| {
        row.stored_byte += F::from_u32(256);
        row.new[0] += F::from_u32(256);
    });
    assert!(report.failures.is_empty());
    assert_eq!(unprovided(&report), [vec![bus::BYTES, 0x178, 0x55]]);
    // A kept byte of one more, at the cost of the lost one.
    let report = pranked(event(Opcode::Sb, 0x1234, 0x5678, 0), |row| {
        row.kept_byte += F::ONE;
        row.lost_byte -= F::from_u32(256);
        row.new[0] += F::from_u32(256);
    });
    assert!(report.failures.is_empty());
    assert_eq!(unprovided(&report).len(), 1);
    assert_eq!(unprovided(&report)[0][0], bus::BYTES);
}

#[test]
fn changes_beside_the_store_are_rejected() {
    for (op, label) in [(Opcode::Sb, "store::byte"), (Opcode::Sh, "store::half"), (Opcode::Sw, "store::word"), (Opcode::Sd, "store::dword")]
    {
        let report = pranked(event(op, 7, 9, 0), |row| row.new[3] += F::ONE);
        assert_eq!(failures(&report), [label]);
    }
}

#[test]
fn stores_reach_region_0_only() {
    // The only other way to name a cell of region 1 is an address of 2^32 and more.
    let report = pranked(memory_event(Opcode::Sd, 0xffff_fff8, 0, [5, 0], 6), |row| {
        row.address.imm0 = F::from_u32(8);
        row.address.dword_low = F::ZERO;
        row.address.high = F::from_u32(1 << 16);
    });
    assert!(report.failures.is_empty());
    assert_eq!(unprovided(&report), [vec![bus::BITS, 16, 1 << 16]]);
    // A dword index that reaches into the next region contradicts the base.
    let report = pranked(memory_event(Opcode::Sd, 0x1000, 0, [5, 0], 6), |row| row.address.dword_low += F::from_u32(1 << 29));
    assert_eq!(failures(&report), ["store::address_carry", "store::address_wrap"]);
}

#[test]
fn misaligned_store_is_rejected() {
    for (op, offset, label) in
        [(Opcode::Sh, 1, "store::aligned_half"), (Opcode::Sw, 2, "store::aligned_word"), (Opcode::Sd, 4, "store::aligned_dword")]
    {
        let report = pranked(memory_event(op, 0x2000 + offset, 0, [7, 0], 3), |_| ());
        assert!(report.failures.contains_key(label), "{op:?} at {offset}: {:?}", report.failures);
    }
}

proptest! {
    #[test]
    fn random_rows_satisfy(dword: u64, value: u64, addr in 0x1000..0x8000_0000u32, imm in -2048..2048i32, op in 0..4usize) {
        let op = OPCODES[op];
        let addr = u64::from(addr & !(semantics::access_bytes(op) - 1));
        let base = addr.wrapping_sub(imm as i64 as u64);
        let event = memory_event(op, base, imm, [dword, 0], value);
        assert_honest(&air(), |height, lookups| fill(&[event], height, lookups), 4);
    }
}
