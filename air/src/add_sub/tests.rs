use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::chip::TernAir;
use crate::events::AluEvent;
use crate::isa::Opcode;
use crate::testing::{alu_event, assert_honest, assert_labels_bite};

fn event(op: Opcode, a: u64, b: u64) -> AluEvent {
    let immediate = matches!(op, Opcode::Addi | Opcode::Addiw);
    let b = if immediate { ((b as i64) << 52 >> 52) as u64 } else { b };
    alu_event(op, a, b)
}

fn directed() -> Vec<AluEvent> {
    let values = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, u64::MAX, 1 << 63, 0x0001_0000_ffff_ffff];
    let pairs = values.iter().flat_map(|&a| values.iter().map(move |&b| (a, b)));
    pairs.flat_map(|(a, b)| trace::OPCODES.map(|op| event(op, a, b))).collect()
}

#[test]
fn directed_rows_satisfy() {
    let air = TernAir::AddSub(AddSubChip);
    assert_honest(&air, |height, lookups| fill(&directed(), height, lookups), 512);
}

#[test]
fn every_label_bites() {
    let air = TernAir::AddSub(AddSubChip);
    let mut lookups = Default::default();
    let events = directed();
    let trace = fill(&events, 512, &mut lookups);
    let rows: Vec<usize> = (0..60).chain([events.len()]).collect();
    assert_labels_bite(&air, &trace, &[], &rows);
}

proptest! {
    #[test]
    fn random_rows_satisfy(a: u64, b: u64, op in 0..6usize) {
        let air = TernAir::AddSub(AddSubChip);
        assert_honest(&air, |height, lookups| fill(&[event(trace::OPCODES[op], a, b)], height, lookups), 4);
    }
}
