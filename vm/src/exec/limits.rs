//! Where a segment is cut.

use tern_air::events::{FIRST_TIME, MAX_TIME, SegmentEvents, TICKS_PER_INSTRUCTION};

/// A kind of record, and with it a table that has one row per record.
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
    Bridge = 14,
    Decode = 15,
    Leaf = 16,
}

impl Table {
    pub const COUNT: usize = 17;

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
            Self::Bridge => events.bridge.len(),
            Self::Decode => events.decode.len(),
            Self::Leaf => events.leaves.len(),
        }
    }
}

/// Committed cells that records take, and how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellLimit {
    /// Cells of one record of each [`Table`], by its discriminant.
    pub of_row: [u32; Table::COUNT],
    /// Cells of one node of the memory tree visited, a leaf or an inner one.
    pub of_tree_node: u32,
    /// Cells that such a node takes besides if it, or a leaf below it, is written.
    pub of_written_node: u32,
    /// Most cells of all records and nodes.
    pub most: u64,
}

impl CellLimit {
    /// As many cells as records take.
    pub const NONE: Self = Self { of_row: [0; Table::COUNT], of_tree_node: 0, of_written_node: 0, most: u64::MAX };
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
