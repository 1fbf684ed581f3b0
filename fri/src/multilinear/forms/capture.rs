//! Symbolic constraints as numbered expressions: equal ones get one number, what is constant is folded.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use super::{ExpressionError, Leaf};

/// An expression; operands are numbers of earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A value that is read.
    Leaf(Leaf),
    /// A constant.
    Constant(F),
    /// A sum.
    Add(usize, usize),
    /// The first less the second.
    Sub(usize, usize),
    /// A product.
    Mul(usize, usize),
}

impl Node {
    /// Whether it is the constant zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::Constant(F::ZERO)
    }
}

/// Turns symbolic expressions into numbered ones, equal ones into one.
#[derive(Default)]
pub(super) struct Capture {
    pub(super) nodes: Vec<Node>,
    numbers: BTreeMap<Node, usize>,
    /// Expressions by their place in memory, where they stay while the table is captured: a shared
    /// one is walked once.
    seen: BTreeMap<*const SymbolicExpression<F>, usize>,
}

impl Capture {
    pub(super) fn base(&mut self, expression: &SymbolicExpression<F>) -> Result<usize, ExpressionError> {
        let address = core::ptr::from_ref(expression);
        if let Some(number) = self.seen.get(&address) {
            return Ok(*number);
        }
        let node = match expression {
            SymbolicExpr::Leaf(leaf) => node_of(leaf)?,
            SymbolicExpr::Add { x, y, .. } => Node::Add(self.base(x)?, self.base(y)?),
            SymbolicExpr::Sub { x, y, .. } => Node::Sub(self.base(x)?, self.base(y)?),
            SymbolicExpr::Mul { x, y, .. } => Node::Mul(self.base(x)?, self.base(y)?),
            SymbolicExpr::Neg { x, .. } => {
                let x = self.base(x)?;
                Node::Sub(self.constant(F::ZERO), x)
            }
        };
        let number = self.node(node);
        self.seen.insert(address, number);
        Ok(number)
    }

    pub(super) fn constant(&mut self, value: F) -> usize {
        self.intern(Node::Constant(value))
    }

    pub(super) fn value(&self, node: usize) -> Option<F> {
        if let Some(Node::Constant(value)) = self.nodes.get(node) { Some(*value) } else { None }
    }

    /// The number of an expression, after folding what is constant.
    pub(super) fn node(&mut self, node: Node) -> usize {
        let known = |x: usize| self.value(x);
        let node = match node {
            Node::Add(x, y) => match (known(x), known(y)) {
                (Some(a), Some(b)) => return self.constant(a + b),
                (Some(F::ZERO), None) => return y,
                (None, Some(F::ZERO)) => return x,
                _ => Node::Add(x.min(y), x.max(y)),
            },
            Node::Sub(x, y) => match (known(x), known(y)) {
                (Some(a), Some(b)) => return self.constant(a - b),
                (None, Some(F::ZERO)) => return x,
                _ if x == y => return self.constant(F::ZERO),
                _ => Node::Sub(x, y),
            },
            Node::Mul(x, y) => match (known(x), known(y)) {
                (Some(a), Some(b)) => return self.constant(a * b),
                (Some(F::ZERO), None) | (None, Some(F::ZERO)) => return self.constant(F::ZERO),
                (Some(F::ONE), None) => return y,
                (None, Some(F::ONE)) => return x,
                _ => Node::Mul(x.min(y), x.max(y)),
            },
            leaf => leaf,
        };
        self.intern(node)
    }

    fn intern(&mut self, node: Node) -> usize {
        let next = self.nodes.len();
        let number = *self.numbers.entry(node).or_insert(next);
        if number == next {
            self.nodes.push(node);
        }
        number
    }
}

fn node_of(leaf: &BaseLeaf<F>) -> Result<Node, ExpressionError> {
    let leaf = match leaf {
        BaseLeaf::Constant(value) => return Ok(Node::Constant(*value)),
        BaseLeaf::IsFirstRow => Leaf::IsFirst,
        BaseLeaf::IsLastRow => Leaf::IsLast,
        BaseLeaf::IsTransition => Leaf::IsTransition,
        BaseLeaf::Variable(variable) => match variable.entry {
            BaseEntry::Main { offset: 0 } => Leaf::MainLocal(variable.index),
            BaseEntry::Main { offset: 1 } => Leaf::MainNext(variable.index),
            BaseEntry::Preprocessed { offset: 0 } => Leaf::PreprocessedLocal(variable.index),
            BaseEntry::Preprocessed { offset: 1 } => Leaf::PreprocessedNext(variable.index),
            BaseEntry::Main { offset } | BaseEntry::Preprocessed { offset } => return Err(ExpressionError::Row(offset)),
            BaseEntry::Periodic => return Err(ExpressionError::Periodic),
            BaseEntry::Public => Leaf::Public(variable.index),
        },
    };
    Ok(Node::Leaf(leaf))
}

/// How often the roots and what they need use each expression; these come after their operands.
#[must_use]
pub fn uses(nodes: &[Node], roots: &[usize]) -> Vec<usize> {
    let mut uses = vec![0; nodes.len()];
    roots.iter().for_each(|root| uses[*root] += 1);
    for (number, node) in nodes.iter().enumerate().rev() {
        if let (true, Node::Add(x, y) | Node::Sub(x, y) | Node::Mul(x, y)) = (uses[number] > 0, node) {
            uses[*x] += 1;
            uses[*y] += 1;
        }
    }
    uses
}
