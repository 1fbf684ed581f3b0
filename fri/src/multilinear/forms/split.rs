//! Taking expressions apart.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::F;

use super::capture::{Capture, Node};
use super::linear::{Sum, Sums};
use super::{Committed, Forms, Leaf};

/// An expression.
#[derive(Clone, Copy)]
enum Part {
    /// At most linear in the columns: what is left with columns of zeros, an expression of the
    /// polynomials, and a linear form if it has one.
    Linear { known: usize, form: Option<usize> },
    /// Anything else.
    Other,
}

/// What polynomials read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// Linear operands as a whole.
    Operands,
    /// The columns in them.
    Columns,
}

struct Splitter<'a> {
    committed: Committed,
    reads: Reads,
    /// The expressions.
    nodes: &'a [Node],
    parts: Vec<Part>,
    /// The expressions of the polynomials.
    polynomials: Capture,
    sums: Sums,
    /// The forms by their coefficients, all divided by the first: their numbers, and that first
    /// coefficient.
    numbers: BTreeMap<Vec<(usize, F)>, (usize, F)>,
    forms: Vec<usize>,
    /// The polynomials' expressions for whole nodes.
    values: Vec<Option<usize>>,
    /// What nodes are apart: the polynomials' expressions, and the linear forms beside them.
    halves: Vec<Option<(usize, Option<usize>)>>,
}

/// Takes roots apart: with linear operands as forms or, where these are over a tenth more than the
/// columns in them, with columns.
pub(super) fn split(capture: &Capture, committed: Committed, roots: &[usize]) -> Forms {
    let (forms, columns) = Splitter::new(capture, committed, Reads::Operands).split(roots);
    // Forms are summed up once for a row, but columns in polynomials at every point at which these
    // are evaluated.
    if 11 * columns < 10 * forms.len() { Splitter::new(capture, committed, Reads::Columns).split(roots).0 } else { forms }
}

impl<'a> Splitter<'a> {
    fn new(capture: &'a Capture, committed: Committed, reads: Reads) -> Self {
        let mut splitter = Self {
            committed,
            reads,
            nodes: &capture.nodes,
            parts: Vec::with_capacity(capture.nodes.len()),
            polynomials: Capture::default(),
            sums: Sums::default(),
            numbers: BTreeMap::new(),
            forms: Vec::new(),
            values: alloc::vec![None; capture.nodes.len()],
            halves: alloc::vec![None; capture.nodes.len()],
        };
        for node in splitter.nodes {
            let part = splitter.part(*node);
            splitter.parts.push(part);
        }
        splitter
    }

    /// The column that a leaf is, if it is committed to.
    fn column(&self, leaf: Leaf) -> Option<usize> {
        match leaf {
            Leaf::MainLocal(column) => Some(column).filter(|column| *column < self.committed.main),
            Leaf::PreprocessedLocal(column) => Some(self.committed.main + column).filter(|_| column < self.committed.fixed),
            _ => None,
        }
    }

    fn part(&mut self, node: Node) -> Part {
        let zero = self.polynomials.constant(F::ZERO);
        let parts = |x: usize, y: usize| (self.parts[x], self.parts[y]);
        match node {
            Node::Leaf(leaf) => match self.column(leaf) {
                Some(column) => Part::Linear { known: zero, form: Some(self.sums.number(Sum::Column(column))) },
                None => Part::Linear { known: self.polynomials.node(node), form: None },
            },
            Node::Constant(value) => Part::Linear { known: self.polynomials.constant(value), form: None },
            Node::Add(x, y) => match parts(x, y) {
                (Part::Linear { known: k, form: f }, Part::Linear { known: l, form: g }) => {
                    Part::Linear { known: self.polynomials.node(Node::Add(k, l)), form: self.added(f, g) }
                }
                _ => Part::Other,
            },
            Node::Sub(x, y) => match parts(x, y) {
                (Part::Linear { known: k, form: f }, Part::Linear { known: l, form: g }) => {
                    Part::Linear { known: self.polynomials.node(Node::Sub(k, l)), form: self.subtracted(f, g) }
                }
                _ => Part::Other,
            },
            Node::Mul(x, y) => match parts(x, y) {
                (Part::Linear { known: k, form: None }, Part::Linear { known: l, form: None }) => {
                    Part::Linear { known: self.polynomials.node(Node::Mul(k, l)), form: None }
                }
                (Part::Linear { known: k, form: f }, Part::Linear { known: l, form: g }) => {
                    let factor = if f.is_none() { self.polynomials.value(k) } else { self.polynomials.value(l) };
                    match (factor, f.xor(g)) {
                        (Some(factor), Some(form)) => {
                            Part::Linear { known: self.polynomials.node(Node::Mul(k, l)), form: self.scaled(factor, Some(form)) }
                        }
                        _ => Part::Other,
                    }
                }
                _ => Part::Other,
            },
        }
    }

    fn added(&mut self, x: Option<usize>, y: Option<usize>) -> Option<usize> {
        match (x, y) {
            (Some(x), Some(y)) => Some(self.sums.number(Sum::Add(x.min(y), x.max(y)))),
            (x, y) => x.or(y),
        }
    }

    fn subtracted(&mut self, x: Option<usize>, y: Option<usize>) -> Option<usize> {
        match (x, y) {
            (Some(x), Some(y)) => Some(self.sums.number(Sum::Sub(x, y))),
            (None, y) => self.scaled(F::NEG_ONE, y),
            (x, None) => x,
        }
    }

    fn scaled(&mut self, factor: F, x: Option<usize>) -> Option<usize> {
        let x = x.filter(|_| factor != F::ZERO)?;
        Some(if factor == F::ONE { x } else { self.sums.number(Sum::Scale(factor, x)) })
    }

    /// The expression for all of a node, with forms in the place of columns.
    fn value(&mut self, node: usize) -> usize {
        if let Some(value) = self.values[node] {
            return value;
        }
        let is_operand = |node| self.reads == Reads::Operands || matches!(node, Node::Leaf(_));
        let value = match (self.parts[node], self.nodes[node]) {
            (Part::Linear { known, form: None }, _) => known,
            (Part::Linear { known, form: Some(form) }, node) if is_operand(node) => match self.multiple(form) {
                Some((form, factor)) => {
                    let leaf = self.polynomials.node(Node::Leaf(Leaf::Form(form)));
                    let factor = self.polynomials.constant(factor);
                    let form = self.polynomials.node(Node::Mul(factor, leaf));
                    self.polynomials.node(Node::Add(form, known))
                }
                None => known,
            },
            (_, Node::Add(x, y)) => {
                let sum = Node::Add(self.value(x), self.value(y));
                self.polynomials.node(sum)
            }
            (_, Node::Sub(x, y)) => {
                let difference = Node::Sub(self.value(x), self.value(y));
                self.polynomials.node(difference)
            }
            (_, Node::Mul(x, y)) => {
                let product = Node::Mul(self.value(x), self.value(y));
                self.polynomials.node(product)
            }
            (_, leaf) => self.polynomials.node(leaf),
        };
        self.values[node] = Some(value);
        value
    }

    /// A linear form as a multiple of one that has a number; none if it is zero.
    fn multiple(&mut self, sum: usize) -> Option<(usize, F)> {
        let mut coefficients = self.sums.coefficients(sum);
        let (_, first) = *coefficients.first()?;
        let inverse = first.inverse();
        coefficients.iter_mut().for_each(|(_, coefficient)| *coefficient *= inverse);
        let next = self.forms.len();
        let (form, of_form) = *self.numbers.entry(coefficients).or_insert((next, first));
        if form == next {
            self.forms.push(sum);
        }
        Some((form, first * of_form.inverse()))
    }

    /// A node's polynomial, and the linear form that is beside it.
    fn apart(&mut self, node: usize) -> (usize, Option<usize>) {
        if let Some(halves) = self.halves[node] {
            return halves;
        }
        let halves = self.new_halves(node);
        self.halves[node] = Some(halves);
        halves
    }

    fn new_halves(&mut self, node: usize) -> (usize, Option<usize>) {
        match (self.parts[node], self.nodes[node]) {
            (Part::Linear { known, form }, _) => (known, form),
            (Part::Other, Node::Add(x, y)) => {
                let ((x, f), (y, g)) = (self.apart(x), self.apart(y));
                (self.polynomials.node(Node::Add(x, y)), self.added(f, g))
            }
            (Part::Other, Node::Sub(x, y)) => {
                let ((x, f), (y, g)) = (self.apart(x), self.apart(y));
                (self.polynomials.node(Node::Sub(x, y)), self.subtracted(f, g))
            }
            (Part::Other, Node::Mul(x, y)) => {
                let scaled = [(x, y), (y, x)].map(|(scale, of)| match self.parts[scale] {
                    Part::Linear { known, form: None } => self.polynomials.value(known).map(|factor| (factor, known, of)),
                    _ => None,
                });
                let Some((factor, known, of)) = scaled.into_iter().flatten().next() else { return (self.value(node), None) };
                let (polynomial, form) = self.apart(of);
                (self.polynomials.node(Node::Mul(known, polynomial)), self.scaled(factor, form))
            }
            (Part::Other, _) => (self.value(node), None),
        }
    }

    /// The forms, and how many columns are in them.
    fn split(mut self, roots: &[usize]) -> (Forms, usize) {
        let mut leaves: Vec<Leaf> =
            self.nodes.iter().filter_map(|node| if let Node::Leaf(leaf) = node { Some(*leaf) } else { None }).collect();
        leaves.sort_unstable();
        leaves.dedup();
        let (polynomials, rests): (Vec<usize>, Vec<Option<usize>>) = roots.iter().map(|root| self.apart(*root)).unzip();
        let columns: BTreeSet<usize> = self.numbers.keys().flatten().map(|(column, _)| *column).collect();
        let (sums, numbers) = self.sums.only_needed(rests.iter().flatten().chain(&self.forms).copied());
        let moved = |sum: usize| numbers[sum].unwrap_or_default();
        let forms = Forms {
            committed: self.committed,
            leaves,
            nodes: self.polynomials.nodes,
            polynomials,
            forms: self.forms.iter().map(|sum| moved(*sum)).collect(),
            rests: rests.iter().map(|rest| rest.map(moved)).collect(),
            sums,
        };
        (forms, columns.len())
    }
}
