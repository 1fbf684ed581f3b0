//! Which proofs are joined: a tree over the segments that their number alone determines.
//!
//! Level 0 are the segments in order; node `j` of a level joins the nodes `a j` to `a j + a - 1` of the level below, with one `a` for level 1 and one for all above ([`Arity`]). A group of one, which only the end of a
//! level can have, is passed up as it is. A node of level 1 is either made of lifts, or a lift itself, of all its segments together.

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

/// How many neighbours a tree makes one of, at most: at least two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arity {
    /// Segments, which are lifted together or one by one and then joined.
    pub segments: u32,
    /// Nodes.
    pub nodes: u32,
}

/// The tree over a number of segments.
#[derive(Clone, Debug)]
pub struct Tree {
    segments: u32,
    arity: Arity,
    /// Nodes of level 1 that are lifts.
    together: BTreeSet<Span>,
}

impl Tree {
    /// The tree over `segments` segments, at least one.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    #[must_use]
    pub const fn new(segments: u32, arity: Arity) -> Self {
        assert!(segments >= 1 && arity.segments >= 2 && arity.nodes >= 2, "a tree has a leaf, and its joins have two children");
        Self { segments, arity, together: BTreeSet::new() }
    }

    /// The same, where those nodes of level 1 are lifts for which `together` holds.
    #[must_use]
    pub fn lifting(self, together: impl Fn(Span) -> bool) -> Self {
        let width = self.arity.segments;
        let starts = (0..self.segments).step_by(width as usize);
        let spans = starts.map(|first| Span { first, end: self.segments.min(first.saturating_add(width)) });
        let together = spans.filter(|&span| span.len() > 1 && together(span)).collect();
        Self { together, ..self }
    }

    /// All segments.
    #[must_use]
    pub const fn root(&self) -> Span {
        Span { first: 0, end: self.segments }
    }

    /// The lift that a segment is in.
    #[must_use]
    pub fn leaf(&self, segment: u32) -> Span {
        let before = self.together.range(..=Span { first: segment, end: u32::MAX }).next_back();
        before.copied().filter(|span| segment < span.end).unwrap_or(Span::one(segment))
    }

    /// The lifts below a node: how many, and how many of more than one segment.
    #[must_use]
    pub fn lifts(&self, node: Span) -> (u32, u32) {
        let together = self.together.range(Span { first: node.first, end: 0 }..).take_while(|span| span.end <= node.end);
        together.fold((node.len(), 0), |(lifts, together), span| (lifts + 1 - span.len(), together + 1))
    }

    /// The nodes that are joined into `node`, in order: none for a lift.
    #[must_use]
    pub fn children(&self, node: Span) -> Vec<Span> {
        if node.len() <= 1 || self.together.contains(&node) {
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

    /// Number of joins that make a node.
    #[must_use]
    pub fn joins(&self, node: Span) -> u32 {
        self.joins_of_single(node.len()) - self.lifts(node).1
    }

    /// Number of joins that make a node of `len` segments which are lifted one by one.
    fn joins_of_single(&self, len: u32) -> u32 {
        if len <= 1 {
            return 0;
        }
        let width = self.child_width(len);
        1 + len / width * self.joins_of_single(width) + self.joins_of_single(len % width)
    }

    /// How many different numbers of children its joins have.
    #[must_use]
    pub fn kinds_of_joins(&self) -> usize {
        // All joins but those at the end of a level are full.
        let mut kinds = BTreeSet::new();
        let (mut level, mut arity) = (self.segments, self.arity.segments);
        while level > 1 {
            if level >= arity {
                kinds.insert(arity);
            }
            if level % arity > 1 {
                kinds.insert(level % arity);
            }
            level = level.div_ceil(arity);
            arity = self.arity.nodes;
        }
        kinds.len()
    }

    /// Segments in each child but the last of a node of `len` segments: as many as a full node of the highest level has that is below.
    fn child_width(&self, len: u32) -> u32 {
        let (mut width, mut arity) = (1, self.arity.segments);
        while let Some(next) = u32::checked_mul(width, arity).filter(|&next| next < len) {
            (width, arity) = (next, self.arity.nodes);
        }
        width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as its definition says it, level by level.
    fn joins_by_levels(segments: u32, arity: Arity) -> Vec<(Span, Vec<Span>)> {
        let mut level: Vec<Span> = (0..segments).map(Span::one).collect();
        let mut joins = Vec::new();
        let mut widths = core::iter::once(arity.segments).chain(core::iter::repeat(arity.nodes));
        while level.len() > 1 {
            let join = |group: &[Span]| {
                let node = Span { first: group[0].first, end: group[group.len() - 1].end };
                if group.len() > 1 {
                    joins.push((node, group.to_vec()));
                }
                node
            };
            level = level.chunks(widths.next().expect("no end") as usize).map(join).collect();
        }
        joins
    }

    #[test]
    fn the_tree_is_the_one_that_its_levels_define() {
        for arity in (2..=4).flat_map(|segments| (2..=4).map(move |nodes| Arity { segments, nodes })) {
            for segments in 1..=90 {
                let tree = Tree::new(segments, arity);
                let joins = joins_by_levels(segments, arity);
                assert_eq!(tree.joins(tree.root()) as usize, joins.len(), "{segments} by {arity:?}");
                let kinds: BTreeSet<_> = joins.iter().map(|(_, children)| children.len()).collect();
                assert_eq!(tree.kinds_of_joins(), kinds.len(), "{segments} by {arity:?}");
                for (node, children) in joins {
                    assert_eq!(tree.children(node), children, "{segments} by {arity:?}");
                    for child in children {
                        assert_eq!(tree.parent(child), Some(node), "{segments} by {arity:?}");
                    }
                }
                assert_eq!(tree.parent(tree.root()), None);
            }
        }
    }

    /// Segments that are lifted together are a leaf, and all else stays as it was.
    #[test]
    fn lifts_of_more_than_one_segment_are_leaves() {
        for (segments, lifted, nodes) in [(1, 2, 2), (2, 2, 3), (7, 2, 2), (8, 3, 2), (17, 2, 3), (20, 4, 4)] {
            let arity = Arity { segments: lifted, nodes };
            let plain = Tree::new(segments, arity);
            let tree = plain.clone().lifting(|span| span.first / lifted % 2 == 0);
            let mut open = vec![tree.root()];
            let (mut joins, mut leaves) = (0, Vec::new());
            while let Some(node) = open.pop() {
                let children = tree.children(node);
                if children.is_empty() {
                    leaves.push(node);
                } else {
                    joins += 1;
                    assert_eq!(children, plain.children(node));
                }
                open.extend(children);
            }
            leaves.sort_unstable();
            assert_eq!(tree.joins(tree.root()), joins, "{segments} by {arity:?}");
            assert_eq!(tree.lifts(tree.root()).0 as usize, leaves.len());
            assert_eq!(tree.lifts(tree.root()).1 as usize, leaves.iter().filter(|leaf| leaf.len() > 1).count());
            let of_segments: BTreeSet<Span> = (0..segments).map(|segment| tree.leaf(segment)).collect();
            assert!(of_segments.into_iter().eq(leaves));
        }
    }

    #[test]
    fn the_longest_chain_has_a_tree() {
        let tree = Tree::new(u32::MAX, Arity { segments: 4, nodes: 4 });
        assert_eq!(tree.children(tree.root()).len(), 4);
        let last = Span::one(u32::MAX - 1);
        assert!(tree.parent(last).is_some_and(|parent| parent.end == u32::MAX && parent.len() <= 4));
        assert!(tree.joins(tree.root()) > u32::MAX / 4);
    }
}
