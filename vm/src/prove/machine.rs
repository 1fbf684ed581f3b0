//! Filling the tables of a segment for version 2 of the proof system: as many rows as are used.

use p3_air::BaseAir;
use p3_matrix::dense::RowMajorMatrix;
use tern_air::events::SegmentEvents;
use tern_air::leaf::Bounds;
use tern_air::lookups::Lookups;
use tern_air::machine::{MachineAir, MachineChip, bits_table, poseidon2, segment};
use tern_air::memory::TreeEvents;
use tern_air::segment::Statement;
use tern_field::F;

use super::Traces;

/// Fills every table of a segment of `cycles` instructions, one for each of [`MachineChip::ALL`].
///
/// Keccak calls have no table yet: a segment with such calls does not balance.
#[must_use]
pub fn fill_machine(events: &SegmentEvents, tree: &TreeEvents, bounds: &Bounds, cycles: u32) -> Traces {
    let mut lookups = Lookups::default();
    MachineChip::ALL.iter().map(|&chip| fill_table(chip, events, tree, bounds, cycles, &mut lookups)).collect()
}

fn fill_table(
    chip: MachineChip,
    events: &SegmentEvents,
    tree: &TreeEvents,
    bounds: &Bounds,
    cycles: u32,
    lookups: &mut Lookups,
) -> RowMajorMatrix<F> {
    macro_rules! filled {
        ($chip:ident) => {
            tern_air::$chip::fill(&events.$chip, events.$chip.len(), lookups)
        };
    }
    match chip {
        MachineChip::AddSub => filled!(add_sub),
        MachineChip::Bitwise => filled!(bitwise),
        MachineChip::Shift => filled!(shift),
        MachineChip::Compare => filled!(compare),
        MachineChip::Branch => filled!(branch),
        MachineChip::Jump => filled!(jump),
        MachineChip::Load => filled!(load),
        MachineChip::Store => filled!(store),
        MachineChip::Misaligned => filled!(misaligned),
        MachineChip::Mul => filled!(mul),
        MachineChip::DivRem => filled!(div_rem),
        MachineChip::Ecall => filled!(ecall),
        MachineChip::MulMod => filled!(mulmod),
        MachineChip::Bridge => filled!(bridge),
        MachineChip::Decode => filled!(decode),
        MachineChip::Leaf => tern_air::leaf::fill(&tree.leaves, bounds, tree.leaves.len(), lookups),
        MachineChip::Tree => tern_air::tree::fill(&tree.nodes, tree.nodes.len()),
        MachineChip::Poseidon2 => poseidon2::fill(&tree.permutations, tree.permutations.len()),
        MachineChip::Segment => segment::fill(cycles),
        MachineChip::ByteTable => tern_air::byte_table::fill(lookups),
        MachineChip::BitsTable => bits_table::fill(lookups),
    }
}

/// The public values of every table.
#[must_use]
pub fn machine_values(statement: &Statement, bounds: &Bounds) -> Vec<Vec<F>> {
    let of = |air: &MachineAir| match air {
        MachineAir::Leaf(_) => bounds.to_values().to_vec(),
        MachineAir::Segment(_) => statement.to_values(),
        air => vec![F::default(); air.num_public_values()],
    };
    MachineAir::all().iter().map(of).collect()
}
