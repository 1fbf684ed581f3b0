//! Heights of a recursion proof's tables.

use super::RecursionChip;

/// Heights of all tables. They belong to the circuit, as its preprocessed columns do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecursionShape {
    /// Base-2 logarithm of each table's height, by [`RecursionChip`].
    pub log_heights: [u8; RecursionChip::COUNT],
}

impl RecursionShape {
    /// Height of a table.
    #[must_use]
    pub const fn height(&self, chip: RecursionChip) -> usize {
        1 << self.log_heights[chip as usize]
    }
}

/// Heights of every circuit on the key list: those that lift, and those that join. There are three heights only, some tables taller than their rows need: each further height
/// is a level of every Merkle path with a hash more, and a folding round, in each proof that checks such a proof.
pub const NODE_SHAPE: RecursionShape = RecursionShape { log_heights: [18, 16, 16, 16, 18, 13, 13, 13, 16] };

/// Heights of the circuit that makes final proofs.
pub const WRAP_SHAPE: RecursionShape = RecursionShape { log_heights: [16, 14, 14, 14, 16, 11, 11, 11, 16] };
