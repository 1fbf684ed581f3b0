//! Which shape a segment takes, and where it is cut.

use tern_air::chip::ChipId;
use tern_air::events::SegmentEvents;
use tern_air::memory::TreeEvents;
use tern_air::shape::{SHAPES, Shape};

use crate::exec::{SegmentLimits, Table};

/// The shape that segments are cut for.
#[must_use]
pub fn largest_shape() -> &'static Shape {
    &SHAPES[SHAPES.len() - 1]
}

/// What a segment of this shape may hold.
#[must_use]
pub fn limits_of(shape: &Shape) -> SegmentLimits {
    let mut limits = SegmentLimits::cycles(SegmentLimits::MAX_CYCLES);
    for table in Table::ALL {
        limits = limits.with_rows(table, shape.capacity(chip_of(table)) as u32);
    }
    // Every visited node is compressed at most twice: before and after.
    limits.max_tree_nodes = shape.height(ChipId::Tree).min(shape.height(ChipId::Poseidon2) / 2) as u32;
    limits
}

/// The first shape, smallest first, that holds a segment.
#[must_use]
pub fn smallest_shape(events: &SegmentEvents, tree: &TreeEvents) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| {
        let rows_fit = Table::ALL.iter().all(|&table| table.rows(events) <= shape.capacity(chip_of(table)));
        rows_fit && tree.nodes.len() <= shape.height(ChipId::Tree) && tree.permutations.len() <= shape.height(ChipId::Poseidon2)
    })
}

/// The chip whose table holds a kind of record.
const fn chip_of(table: Table) -> ChipId {
    match table {
        Table::AddSub => ChipId::AddSub,
        Table::Bitwise => ChipId::Bitwise,
        Table::Shift => ChipId::Shift,
        Table::Compare => ChipId::Compare,
        Table::Mul => ChipId::Mul,
        Table::DivRem => ChipId::DivRem,
        Table::Jump => ChipId::Jump,
        Table::Branch => ChipId::Branch,
        Table::Load => ChipId::Load,
        Table::Store => ChipId::Store,
        Table::Misaligned => ChipId::Misaligned,
        Table::Ecall => ChipId::Ecall,
        Table::Keccak => ChipId::Keccak,
        Table::MulMod => ChipId::MulMod,
        Table::Bridge => ChipId::Bridge,
        Table::Decode => ChipId::Decode,
        Table::Leaf => ChipId::Leaf,
    }
}
