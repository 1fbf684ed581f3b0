//! Counting the nodes of the memory tree that a segment visits.

/// Depth of the leaves: 2^27 leaves of 32 bytes.
pub(super) const TREE_DEPTH: u32 = 27;

/// Most nodes that touching one more leaf visits: the leaf, its ancestors and the root.
pub(super) const NODES_PER_LEAF: u32 = TREE_DEPTH + 1;

/// The set of visited nodes, as a bit per node in heap order (the root is 1, the children of `n`
/// are `2n` and `2n + 1`).
pub(super) struct VisitedNodes {
    bits: Vec<u64>,
    visited: Vec<u32>,
    leaves: u32,
}

impl VisitedNodes {
    pub fn new() -> Self {
        Self { bits: vec![0; 1 << (TREE_DEPTH + 1 - 6)], visited: Vec::new(), leaves: 0 }
    }

    pub fn count(&self) -> u32 {
        self.visited.len() as u32
    }

    /// How many of the visited nodes are leaves.
    pub fn leaf_count(&self) -> u32 {
        self.leaves
    }

    /// Visits leaf `index` and all nodes above it.
    pub fn visit_leaf(&mut self, index: u32) {
        let mut node = index | 1 << TREE_DEPTH;
        while node != 0 {
            let word = &mut self.bits[node as usize / 64];
            let bit = 1 << (node % 64);
            if *word & bit != 0 {
                break;
            }
            *word |= bit;
            self.leaves += node >> TREE_DEPTH;
            self.visited.push(node);
            node /= 2;
        }
    }

    pub fn clear(&mut self) {
        for node in self.visited.drain(..) {
            self.bits[node as usize / 64] = 0;
        }
        self.leaves = 0;
    }
}
