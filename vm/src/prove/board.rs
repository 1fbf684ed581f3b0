//! The board that the steps to be done stand on.
//!
//! Workers take the step that closes the tree soonest: the wrap, then a join, then a lift, then a
//! segment. So no more proofs wait than workers and levels make, whatever the number of segments.
//! An executed segment, the only thing that is large, waits alone: the executing thread waits for
//! its place.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::tree::{Span, Tree};

/// A step, with what it needs.
pub enum Work<T, N> {
    /// Prove this segment.
    Segment(T),
    /// Lift these segments, which are on disk.
    Lift(Span),
    /// Join these nodes.
    Join(Span, Vec<Child<N>>),
    /// Wrap the root.
    Wrap(Child<N>),
}

/// A node that waits for its neighbours: in memory if this run made it, else on disk.
pub type Child<N> = (Span, Option<N>);

/// What a step made.
pub enum Made<N> {
    /// A proof of the segment of this number, on disk.
    Segment(u32),
    /// A node.
    Node(Span, N),
    /// The final proof.
    Final,
}

/// The steps that can be done, for workers that take `T` segments and make `N` nodes.
pub struct Board<T, N> {
    tree: Option<Tree>,
    state: Mutex<State<T, N>>,
    changed: Condvar,
}

struct State<T, N> {
    segment: Option<T>,
    /// Segments on disk that are lifted with others, which are not there.
    proved: BTreeSet<u32>,
    lifts: BTreeSet<Span>,
    /// Complete groups.
    joins: BTreeMap<Span, Vec<Child<N>>>,
    wrap: Option<Child<N>>,
    /// Nodes whose neighbours are missing.
    waiting: HashMap<Span, Option<N>>,
    /// Steps in progress.
    running: usize,
    /// No segment will follow.
    closed: bool,
    /// Nobody is to start another step.
    stopped: bool,
}

impl<T, N> Board<T, N> {
    /// An empty board. Without a tree, segments are not lifted.
    pub fn new(tree: Option<Tree>) -> Self {
        let state = State {
            segment: None,
            proved: BTreeSet::new(),
            lifts: BTreeSet::new(),
            joins: BTreeMap::new(),
            wrap: None,
            waiting: HashMap::new(),
            running: 0,
            closed: false,
            stopped: false,
        };
        Self { tree, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Puts a segment on the board that is proved and on disk, before anybody works.
    pub fn place_segment(&self, index: u32) {
        self.place(&mut self.lock(), Made::Segment(index));
    }

    /// Puts a node on the board that is on disk, before anybody works.
    pub fn place_node(&self, node: Span) {
        self.insert(&mut self.lock(), node, None);
    }

    /// Hands over an executed segment, as soon as the one before it is taken. Returns false if
    /// nobody wants it any more.
    pub fn offer(&self, segment: T) -> bool {
        let mut state = self.lock();
        while state.segment.is_some() && !state.stopped {
            state = self.wait(state);
        }
        if state.stopped {
            return false;
        }
        state.segment = Some(segment);
        self.changed.notify_all();
        true
    }

    /// Says that no segment will follow.
    pub fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Lets nobody start another step.
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    /// The next step; none when everything is done or the work is stopped. Each step taken is to be
    /// [`complete`](Self::complete)d, or the work stopped.
    pub fn take(&self) -> Option<Work<T, N>> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(work) = state.next() {
                state.running += 1;
                self.changed.notify_all();
                return Some(work);
            }
            if state.closed && state.running == 0 {
                return None;
            }
            state = self.wait(state);
        }
    }

    /// Ends a step that was taken, and puts on the board what it makes possible.
    pub fn complete(&self, made: Made<N>) {
        let mut state = self.lock();
        state.running -= 1;
        self.place(&mut state, made);
        self.changed.notify_all();
    }

    fn place(&self, state: &mut State<T, N>, made: Made<N>) {
        match made {
            Made::Segment(index) => self.insert_segment(state, index),
            Made::Node(span, node) => self.insert(state, span, Some(node)),
            Made::Final => {}
        }
    }

    /// Adds a segment, and makes a lift of it and its neighbours if none is missing.
    fn insert_segment(&self, state: &mut State<T, N>, index: u32) {
        let Some(tree) = &self.tree else { return };
        let leaf = tree.leaf(index);
        state.proved.insert(index);
        if (leaf.first..leaf.end).all(|index| state.proved.contains(&index)) {
            state.proved.retain(|index| !(leaf.first..leaf.end).contains(index));
            state.lifts.insert(leaf);
        }
    }

    /// Adds a node, and makes a join of it and its neighbours if none is missing.
    fn insert(&self, state: &mut State<T, N>, span: Span, node: Option<N>) {
        let Some(tree) = &self.tree else { return };
        let Some(parent) = tree.parent(span) else {
            state.wrap = Some((span, node));
            return;
        };
        state.waiting.insert(span, node);
        let children = tree.children(parent);
        if children.iter().all(|child| state.waiting.contains_key(child)) {
            let group = children.into_iter().filter_map(|child| state.waiting.remove_entry(&child)).collect();
            state.joins.insert(parent, group);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T, N>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<T, N>>) -> MutexGuard<'a, State<T, N>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, N> State<T, N> {
    fn next(&mut self) -> Option<Work<T, N>> {
        if let Some(root) = self.wrap.take() {
            return Some(Work::Wrap(root));
        }
        if let Some((span, children)) = self.joins.pop_first() {
            return Some(Work::Join(span, children));
        }
        if let Some(leaf) = self.lifts.pop_first() {
            return Some(Work::Lift(leaf));
        }
        self.segment.take().map(Work::Segment)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::Arity;
    use super::*;

    /// What a single worker takes.
    fn taken(board: &Board<u32, &'static str>) -> Option<String> {
        board.take().map(|work| match work {
            Work::Segment(index) => format!("segment {index}"),
            Work::Lift(span) if span.len() == 1 => format!("lift {}", span.first),
            Work::Lift(span) => format!("lift {}..{}", span.first, span.end),
            Work::Join(span, children) => {
                let nodes: Vec<_> = children.into_iter().map(|(span, node)| format!("{}{}", span.first, node.unwrap_or("d"))).collect();
                format!("join {}..{}: {}", span.first, span.end, nodes.join(" "))
            }
            Work::Wrap((span, _)) => format!("wrap {}..{}", span.first, span.end),
        })
    }

    fn lift(board: &Board<u32, &'static str>, index: u32) {
        assert_eq!(taken(board), Some(format!("lift {index}")));
        board.complete(Made::Node(Span::one(index), "m"));
    }

    #[test]
    fn the_step_that_closes_the_tree_soonest_comes_first() {
        let board = Board::new(Some(Tree::new(5, Arity { segments: 4, nodes: 4 })));
        board.place_node(Span { first: 4, end: 5 });
        board.place_segment(2);
        board.place_segment(0);
        assert!(board.offer(1));
        lift(&board, 0);
        lift(&board, 2);
        assert_eq!(taken(&board).as_deref(), Some("segment 1"));
        assert!(board.offer(3));
        board.complete(Made::Segment(1));
        lift(&board, 1);
        assert_eq!(taken(&board).as_deref(), Some("segment 3"));
        board.close();
        board.complete(Made::Segment(3));
        lift(&board, 3);
        assert_eq!(taken(&board).as_deref(), Some("join 0..4: 0m 1m 2m 3m"));
        board.complete(Made::Node(Span { first: 0, end: 4 }, "m"));
        assert_eq!(taken(&board).as_deref(), Some("join 0..5: 0m 4d"));
        board.complete(Made::Node(Span { first: 0, end: 5 }, "m"));
        assert_eq!(taken(&board).as_deref(), Some("wrap 0..5"));
        board.complete(Made::Final);
        assert_eq!(taken(&board), None);
    }

    #[test]
    fn neighbours_that_are_lifted_together_wait_for_each_other() {
        let board = Board::new(Some(Tree::new(3, Arity { segments: 2, nodes: 2 }).lifting(|_| true)));
        assert!(board.offer(0));
        assert_eq!(taken(&board).as_deref(), Some("segment 0"));
        board.complete(Made::Segment(0));
        board.place_segment(2);
        lift(&board, 2);
        assert!(board.offer(1));
        assert_eq!(taken(&board).as_deref(), Some("segment 1"));
        board.close();
        board.complete(Made::Segment(1));
        assert_eq!(taken(&board).as_deref(), Some("lift 0..2"));
        board.complete(Made::Node(Span { first: 0, end: 2 }, "m"));
        assert_eq!(taken(&board).as_deref(), Some("join 0..3: 0m 2m"));
    }

    #[test]
    fn a_stopped_board_neither_takes_nor_gives() {
        let board: Board<u32, &str> = Board::new(None);
        assert!(board.offer(0));
        std::thread::scope(|scope| {
            // waits for its place until the board is stopped
            let waiting = scope.spawn(|| board.offer(1));
            board.stop();
            assert!(!waiting.join().expect("no panic"));
        });
        assert_eq!(taken(&board), None);
    }

    #[test]
    fn a_chain_that_stays_a_chain_is_not_lifted() {
        let board: Board<u32, &str> = Board::new(None);
        assert!(board.offer(0));
        assert_eq!(taken(&board).as_deref(), Some("segment 0"));
        board.close();
        board.complete(Made::Segment(0));
        assert_eq!(taken(&board), None);
    }
}
