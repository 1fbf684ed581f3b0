//! How large segments are, and where they are cut.

use p3_air::BaseAir;
use tern_air::events::SegmentEvents;
use tern_air::machine::keccak::MAX_CALLS;
use tern_air::machine::{MachineAir, MachineChip, bits_table, blake2f, keccak_bits, sha256_rounds};
use tern_air::memory::TreeEvents;
use tern_fri::multilinear::params::SEGMENT_V2;
use tern_fri::multilinear::shape::LOG_BLOCK;
use tern_fri::multilinear::{Layout, OpeningShape};
use tern_verifier::multilinear::machine::ROW_VARIABLES;

use super::device::Device;
use crate::exec::{Block, COMPRESSIONS, CellLimit, SegmentLimits, Table};

/// Base-2 logarithm of the number of rows of the matrix that segments are cut for. Larger segments
/// make less to combine, and take more memory.
pub const LOG_ROWS: usize = 21;

/// The least of these that anybody may ask for.
pub const MIN_LOG_ROWS: usize = 16;

/// [`LOG_ROWS`], or as many as a device has room for, but no fewer than [`MIN_LOG_ROWS`].
#[must_use]
pub fn default_log_rows(device: Option<&Device>) -> usize {
    LOG_ROWS.min(device.map_or(LOG_ROWS, Device::largest_log_rows)).max(MIN_LOG_ROWS)
}

/// What a segment's proof commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentSize {
    /// Cells of its tables, rows up to whole blocks included.
    pub cells: u64,
    /// Base-2 logarithm of the number of rows of its dense matrix.
    pub log_rows: usize,
}

impl SegmentSize {
    /// The size of an executed segment.
    #[must_use]
    pub fn of(events: &SegmentEvents, tree: &TreeEvents) -> Self {
        let rows = rows(events, tree);
        let blocks: Vec<usize> = rows.iter().map(|rows| rows.div_ceil(1 << LOG_BLOCK)).collect();
        let layout = layout();
        let shape = OpeningShape::of_tables(&SEGMENT_V2, &layout, &blocks, ROW_VARIABLES);
        Self { cells: (layout.cells(&blocks) << LOG_BLOCK) as u64, log_rows: shape.log_rows }
    }

    /// Cells of its dense matrix.
    #[must_use]
    pub const fn matrix_cells(&self) -> u64 {
        1 << (self.log_rows + SEGMENT_V2.log_width)
    }
}

/// What a segment may hold so that its cells fit a matrix of `2^log_rows` rows.
#[must_use]
pub fn limits_of(log_rows: usize) -> SegmentLimits {
    let widths = row_cells();
    // of records that have a row
    let blocks = |chip: MachineChip| Block { record_rows: 1, rows: 1 << LOG_BLOCK, cells: widths[chip as usize] << LOG_BLOCK };
    let mut limits = SegmentLimits::cycles(SegmentLimits::MAX_CYCLES);
    limits.max_rows = [1 << ROW_VARIABLES; Table::COUNT];
    limits.max_rows[Table::Keccak as usize] = MAX_CALLS as u32;
    limits.max_rows[Table::Sha256 as usize] = (1 << ROW_VARIABLES) / sha256_rounds::ROWS as u32;
    limits.max_rows[Table::Blake2f as usize] = (1 << ROW_VARIABLES) / blake2f::ROWS as u32;
    limits.max_tree_nodes = (1 << ROW_VARIABLES) / COMPRESSIONS;
    let fixed: u64 = FIXED_ROWS.iter().map(|&(chip, rows)| blocks(chip).of(rows as u32)).sum();
    limits.cells = CellLimit {
        tables: Table::ALL.map(|table| Block { record_rows: record_rows(table) as u32, ..blocks(chip_of(table)) }),
        keccak_bits: Block {
            record_rows: 1,
            rows: keccak_bits::CALLS as u32,
            cells: widths[MachineChip::KeccakBits as usize] * keccak_bits::CALL_ROWS as u32,
        },
        sha256_rounds: Block { record_rows: sha256_rounds::ROWS as u32, ..blocks(MachineChip::Sha256Rounds) },
        inner_nodes: blocks(MachineChip::Tree),
        compressions: blocks(MachineChip::Poseidon2),
        most: (1_u64 << (log_rows + SEGMENT_V2.log_width)).saturating_sub(fixed),
    };
    limits
}

/// Tables that have as many rows in every segment.
const FIXED_ROWS: [(MachineChip, usize); 3] = [
    (MachineChip::Segment, 1),
    (MachineChip::ByteTable, tern_air::machine::byte_table::HEIGHT),
    (MachineChip::BitsTable, bits_table::HEIGHT),
];

fn layout() -> Layout {
    let widths: Vec<usize> = MachineAir::all().iter().map(BaseAir::width).collect();
    Layout::new(&widths, SEGMENT_V2.log_width)
}

/// Cells that a row of each table takes in the dense matrix.
pub(super) fn row_cells() -> Vec<u32> {
    let layout = layout();
    let mut cells = vec![0; layout.widths().len()];
    layout.groups().iter().for_each(|group| cells[group.table] += 1 << group.log_width);
    cells
}

/// Rows of every table of a segment.
pub(super) fn rows(events: &SegmentEvents, tree: &TreeEvents) -> Vec<usize> {
    let mut rows = vec![0; MachineChip::COUNT];
    for table in Table::ALL {
        rows[chip_of(table) as usize] = table.rows(events) * record_rows(table);
    }
    let calls = events.keccak.len();
    let others = [
        (MachineChip::KeccakBits, calls.div_ceil(keccak_bits::CALLS) * keccak_bits::CALL_ROWS),
        (MachineChip::Sha256Rounds, events.sha256.len() * sha256_rounds::ROWS),
        (MachineChip::Tree, tree.nodes.len()),
        (MachineChip::Poseidon2, tree.permutations.len()),
    ];
    for (chip, count) in others.into_iter().chain(FIXED_ROWS) {
        rows[chip as usize] = count;
    }
    rows
}

/// Rows of a record in its chip's table.
pub(super) const fn record_rows(table: Table) -> usize {
    match table {
        Table::Blake2f => blake2f::ROWS,
        _ => 1,
    }
}

/// The chip whose table holds a kind of record.
pub(super) const fn chip_of(table: Table) -> MachineChip {
    match table {
        Table::AddSub => MachineChip::AddSub,
        Table::Bitwise => MachineChip::Bitwise,
        Table::Shift => MachineChip::Shift,
        Table::Compare => MachineChip::Compare,
        Table::Mul => MachineChip::Mul,
        Table::DivRem => MachineChip::DivRem,
        Table::Jump => MachineChip::Jump,
        Table::Branch => MachineChip::Branch,
        Table::Load => MachineChip::Load,
        Table::Store => MachineChip::Store,
        Table::Misaligned => MachineChip::Misaligned,
        Table::Ecall => MachineChip::Ecall,
        Table::Keccak => MachineChip::Keccak,
        Table::MulMod => MachineChip::MulMod,
        Table::MulMod384 => MachineChip::MulMod384,
        Table::Sha256 => MachineChip::Sha256,
        Table::Blake2f => MachineChip::Blake2f,
        Table::Bridge => MachineChip::Bridge,
        Table::Decode => MachineChip::Decode,
        Table::Leaf => MachineChip::Leaf,
    }
}

#[cfg(test)]
mod tests {
    use p3_matrix::Matrix;
    use tern_air::lookups::Lookups;
    use tern_air::machine::leaf::Bounds;
    use tern_guest_evm::json::BlockFile;
    use tern_guest_evm::salt::TEST_SALT;

    use super::*;
    use crate::elf::Program;
    use crate::exec::{Options, SegmentExecutor};
    use crate::prove::{ExecutedSegment, ProvableProgram};
    use crate::testing::{compressions, fibonacci, permutations};

    /// Gives each segment of a program's run to be used, cut by these limits.
    fn each_segment(elf: &[u8], input: &[u8], limits: &SegmentLimits, mut then: impl FnMut(ExecutedSegment, &Bounds)) {
        let program = ProvableProgram::new(Program::from_elf(elf).expect("a program")).expect("a program that can be proved");
        let mut memory = program.memory(input);
        let mut executor = SegmentExecutor::new(&program.program, input, Options::default()).expect("a machine");
        while let Some(record) = executor.next_segment(limits).expect("no trap") {
            let nodes = record.nodes;
            let segment = ExecutedSegment::new(record, &mut memory).expect("a segment");
            // What is cut by is no less than what there is.
            assert!(segment.tree.permutations.len() <= (nodes.visited + nodes.written) as usize, "{nodes:?}");
            then(segment, &program.key.bounds);
        }
    }

    fn sizes(elf: &[u8], input: &[u8], limits: &SegmentLimits) -> Vec<SegmentSize> {
        let mut sizes = Vec::new();
        each_segment(elf, input, limits, |segment, _| sizes.push(SegmentSize::of(&segment.events, &segment.tree)));
        sizes
    }

    #[test]
    fn rows_are_those_that_are_filled() {
        for elf in [fibonacci(100), permutations(7), compressions(20)] {
            each_segment(&elf, &[], &SegmentLimits::cycles(200), |segment, bounds| {
                let tables = tern_air::machine::fill(&segment.events, &segment.tree, bounds, segment.cycles, Lookups::default());
                let heights: Vec<usize> = tables.iter().map(Matrix::height).collect();
                assert_eq!(rows(&segment.events, &segment.tree), heights);
            });
        }
    }

    /// Full segments fill the matrix that they are cut for, but for a twentieth, whatever the
    /// program does most.
    #[test]
    fn segments_fill_their_matrix() {
        for (elf, log_rows) in [(fibonacci(30_000), 14), (permutations(3_000), 15), (compressions(1_000), 15)] {
            let sizes = sizes(&elf, &[], &limits_of(log_rows));
            let (_, full) = sizes.split_last().expect("a segment");
            assert!(full.len() > 1, "{} segments", full.len());
            for size in full {
                assert_eq!(size.log_rows, log_rows);
                assert!(size.cells * 20 > size.matrix_cells() * 19, "{size:?}");
            }
        }
    }

    /// The fixed tables alone need more than half of the least listed matrix, and what a segment of
    /// one instruction has besides fits into it.
    #[test]
    fn the_smallest_segments_are_of_the_least_listed_size() {
        let least = *crate::recursion::SEGMENT_SIZES.start();
        assert_eq!(limits_of(least - 1).cells.most, 0);
        let sizes = sizes(&fibonacci(1), &[], &SegmentLimits::cycles(1));
        assert_eq!(sizes.iter().map(|size| size.log_rows).min(), Some(least));
    }

    /// How much of its matrices a block leaves empty: `BLOCK=file`, and `LOG_ROWS` if it is to be
    /// cut for others than usual.
    #[test]
    #[ignore = "a measurement"]
    fn padding_of_a_block() {
        let Some(path) = std::env::var_os("BLOCK") else { return println!("skipped: no BLOCK") };
        let log_rows = std::env::var("LOG_ROWS").map_or(LOG_ROWS, |text| text.parse().expect("a number"));
        let block = BlockFile::parse(&std::fs::read(path).expect("a block")).expect("a block");
        let guest = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../guest-evm/elf/guest.elf")).expect("the block guest");
        let input = block.salted_guest_input(&TEST_SALT).expect("an input");
        for size in sizes(&guest, &input, &limits_of(log_rows)) {
            println!("{size:?}, padding {:.2} %", 100.0 - 100.0 * size.cells as f64 / size.matrix_cells() as f64);
        }
    }
}
