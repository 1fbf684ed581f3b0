//! Expressions as straight-line code, captured once and run by any interpreter.
//!
//! Equal subexpressions are computed once, products that are used once are joined with the sum they
//! go into.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;
use tern_fri::multilinear::forms::{Leaf, Node, uses};

use crate::ops::Ops;

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

impl Program {
    /// The program that evaluates expressions, which come after their operands.
    pub(crate) fn of(nodes: &[Node], roots: &[usize]) -> Self {
        let mut emitter = Emitter { nodes, uses: uses(nodes, roots), steps: Vec::new(), numbers: alloc::vec![None; nodes.len()] };
        let constraints = roots.iter().map(|root| emitter.step(*root)).collect();
        Self { steps: emitter.steps, constraints }
    }

    /// Runs the program and gives the values of the expressions asked for.
    pub(crate) fn values<O: Ops>(&self, ops: &mut O, mut read: impl FnMut(&mut O, Leaf) -> O::Ext) -> Vec<O::Ext> {
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
        self.constraints.iter().map(|step| at(&values, *step)).collect()
    }
}

/// Orders the expressions that the roots need, with products joined to sums.
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
            Some(Node::Constant(value)) => Step::Constant(value.into()),
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
