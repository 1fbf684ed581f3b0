//! Table heights that a segment proof may have.
//!
//! Recursion circuits are fixed to heights, so heights come from a short list. A segment is cut before it outgrows the largest shape and is proved in the
//! first of the list that it fits. The verifier takes a position in the list from the proof and the heights from here.

use crate::chip::ChipId;
use crate::events::{FIRST_TIME, MAX_TIME, TICKS_PER_INSTRUCTION};

/// Heights of all tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Name of the shape.
    pub name: &'static str,
    /// Base-2 logarithm of each table's height, by [`ChipId`].
    pub log_heights: [u8; ChipId::COUNT],
}

/// Most distinct heights in a shape: a FRI round is committed at every one.
pub const MAX_DISTINCT_HEIGHTS: usize = 8;

/// Rows of the Keccak table that one permutation takes.
pub const KECCAK_ROWS: usize = 24;

/// Heights by table. The two preprocessed tables have the same height in every shape.
const fn heights(of: &[(ChipId, u8)], rest: u8) -> [u8; ChipId::COUNT] {
    let mut heights = [rest; ChipId::COUNT];
    let mut i = 0;
    while i < of.len() {
        heights[of[i].0 as usize] = of[i].1;
        i += 1;
    }
    heights[ChipId::ByteTable as usize] = 16;
    heights[ChipId::BitsTable as usize] = 17;
    heights
}

use ChipId::{
    AddSub, Bitwise, Branch, Bridge, Compare, Decode, DivRem, Ecall, Jump, Keccak, Leaf, Load, Misaligned, Mul, MulMod, Poseidon2, Segment,
    Shift, Store, Tree,
};

/// The shapes, in order of cells. Their order is part of the proof format.
pub const SHAPES: &[Shape] = &[
    // A few thousand instructions.
    Shape { name: "tiny", log_heights: heights(&[(Keccak, 6), (MulMod, 6), (Decode, 11), (Tree, 11), (Poseidon2, 12), (Segment, 6)], 10) },
    // A few hundred thousand instructions of anything.
    Shape {
        name: "small",
        log_heights: heights(
            &[
                (AddSub, 16),
                (Bitwise, 15),
                (Branch, 16),
                (Load, 16),
                (Store, 16),
                (DivRem, 6),
                (Leaf, 14),
                (Tree, 15),
                (Poseidon2, 16),
                (Segment, 6),
            ],
            14,
        ),
    },
    // Signatures: one modular multiplication in ten instructions.
    Shape {
        name: "curve",
        log_heights: heights(
            &[
                (AddSub, 19),
                (Bitwise, 16),
                (Shift, 16),
                (Branch, 16),
                (Jump, 15),
                (Load, 16),
                (Store, 16),
                (DivRem, 12),
                (Ecall, 16),
                (Keccak, 12),
                (MulMod, 16),
                (Bridge, 15),
                (Poseidon2, 15),
                (Segment, 12),
            ],
            14,
        ),
    },
    // A million instructions of anything.
    Shape {
        name: "medium",
        log_heights: heights(
            &[
                (AddSub, 19),
                (Bitwise, 17),
                (Shift, 17),
                (Branch, 17),
                (Jump, 16),
                (Load, 18),
                (Store, 18),
                (Misaligned, 15),
                (Ecall, 16),
                (MulMod, 16),
                (Bridge, 17),
                (Decode, 16),
                (Tree, 15),
                (Poseidon2, 16),
            ],
            14,
        ),
    },
    // Witness nodes: one Keccak permutation in a hundred instructions.
    Shape {
        name: "hash",
        log_heights: heights(
            &[
                (AddSub, 17),
                (Bitwise, 16),
                (Shift, 15),
                (Branch, 16),
                (Jump, 15),
                (Load, 17),
                (Store, 17),
                (Keccak, 16),
                (Bridge, 16),
                (Leaf, 15),
                (Tree, 15),
                (Poseidon2, 16),
            ],
            14,
        ),
    },
    // Where a block goes on from hashing to signatures.
    Shape {
        name: "mixed",
        log_heights: heights(
            &[
                (AddSub, 19),
                (Bitwise, 17),
                (Shift, 16),
                (Branch, 17),
                (Jump, 15),
                (Load, 17),
                (Store, 17),
                (Ecall, 17),
                (Keccak, 16),
                (MulMod, 16),
                (Bridge, 16),
                (Leaf, 15),
                (Tree, 15),
                (Poseidon2, 16),
            ],
            14,
        ),
    },
    // Execution of transactions.
    Shape {
        name: "large",
        log_heights: heights(
            &[
                (AddSub, 20),
                (Bitwise, 18),
                (Shift, 18),
                (Compare, 16),
                (Branch, 19),
                (Jump, 17),
                (Load, 20),
                (Store, 19),
                (Misaligned, 16),
                (Mul, 16),
                (Ecall, 16),
                (MulMod, 16),
                (Bridge, 18),
                (Decode, 16),
                (Leaf, 15),
                (Tree, 16),
                (Poseidon2, 17),
            ],
            13,
        ),
    },
    // Execution with much hashing.
    Shape {
        name: "busy",
        log_heights: heights(
            &[
                (AddSub, 20),
                (Bitwise, 18),
                (Shift, 18),
                (Compare, 16),
                (Branch, 19),
                (Jump, 17),
                (Load, 20),
                (Store, 19),
                (Misaligned, 16),
                (Mul, 16),
                (Ecall, 16),
                (Keccak, 15),
                (MulMod, 16),
                (Bridge, 18),
                (Decode, 16),
                (Leaf, 16),
                (Tree, 16),
                (Poseidon2, 17),
            ],
            13,
        ),
    },
    // Anything that a segment is cut for.
    Shape {
        name: "full",
        log_heights: heights(
            &[
                (AddSub, 20),
                (Bitwise, 18),
                (Shift, 18),
                (Compare, 16),
                (Branch, 19),
                (Jump, 17),
                (Load, 20),
                (Store, 19),
                (Misaligned, 16),
                (Mul, 16),
                (Ecall, 17),
                (Keccak, 16),
                (MulMod, 16),
                (Bridge, 18),
                (Decode, 16),
                (Leaf, 16),
                (Tree, 16),
                (Poseidon2, 17),
            ],
            13,
        ),
    },
];

impl Shape {
    /// Finds a shape by its name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static Self> {
        SHAPES.iter().find(|shape| shape.name == name)
    }

    /// Height of a table.
    #[must_use]
    pub const fn height(&self, chip: ChipId) -> usize {
        1 << self.log_heights[chip as usize]
    }

    /// Records of a kind that a table can hold: its height, or for Keccak the permutations.
    #[must_use]
    pub const fn capacity(&self, chip: ChipId) -> usize {
        match chip {
            ChipId::Keccak => self.height(chip) / KECCAK_ROWS,
            _ => self.height(chip),
        }
    }
}

/// The tables of which every row is an instruction, and so advances time.
const INSTRUCTIONS: [ChipId; 12] = [AddSub, Bitwise, Shift, Compare, Branch, Jump, Load, Store, Misaligned, Mul, DivRem, Ecall];

impl Shape {
    /// The time that a segment cannot go beyond: that of the token behind its last instruction if all tables with instructions are full.
    const fn end_time(&self) -> u64 {
        let (mut rows, mut i) = (0, 0);
        while i < INSTRUCTIONS.len() {
            rows += self.height(INSTRUCTIONS[i]) as u64;
            i += 1;
        }
        FIRST_TIME as u64 + TICKS_PER_INSTRUCTION as u64 * rows
    }

    const fn distinct_heights(&self) -> u32 {
        let (mut heights, mut i) = (0_u32, 0);
        while i < self.log_heights.len() {
            heights |= 1 << self.log_heights[i];
            i += 1;
        }
        heights.count_ones()
    }
}

/// In every shape times stay in range and heights are few. Chains of execution tokens are no longer than the rows, so no chain closes in the field either.
const _: () = {
    let mut i = 0;
    while i < SHAPES.len() {
        assert!(SHAPES[i].end_time() < MAX_TIME as u64);
        assert!(SHAPES[i].distinct_heights() as usize <= MAX_DISTINCT_HEIGHTS);
        i += 1;
    }
};

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_distinct() {
        let names: BTreeSet<&str> = SHAPES.iter().map(|shape| shape.name).collect();
        assert_eq!(names.len(), SHAPES.len());
    }
}
