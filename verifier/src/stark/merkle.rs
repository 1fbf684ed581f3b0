//! Merkle paths.
//!
//! A leaf is the hash of the rows of the tallest matrices at one index. On the way up, at a level with as many nodes as shorter matrices have rows, the node is hashed with the leaf of those rows. The path ends
//! at one of the commitment's digests, which the remaining bits of the index select.

use crate::expected::{Batch, Tree};
use crate::ops::{Checked, Ops};
use crate::reason::Reason;

use super::proof::InputValues;

/// Checks the rows that a query opens of the tables of one commitment. `index` are the bits of the leaf's index, the lowest first.
///
/// # Errors
///
/// If they do not lead to the commitment.
pub(crate) fn check_rows<O: Ops>(
    ops: &mut O,
    batch: &Batch,
    cap: &O::Cap,
    input: &InputValues<O>,
    index: &[O::Bit],
    query: usize,
) -> Checked<O, ()> {
    let mut groups = batch.groups.iter().zip(&input.rows);
    let Some((tallest, row)) = groups.next() else {
        return Ok(());
    };
    let mut digest = ops.hash_row(row);
    let mut level = tallest.log_length;
    let mut shorter = groups.peekable();
    for (sibling, bit) in input.path.iter().zip(index) {
        digest = ops.node(&digest, sibling, bit);
        level = level.saturating_sub(1);
        if let Some((_, row)) = shorter.next_if(|(group, _)| group.log_length == level) {
            let leaf = ops.hash_row(row);
            digest = ops.pair(&digest, &leaf);
        }
    }
    check_entry(ops, batch.tree, cap, &digest, index, Reason::Path { kind: batch.kind, query })
}

/// Checks a leaf of a tree with one matrix.
///
/// # Errors
///
/// If it does not lead to the commitment.
pub(crate) fn check_leaf<O: Ops>(
    ops: &mut O,
    (tree, cap): (Tree, &O::Cap),
    leaf: O::Digest,
    path: &[O::Digest],
    index: &[O::Bit],
    reason: Reason,
) -> Checked<O, ()> {
    let digest = path.iter().zip(index).fold(leaf, |digest, (sibling, bit)| ops.node(&digest, sibling, bit));
    check_entry(ops, tree, cap, &digest, index, reason)
}

/// Checks that the digest at the end of a path is the commitment's.
fn check_entry<O: Ops>(ops: &mut O, tree: Tree, cap: &O::Cap, digest: &O::Digest, index: &[O::Bit], reason: Reason) -> Checked<O, ()> {
    let entry = ops.entry(cap, index.get(tree.path..).unwrap_or(&[]));
    ops.assert_same(&entry, digest, reason)
}
