//! A table's forms, polynomials and messages as steps, which the host takes over vectors of rows
//! and of which devices' kernels are made.
//!
//! Values lie in one list: those that are given, constants, then one for each step.

use alloc::vec;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use super::forms::{Forms, Leaf, Node, Sum, needed, uses};
use super::packed::{Packed, PackedExt};
use super::quintic;

/// How steps compute.
pub trait Arithmetic {
    /// What with.
    type Value: Copy;

    /// The value of an element of the base field.
    fn constant(value: F) -> Self::Value;
    /// `a + b`.
    fn add(to: &mut Self::Value, a: &Self::Value, b: &Self::Value);
    /// `a - b`.
    fn sub(to: &mut Self::Value, a: &Self::Value, b: &Self::Value);
    /// `a b`.
    fn mul(to: &mut Self::Value, a: &Self::Value, b: &Self::Value);
    /// `a b + c`.
    fn mul_add(to: &mut Self::Value, a: &Self::Value, b: &Self::Value, c: &Self::Value);
    /// `a` times an element of the base field.
    fn scale(to: &mut Self::Value, a: &Self::Value, factor: F);
}

/// With vectors of the base field.
#[derive(Clone, Copy, Debug)]
pub struct OfBase;

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
#[derive(Clone, Copy, Debug)]
pub struct OfExt;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `a + b`.
    Add(u32, u32),
    /// `a - b`.
    Sub(u32, u32),
    /// `a b`.
    Mul(u32, u32),
    /// `a b + c`.
    MulAdd(u32, u32, u32),
    /// An element of the base field times `a`.
    Scale(F, u32),
}

impl Step {
    /// The places of its operands.
    pub fn operands(self) -> impl Iterator<Item = u32> {
        let operands = match self {
            Self::Add(x, y) | Self::Sub(x, y) | Self::Mul(x, y) => [Some(x), Some(y), None],
            Self::MulAdd(x, y, z) => [Some(x), Some(y), Some(z)],
            Self::Scale(_, x) => [Some(x), None, None],
        };
        operands.into_iter().flatten()
    }

    /// The same with other places.
    #[must_use]
    fn moved(self, place: impl Fn(u32) -> u32) -> Self {
        match self {
            Self::Add(x, y) => Self::Add(place(x), place(y)),
            Self::Sub(x, y) => Self::Sub(place(x), place(y)),
            Self::Mul(x, y) => Self::Mul(place(x), place(y)),
            Self::MulAdd(x, y, z) => Self::MulAdd(place(x), place(y), place(z)),
            Self::Scale(factor, x) => Self::Scale(factor, place(x)),
        }
    }
}

/// What is the same in all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant {
    /// An element.
    Value(F),
    /// A public value.
    Public(usize),
}

/// Steps from values that are given to those that are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    given: usize,
    constants: Vec<Constant>,
    steps: Vec<Step>,
    wanted: Vec<u32>,
}

impl Program {
    /// Of its parts.
    ///
    /// # Panics
    ///
    /// If a step or what is wanted refers to a place that is not before it.
    #[must_use]
    pub fn new(given: usize, constants: Vec<Constant>, steps: Vec<Step>, wanted: Vec<u32>) -> Self {
        let first = given + constants.len();
        let is_made = |(i, step): (usize, &Step)| step.operands().all(|operand| (operand as usize) < first + i);
        assert!(steps.iter().enumerate().all(is_made), "operands before their steps");
        assert!(wanted.iter().all(|&place| (place as usize) < first + steps.len()), "values of the list");
        Self { given, constants, steps, wanted }
    }

    /// The forms, given the columns.
    #[must_use]
    pub fn of_forms(forms: &Forms) -> Self {
        let (sums, wanted) = forms.linear();
        let mut program = Self { given: forms.columns(), ..Self::default() };
        let places = program.add_sums(sums, wanted);
        program.wanted = wanted.iter().map(|sum| places[*sum]).collect();
        program
    }

    /// These roots' polynomials, given the forms and then the fixed columns in [`Forms::known`].
    #[must_use]
    pub fn of_polynomials(forms: &Forms, roots: &[usize]) -> Self {
        let (nodes, polynomials) = forms.polynomials();
        let roots: Vec<usize> = roots.iter().map(|root| polynomials[*root]).collect();
        let known = forms.known();
        let mut program = Self { given: forms.len() + known.len(), ..Self::default() };
        let leaves = Leaves { forms: (0..forms.len() as u32).collect(), known, first_known: forms.len() };
        let uses = uses(nodes, &roots);
        program.add_constants(nodes, &uses);
        let places = program.add_nodes(nodes, &uses, &leaves);
        program.wanted = roots.iter().map(|root| places[*root]).collect();
        program
    }

    /// These roots' whole values, polynomials and rests, given the columns that are committed to,
    /// as [`Forms`] numbers them (the main ones, then the fixed ones), and after them the fixed
    /// columns in [`Forms::known`], in that order.
    #[must_use]
    pub fn of_roots(forms: &Forms, roots: &[usize]) -> Self {
        let (nodes, polynomials) = forms.polynomials();
        let (sums, of_forms) = forms.linear();
        let rest = |root: usize| forms.rest_places()[root];
        // A polynomial that is zero is not added to a rest.
        let polynomial = |root: usize| Some(polynomials[root]).filter(|node| !nodes[*node].is_zero() || rest(root).is_none());
        let wanted: Vec<usize> = roots.iter().filter_map(|root| polynomial(*root)).collect();
        let uses = uses(nodes, &wanted);
        let is_used = |form: usize| {
            let is_read = |(node, uses): (&Node, &usize)| *uses > 0 && *node == Node::Leaf(Leaf::Form(form));
            nodes.iter().zip(&uses).any(is_read)
        };
        let mut needed: Vec<usize> = (0..forms.len()).filter(|form| is_used(*form)).map(|form| of_forms[form]).collect();
        needed.extend(roots.iter().filter_map(|root| rest(*root)));
        let known = forms.known();
        let mut program = Self { given: forms.columns() + known.len(), ..Self::default() };
        program.add_constants(nodes, &uses);
        let of_sums = program.add_sums(sums, &needed);
        let leaves = Leaves { forms: of_forms.iter().map(|sum| of_sums[*sum]).collect(), known, first_known: forms.columns() };
        let of_nodes = program.add_nodes(nodes, &uses, &leaves);
        for root in roots {
            let place = match (polynomial(*root).map(|node| of_nodes[node]), rest(*root).map(|sum| of_sums[sum])) {
                (Some(polynomial), Some(rest)) => program.step(Step::Add(polynomial, rest)),
                (Some(place), None) | (None, Some(place)) => place,
                (None, None) => unreachable!("a root without a rest has its polynomial"),
            };
            program.wanted.push(place);
        }
        program
    }

    /// Takes the sums that these need, and gives the places of all: those that are not needed have none.
    fn add_sums(&mut self, sums: &[Sum], wanted: &[usize]) -> Vec<u32> {
        let needed = needed(sums, wanted.iter().copied());
        let mut places = vec![0; sums.len()];
        for (number, sum) in sums.iter().enumerate().filter(|(number, _)| needed[*number]) {
            places[number] = match *sum {
                Sum::Column(column) => column as u32,
                Sum::Add(x, y) => self.step(Step::Add(places[x], places[y])),
                Sum::Sub(x, y) => self.step(Step::Sub(places[x], places[y])),
                Sum::Scale(factor, x) => self.step(Step::Scale(factor, places[x])),
            };
        }
        places
    }

    /// The constants in expressions that are used; they come before the first step.
    fn add_constants(&mut self, nodes: &[Node], uses: &[usize]) {
        for (node, _) in nodes.iter().zip(uses).filter(|(_, uses)| **uses > 0) {
            let constant = match node {
                Node::Constant(value) => Constant::Value(*value),
                Node::Leaf(Leaf::Public(index)) => Constant::Public(*index),
                _ => continue,
            };
            if !self.constants.contains(&constant) {
                self.constants.push(constant);
            }
        }
    }

    fn constant(&self, constant: Constant) -> u32 {
        let place = self.constants.iter().position(|known| *known == constant).expect("a constant that was found");
        (self.given + place) as u32
    }

    /// Takes the expressions that are used, and gives the places of all: those that are not used have none.
    fn add_nodes(&mut self, nodes: &[Node], uses: &[usize], leaves: &Leaves) -> Vec<u32> {
        let later = made_later(nodes, uses);
        let mut places = vec![0; nodes.len()];
        for (number, node) in nodes.iter().enumerate().filter(|(number, _)| uses[*number] > 0 && !later[*number]) {
            places[number] = match *node {
                Node::Leaf(Leaf::Public(index)) => self.constant(Constant::Public(index)),
                Node::Leaf(leaf) => leaves.place(leaf),
                Node::Constant(value) => self.constant(Constant::Value(value)),
                Node::Add(x, y) => match [(x, y), (y, x)].into_iter().find(|(product, _)| later[*product]) {
                    Some((product, other)) => {
                        let Node::Mul(a, b) = nodes[product] else { unreachable!("a product") };
                        self.step(Step::MulAdd(places[a], places[b], places[other]))
                    }
                    None => self.step(Step::Add(places[x], places[y])),
                },
                Node::Sub(x, y) => self.step(Step::Sub(places[x], places[y])),
                Node::Mul(x, y) => match (nodes[x], nodes[y]) {
                    (Node::Constant(factor), _) => self.step(Step::Scale(factor, places[y])),
                    (_, Node::Constant(factor)) => self.step(Step::Scale(factor, places[x])),
                    _ => self.step(Step::Mul(places[x], places[y])),
                },
            };
        }
        places
    }

    fn step(&mut self, step: Step) -> u32 {
        self.steps.push(step);
        (self.given + self.constants.len() + self.steps.len() - 1) as u32
    }

    /// The steps and constants that some of the wanted values need, and these in the order of their
    /// numbers here. What is given is the same.
    ///
    /// # Panics
    ///
    /// If there is no wanted value with such a number.
    #[must_use]
    pub fn part(&self, wanted: impl Iterator<Item = usize>) -> Self {
        let wanted: Vec<u32> = wanted.map(|number| self.wanted[number]).collect();
        let first = self.given + self.constants.len();
        let mut needed = vec![false; first + self.steps.len()];
        wanted.iter().for_each(|&place| needed[place as usize] = true);
        for (i, step) in self.steps.iter().enumerate().rev() {
            if needed[first + i] {
                step.operands().for_each(|operand| needed[operand as usize] = true);
            }
        }
        needed[..self.given].fill(true);
        let places: Vec<u32> =
            needed.iter().scan(0, |next, is_needed| Some(core::mem::replace(next, *next + u32::from(*is_needed)))).collect();
        let place = |old: u32| places[old as usize];
        let (of_constants, of_steps) = needed[self.given..].split_at(self.constants.len());
        Self {
            given: self.given,
            constants: self.constants.iter().zip(of_constants).filter(|(_, needed)| **needed).map(|(constant, _)| *constant).collect(),
            steps: self.steps.iter().zip(of_steps).filter(|(_, needed)| **needed).map(|(step, _)| step.moved(place)).collect(),
            wanted: wanted.into_iter().map(place).collect(),
        }
    }

    /// How many values are given.
    #[must_use]
    pub const fn given(&self) -> usize {
        self.given
    }

    /// The constants, which come after what is given.
    #[must_use]
    pub fn constants(&self) -> &[Constant] {
        &self.constants
    }

    /// The steps, whose values come after the constants.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The places of the values that are wanted.
    #[must_use]
    pub fn places(&self) -> &[u32] {
        &self.wanted
    }

    /// A list for all values, with the constants in it.
    ///
    /// # Panics
    ///
    /// If there are fewer public values than are read.
    #[must_use]
    pub fn list<A: Arithmetic>(&self, public_values: &[F]) -> Vec<A::Value> {
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
    ///
    /// # Panics
    ///
    /// If the list is none of [`Program::list`].
    #[inline]
    pub fn run<A: Arithmetic>(&self, list: &mut [A::Value]) {
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
    pub fn wanted<V: Copy>(&self, list: &[V], to: &mut [V]) {
        to.iter_mut().zip(&self.wanted).for_each(|(to, place)| *to = list[*place as usize]);
    }
}

/// Where the leaves of polynomials are.
struct Leaves {
    /// Of each form its place.
    forms: Vec<u32>,
    /// Fixed columns, from a place on.
    known: Vec<usize>,
    first_known: usize,
}

impl Leaves {
    fn place(&self, leaf: Leaf) -> u32 {
        match leaf {
            Leaf::Form(form) => self.forms[form],
            Leaf::PreprocessedLocal(column) => {
                let place = self.known.iter().position(|known| *known == column).expect("a column that was found");
                (self.first_known + place) as u32
            }
            leaf => unreachable!("{leaf:?}: tables that read it are refused"),
        }
    }
}

/// The products that one sum uses, one of each sum: they are made with it.
fn made_later(nodes: &[Node], uses: &[usize]) -> Vec<bool> {
    let is_made_later = |node: usize| {
        let is_scaled = |x: usize| matches!(nodes[x], Node::Constant(_));
        uses[node] == 1 && matches!(nodes[node], Node::Mul(x, y) if !is_scaled(x) && !is_scaled(y))
    };
    let mut later = vec![false; nodes.len()];
    for (node, _) in nodes.iter().zip(uses).filter(|(_, uses)| **uses > 0) {
        if let Node::Add(x, y) = *node {
            if is_made_later(x) {
                later[x] = true;
            } else if is_made_later(y) {
                later[y] = true;
            }
        }
    }
    later
}
