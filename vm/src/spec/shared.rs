//! Which parts of a chip's expressions get names of their own, where a format has no graphs: as
//! trees, some expressions are too large to be written.

use super::dag::{Node, Place};
use super::export::{ChipEntry, StatementEntry};

/// Most nodes of an expression that is written in one piece, names counting as one.
const LARGEST: usize = 64;
/// Fewest nodes of a part that gets a name for occurring more than once.
const SMALLEST: usize = 4;

/// The nodes that get names, in the order in which each is made of those before it.
pub struct Shared {
    named: Vec<bool>,
}

impl Shared {
    /// Of what a chip states.
    pub fn of(chip: &ChipEntry) -> Self {
        let uses = uses(chip);
        let mut named = vec![false; chip.nodes.len()];
        let mut sizes = vec![0; chip.nodes.len()];
        for (place, &node) in chip.nodes.iter().enumerate() {
            let size = operands(node).map(|operand| if named[operand] { 1 } else { sizes[operand] }).sum::<usize>() + 1;
            sizes[place] = size;
            named[place] = uses[place] > 1 && size >= SMALLEST || size > LARGEST;
        }
        Self { named }
    }

    /// Whether a node has a name.
    pub fn is_named(&self, place: Place) -> bool {
        self.named[place]
    }

    /// The nodes with names.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        self.named.iter().enumerate().filter_map(|(place, &named)| named.then_some(place))
    }
}

/// How often each node is named, by statements and by other nodes.
fn uses(chip: &ChipEntry) -> Vec<usize> {
    let mut uses = vec![0; chip.nodes.len()];
    let mut count = |place: Place| uses[place] += 1;
    for statement in &chip.statements {
        match statement {
            StatementEntry::Constraint { value, .. } => count(*value),
            StatementEntry::Message { tuple, multiplicity, .. } => tuple.iter().chain([multiplicity]).copied().for_each(&mut count),
        }
    }
    chip.nodes.iter().copied().flat_map(operands).for_each(&mut count);
    uses
}

fn operands(node: Node) -> impl Iterator<Item = Place> {
    let (first, second) = match node {
        Node::Add(x, y) | Node::Sub(x, y) | Node::Mul(x, y) => (Some(x), Some(y)),
        Node::Neg(x) => (Some(x), None),
        _ => (None, None),
    };
    first.into_iter().chain(second)
}
