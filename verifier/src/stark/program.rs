//! A table's constraints as straight-line code, captured once and run by any interpreter.
//!
//! The table states its constraints to `p3-lookup`'s symbolic builder, followed by those of its LogUp columns in `p3-lookup`'s order: what is captured is what the prover proved. Equal subexpressions are
//! computed once, products that are used once are joined with the sum they go into.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use p3_air::Air;
use p3_air::symbolic::{AirLayout, BaseEntry, BaseLeaf, ExtEntry, ExtLeaf, SymbolicExpr, SymbolicExpression, SymbolicExpressionExt};
use p3_batch_stark::symbolic::get_constraint_layout;
use p3_field::{BasedVectorSpace, PrimeCharacteristicRing};
use p3_lookup::{InteractionSymbolicBuilder, LogUpGadget, Lookups};
use tern_field::{EF, EXTENSION_DEGREE, F};
use thiserror::Error;

use super::field;
use crate::ops::Ops;

/// A value that a table's constraints read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Leaf {
    /// A main column of the current row.
    MainLocal(usize),
    /// A main column of the next row.
    MainNext(usize),
    /// A preprocessed column of the current row.
    PreprocessedLocal(usize),
    /// A preprocessed column of the next row.
    PreprocessedNext(usize),
    /// A base column of the lookup columns, current row.
    PermutationLocal(usize),
    /// A base column of the lookup columns, next row.
    PermutationNext(usize),
    /// A public value.
    Public(usize),
    /// The denominators' base of a bus.
    Bus(usize),
    /// The challenge that combines a message's elements.
    Beta,
    /// The table's lookup terminal.
    Terminal,
    /// The selector of the first row.
    IsFirst,
    /// The selector of the last row.
    IsLast,
    /// The selector of all rows but the last.
    IsTransition,
}

/// One step; operands are numbers of earlier steps.
#[derive(Clone, Copy, Debug)]
enum Step {
    Leaf(Leaf),
    Constant(EF),
    Add(usize, usize),
    Sub(usize, usize),
    Mul(usize, usize),
    /// `a * b + c`.
    MulAdd(usize, usize, usize),
    /// `c - a * b`.
    SubMul(usize, usize, usize),
}

/// The constraints of one table.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    steps: Vec<Step>,
    /// The steps whose values must be zero, in the order in which they are batched.
    constraints: Vec<usize>,
}

/// A table that the verifier cannot evaluate: a fault of the table, not of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProgramError {
    /// A constraint reads a periodic column.
    #[error("periodic columns are not supported")]
    Periodic,
    /// A constraint reads further than the next row.
    #[error("expected rows 0 and 1 to be read, got row {0}")]
    Row(usize),
    /// The lookups' challenges are not those of LogUp.
    #[error("expected a challenge of one of {expected} lookup columns, got challenge {got}")]
    Challenge {
        /// Lookup columns of the table.
        expected: usize,
        /// Number of the challenge.
        got: usize,
    },
}

impl Program {
    /// Captures the constraints of a table whose lookup columns are on the buses `buses`.
    ///
    /// # Errors
    ///
    /// If they read something that is not opened.
    pub(crate) fn new<A>(air: &A, lookups: &Lookups<F>, buses: &[usize]) -> Result<Self, ProgramError>
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        let gadget = LogUpGadget::new();
        let layout = AirLayout::from_air(air);
        let (base, extension) = p3_batch_stark::symbolic::get_symbolic_constraints::<F, EF, A, _>(air, layout, lookups, &gadget);
        let order = get_constraint_layout::<F, EF, A, _>(air, layout, lookups, &gadget);
        let mut capture = Capture::new(air, buses);
        let mut constraints = Vec::new();
        for (place, constraint) in order.base_indices.iter().zip(&base) {
            constraints.push((*place, capture.base(constraint)?));
        }
        for (place, constraint) in order.ext_indices.iter().zip(&extension) {
            constraints.push((*place, capture.extension(constraint)?));
        }
        constraints.sort_unstable();
        let roots: Vec<usize> = constraints.into_iter().map(|(_, node)| node).collect();
        Ok(emit(&capture.nodes, &roots))
    }

    /// Runs the program and batches the constraints by Horner's rule in `alpha`.
    pub(crate) fn run<O: Ops>(&self, ops: &mut O, alpha: &O::Ext, mut read: impl FnMut(&mut O, Leaf) -> O::Ext) -> O::Ext {
        let zero = ops.constant(EF::ZERO);
        let mut values: Vec<O::Ext> = Vec::with_capacity(self.steps.len());
        let at = |values: &[O::Ext], step: usize| values.get(step).unwrap_or(&zero).clone();
        for step in &self.steps {
            let value = match *step {
                Step::Leaf(leaf) => read(ops, leaf),
                Step::Constant(value) => ops.constant(value),
                Step::Add(a, b) => ops.add(&at(&values, a), &at(&values, b)),
                Step::Sub(a, b) => ops.sub(&at(&values, a), &at(&values, b)),
                Step::Mul(a, b) => ops.mul(&at(&values, a), &at(&values, b)),
                Step::MulAdd(a, b, c) => ops.mul_add(&at(&values, a), &at(&values, b), &at(&values, c)),
                Step::SubMul(a, b, c) => ops.sub_mul(&at(&values, a), &at(&values, b), &at(&values, c)),
            };
            values.push(value);
        }
        let mut constraints = self.constraints.iter().map(|step| at(&values, *step));
        let Some(first) = constraints.next() else {
            return zero.clone();
        };
        constraints.fold(first, |sum, constraint| ops.mul_add(&sum, alpha, &constraint))
    }
}

/// An expression; operands are numbers of earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Leaf(Leaf),
    /// The coefficients of a constant, as integers.
    Constant([u32; EXTENSION_DEGREE]),
    Add(usize, usize),
    Sub(usize, usize),
    Mul(usize, usize),
}

/// Turns symbolic expressions into numbered ones, equal ones into one.
struct Capture<'a> {
    reads_next_main: bool,
    reads_next_preprocessed: bool,
    buses: &'a [usize],
    nodes: Vec<Node>,
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
    fn new<A: p3_air::BaseAir<F>>(air: &A, buses: &'a [usize]) -> Self {
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

    fn base(&mut self, expression: &SymbolicExpression<F>) -> Result<usize, ProgramError> {
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

    fn extension(&mut self, expression: &SymbolicExpressionExt<F, EF>) -> Result<usize, ProgramError> {
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

fn constant_value(words: &[u32; EXTENSION_DEGREE]) -> EF {
    EF::from_basis_coefficients_fn(|index| words.get(index).map_or(F::ZERO, |word| F::from_u32(*word)))
}

/// Orders the expressions that the roots need, with products joined to sums.
fn emit(nodes: &[Node], roots: &[usize]) -> Program {
    let mut emitter = Emitter { nodes, uses: uses(nodes, roots), steps: Vec::new(), numbers: alloc::vec![None; nodes.len()] };
    let constraints = roots.iter().map(|root| emitter.step(*root)).collect();
    Program { steps: emitter.steps, constraints }
}

/// How often the roots and what they need use each expression.
fn uses(nodes: &[Node], roots: &[usize]) -> Vec<usize> {
    fn count(uses: &mut [usize], node: usize) {
        if let Some(uses) = uses.get_mut(node) {
            *uses = uses.saturating_add(1);
        }
    }
    let mut uses = alloc::vec![0; nodes.len()];
    roots.iter().for_each(|root| count(&mut uses, *root));
    // An expression comes after its operands.
    for (number, node) in nodes.iter().enumerate().rev() {
        let used = uses.get(number).is_some_and(|uses| *uses > 0);
        if let (true, Node::Add(x, y) | Node::Sub(x, y) | Node::Mul(x, y)) = (used, node) {
            count(&mut uses, *x);
            count(&mut uses, *y);
        }
    }
    uses
}

struct Emitter<'a> {
    nodes: &'a [Node],
    uses: Vec<usize>,
    steps: Vec<Step>,
    /// The step of each expression that has one.
    numbers: Vec<Option<usize>>,
}

impl Emitter<'_> {
    fn step(&mut self, node: usize) -> usize {
        if let Some(Some(step)) = self.numbers.get(node) {
            return *step;
        }
        let step = match self.nodes.get(node).copied() {
            Some(Node::Leaf(leaf)) => Step::Leaf(leaf),
            Some(Node::Constant(words)) => Step::Constant(constant_value(&words)),
            Some(Node::Add(x, y)) => self.sum(x, y),
            Some(Node::Sub(x, y)) => match self.product(y) {
                Some((a, b)) => Step::SubMul(self.step(a), self.step(b), self.step(x)),
                None => Step::Sub(self.step(x), self.step(y)),
            },
            Some(Node::Mul(x, y)) => Step::Mul(self.step(x), self.step(y)),
            None => Step::Constant(EF::ZERO),
        };
        let number = self.steps.len();
        self.steps.push(step);
        if let Some(place) = self.numbers.get_mut(node) {
            *place = Some(number);
        }
        number
    }

    fn sum(&mut self, x: usize, y: usize) -> Step {
        if let Some((a, b)) = self.product(x) {
            return Step::MulAdd(self.step(a), self.step(b), self.step(y));
        }
        if let Some((a, b)) = self.product(y) {
            return Step::MulAdd(self.step(a), self.step(b), self.step(x));
        }
        Step::Add(self.step(x), self.step(y))
    }

    /// The factors of a product that nothing else uses.
    fn product(&self, node: usize) -> Option<(usize, usize)> {
        let used_once = self.uses.get(node).is_some_and(|uses| *uses == 1);
        match self.nodes.get(node) {
            Some(Node::Mul(a, b)) if used_once => Some((*a, *b)),
            _ => None,
        }
    }
}
