//! Expressions as a directed acyclic graph, in which every node is named once: what a tree would
//! repeat, it shares.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr};
use p3_field::PrimeField32;
use serde::ser::{Serialize, SerializeSeq, Serializer};
use tern_air::extension::Arithmetic;
use tern_field::F;

use super::recorder::Expr;

/// The place of a node in [`Dag::nodes`].
pub type Place = usize;

/// A node, from nodes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A field element, from 0 to p - 1.
    Constant(u32),
    /// A main column of the row.
    Main(usize),
    /// A main column of the next row.
    MainNext(usize),
    /// A fixed column of the row.
    Fixed(usize),
    /// A fixed column of the next row.
    FixedNext(usize),
    /// A public value.
    Public(usize),
    /// A coordinate of the point at which fixed columns are evaluated.
    Coordinate(usize),
    /// Not zero on the first row only.
    IsFirstRow,
    /// Not zero on the last row only.
    IsLastRow,
    /// Zero on the last row only.
    IsTransition,
    /// A sum.
    Add(Place, Place),
    /// A difference.
    Sub(Place, Place),
    /// A product.
    Mul(Place, Place),
    /// A negation.
    Neg(Place),
}

impl Node {
    fn parts(self) -> (&'static str, Vec<usize>) {
        match self {
            Self::Constant(value) => ("const", vec![value as usize]),
            Self::Main(column) => ("main", vec![column]),
            Self::MainNext(column) => ("main_next", vec![column]),
            Self::Fixed(column) => ("fixed", vec![column]),
            Self::FixedNext(column) => ("fixed_next", vec![column]),
            Self::Public(value) => ("public", vec![value]),
            Self::Coordinate(bit) => ("coordinate", vec![bit]),
            Self::IsFirstRow => ("is_first_row", vec![]),
            Self::IsLastRow => ("is_last_row", vec![]),
            Self::IsTransition => ("is_transition", vec![]),
            Self::Add(x, y) => ("add", vec![x, y]),
            Self::Sub(x, y) => ("sub", vec![x, y]),
            Self::Mul(x, y) => ("mul", vec![x, y]),
            Self::Neg(x) => ("neg", vec![x]),
        }
    }
}

/// As an array: the operation's name and its operands.
impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (name, operands) = self.parts();
        let mut array = serializer.serialize_seq(Some(1 + operands.len()))?;
        array.serialize_element(name)?;
        operands.iter().try_for_each(|operand| array.serialize_element(operand))?;
        array.end()
    }
}

/// Nodes of expressions that live at least as long as `'a`.
#[derive(Default)]
pub struct Dag<'a> {
    /// Each after those that it is made from.
    pub nodes: Vec<Node>,
    places: HashMap<Node, Place>,
    /// Of parts of expressions, by their addresses.
    seen: HashMap<*const Expr, Place>,
    expressions: PhantomData<&'a Expr>,
}

impl<'a> Dag<'a> {
    /// The place of an expression.
    ///
    /// # Panics
    ///
    /// If it reads a periodic column, of which there are none.
    pub fn place(&mut self, expr: &'a Expr) -> Place {
        let node = match expr {
            SymbolicExpr::Leaf(leaf) => leaf_node(leaf),
            SymbolicExpr::Add { x, y, .. } => Node::Add(self.shared(x), self.shared(y)),
            SymbolicExpr::Sub { x, y, .. } => Node::Sub(self.shared(x), self.shared(y)),
            SymbolicExpr::Mul { x, y, .. } => Node::Mul(self.shared(x), self.shared(y)),
            SymbolicExpr::Neg { x, .. } => Node::Neg(self.shared(x)),
        };
        self.node(node)
    }

    fn shared(&mut self, expr: &'a Arc<Expr>) -> Place {
        let address = Arc::as_ptr(expr);
        if let Some(&place) = self.seen.get(&address) {
            return place;
        }
        let place = self.place(expr);
        self.seen.insert(address, place);
        place
    }

    /// The place of a node.
    pub fn node(&mut self, node: Node) -> Place {
        *self.places.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            self.nodes.len() - 1
        })
    }
}

fn leaf_node(leaf: &BaseLeaf<F>) -> Node {
    match leaf {
        BaseLeaf::Constant(value) => Node::Constant(value.as_canonical_u32()),
        BaseLeaf::IsFirstRow => Node::IsFirstRow,
        BaseLeaf::IsLastRow => Node::IsLastRow,
        BaseLeaf::IsTransition => Node::IsTransition,
        BaseLeaf::Variable(variable) => match variable.entry {
            BaseEntry::Main { offset: 0 } => Node::Main(variable.index),
            BaseEntry::Main { .. } => Node::MainNext(variable.index),
            BaseEntry::Preprocessed { offset: 0 } => Node::Fixed(variable.index),
            BaseEntry::Preprocessed { .. } => Node::FixedNext(variable.index),
            BaseEntry::Public => Node::Public(variable.index),
            BaseEntry::Periodic => unreachable!("no chip has periodic columns"),
        },
    }
}

/// Closed forms of fixed columns, written down where a verifier would evaluate them.
impl Arithmetic for Dag<'_> {
    type Element = Place;

    fn constant(&mut self, value: F) -> Place {
        self.node(Node::Constant(value.as_canonical_u32()))
    }

    fn add(&mut self, a: &Place, b: &Place) -> Place {
        self.node(Node::Add(*a, *b))
    }

    fn sub(&mut self, a: &Place, b: &Place) -> Place {
        self.node(Node::Sub(*a, *b))
    }

    fn mul(&mut self, a: &Place, b: &Place) -> Place {
        self.node(Node::Mul(*a, *b))
    }
}
