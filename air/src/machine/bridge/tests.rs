use alloc::vec::Vec;

use super::*;
use crate::bus;
use crate::events::{BridgeEvent, Cell, Region};
use crate::machine::MachineAir;
use crate::testing::assert_honest;
use crate::testing::gate::{Table, assert_gate, attacks};

fn events() -> Vec<BridgeEvent> {
    let bridge = |cell, region, old_time, new_time| BridgeEvent { cell, region, value: 0x0123_4567_89ab_cdef, old_time, new_time };
    [
        bridge(Cell::Register(32), Region::ReadWrite, 0, 1),
        bridge(Cell::Register(7), Region::ReadWrite, 1, (1 << 26) - 1),
        bridge(Cell::Memory(0x1000), Region::Text, 2, 0x1_0000),
        bridge(Cell::Memory((1 << 29) - 1), Region::ReadOnly, 0x3_0000, 0x3_ffff),
    ]
    .to_vec()
}

#[test]
fn directed_rows_satisfy() {
    let balance = assert_honest(&MachineAir::Bridge(BridgeChip), |height, lookups| fill(&events(), height, lookups), 8);
    let memory = crate::testing::with_tag(&balance, bus::MEMORY);
    assert_eq!(memory.len(), 8, "each bridge takes one token and leaves one: {memory:?}");
}

#[test]
fn the_gate_holds() {
    let trace = fill(&events(), 8, &mut Default::default());
    let air = MachineAir::Bridge(BridgeChip);
    assert_gate(&air, &[Table::new(&air, &trace, &[], 0..5)], &attacks!(), &[]);
}
