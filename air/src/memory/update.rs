//! Moving the tree over a segment.

use alloc::vec::Vec;

use hashbrown::HashMap;
use tern_field::poseidon2::{WIDTH, leaf_state, node_state};
use tern_field::{Digest, F};

use super::hash::{digests, leaf_limbs};
use super::tree::check_indices;
use super::{DEPTH, MemoryTree, TreeError};
use crate::events::LeafEvent;

/// A node's digest at the start and at the end of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// At the start.
    pub before: Digest,
    /// At the end.
    pub after: Digest,
}

impl Change {
    /// Whether the digests differ.
    pub fn is_change(&self) -> bool {
        self.before != self.after
    }
}

/// An inner node above a touched leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeEvent {
    /// Depth, below [`DEPTH`].
    pub depth: u32,
    /// Position among the nodes of its depth, from the left.
    pub index: u32,
    /// Its own digests.
    pub node: Change,
    /// The left and the right child's digests.
    pub children: [Change; 2],
    /// Whether the left and the right child lie above (or are) a touched leaf.
    pub visited: [bool; 2],
}

/// A touched leaf with its digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafUpdate {
    /// What the executor recorded.
    pub leaf: LeafEvent,
    /// Its digests.
    pub node: Change,
}

/// A Poseidon2 compression that the tree and leaf chips look up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermutationEvent {
    /// The permutation's input.
    pub state: [F; WIDTH],
    /// How often it is looked up; at least once.
    pub count: u32,
}

/// What the tree, leaf and Poseidon2 chips prove about a segment.
#[derive(Clone, Debug, Default)]
pub struct TreeEvents {
    /// Every inner node above a touched leaf, deepest first, each once.
    pub nodes: Vec<NodeEvent>,
    /// Every touched leaf, ascending by index, each once.
    pub leaves: Vec<LeafUpdate>,
    /// The distinct compressions that those rows look up.
    pub permutations: Vec<PermutationEvent>,
}

impl MemoryTree {
    /// Applies a segment's touched leaves, ascending by index, and records what the chips prove. No
    /// leaves make no events.
    ///
    /// # Errors
    ///
    /// A [`TreeError`] if the leaves are out of range, out of order, or do not start as the tree
    /// holds them. The tree then stays as it was.
    pub fn apply(&mut self, leaves: &[LeafEvent]) -> Result<TreeEvents, TreeError> {
        check_indices(leaves.iter().map(|leaf| leaf.index))?;
        let mut lookups = PermutationCounter::default();
        let leaves = self.leaf_updates(leaves, &mut lookups)?;
        let mut nodes = Vec::new();
        let mut level: Vec<_> = leaves.iter().map(|update| (update.leaf.index, update.node)).collect();
        for depth in (0..DEPTH).rev() {
            let parents = self.inner_level(depth, &level, &mut lookups);
            self.store(depth + 1, &level);
            level = parents.iter().map(|parent| (parent.index, parent.node)).collect();
            nodes.extend(parents);
        }
        self.store(0, &level);
        Ok(TreeEvents { nodes, leaves, permutations: lookups.permutations })
    }

    /// The leaves with their digests, if they start as the tree holds them.
    fn leaf_updates(&self, leaves: &[LeafEvent], lookups: &mut PermutationCounter) -> Result<Vec<LeafUpdate>, TreeError> {
        let before = digests(leaves.len(), |i| leaf_state(&leaf_limbs(&leaves[i].initial)));
        let after = digests(leaves.len(), |i| leaf_state(&leaf_limbs(&leaves[i].last)));
        let mut updates = Vec::with_capacity(leaves.len());
        for ((leaf, before), after) in leaves.iter().zip(before).zip(after) {
            if self.digest(DEPTH, leaf.index) != before {
                return Err(TreeError::Stale { index: leaf.index });
            }
            lookups.count(leaf_state(&leaf_limbs(&leaf.initial)));
            if leaf.initial != leaf.last {
                lookups.count(leaf_state(&leaf_limbs(&leaf.last)));
            }
            updates.push(LeafUpdate { leaf: *leaf, node: Change { before, after } });
        }
        Ok(updates)
    }

    /// The parents, at `depth`, of the visited nodes one level below.
    fn inner_level(&self, depth: u32, visited: &[(u32, Change)], lookups: &mut PermutationCounter) -> Vec<NodeEvent> {
        let families = visited.chunk_by(|a, b| a.0 / 2 == b.0 / 2);
        let mut nodes: Vec<_> = families.map(|family| self.parent(depth, family)).collect();
        let state_after = |node: &NodeEvent| node_state(&node.children[0].after, &node.children[1].after);
        let after = digests(nodes.len(), |i| state_after(&nodes[i]));
        for (node, after) in nodes.iter_mut().zip(after) {
            node.node.after = after;
            lookups.count(node_state(&node.children[0].before, &node.children[1].before));
            if node.node.is_change() {
                lookups.count(state_after(node));
            }
        }
        nodes
    }

    /// The parent of one or two visited siblings; its digest after the segment is left as it was before.
    fn parent(&self, depth: u32, family: &[(u32, Change)]) -> NodeEvent {
        let index = family[0].0 / 2;
        let unchanged = |depth, index| {
            let digest = self.digest(depth, index);
            Change { before: digest, after: digest }
        };
        let visited = |side| family.iter().find(|child| child.0 == 2 * index + side).map(|child| child.1);
        NodeEvent {
            depth,
            index,
            node: unchanged(depth, index),
            children: [0, 1].map(|side| visited(side).unwrap_or_else(|| unchanged(depth + 1, 2 * index + side))),
            visited: [0, 1].map(|side| visited(side).is_some()),
        }
    }

    fn store(&mut self, depth: u32, level: &[(u32, Change)]) {
        for (index, change) in level.iter().filter(|(_, change)| change.is_change()) {
            self.set_digest(depth, *index, change.after);
        }
    }
}

/// Distinct permutation inputs, in the order of their first lookup.
#[derive(Default)]
struct PermutationCounter {
    permutations: Vec<PermutationEvent>,
    positions: HashMap<[F; WIDTH], usize>,
}

impl PermutationCounter {
    fn count(&mut self, state: [F; WIDTH]) {
        let position = *self.positions.entry(state).or_insert(self.permutations.len());
        match self.permutations.get_mut(position) {
            Some(permutation) => permutation.count += 1,
            None => self.permutations.push(PermutationEvent { state, count: 1 }),
        }
    }
}
