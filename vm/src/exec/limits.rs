//! Where a segment is cut.

use tern_air::events::{FIRST_TIME, MAX_TIME, SegmentEvents, TICKS_PER_INSTRUCTION};

/// Most compressions of a visited node of the memory tree: before and after.
pub const COMPRESSIONS: u32 = 2;

/// Nodes of the memory tree, leaves, inner nodes and root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreeNodes {
    /// Those visited, each once.
    pub visited: u32,
    /// Those of them that are written, or above a leaf that is: no others change.
    pub written: u32,
}

/// A kind of record, and with it a table that has a row, or several, per record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(usize)]
pub enum Table {
    AddSub = 0,
    Bitwise = 1,
    Shift = 2,
    Compare = 3,
    Mul = 4,
    DivRem = 5,
    Jump = 6,
    Branch = 7,
    Load = 8,
    Store = 9,
    Misaligned = 10,
    Ecall = 11,
    Keccak = 12,
    MulMod = 13,
    MulMod384 = 14,
    Sha256 = 15,
    Blake2f = 16,
    Bridge = 17,
    Decode = 18,
    Leaf = 19,
}

impl Table {
    pub const COUNT: usize = 20;

    /// All tables, in the order of their discriminants.
    pub const ALL: [Self; Self::COUNT] = [
        Self::AddSub,
        Self::Bitwise,
        Self::Shift,
        Self::Compare,
        Self::Mul,
        Self::DivRem,
        Self::Jump,
        Self::Branch,
        Self::Load,
        Self::Store,
        Self::Misaligned,
        Self::Ecall,
        Self::Keccak,
        Self::MulMod,
        Self::MulMod384,
        Self::Sha256,
        Self::Blake2f,
        Self::Bridge,
        Self::Decode,
        Self::Leaf,
    ];

    /// The number of records of this kind in a finished segment.
    #[must_use]
    pub fn rows(self, events: &SegmentEvents) -> usize {
        match self {
            Self::AddSub => events.add_sub.len(),
            Self::Bitwise => events.bitwise.len(),
            Self::Shift => events.shift.len(),
            Self::Compare => events.compare.len(),
            Self::Mul => events.mul.len(),
            Self::DivRem => events.div_rem.len(),
            Self::Jump => events.jump.len(),
            Self::Branch => events.branch.len(),
            Self::Load => events.load.len(),
            Self::Store => events.store.len(),
            Self::Misaligned => events.misaligned.len(),
            Self::Ecall => events.ecall.len(),
            Self::Keccak => events.keccak.len(),
            Self::MulMod => events.mulmod.len(),
            Self::MulMod384 => events.mulmod384.len(),
            Self::Sha256 => events.sha256.len(),
            Self::Blake2f => events.blake2f.len(),
            Self::Bridge => events.bridge.len(),
            Self::Decode => events.decode.len(),
            Self::Leaf => events.leaves.len(),
        }
    }
}

/// Rows of records that are committed to together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Rows of a record.
    pub record_rows: u32,
    /// So many rows, or fewer, take a block.
    pub rows: u32,
    /// Committed cells of a block.
    pub cells: u32,
}

impl Block {
    /// Records that take nothing.
    pub const NONE: Self = Self { record_rows: 1, rows: 1, cells: 0 };

    /// Cells of so many records.
    #[must_use]
    pub const fn of(self, records: u32) -> u64 {
        (records as u64 * self.record_rows as u64).div_ceil(self.rows as u64) * self.cells as u64
    }

    /// Cells of a record of a full block, at least.
    #[must_use]
    pub const fn of_one(self) -> u64 {
        (self.cells as u64 * self.record_rows as u64).div_ceil(self.rows as u64)
    }
}

/// Committed cells that records take, and how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellLimit {
    /// The records of each [`Table`], by its discriminant.
    pub tables: [Block; Table::COUNT],
    /// The calls of Keccak once more: their bits.
    pub keccak_bits: Block,
    /// The calls of SHA-256 once more: their rounds.
    pub sha256_rounds: Block,
    /// Inner nodes of the memory tree visited.
    pub inner_nodes: Block,
    /// Compressions of the memory tree: one for each node visited, and one more for each that is written.
    pub compressions: Block,
    /// Most cells of all of these.
    pub most: u64,
}

impl CellLimit {
    /// As many cells as records take.
    pub const NONE: Self = Self {
        tables: [Block::NONE; Table::COUNT],
        keccak_bits: Block::NONE,
        sha256_rounds: Block::NONE,
        inner_nodes: Block::NONE,
        compressions: Block::NONE,
        most: u64::MAX,
    };

    /// Cells of so many records of each table, and of so many nodes of the memory tree.
    #[must_use]
    pub fn of(&self, records: &[u32; Table::COUNT], nodes: TreeNodes) -> u64 {
        self.sum(records, nodes, Block::of)
    }

    /// What `cells` says of all blocks, added up.
    pub(super) fn sum(&self, records: &[u32; Table::COUNT], nodes: TreeNodes, cells: impl Fn(Block, u32) -> u64) -> u64 {
        let inner = nodes.visited.saturating_sub(records[Table::Leaf as usize]);
        let others = cells(self.keccak_bits, records[Table::Keccak as usize])
            + cells(self.sha256_rounds, records[Table::Sha256 as usize])
            + cells(self.inner_nodes, inner)
            + cells(self.compressions, nodes.visited.saturating_add(nodes.written));
        self.tables.iter().zip(records).fold(others, |sum, (&block, &records)| sum + cells(block, records))
    }
}

/// What each record of a run weighs, and each node of the memory tree, in whatever unit the caller counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordWeights {
    /// A record of each [`Table`], by its discriminant.
    pub tables: [u64; Table::COUNT],
    /// An inner node of the memory tree visited.
    pub inner_node: u64,
    /// A compression of the memory tree.
    pub compression: u64,
}

impl RecordWeights {
    /// The weight of so many records of each table, and of so many nodes of the memory tree.
    #[must_use]
    pub fn of(&self, records: &[u32; Table::COUNT], nodes: TreeNodes) -> u64 {
        let inner = u64::from(nodes.visited.saturating_sub(records[Table::Leaf as usize]));
        let compressions = u64::from(nodes.visited) + u64::from(nodes.written);
        let tables: u64 = self.tables.iter().zip(records).map(|(&weight, &records)| weight * u64::from(records)).sum();
        tables + inner * self.inner_node + compressions * self.compression
    }
}

/// What a segment may hold. A segment ends before the first instruction that could exceed any of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentLimits {
    /// Most records of each [`Table`], by its discriminant.
    pub max_rows: [u32; Table::COUNT],
    /// Most nodes of the memory tree visited: leaves, inner nodes and root, each once.
    pub max_tree_nodes: u32,
    /// Most committed cells.
    pub cells: CellLimit,
    /// Most instructions, at most [`SegmentLimits::MAX_CYCLES`].
    pub max_cycles: u32,
}

impl SegmentLimits {
    /// Times stay below [`MAX_TIME`].
    pub const MAX_CYCLES: u32 = (MAX_TIME - FIRST_TIME) / TICKS_PER_INSTRUCTION - 1;

    /// Limits on the number of instructions only.
    #[must_use]
    pub const fn cycles(max_cycles: u32) -> Self {
        Self { max_rows: [u32::MAX; Table::COUNT], max_tree_nodes: u32::MAX, cells: CellLimit::NONE, max_cycles }
    }

    /// The same limits with at most `rows` records of `table`.
    #[must_use]
    pub const fn with_rows(mut self, table: Table, rows: u32) -> Self {
        self.max_rows[table as usize] = rows;
        self
    }
}
