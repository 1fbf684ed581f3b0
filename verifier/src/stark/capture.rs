//! Symbolic constraints as numbered expressions: equal ones get one number, what is constant is folded.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use p3_air::symbolic::{BaseEntry, BaseLeaf, ExtEntry, ExtLeaf, SymbolicExpr, SymbolicExpression, SymbolicExpressionExt};
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::field;
use super::program::{Leaf, ProgramError};

/// An expression; operands are numbers of earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    Leaf(Leaf),
    /// The coefficients of a constant, as integers.
    Constant([u32; EXTENSION_DEGREE]),
    Add(usize, usize),
    Sub(usize, usize),
    Mul(usize, usize),
}

/// Turns symbolic expressions into numbered ones, equal ones into one.
pub(crate) struct Capture<'a> {
    reads_next_main: bool,
    reads_next_preprocessed: bool,
    buses: &'a [usize],
    pub(crate) nodes: Vec<Node>,
    numbers: BTreeMap<Node, usize>,
    /// Expressions by their place in memory, where they stay while the table is captured: a shared one is walked once.
    seen_base: BTreeMap<*const SymbolicExpression<F>, usize>,
    seen_extension: BTreeMap<*const SymbolicExpressionExt<F, EF>, usize>,
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

impl<'a> Capture<'a> {
    pub(super) fn new<A: p3_air::BaseAir<F>>(air: &A, buses: &'a [usize]) -> Self {
        Self {
            reads_next_main: !air.main_next_row_columns().is_empty(),
            reads_next_preprocessed: !air.preprocessed_next_row_columns().is_empty(),
            buses,
            nodes: Vec::new(),
            numbers: BTreeMap::new(),
            seen_base: BTreeMap::new(),
            seen_extension: BTreeMap::new(),
        }
    }

    /// Captures expressions of a table without lookup columns. What it reads of the next row is captured as such, declared or not.
    pub(crate) fn of_rows() -> Self {
        Self {
            reads_next_main: true,
            reads_next_preprocessed: true,
            buses: &[],
            nodes: Vec::new(),
            numbers: BTreeMap::new(),
            seen_base: BTreeMap::new(),
            seen_extension: BTreeMap::new(),
        }
    }

    /// Whether an expression is the constant zero.
    pub(crate) fn is_zero(&self, node: usize) -> bool {
        self.value(node) == Some(EF::ZERO)
    }

    pub(crate) fn base(&mut self, expression: &SymbolicExpression<F>) -> Result<usize, ProgramError> {
        let address = core::ptr::from_ref(expression);
        if let Some(number) = self.seen_base.get(&address) {
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
        self.seen_base.insert(address, number);
        Ok(number)
    }

    pub(super) fn extension(&mut self, expression: &SymbolicExpressionExt<F, EF>) -> Result<usize, ProgramError> {
        let address = core::ptr::from_ref(expression);
        if let Some(number) = self.seen_extension.get(&address) {
            return Ok(*number);
        }
        let number = match parts(expression) {
            Parts::Leaf(leaf) => self.extension_leaf(leaf)?,
            Parts::Two(node, x, y) => {
                let node = node(self.extension(x)?, self.extension(y)?);
                self.node(node)
            }
            Parts::Neg(x) => {
                let x = self.extension(x)?;
                self.negated(x)
            }
        };
        self.seen_extension.insert(address, number);
        Ok(number)
    }

    fn base_leaf(&mut self, leaf: &BaseLeaf<F>) -> Result<usize, ProgramError> {
        let leaf = match leaf {
            BaseLeaf::Constant(value) => return Ok(self.constant((*value).into())),
            BaseLeaf::IsFirstRow => Leaf::IsFirst,
            BaseLeaf::IsLastRow => Leaf::IsLast,
            BaseLeaf::IsTransition => Leaf::IsTransition,
            BaseLeaf::Variable(variable) => match variable.entry {
                BaseEntry::Main { offset: 0 } => Leaf::MainLocal(variable.index),
                // What is declared unread is opened nowhere, and zero.
                BaseEntry::Main { offset: 1 } if !self.reads_next_main => return Ok(self.constant(EF::ZERO)),
                BaseEntry::Main { offset: 1 } => Leaf::MainNext(variable.index),
                BaseEntry::Preprocessed { offset: 0 } => Leaf::PreprocessedLocal(variable.index),
                BaseEntry::Preprocessed { offset: 1 } if !self.reads_next_preprocessed => return Ok(self.constant(EF::ZERO)),
                BaseEntry::Preprocessed { offset: 1 } => Leaf::PreprocessedNext(variable.index),
                BaseEntry::Main { offset } | BaseEntry::Preprocessed { offset } => return Err(ProgramError::Row(offset)),
                BaseEntry::Periodic => return Err(ProgramError::Periodic),
                BaseEntry::Public => Leaf::Public(variable.index),
            },
        };
        Ok(self.node(Node::Leaf(leaf)))
    }

    fn extension_leaf(&mut self, leaf: &ExtLeaf<F, EF>) -> Result<usize, ProgramError> {
        match leaf {
            ExtLeaf::Base(expression) => self.base(expression),
            ExtLeaf::ExtConstant(value) => Ok(self.constant(*value)),
            ExtLeaf::ExtVariable(variable) => match variable.entry {
                ExtEntry::Permutation { offset: 0 } => Ok(self.lookup_column(Leaf::PermutationLocal, variable.index)),
                ExtEntry::Permutation { offset: 1 } => Ok(self.lookup_column(Leaf::PermutationNext, variable.index)),
                ExtEntry::Permutation { offset } => Err(ProgramError::Row(offset)),
                ExtEntry::Challenge => self.challenge(variable.index),
                ExtEntry::PermutationValue => Ok(self.node(Node::Leaf(Leaf::Terminal))),
            },
        }
    }

    /// Each lookup column has two challenges: its bus's base and the combiner.
    fn challenge(&mut self, index: usize) -> Result<usize, ProgramError> {
        let column = index.div_euclid(2);
        let bus = *self.buses.get(column).ok_or(ProgramError::Challenge { expected: self.buses.len(), got: index })?;
        let leaf = if index.is_multiple_of(2) { Leaf::Bus(bus) } else { Leaf::Beta };
        Ok(self.node(Node::Leaf(leaf)))
    }

    /// An extension column from its base columns, by Horner's rule in the extension's generator.
    fn lookup_column(&mut self, leaf: fn(usize) -> Leaf, column: usize) -> usize {
        let start = column.saturating_mul(EXTENSION_DEGREE);
        let generator = self.constant(field::generator());
        let mut sum = self.constant(EF::ZERO);
        for index in (start..start.saturating_add(EXTENSION_DEGREE)).rev() {
            let coefficient = self.node(Node::Leaf(leaf(index)));
            let shifted = self.node(Node::Mul(sum, generator));
            sum = self.node(Node::Add(shifted, coefficient));
        }
        sum
    }

    fn negated(&mut self, x: usize) -> usize {
        let zero = self.constant(EF::ZERO);
        self.node(Node::Sub(zero, x))
    }

    fn constant(&mut self, value: EF) -> usize {
        let coefficients: &[F] = value.as_basis_coefficients_slice();
        let mut words = [0; EXTENSION_DEGREE];
        for (word, coefficient) in words.iter_mut().zip(coefficients) {
            *word = p3_field::PrimeField32::as_canonical_u32(coefficient);
        }
        self.intern(Node::Constant(words))
    }

    fn value(&self, node: usize) -> Option<EF> {
        match self.nodes.get(node) {
            Some(Node::Constant(words)) => Some(constant_value(words)),
            _ => None,
        }
    }

    /// The number of an expression, after folding what is constant.
    fn node(&mut self, node: Node) -> usize {
        let known = |x: usize| self.value(x);
        let node = match node {
            Node::Add(x, y) => match (known(x), known(y)) {
                (Some(a), Some(b)) => return self.constant(field::plus(a, b)),
                (Some(EF::ZERO), None) => return y,
                (None, Some(EF::ZERO)) => return x,
                _ => Node::Add(x.min(y), x.max(y)),
            },
            Node::Sub(x, y) => match (known(x), known(y)) {
                (Some(a), Some(b)) => return self.constant(field::difference(a, b)),
                (None, Some(EF::ZERO)) => return x,
                _ if x == y => return self.constant(EF::ZERO),
                _ => Node::Sub(x, y),
            },
            Node::Mul(x, y) => match (known(x), known(y)) {
                (Some(a), Some(b)) => return self.constant(field::times(a, b)),
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
pub(super) fn constant_value(words: &[u32; EXTENSION_DEGREE]) -> EF {
    EF::from_basis_coefficients_fn(|index| words.get(index).map_or(F::ZERO, |word| F::from_u32(*word)))
}
