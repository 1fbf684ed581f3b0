//! The inner nodes of the memory tree.
//!
//! *Given* a pair of tokens (before, digest) and (after, digest') for an inner node, *this chip
//! proves* that the digests are those of two children, and passes the pair of each child that holds
//! a touched leaf on to that child; a child without one has the same digest before and after.
//!
//! **Each leaf occurs at most once.** A token names depth and index. The segment chip emits the two
//! tokens of the root, at depth 0, once. A row takes the pair of one node and emits at most one
//! pair for each child, one level deeper and at twice the index, or one more; a table has fewer
//! than 2^27 rows, so depths do not wrap around the field, every chain of tokens starts at the
//! root, and down to depth 27 indices are integers below 2^27. By induction over the depth there is
//! at most one pair of tokens for each node, hence at most one row here or in the leaf chip that
//! takes it. The leaf chip takes tokens of depth 27 only; rows that go deeper end nowhere but in
//! unvisited children, which are frozen.
//!
//! **Unvisited memory is frozen.** A row that visits no leaf below a child has equal digests for
//! it; digests bind, up to collisions, the leaves below.
//!
//! **Leaves and inner nodes are kept apart** by the domain word in the permutation's capacity, so
//! that no inner node opens as a leaf.

mod columns;
mod constraints;
mod trace;

#[cfg(test)]
mod tests;

pub use columns::TreeCols;
pub use trace::fill;

use crate::builder::ChipBuilder;
use crate::chip::Chip;
use crate::layout::NoColumns;

/// The chip of the memory tree's inner nodes.
#[derive(Clone, Copy, Debug, Default)]
pub struct TreeChip;

impl Chip for TreeChip {
    const NAME: &'static str = "tree";
    type Main<T> = TreeCols<T>;
    type Fixed<T> = NoColumns<T>;

    fn constrain<B: ChipBuilder>(&self, builder: &mut B) {
        constraints::constrain(builder);
    }
}
