//! A table's forms and polynomials, as steps over vectors of rows.
//!
//! Values lie in one list: those that are given, constants, then one for each step.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use super::super::forms::{Forms, Leaf, Node, Sum, needed, uses};
use super::super::packed::{Packed, PackedExt};
use super::super::quintic;

/// How steps compute.
pub(super) trait Arithmetic {
    /// What with.
    type Value: Copy;

    fn constant(value: F) -> Self::Value;
    fn add(to: &mut Self::Value, a: &Self::Value, b: &Self::Value);
    fn sub(to: &mut Self::Value, a: &Self::Value, b: &Self::Value);
    fn mul(to: &mut Self::Value, a: &Self::Value, b: &Self::Value);
    /// `a b + c`.
    fn mul_add(to: &mut Self::Value, a: &Self::Value, b: &Self::Value, c: &Self::Value);
    /// `a` times an element of the base field.
    fn scale(to: &mut Self::Value, a: &Self::Value, factor: F);
}

/// With vectors of the base field.
pub(super) struct OfBase;

impl Arithmetic for OfBase {
    type Value = Packed;

    fn constant(value: F) -> Packed {
        value.into()
    }

    #[inline(always)]
    fn add(to: &mut Packed, a: &Packed, b: &Packed) {
        *to = *a + *b;
    }

    #[inline(always)]
    fn sub(to: &mut Packed, a: &Packed, b: &Packed) {
        *to = *a - *b;
    }

    #[inline(always)]
    fn mul(to: &mut Packed, a: &Packed, b: &Packed) {
        *to = *a * *b;
    }

    #[inline(always)]
    fn mul_add(to: &mut Packed, a: &Packed, b: &Packed, c: &Packed) {
        *to = *a * *b + *c;
    }

    #[inline(always)]
    fn scale(to: &mut Packed, a: &Packed, factor: F) {
        *to = *a * factor;
    }
}

/// With vectors of the challenge field.
pub(super) struct OfExt;

impl Arithmetic for OfExt {
    type Value = PackedExt;

    fn constant(value: F) -> PackedExt {
        Packed::from(value).into()
    }

    #[inline(always)]
    fn add(to: &mut PackedExt, a: &PackedExt, b: &PackedExt) {
        quintic::sum(to, a, b);
    }

    #[inline(always)]
    fn sub(to: &mut PackedExt, a: &PackedExt, b: &PackedExt) {
        quintic::difference(to, a, b);
    }

    #[inline(always)]
    fn mul(to: &mut PackedExt, a: &PackedExt, b: &PackedExt) {
        quintic::product(to, a, b);
    }

    #[inline(always)]
    fn mul_add(to: &mut PackedExt, a: &PackedExt, b: &PackedExt, c: &PackedExt) {
        *to = *c;
        quintic::add_product(to, a, b);
    }

    #[inline(always)]
    fn scale(to: &mut PackedExt, a: &PackedExt, factor: F) {
        quintic::base_product(to, a, &Packed::from(factor));
    }
}

/// One step; operands are places in the list.
#[derive(Clone, Copy, Debug)]
enum Step {
    Add(u32, u32),
    Sub(u32, u32),
    Mul(u32, u32),
    /// `a * b + c`.
    MulAdd(u32, u32, u32),
    Scale(F, u32),
}

/// What is the same in all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Constant {
    Value(F),
    Public(usize),
}

/// Steps from values that are given to those that are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    given: usize,
    constants: Vec<Constant>,
    steps: Vec<Step>,
    wanted: Vec<u32>,
}

impl Program {
    /// The forms, given the columns.
    pub(super) fn of_forms(forms: &Forms) -> Self {
        let (sums, wanted) = forms.linear();
        let needed = needed(sums, wanted.iter().copied());
        let mut program = Self { given: forms.columns(), ..Self::default() };
        let mut places = vec![0; sums.len()];
        for (number, sum) in sums.iter().enumerate().filter(|(number, _)| needed[*number]) {
            places[number] = match *sum {
                Sum::Column(column) => column as u32,
                Sum::Add(x, y) => program.step(Step::Add(places[x], places[y])),
                Sum::Sub(x, y) => program.step(Step::Sub(places[x], places[y])),
                Sum::Scale(factor, x) => program.step(Step::Scale(factor, places[x])),
            };
        }
        program.wanted = wanted.iter().map(|sum| places[*sum]).collect();
        program
    }

    /// These roots' polynomials, given the forms and then the fixed columns in `known`.
    pub(super) fn of_polynomials(forms: &Forms, roots: &[usize], known: &[usize]) -> Self {
        let (nodes, polynomials) = forms.polynomials();
        let roots: Vec<usize> = roots.iter().map(|root| polynomials[*root]).collect();
        let uses = uses(nodes, &roots);
        let mut program = Self { given: forms.len() + known.len(), ..Self::default() };
        for (node, _) in nodes.iter().zip(&uses).filter(|(_, uses)| **uses > 0) {
            let constant = match node {
                Node::Constant(value) => Constant::Value(*value),
                Node::Leaf(Leaf::Public(index)) => Constant::Public(*index),
                _ => continue,
            };
            if !program.constants.contains(&constant) {
                program.constants.push(constant);
            }
        }
        let constants = program.constants.clone();
        let constant = |constant: Constant| {
            let place = constants.iter().position(|known| *known == constant).expect("a constant that was found");
            (forms.len() + known.len() + place) as u32
        };
        // A product that one sum uses is made with it.
        let is_made_later = |node: usize| {
            let is_scaled = |x: usize| matches!(nodes[x], Node::Constant(_));
            uses[node] == 1 && matches!(nodes[node], Node::Mul(x, y) if !is_scaled(x) && !is_scaled(y))
        };
        let is_sum = |node: &Node| matches!(node, Node::Add(..));
        let mut later = vec![false; nodes.len()];
        for node in nodes.iter().zip(&uses).filter(|(node, uses)| **uses > 0 && is_sum(node)).map(|(node, _)| node) {
            if let Node::Add(x, y) = *node {
                if is_made_later(x) {
                    later[x] = true;
                } else if is_made_later(y) {
                    later[y] = true;
                }
            }
        }
        let mut places = vec![0; nodes.len()];
        for (number, node) in nodes.iter().enumerate().filter(|(number, _)| uses[*number] > 0 && !later[*number]) {
            places[number] = match *node {
                Node::Leaf(Leaf::Form(form)) => form as u32,
                Node::Leaf(Leaf::PreprocessedLocal(column)) => {
                    let place = known.iter().position(|known| *known == column).expect("a column that was found");
                    (forms.len() + place) as u32
                }
                Node::Leaf(Leaf::Public(index)) => constant(Constant::Public(index)),
                Node::Leaf(leaf) => unreachable!("{leaf:?}: tables that read it are refused"),
                Node::Constant(value) => constant(Constant::Value(value)),
                Node::Add(x, y) => match [(x, y), (y, x)].into_iter().find(|(product, _)| later[*product]) {
                    Some((product, other)) => {
                        let Node::Mul(a, b) = nodes[product] else { unreachable!("a product") };
                        program.step(Step::MulAdd(places[a], places[b], places[other]))
                    }
                    None => program.step(Step::Add(places[x], places[y])),
                },
                Node::Sub(x, y) => program.step(Step::Sub(places[x], places[y])),
                Node::Mul(x, y) => match (nodes[x], nodes[y]) {
                    (Node::Constant(factor), _) => program.step(Step::Scale(factor, places[y])),
                    (_, Node::Constant(factor)) => program.step(Step::Scale(factor, places[x])),
                    _ => program.step(Step::Mul(places[x], places[y])),
                },
            };
        }
        program.wanted = roots.iter().map(|root| places[*root]).collect();
        program
    }

    fn step(&mut self, step: Step) -> u32 {
        self.steps.push(step);
        (self.given + self.constants.len() + self.steps.len() - 1) as u32
    }

    /// A list for all values, with the constants in it.
    pub(super) fn list<A: Arithmetic>(&self, public_values: &[F]) -> Vec<A::Value> {
        let constant = |constant: &Constant| match constant {
            Constant::Value(value) => *value,
            Constant::Public(index) => public_values[*index],
        };
        let zero = A::constant(F::ZERO);
        let mut list = vec![zero; self.given];
        list.extend(self.constants.iter().map(|value| A::constant(constant(value))));
        list.resize(list.len() + self.steps.len(), zero);
        list
    }

    /// Takes the steps; what is given is in the list.
    #[inline]
    pub(super) fn run<A: Arithmetic>(&self, list: &mut [A::Value]) {
        let first = self.given + self.constants.len();
        for (place, step) in (first..).zip(&self.steps) {
            let (from, to) = list.split_at_mut(place);
            let (from, to) = (&*from, &mut to[0]);
            match *step {
                Step::Add(x, y) => A::add(to, &from[x as usize], &from[y as usize]),
                Step::Sub(x, y) => A::sub(to, &from[x as usize], &from[y as usize]),
                Step::Mul(x, y) => A::mul(to, &from[x as usize], &from[y as usize]),
                Step::MulAdd(x, y, z) => A::mul_add(to, &from[x as usize], &from[y as usize], &from[z as usize]),
                Step::Scale(factor, x) => A::scale(to, &from[x as usize], factor),
            }
        }
    }

    /// The values that are wanted, from the list.
    #[inline]
    pub(super) fn wanted<V: Copy>(&self, list: &[V], to: &mut [V]) {
        to.iter_mut().zip(&self.wanted).for_each(|(to, place)| *to = list[*place as usize]);
    }
}
