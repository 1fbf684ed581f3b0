//! Which proofs are joined: a tree over the segments that their number alone determines.
//!
//! Level 0 are the lifts in order; node `j` of level `l + 1` joins the nodes `ARITY * j` and following of level `l`. A group of one, which only the end of a
//! level can have, is passed up as it is.

use std::collections::BTreeSet;

/// The segments that a proof is about: from `first` up to, without, `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first segment.
    pub first: u32,
    /// The segment after the last.
    pub end: u32,
}

impl Span {
    /// One segment.
    #[must_use]
    pub const fn one(index: u32) -> Self {
        Self { first: index, end: index + 1 }
    }

    /// Number of segments.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.end - self.first
    }

    /// Whether it has no segments, which no span of a tree is.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end == self.first
    }

    const fn contains(self, other: Self) -> bool {
        self.first <= other.first && other.end <= self.end
    }
}

/// The tree over a number of segments.
#[derive(Clone, Copy, Debug)]
pub struct Tree {
    segments: u32,
    arity: u32,
}

impl Tree {
    /// The tree over `segments` segments, at least one, in which at most `arity`, at least two, neighbours are joined.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    #[must_use]
    pub const fn new(segments: u32, arity: u32) -> Self {
        assert!(segments >= 1 && arity >= 2, "a tree has a leaf, and its joins have two children");
        Self { segments, arity }
    }

    /// All segments.
    #[must_use]
    pub const fn root(&self) -> Span {
        Span { first: 0, end: self.segments }
    }

    /// The nodes that are joined into `node`, in order: none for one segment.
    #[must_use]
    pub fn children(&self, node: Span) -> Vec<Span> {
        if node.len() <= 1 {
            return Vec::new();
        }
        let width = self.child_width(node.len());
        let count = node.len().div_ceil(width);
        let child = |index| {
            let first = node.first + index * width;
            Span { first, end: node.end.min(first.saturating_add(width)) }
        };
        (0..count).map(child).collect()
    }

    /// The node that `node` is joined into: none for the root.
    #[must_use]
    pub fn parent(&self, node: Span) -> Option<Span> {
        let mut above = self.root();
        if above == node {
            return None;
        }
        loop {
            let below = self.children(above).into_iter().find(|child| child.contains(node))?;
            if below == node {
                return Some(above);
            }
            above = below;
        }
    }

    /// Number of joins that make a node of `len` segments.
    #[must_use]
    pub fn joins(&self, len: u32) -> u32 {
        if len <= 1 {
            return 0;
        }
        let width = self.child_width(len);
        1 + len / width * self.joins(width) + self.joins(len % width)
    }

    /// How many different numbers of children its joins have.
    #[must_use]
    pub fn kinds_of_joins(&self) -> usize {
        // All joins but those at the end of a level are full.
        let mut kinds = BTreeSet::new();
        let mut level = self.segments;
        while level > 1 {
            if level >= self.arity {
                kinds.insert(self.arity);
            }
            if level % self.arity > 1 {
                kinds.insert(level % self.arity);
            }
            level = level.div_ceil(self.arity);
        }
        kinds.len()
    }

    /// Segments in each child but the last of a node of `len` segments: the largest power of the arity below `len`.
    fn child_width(&self, len: u32) -> u32 {
        let mut width = 1;
        while let Some(next) = u32::checked_mul(width, self.arity).filter(|&next| next < len) {
            width = next;
        }
        width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as its definition says it, level by level.
    fn joins_by_levels(segments: u32, arity: usize) -> Vec<(Span, Vec<Span>)> {
        let mut level: Vec<Span> = (0..segments).map(Span::one).collect();
        let mut joins = Vec::new();
        while level.len() > 1 {
            let join = |group: &[Span]| {
                let node = Span { first: group[0].first, end: group[group.len() - 1].end };
                if group.len() > 1 {
                    joins.push((node, group.to_vec()));
                }
                node
            };
            level = level.chunks(arity).map(join).collect();
        }
        joins
    }

    #[test]
    fn the_tree_is_the_one_that_its_levels_define() {
        for arity in 2..=4 {
            for segments in 1..=90 {
                let tree = Tree::new(segments, arity);
                let joins = joins_by_levels(segments, arity as usize);
                assert_eq!(tree.joins(segments) as usize, joins.len(), "{segments} by {arity}");
                let kinds: BTreeSet<_> = joins.iter().map(|(_, children)| children.len()).collect();
                assert_eq!(tree.kinds_of_joins(), kinds.len(), "{segments} by {arity}");
                for (node, children) in joins {
                    assert_eq!(tree.children(node), children, "{segments} by {arity}");
                    for child in children {
                        assert_eq!(tree.parent(child), Some(node), "{segments} by {arity}");
                    }
                }
                assert_eq!(tree.parent(tree.root()), None);
            }
        }
    }

    #[test]
    fn the_longest_chain_has_a_tree() {
        let tree = Tree::new(u32::MAX, 4);
        assert_eq!(tree.children(tree.root()).len(), 4);
        let last = Span::one(u32::MAX - 1);
        assert!(tree.parent(last).is_some_and(|parent| parent.end == u32::MAX && parent.len() <= 4));
        assert!(tree.joins(u32::MAX) > u32::MAX / 4);
    }
}
