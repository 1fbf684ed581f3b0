//! Filling all tables of a segment.

use p3_matrix::dense::RowMajorMatrix;
use tern_air::chip::ChipId;
use tern_air::events::SegmentEvents;
use tern_air::leaf::Bounds;
use tern_air::lookups::Lookups;
use tern_air::memory::TreeEvents;
use tern_air::shape::Shape;
use tern_field::F;

/// One table per chip, in the order of [`ChipId::ALL`].
pub type Traces = Vec<RowMajorMatrix<F>>;

/// Fills every table of a segment that has `cycles` instructions.
///
/// # Panics
///
/// If the shape does not hold the segment.
#[must_use]
pub fn fill(events: &SegmentEvents, tree: &TreeEvents, bounds: &Bounds, cycles: u32, shape: &Shape) -> Traces {
    let mut lookups = Lookups::default();
    ChipId::ALL.iter().map(|&chip| fill_table(chip, events, tree, bounds, cycles, shape.height(chip), &mut lookups)).collect()
}

/// Fills one table of a segment and counts its lookups. The preprocessed tables come last in [`ChipId::ALL`], when all lookups are counted; their heights are
/// their own.
///
/// # Panics
///
/// If the table does not hold the segment's records.
#[must_use]
pub fn fill_table(
    chip: ChipId,
    events: &SegmentEvents,
    tree: &TreeEvents,
    bounds: &Bounds,
    cycles: u32,
    height: usize,
    lookups: &mut Lookups,
) -> RowMajorMatrix<F> {
    match chip {
        ChipId::AddSub => tern_air::add_sub::fill(&events.add_sub, height, lookups),
        ChipId::Bitwise => tern_air::bitwise::fill(&events.bitwise, height, lookups),
        ChipId::Shift => tern_air::shift::fill(&events.shift, height, lookups),
        ChipId::Compare => tern_air::compare::fill(&events.compare, height, lookups),
        ChipId::Branch => tern_air::branch::fill(&events.branch, height, lookups),
        ChipId::Jump => tern_air::jump::fill(&events.jump, height, lookups),
        ChipId::Load => tern_air::load::fill(&events.load, height, lookups),
        ChipId::Store => tern_air::store::fill(&events.store, height, lookups),
        ChipId::Misaligned => tern_air::misaligned::fill(&events.misaligned, height, lookups),
        ChipId::Mul => tern_air::mul::fill(&events.mul, height, lookups),
        ChipId::DivRem => tern_air::div_rem::fill(&events.div_rem, height, lookups),
        ChipId::Ecall => tern_air::ecall::fill(&events.ecall, height, lookups),
        ChipId::Keccak => tern_air::keccak::fill(&events.keccak, height, lookups),
        ChipId::MulMod => tern_air::mulmod::fill(&events.mulmod, height, lookups),
        ChipId::Bridge => tern_air::bridge::fill(&events.bridge, height, lookups),
        ChipId::Decode => tern_air::decode::fill(&events.decode, height, lookups),
        ChipId::Leaf => tern_air::leaf::fill(&tree.leaves, bounds, height, lookups),
        ChipId::Tree => tern_air::tree::fill(&tree.nodes, height),
        ChipId::Poseidon2 => tern_air::poseidon2::fill(&tree.permutations, height),
        ChipId::Segment => tern_air::segment::fill(cycles, height),
        ChipId::ByteTable => tern_air::byte_table::fill(lookups),
        ChipId::BitsTable => tern_air::bits_table::fill(lookups),
    }
}
