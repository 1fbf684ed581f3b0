//! Filling all tables of a segment.

use alloc::vec::Vec;

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;

use super::add_sub::AddSubChip;
use super::bitwise::BitwiseChip;
use super::branch::BranchChip;
use super::bridge::BridgeChip;
use super::compare::CompareChip;
use super::decode::DecodeChip;
use super::jump::JumpChip;
use super::keccak::KeccakChip;
use super::load::LoadChip;
use super::misaligned::MisalignedChip;
use super::mul::MulChip;
use super::mulmod::{MulMod384Chip, MulModChip};
use super::shift::ShiftChip;
use super::store::StoreChip;
use super::{MachineChip, bits_table, keccak, keccak_bits, poseidon2, segment, sha256_rounds};
use crate::events::SegmentEvents;
use crate::fill::FillRow;
use crate::lookups::Lookups;
use crate::machine::leaf::Bounds;
use crate::memory::TreeEvents;

/// Fills every table of a segment of `cycles` instructions, in the order of [`MachineChip::ALL`].
/// `lookups` are those counted so far, by tables that are not among these.
#[must_use]
pub fn fill(events: &SegmentEvents, tree: &TreeEvents, bounds: &Bounds, cycles: u32, mut lookups: Lookups) -> Vec<RowMajorMatrix<F>> {
    MachineChip::ALL.iter().map(|&chip| fill_table(chip, events, tree, bounds, cycles, &mut lookups)).collect()
}

/// Fills one table with as many rows as the segment uses, and counts its lookups. The fixed tables
/// come last in [`MachineChip::ALL`], when all lookups are counted.
#[must_use]
pub fn fill_table(
    chip: MachineChip,
    events: &SegmentEvents,
    tree: &TreeEvents,
    bounds: &Bounds,
    cycles: u32,
    lookups: &mut Lookups,
) -> RowMajorMatrix<F> {
    match chip {
        MachineChip::AddSub => crate::machine::add_sub::fill(&events.add_sub, events.add_sub.len(), lookups),
        MachineChip::Bitwise => crate::machine::bitwise::fill(&events.bitwise, events.bitwise.len(), lookups),
        MachineChip::Shift => crate::machine::shift::fill(&events.shift, events.shift.len(), lookups),
        MachineChip::Compare => crate::machine::compare::fill(&events.compare, events.compare.len(), lookups),
        MachineChip::Branch => crate::machine::branch::fill(&events.branch, events.branch.len(), lookups),
        MachineChip::Jump => crate::machine::jump::fill(&events.jump, events.jump.len(), lookups),
        MachineChip::Load => crate::machine::load::fill(&events.load, events.load.len(), lookups),
        MachineChip::Store => crate::machine::store::fill(&events.store, events.store.len(), lookups),
        MachineChip::Misaligned => crate::machine::misaligned::fill(&events.misaligned, events.misaligned.len(), lookups),
        MachineChip::Mul => crate::machine::mul::fill(&events.mul, events.mul.len(), lookups),
        MachineChip::DivRem => crate::machine::div_rem::fill(&events.div_rem, events.div_rem.len(), lookups),
        MachineChip::Ecall => crate::machine::ecall::fill(&events.ecall, events.ecall.len(), lookups),
        MachineChip::Keccak => keccak::fill(&events.keccak, events.keccak.len(), lookups),
        MachineChip::KeccakBits => keccak_bits::fill(&events.keccak),
        MachineChip::MulMod => crate::machine::mulmod::fill(&events.mulmod, events.mulmod.len(), lookups),
        MachineChip::MulMod384 => crate::machine::mulmod::fill_384(&events.mulmod384, events.mulmod384.len(), lookups),
        MachineChip::Sha256 => crate::machine::sha256::fill(&events.sha256, events.sha256.len(), lookups),
        MachineChip::Sha256Rounds => sha256_rounds::fill(&events.sha256, events.sha256.len() * sha256_rounds::ROWS),
        MachineChip::Blake2f => {
            crate::machine::blake2f::fill(&events.blake2f, events.blake2f.len() * crate::machine::blake2f::ROWS, lookups)
        }
        MachineChip::Bridge => crate::machine::bridge::fill(&events.bridge, events.bridge.len(), lookups),
        MachineChip::Decode => crate::machine::decode::fill(&events.decode, events.decode.len(), lookups),
        MachineChip::Leaf => crate::machine::leaf::fill(&tree.leaves, bounds, tree.leaves.len(), lookups),
        MachineChip::Tree => crate::machine::tree::fill(&tree.nodes, tree.nodes.len()),
        MachineChip::Poseidon2 => poseidon2::fill(&tree.permutations, tree.permutations.len()),
        MachineChip::Segment => segment::fill(cycles),
        MachineChip::ByteTable => crate::machine::byte_table::fill(lookups),
        MachineChip::BitsTable => bits_table::fill(lookups),
    }
}

/// Something that is done with a table each of whose rows is made of one record.
pub trait WithRows<'a> {
    /// What comes of it.
    type Output;

    /// Does it.
    fn with_rows<C: FillRow>(self, events: &'a [C::Event]) -> Self::Output;
}

/// Does something with a chip's table; nothing if its rows are not each made of one record.
pub fn with_rows<'a, A: WithRows<'a>>(chip: MachineChip, events: &'a SegmentEvents, act: A) -> Option<A::Output> {
    Some(match chip {
        MachineChip::AddSub => act.with_rows::<AddSubChip>(&events.add_sub),
        MachineChip::Load => act.with_rows::<LoadChip>(&events.load),
        MachineChip::Store => act.with_rows::<StoreChip>(&events.store),
        MachineChip::Branch => act.with_rows::<BranchChip>(&events.branch),
        MachineChip::Bitwise => act.with_rows::<BitwiseChip>(&events.bitwise),
        MachineChip::Shift => act.with_rows::<ShiftChip>(&events.shift),
        MachineChip::Bridge => act.with_rows::<BridgeChip>(&events.bridge),
        MachineChip::Jump => act.with_rows::<JumpChip>(&events.jump),
        MachineChip::Compare => act.with_rows::<CompareChip>(&events.compare),
        MachineChip::Misaligned => act.with_rows::<MisalignedChip>(&events.misaligned),
        MachineChip::Mul => act.with_rows::<MulChip>(&events.mul),
        MachineChip::MulMod => act.with_rows::<MulModChip>(&events.mulmod),
        MachineChip::MulMod384 => act.with_rows::<MulMod384Chip>(&events.mulmod384),
        MachineChip::Decode => act.with_rows::<DecodeChip>(&events.decode),
        MachineChip::Keccak => act.with_rows::<KeccakChip>(&events.keccak),
        _ => return None,
    })
}
