//! Symbolic constraints as numbered expressions: equal ones get one number, what is constant is folded.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use p3_air::symbolic::{BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::{ExpressionError, Leaf};

/// An expression; operands are numbers of earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A value that is read.
    Leaf(Leaf),
    /// The coefficients of a constant, as integers.
    Constant([u32; EXTENSION_DEGREE]),
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
        matches!(self, Self::Constant(words) if words.iter().all(|word| *word == 0))
    }
}

/// Turns symbolic expressions into numbered ones, equal ones into one.
#[derive(Default)]
pub(super) struct Capture {
    pub(super) nodes: Vec<Node>,
    numbers: BTreeMap<Node, usize>,
    /// Expressions by their place in memory, where they stay while the table is captured: a shared one is walked once.
    seen: BTreeMap<*const SymbolicExpression<F>, usize>,
}

/// The parts of an expression tree, which p3 has for both fields.
enum Parts<'a, L> {
    Leaf(&'a L),
    Two(fn(usize, usize) -> Node, &'a Arc<SymbolicExpr<L>>, &'a Arc<SymbolicExpr<L>>),
    Neg(&'a Arc<SymbolicExpr<L>>),
}

fn parts<L>(expression: &SymbolicExpr<L>) -> Parts<'_, L> {
    match expression {
        SymbolicExpr::Leaf(leaf) => Parts::Leaf(leaf),
        SymbolicExpr::Add { x, y, .. } => Parts::Two(Node::Add, x, y),
        SymbolicExpr::Sub { x, y, .. } => Parts::Two(Node::Sub, x, y),
        SymbolicExpr::Mul { x, y, .. } => Parts::Two(Node::Mul, x, y),
        SymbolicExpr::Neg { x, .. } => Parts::Neg(x),
    }
}

impl Capture {
    pub(super) fn base(&mut self, expression: &SymbolicExpression<F>) -> Result<usize, ExpressionError> {
        let address = core::ptr::from_ref(expression);
        if let Some(number) = self.seen.get(&address) {
            return Ok(*number);
        }
        let number = match parts(expression) {
            Parts::Leaf(leaf) => self.base_leaf(leaf)?,
            Parts::Two(node, x, y) => {
                let node = node(self.base(x)?, self.base(y)?);
                self.node(node)
            }
            Parts::Neg(x) => {
                let x = self.base(x)?;
                self.negated(x)
            }
        };
        self.seen.insert(address, number);
        Ok(number)
    }

    fn base_leaf(&mut self, leaf: &BaseLeaf<F>) -> Result<usize, ExpressionError> {
        let leaf = match leaf {
            BaseLeaf::Constant(value) => return Ok(self.constant((*value).into())),
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
        Ok(self.node(Node::Leaf(leaf)))
    }

    fn negated(&mut self, x: usize) -> usize {
        let zero = self.constant(EF::ZERO);
        self.node(Node::Sub(zero, x))
    }

    pub(super) fn constant(&mut self, value: EF) -> usize {
        let coefficients: &[F] = value.as_basis_coefficients_slice();
        let mut words = [0; EXTENSION_DEGREE];
        for (word, coefficient) in words.iter_mut().zip(coefficients) {
            *word = p3_field::PrimeField32::as_canonical_u32(coefficient);
        }
        self.intern(Node::Constant(words))
    }

    pub(super) fn value(&self, node: usize) -> Option<EF> {
        match self.nodes.get(node) {
            Some(Node::Constant(words)) => Some(constant_value(words)),
            _ => None,
        }
    }

    /// The number of an expression, after folding what is constant.
    pub(super) fn node(&mut self, node: Node) -> usize {
        let known = |x: usize| self.value(x);
        let node = match node {
            Node::Add(x, y) => match (known(x), known(y)) {
                (Some(a), Some(b)) => return self.constant(a + b),
                (Some(EF::ZERO), None) => return y,
                (None, Some(EF::ZERO)) => return x,
                _ => Node::Add(x.min(y), x.max(y)),
            },
            Node::Sub(x, y) => match (known(x), known(y)) {
                (Some(a), Some(b)) => return self.constant(a - b),
                (None, Some(EF::ZERO)) => return x,
                _ if x == y => return self.constant(EF::ZERO),
                _ => Node::Sub(x, y),
            },
            Node::Mul(x, y) => match (known(x), known(y)) {
                (Some(a), Some(b)) => return self.constant(a * b),
                (Some(EF::ZERO), None) | (None, Some(EF::ZERO)) => return self.constant(EF::ZERO),
                (Some(EF::ONE), None) => return y,
                (None, Some(EF::ONE)) => return x,
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

/// The constant with these coefficients.
pub fn constant_value(words: &[u32; EXTENSION_DEGREE]) -> EF {
    EF::from_basis_coefficients_fn(|index| words.get(index).map_or(F::ZERO, |word| F::from_u32(*word)))
}
