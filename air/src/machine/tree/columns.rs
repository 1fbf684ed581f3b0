//! Columns of the tree chip.

use tern_field::DIGEST_LEN;

use crate::columns;

/// A row: one visited inner node. Padding rows are zero.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct TreeCols<T> {
    /// Whether the row is a node; boolean.
    pub is_real: T,
    /// Whether the digests after the segment may differ from those before it; boolean, zero on
    /// padding rows.
    pub is_changed: T,
    /// Whether the left and the right child are visited; boolean, zero on padding rows.
    pub visited: [T; 2],
    /// Depth; from the node's tokens.
    pub depth: T,
    /// Position among the nodes of its depth; from the node's tokens.
    pub index: T,
    /// Digest at the start of the segment; from the node's token.
    pub before: [T; DIGEST_LEN],
    /// Digest at the end of the segment; from the node's token.
    pub after: [T; DIGEST_LEN],
    /// The children's digests at the start; nondeterministic, pinned as the preimage of `before`.
    pub children_before: [[T; DIGEST_LEN]; 2],
    /// The children's digests at the end; nondeterministic, pinned as the preimage of `after`, or
    /// equal to those at the start.
    pub children_after: [[T; DIGEST_LEN]; 2],
}

columns!(TreeCols);
