//! The memory tree, on the host: what the executor's leaves hash to, and what a segment changes in it.
//!
//! Memory is 2^27 leaves of four dwords (leaf index = address / 32), the leaves of a binary tree of
//! depth [`DEPTH`]; the root stands at depth 0. The left half holds the registers and the program's
//! memory, the right half the private input, so that `root = compress(image_root, input_root)`.
//! Digests are those of [`tern_field::poseidon2`].
//!
//! [`MemoryTree::apply`] moves the tree over a segment and records what the tree, leaf and
//! Poseidon2 chips prove about it.

mod hash;
pub mod messages;
mod tree;
mod update;

#[cfg(test)]
mod tests;

pub use hash::leaf_limbs;
pub use tree::MemoryTree;
pub use update::{Change, LeafUpdate, NodeEvent, PermutationEvent, TreeEvents};

/// Depth of the leaves; the root has depth 0.
pub const DEPTH: u32 = 27;
/// Number of leaves.
pub const LEAVES: u32 = 1 << DEPTH;
/// Dwords in a leaf.
pub const LEAF_DWORDS: usize = 4;
/// First leaf of the private input: address 2^31.
pub const INPUT_LEAF: u32 = LEAVES / 2;

/// Leaves that the tree does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// A leaf index at or above [`LEAVES`].
    #[error("leaf {index} lies outside the memory of {LEAVES} leaves")]
    OutOfRange {
        /// The index.
        index: u32,
    },
    /// Leaves not strictly ascending by index.
    #[error("leaf {index} is repeated or out of order")]
    OutOfOrder {
        /// The first index that is not above its predecessor.
        index: u32,
    },
    /// A leaf whose initial dwords are not those that the tree holds.
    #[error("the tree holds other dwords in leaf {index} than the segment starts with")]
    Stale {
        /// The index.
        index: u32,
    },
}
