use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use proptest::prelude::*;
use tern_field::F;

use super::*;
use crate::bus;
use crate::check::Report;
use crate::events::{MemoryEvent, Region};
use crate::isa::{Opcode, semantics};
use crate::machine::MachineAir;
use crate::testing::gate::{Table, assert_gate, attacks};
use crate::testing::{assert_honest, memory_event, prank, unprovided, with_tag};

const OPCODES: [Opcode; 7] = [Opcode::Lb, Opcode::Lh, Opcode::Lw, Opcode::Ld, Opcode::Lbu, Opcode::Lhu, Opcode::Lwu];

fn air() -> MachineAir {
    MachineAir::Load(LoadChip)
}

/// A load at `offset` of a dword, rounded down to its alignment.
fn event(op: Opcode, dword: u64, offset: u64) -> MemoryEvent {
    let aligned = offset & !(u64::from(semantics::access_bytes(op)) - 1);
    memory_event(op, 0x7c12_fff8 + aligned, -16, [dword, 0], 0)
}

fn directed() -> Vec<MemoryEvent> {
    let dwords = [0, u64::MAX, 0x8081_8283_8485_8687, 0x7f01_0203_0405_0607, 0x8000_7fff_00ff_ff00];
    let places = dwords.iter().flat_map(|&dword| (0..8).map(move |offset| (dword, offset)));
    let mut events: Vec<_> = places.flat_map(|(dword, offset)| OPCODES.map(|op| event(op, dword, offset))).collect();
    let bases = [(0x1000, 0), (0x0fff, 1), (0x1_0000_0007, -15), (0xffff_ffff, -7), (0xffff_f7f9, 2047), (0x2_0000, -8), (0x1_ffff, 1)];
    events.extend(bases.map(|(base, imm)| memory_event(Opcode::Lbu, base, imm, [0x0102_0304_0506_0708, 0], 0)));
    for (region, event) in [Region::ReadOnly, Region::Text].into_iter().cycle().zip(&mut events[..20]) {
        event.region = region;
    }
    events
}

#[test]
fn directed_rows_satisfy() {
    assert_honest(&air(), |height, lookups| fill(&directed(), height, lookups), 512);
}

#[test]
fn the_gate_holds() {
    let events = directed();
    let trace = fill(&events, 512, &mut Default::default());
    let rows: Vec<usize> = (0..120).chain([events.len()]).collect();
    assert_gate(&air(), &[Table::new(&air(), &trace, &[], rows)], &attacks!(), &[]);
}

#[test]
fn memory_messages_carry_the_load() {
    let event = MemoryEvent { region: Region::ReadOnly, ..memory_event(Opcode::Lh, 0x8000_0010, -10, [0x8081_8283_8485_8687, 0], 0) };
    let balance = assert_honest(&air(), |height, lookups| fill(&[event], height, lookups), 4);
    let cell = |key: u32, value: u64, time: u32| {
        let limb = |i: u32| (value >> (16 * i)) as u32 & 0xffff;
        vec![key, limb(0), limb(1), limb(2), limb(3), time]
    };
    let (base, rd) = (bus::REGISTER_KEY + 6, bus::REGISTER_KEY + 5);
    let key = (0x8000_0006 >> 3) + bus::REGION_STRIDE;
    let mut expected = vec![
        (cell(base, 0x8000_0010, 7), -1),
        (cell(base, 0x8000_0010, 808), 1),
        (cell(key, 0x8081_8283_8485_8687, 17), -1),
        (cell(key, 0x8081_8283_8485_8687, 810), 1),
        (cell(rd, 0x1234_5678_9abc_def0, 100), -1),
        (cell(rd, 0xffff_ffff_ffff_8081, 811), 1),
    ];
    expected.sort();
    assert_eq!(with_tag(&balance, bus::MEMORY), expected);
}

fn pranked(event: MemoryEvent, change: impl FnOnce(&mut LoadCols<F>)) -> Report {
    let trace = fill(&[event], 4, &mut Default::default());
    prank(&air(), &trace, change)
}

fn f(x: u32) -> F {
    F::from_u32(x)
}

#[test]
fn forged_byte_is_rejected() {
    // The loaded byte 0x87 becomes 0x187 - 256 * 1: the limb still adds up.
    let report = pranked(event(Opcode::Lbu, 0x8687, 0), |row| {
        row.result[0] += f(256);
        row.other_byte -= F::ONE;
        row.below_sign += f(256);
    });
    assert!(report.failures.is_empty());
    assert_eq!(unprovided(&report), [vec![bus::BYTES, 0x187, 0x85]]);
}

#[test]
fn forged_sign_is_rejected() {
    for (op, bits) in [(Opcode::Lb, 7), (Opcode::Lh, 15), (Opcode::Lw, 15)] {
        let report = pranked(event(op, 0x8080_8080, 0), |row| {
            let above = if op == Opcode::Lw { 2 } else { 1 };
            row.result[above..].fill(F::ZERO);
            if op == Opcode::Lb {
                row.result[0] -= f(0xff00);
            }
            row.below_sign += f(1 << bits);
        });
        assert!(report.failures.is_empty(), "{:?}", report.failures);
        assert_eq!(unprovided(&report), [vec![bus::BITS, bits, row_top(bits)]], "{op:?}");
    }
}

/// The top byte or limb of 0x8080_8080.
fn row_top(bits: u32) -> u32 {
    0x8080 >> (15 - bits)
}

#[test]
fn address_beyond_32_bits_is_rejected() {
    // Base 2^32 + 0x1000 read as 0x1000 of the next region: the upper limb of the address would be 2^16.
    let report = pranked(memory_event(Opcode::Ld, 0x1_0000_1000, -4096, [5, 0], 0), |row| {
        row.address.imm0 = F::ZERO;
        row.address.imm_sign = F::ZERO;
        row.address.dword_low = f(0x1000 >> 3);
    });
    // Without the immediate no carry explains a base with bit 32 set, so the base claimed is
    // 0x1000: another register value.
    assert!(report.failures.is_empty());
    let base = with_tag(&report.balance, bus::MEMORY).into_iter().find(|(cell, count)| cell[0] == bus::REGISTER_KEY + 6 && *count == -1);
    assert_eq!(base.unwrap().0[1..5], [0x1000, 0, 0, 0]);
}

#[test]
fn wrapping_address_is_rejected() {
    // 0xffff_fff8 + 8 = 2^32 claimed as address 0: the base would need the upper limb -1.
    let report = pranked(memory_event(Opcode::Ld, 0xffff_fff8, 0, [5, 0], 0), |row| {
        row.address.imm0 = f(8);
        row.address.dword_low = F::ZERO;
        row.address.high = F::ZERO;
    });
    assert_eq!(report.failures.keys().copied().collect::<Vec<_>>(), ["load::address_wrap"]);
    // Claimed as 2^32, which would be dword 0 of the next region.
    let report = pranked(memory_event(Opcode::Ld, 0xffff_fff8, 0, [5, 0], 0), |row| {
        row.address.imm0 = f(8);
        row.address.dword_low = F::ZERO;
        row.address.high = f(1 << 16);
    });
    assert!(report.failures.is_empty());
    assert_eq!(unprovided(&report), [vec![bus::BITS, 16, 1 << 16]]);
}

#[test]
fn misaligned_load_is_rejected() {
    for (op, offset, label) in
        [(Opcode::Lh, 1, "load::aligned_half"), (Opcode::Lw, 2, "load::aligned_word"), (Opcode::Ld, 4, "load::aligned_dword")]
    {
        let misaligned = memory_event(op, 0x2000 + offset, 0, [7, 0], 0);
        let trace = fill(&[misaligned], 4, &mut Default::default());
        let report = prank::<LoadCols<F>>(&air(), &trace, |_| ());
        assert!(report.failures.contains_key(label), "{op:?} at {offset}: {:?}", report.failures);
    }
}

proptest! {
    #[test]
    fn random_rows_satisfy(dword: u64, addr in 0x1000..u32::MAX, imm in -2048..2048i32, op in 0..7usize) {
        let op = OPCODES[op];
        let addr = u64::from(addr & !(semantics::access_bytes(op) - 1));
        let base = addr.wrapping_sub(imm as i64 as u64);
        let event = memory_event(op, base, imm, [dword, 0], 0);
        assert_honest(&air(), |height, lookups| fill(&[event], height, lookups), 4);
    }
}
