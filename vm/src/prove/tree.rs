//! Which proofs are joined: a tree over the segments that their number alone determines.
//!
//! Level 0 are the segments in order; node `j` of a level joins the nodes `a j` to `a j + a - 1` of
//! the level below, with one `a` for level 1 and one for all above ([`Arity`]). A group of one,
//! which only the end of a level can have, is passed up as it is, and so are the members of the
//! last group where the node above can join them as well. A node of level 1 is either made of
//! lifts, or a lift itself, of all its segments together.

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
        self.children_and_passed(node).0
    }

    /// The same, with the number of groups whose members are among them.
    fn children_and_passed(&self, node: Span) -> (Vec<Span>, u32) {
        let (mut children, mut passed) = (self.groups(node), 0);
        // Only the last group can be so small.
        while let Some(last) = children.pop() {
            let members = self.groups(last);
            if members.is_empty() || children.len() + members.len() > self.arity.nodes as usize {
                children.push(last);
                break;
            }
            children.extend(members);
            passed += 1;
        }
        (children, passed)
    }

    /// The groups of the level below that make up a node: none for a lift.
    fn groups(&self, node: Span) -> Vec<Span> {
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
        let passed: u32 = self.last_nodes(node).map(|(_, passed)| passed).sum();
        self.joins_of_single(node.len()) - self.lifts(node).1 - passed
    }

    /// The joins that end where a node ends, from it downwards: how many children each has, and how
    /// many groups were passed up to it.
    fn last_nodes(&self, node: Span) -> impl Iterator<Item = (usize, u32)> {
        let mut next = Some(node);
        core::iter::from_fn(move || {
            let (children, passed) = self.children_and_passed(next?);
            next = children.last().copied();
            next.map(|_| (children.len(), passed))
        })
    }

    /// Number of joins that make a node of `len` segments which are lifted one by one.
    fn joins_of_single(&self, len: u32) -> u32 {
        if len <= 1 {
            return 0;
        }
        let width = self.child_width(len);
        1 + len / width * self.joins_of_single(width) + self.joins_of_single(len % width)
    }

    /// How many different numbers of children its joins have, if no segments are lifted together.
    #[must_use]
    pub fn kinds_of_joins(&self) -> usize {
        let mut kinds: BTreeSet<usize> = self.last_nodes(self.root()).map(|(children, _)| children).collect();
        // All other joins are full, and end before the last segment.
        let groups = self.segments.saturating_sub(1) / self.arity.segments;
        if groups > 0 {
            kinds.insert(self.arity.segments as usize);
        }
        if groups / self.arity.nodes > 0 {
            kinds.insert(self.arity.nodes as usize);
        }
        kinds.len()
    }

    /// Segments in each child but the last of a node of `len` segments: as many as a full node of
    /// the highest level has that is below.
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
        pass_up(joins, arity)
    }

    /// From the root down, puts the children of last children in their place where that is not too many.
    fn pass_up(mut joins: Vec<(Span, Vec<Span>)>, arity: Arity) -> Vec<(Span, Vec<Span>)> {
        let mut at = joins.len().checked_sub(1);
        while let Some(number) = at {
            let last = joins[number].1[joins[number].1.len() - 1];
            at = joins.iter().position(|(node, _)| *node == last);
            if let Some(below) = at.filter(|&below| joins[number].1.len() - 1 + joins[below].1.len() <= arity.nodes as usize) {
                let (_, members) = joins.remove(below);
                let number = number - 1;
                joins[number].1.pop();
                joins[number].1.extend(members);
                at = Some(number);
            }
        }
        joins
    }

    #[test]
    fn small_groups_at_the_end_are_joined_by_the_node_above() {
        let children = |segments, arity| {
            let tree = Tree::new(segments, arity).lifting(|_| true);
            (tree.joins(tree.root()), tree.children(tree.root()).into_iter().map(Span::len).collect::<Vec<u32>>())
        };
        // Pairs of segments by three: nine are five lifts, of which the last two need no join of their own.
        let pairs = Arity { segments: 2, nodes: 3 };
        assert_eq!(children(9, pairs), (2, vec![6, 2, 1]));
        assert_eq!(children(12, pairs), (3, vec![6, 6]));
        assert_eq!(children(13, pairs), (3, vec![6, 6, 1]));
        assert_eq!(children(4, pairs), (1, vec![2, 2]));
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

    /// Segments that are lifted together are a leaf; whichever they are, the joins are those that
    /// are counted.
    #[test]
    fn lifts_of_more_than_one_segment_are_leaves() {
        let arities = (2..=4).flat_map(|segments| (2..=4).map(move |nodes| Arity { segments, nodes }));
        let patterns = [0, 0b0101_0101, 0b1011_0010, 0b0111_1110, u64::MAX, 0x9e37_79b9_7f4a_7c15];
        for (arity, pattern) in arities.flat_map(|arity| patterns.map(|pattern| (arity, pattern))) {
            for segments in 1..=60 {
                let tree = Tree::new(segments, arity).lifting(|span| pattern >> (span.first / arity.segments % 64) & 1 == 1);
                let mut leaves = Vec::new();
                let joins = walk(&tree, tree.root(), &mut leaves);
                assert_eq!(joins, tree.joins(tree.root()), "{segments} by {arity:?}");
                assert_eq!(tree.lifts(tree.root()).0 as usize, leaves.len());
                assert_eq!(tree.lifts(tree.root()).1 as usize, leaves.iter().filter(|leaf| leaf.len() > 1).count());
                let of_segments: BTreeSet<Span> = (0..segments).map(|segment| tree.leaf(segment)).collect();
                assert!(of_segments.into_iter().eq(leaves));
            }
        }
    }

    /// The joins of a node, each checked, and its leaves in order.
    fn walk(tree: &Tree, node: Span, leaves: &mut Vec<Span>) -> u32 {
        let children = tree.children(node);
        let (first, last) = (children.first(), children.last());
        let joins = match (first, last) {
            (Some(first), Some(last)) => {
                assert_eq!((first.first, last.end), (node.first, node.end));
                assert!(children.windows(2).all(|pair| pair[0].end == pair[1].first), "neighbours");
                assert!((2..=tree.arity.segments.max(tree.arity.nodes) as usize).contains(&children.len()));
                children.iter().for_each(|child| assert_eq!(tree.parent(*child), Some(node)));
                1 + children.into_iter().map(|child| walk(tree, child, leaves)).sum::<u32>()
            }
            _ => {
                leaves.push(node);
                0
            }
        };
        assert_eq!(tree.joins(node), joins, "{node:?}");
        joins
    }

    #[test]
    fn the_longest_chain_has_a_tree() {
        let tree = Tree::new(u32::MAX, Arity { segments: 4, nodes: 4 });
        assert_eq!(tree.children(tree.root()).len(), 4);
        let last = Span::one(u32::MAX - 1);
        assert!(tree.parent(last).is_some_and(|parent| parent.end == u32::MAX && parent.len() <= 4));
        assert!(tree.joins(tree.root()) > u32::MAX / 4);
        let tree = Tree::new(u32::MAX, Arity { segments: 2, nodes: 3 });
        assert!(tree.children(tree.root()).len() <= 3 && tree.joins(tree.root()) > u32::MAX / 2);
        assert!((2..=3).contains(&tree.kinds_of_joins()));
    }
}
