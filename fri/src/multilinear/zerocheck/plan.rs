//! What a table's messages and constraints are made of, and their weights for drawn challenges.
//!
//! Each is a polynomial in linear forms of the columns, and a linear rest
//! ([`super::super::forms`]). The polynomials are *terms*; all rests together are one linear form,
//! which a sumcheck treats as one more column.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ops::Range;

use p3_air::Air;
use p3_air::symbolic::{AirLayout, SymbolicExpression};
use p3_field::{PackedValue, PrimeCharacteristicRing};
use p3_lookup::InteractionSymbolicBuilder;
use tern_field::{EF, F};

use super::super::forms::{Committed, Forms, Leaf, Node};
use super::super::packed::{Packed, PackedExt, unpack};
use super::super::program::{OfBase, OfExt, Program};
use super::super::quintic::{Scalar, add_scaled, scaled, vector};
use super::super::sums::{self, TERMS};
use super::{Challenges, Instance, Link, Slot};

/// Rows for which degrees are counted: with two, a column has degree 1.
const DEGREE_ROWS: usize = 2;

/// What an AIR states, without its values.
#[derive(Clone, Debug)]
pub struct Plan {
    forms: Forms,
    /// Fixed columns that are not committed to and that terms read.
    pub(super) known: Vec<usize>,
    /// From columns to forms.
    pub(super) linear: Program,
    /// From cells to terms, then constants.
    pub(super) polynomials: Program,
    /// Of each cell, forms first, then known columns, the largest degree of a term that it is in.
    pub(super) reach: Vec<usize>,
    /// Those of the largest degree first.
    terms: Vec<Term>,
    /// The roots whose polynomials are constant, but not zero.
    constants: Vec<usize>,
    constraints: usize,
    /// Of each message, those on the table's own buses first, its fields.
    messages: Vec<usize>,
    /// Largest degree of a constraint or of a part of a message.
    degree: usize,
}

/// A root whose polynomial is not constant.
#[derive(Clone, Copy, Debug)]
struct Term {
    root: usize,
    degree: usize,
    /// Whether its polynomial may have other values than zero on rows that satisfy the constraints.
    on_rows: bool,
}

impl Plan {
    /// Captures an AIR, which reads one row only and no selectors; its fixed columns are committed
    /// to or not.
    ///
    /// # Panics
    ///
    /// If it reads something else.
    pub fn new<A: Air<InteractionSymbolicBuilder<F, EF>>>(air: &A, is_committed: bool) -> Self {
        let builder = InteractionSymbolicBuilder::<F, EF>::from_air(air, AirLayout::from_air::<F>(air));
        let fixed = if is_committed { air.preprocessed_width() } else { 0 };
        let forms = Forms::new(&builder, Committed { main: air.width(), fixed }).expect("a table that reads its own rows");
        let constraints = builder.base_constraints();
        let own = builder.local_interactions().iter().flat_map(|own| &own.tuples);
        let own = own.map(|(fields, count)| (count.clone().into_parts().0, fields));
        let shared = builder.global_interactions().iter().map(|message| (message.count.clone(), &message.fields));
        let messages: Vec<_> = own.chain(shared).collect();
        let parts = messages.iter().flat_map(|(count, fields)| core::iter::once(count).chain(*fields));
        let degree = constraints.iter().chain(parts).map(degree).max().unwrap_or(0);
        let messages = messages.iter().map(|(_, fields)| fields.len()).collect();
        Self::of(forms, constraints.len(), messages, degree)
    }

    fn of(forms: Forms, constraints: usize, messages: Vec<usize>, degree: usize) -> Self {
        let (nodes, roots) = forms.polynomials();
        let degrees = degrees(nodes);
        let term =
            |root: usize| Term { root, degree: degrees[roots[root]], on_rows: root >= constraints || forms.rest_places()[root].is_some() };
        let (constants, others): (Vec<usize>, Vec<usize>) =
            (0..roots.len()).filter(|root| !nodes[roots[*root]].is_zero()).partition(|root| degrees[roots[*root]] == 0);
        let mut terms: Vec<Term> = others.into_iter().map(term).collect();
        terms.sort_by_key(|term| Reverse(term.degree));
        let known = forms.known();
        let wanted: Vec<usize> = terms.iter().map(|term| term.root).chain(constants.iter().copied()).collect();
        Self {
            linear: Program::of_forms(&forms),
            polynomials: Program::of_polynomials(&forms, &wanted),
            reach: reach(&forms, &terms, &known),
            known,
            terms,
            constants,
            forms,
            constraints,
            messages,
            degree,
        }
    }

    /// The linear forms.
    #[must_use]
    pub const fn forms(&self) -> &Forms {
        &self.forms
    }

    /// The sum of all roots' polynomials, weighted, at these values of the forms.
    ///
    /// # Panics
    ///
    /// If they read fixed columns that are not committed to.
    pub fn value(&self, forms: &[EF], public_values: &[F], roots: &[EF]) -> EF {
        assert!(self.known.is_empty(), "forms of committed columns");
        let mut list = self.polynomials.list::<OfExt>(public_values);
        list.iter_mut().zip(forms).for_each(|(cell, value)| *cell = (*value).into());
        self.polynomials.run::<OfExt>(&mut list);
        let mut values = PackedExt::zero_vec(self.terms.len() + self.constants.len());
        self.polynomials.wanted(&list, &mut values);
        let weights = self.terms.iter().map(|term| term.root).chain(self.constants.iter().copied()).map(|root| roots[root]);
        weights.zip(values).map(|(weight, value)| weight * unpack(&[value])[0]).sum()
    }

    /// Number of cells: forms, then known columns.
    #[must_use]
    pub const fn cells(&self) -> usize {
        self.reach.len()
    }

    /// The known columns: numbers of fixed columns that are not committed to and that terms read.
    #[must_use]
    pub fn known(&self) -> &[usize] {
        &self.known
    }

    /// From the columns that are committed to to the forms.
    #[must_use]
    pub const fn linear(&self) -> &Program {
        &self.linear
    }

    /// From cells to terms, those of the largest degree first. Constants follow them.
    #[must_use]
    pub const fn polynomials(&self) -> &Program {
        &self.polynomials
    }

    /// Of each cell the largest degree of a term that it is in.
    #[must_use]
    pub fn reach(&self) -> &[usize] {
        &self.reach
    }

    /// The numbers of terms of the same degree, and that degree, the largest first.
    pub fn classes(&self) -> impl Iterator<Item = (Range<usize>, usize)> {
        let mut end = 0;
        self.terms.chunk_by(|a, b| a.degree == b.degree).map(move |terms| {
            let range = end..end + terms.len();
            end = range.end;
            (range, terms[0].degree)
        })
    }

    /// Messages of a row: those on the table's own buses come first.
    #[must_use]
    pub const fn messages(&self) -> usize {
        self.messages.len()
    }

    /// Largest degree of a constraint or of a part of a message.
    #[must_use]
    pub const fn degree(&self) -> usize {
        self.degree
    }

    /// Largest degree of a term; zero if there are none.
    #[must_use]
    pub fn term_degree(&self) -> usize {
        self.terms.first().map_or(0, |term| term.degree)
    }

    /// The weights in the sumcheck's sum: of the constraints, whose table has the weight `scale`,
    /// and of all parts of messages, if there is a link.
    pub(super) fn root_weights(&self, challenges: &Challenges, scale: EF, link: Option<(&Link, &[Slot])>) -> Vec<EF> {
        let mut weights: Vec<EF> = challenges.alpha.shifted_powers(scale).take(self.constraints).collect();
        weights.reverse();
        match link {
            Some((link, slots)) => weights.extend(part_weights(&self.messages, challenges.eta, link, slots)),
            None => weights.resize(self.forms.rest_places().len(), EF::ZERO),
        }
        weights
    }
}

/// The degree of each expression.
fn degrees(nodes: &[Node]) -> Vec<usize> {
    let mut degrees: Vec<usize> = Vec::with_capacity(nodes.len());
    for node in nodes {
        degrees.push(match *node {
            Node::Leaf(Leaf::Form(_) | Leaf::PreprocessedLocal(_)) => 1,
            Node::Leaf(_) | Node::Constant(_) => 0,
            Node::Add(x, y) | Node::Sub(x, y) => degrees[x].max(degrees[y]),
            Node::Mul(x, y) => degrees[x] + degrees[y],
        });
    }
    degrees
}

/// Of each cell the largest degree of a term that it is in; terms come with falling degrees.
fn reach(forms: &Forms, terms: &[Term], known: &[usize]) -> Vec<usize> {
    let (nodes, roots) = forms.polynomials();
    let mut largest = vec![0; nodes.len()];
    for term in terms {
        let place = &mut largest[roots[term.root]];
        *place = term.degree.max(*place);
    }
    let mut reach = vec![0; forms.len() + known.len()];
    for (number, node) in nodes.iter().enumerate().rev().filter(|(_, node)| !node.is_zero()) {
        let degree = largest[number];
        match *node {
            Node::Leaf(Leaf::Form(form)) => reach[form] = degree,
            Node::Leaf(Leaf::PreprocessedLocal(column)) => {
                let place = known.iter().position(|known| *known == column).expect("a column that was found");
                reach[forms.len() + place] = degree;
            }
            Node::Add(x, y) | Node::Sub(x, y) | Node::Mul(x, y) => {
                [x, y].iter().for_each(|part| largest[*part] = degree.max(largest[*part]))
            }
            _ => {}
        }
    }
    reach
}

/// Elements of the challenge field that weigh others.
#[derive(Clone, Debug)]
pub struct Coefficients {
    pub(super) values: Vec<EF>,
    by_coordinate: Vec<sums::Weights>,
    scalars: Vec<Scalar>,
}

impl From<Vec<EF>> for Coefficients {
    fn from(values: Vec<EF>) -> Self {
        let by_coordinate = values.chunks(TERMS).map(sums::Weights::new).collect();
        Self { by_coordinate, scalars: values.iter().map(|value| Scalar::from(*value)).collect(), values }
    }
}

impl Coefficients {
    /// The weights.
    pub fn values(&self) -> &[EF] {
        &self.values
    }

    /// The weighted sum of base-field elements.
    #[inline(never)]
    pub(super) fn of_base(&self, values: &[Packed], to: &mut PackedExt) {
        let (chunks, rest) = values.as_chunks();
        let mut sum = sums::ZEROS;
        for (values, weights) in chunks.iter().zip(&self.by_coordinate) {
            sum = weights.add::<TERMS>(&sum, values);
        }
        *to = vector(&sum);
        if let Some(weights) = self.by_coordinate.get(chunks.len()) {
            weights.add_slice(to, rest);
        }
    }

    /// The weighted sum of base-field elements that are `stride` places apart, as many as weights,
    /// a multiple of [`TERMS`].
    #[inline(never)]
    pub(super) fn of_line(&self, values: &[Packed], stride: usize, to: &mut PackedExt) {
        let mut sum = sums::ZEROS;
        for (values, weights) in values.chunks(TERMS * stride).zip(&self.by_coordinate) {
            let mut chunk = [Packed::ZERO; TERMS];
            for (j, value) in chunk.iter_mut().enumerate() {
                *value = values[j * stride];
            }
            sum = weights.add(&sum, &chunk);
        }
        *to = vector(&sum);
    }

    /// The weighted sum of challenge-field elements, at least one.
    pub(super) fn of_ext(&self, values: &[PackedExt], to: &mut PackedExt) {
        let mut terms = values.iter().zip(&self.scalars);
        if let Some((value, weight)) = terms.next() {
            scaled(to, value, weight);
        }
        for (value, weight) in terms {
            add_scaled(to, value, weight);
        }
    }
}

/// A table's part in the sum, for drawn challenges.
#[derive(Clone, Debug)]
pub struct Weights {
    /// Of the terms.
    pub terms: Coefficients,
    /// The terms by degree, the largest first.
    pub classes: Vec<Class>,
    /// The terms' sum at a row of zeros.
    pub offset: EF,
    /// Of the columns that are committed to: all rests together. None if there are none.
    pub columns: Option<Coefficients>,
    /// Everything at a row of zeros.
    pub zero: EF,
}

/// The terms of one degree.
#[derive(Clone, Debug)]
pub struct Class {
    /// At least one.
    pub degree: usize,
    /// Their numbers.
    pub terms: Range<usize>,
    /// Their weights.
    pub weights: Coefficients,
    /// Their sum at a row of zeros.
    pub offset: EF,
    /// Whether they may have other values than zero on the rows themselves.
    pub on_rows: bool,
}

impl Weights {
    /// For a table whose constraints are weighted by `scale`.
    pub(super) fn new(table: Instance<'_>, challenges: &Challenges, scale: EF, link: Option<(&Link, &[Slot])>) -> Self {
        let plan = table.plan;
        let slots = link.map_or(&[][..], |(_, slots)| slots);
        assert!(link.is_none() || slots.len() == plan.messages(), "a weight for each message");
        let roots = plan.root_weights(challenges, scale, link);
        let weights: Vec<EF> = plan.terms.iter().map(|term| roots[term.root]).collect();
        let at_zero = at_zero(table);
        let (of_terms, of_constants) = at_zero.split_at(plan.terms.len());
        let classes = classes(plan, &weights, of_terms);
        let constants = plan.constants.iter().zip(of_constants).map(|(root, value)| roots[*root] * *value).sum::<EF>();
        let bases = link.map_or(EF::ZERO, |(link, slots)| {
            slots.iter().map(|slot| slot.weight * link.theta * link.bases[slot.bus]).sum::<EF>() * challenges.eta
        });
        let columns = plan.forms.column_weights(&EF::zero_vec(plan.forms.len()), &roots);
        let offset = classes.iter().map(|class| class.offset).sum();
        Self {
            terms: weights.into(),
            offset,
            classes,
            columns: columns.iter().any(|weight| *weight != EF::ZERO).then(|| columns.into()),
            zero: bases + constants + offset,
        }
    }
}

impl Weights {
    /// How often `D` or a coset is taken for a class of terms.
    #[must_use]
    pub fn sets(&self) -> usize {
        self.classes.iter().map(|class| class.degree).sum()
    }
}

/// The classes of terms.
fn classes(plan: &Plan, weights: &[EF], at_zero: &[F]) -> Vec<Class> {
    let class = |(range, degree): (Range<usize>, usize)| {
        let at_zero = &at_zero[range.clone()];
        Class {
            degree,
            weights: weights[range.clone()].to_vec().into(),
            offset: weights[range.clone()].iter().zip(at_zero).map(|(weight, value)| *weight * *value).sum(),
            on_rows: plan.terms[range.clone()].iter().any(|term| term.on_rows) || at_zero.iter().any(|value| *value != F::ZERO),
            terms: range,
        }
    };
    plan.classes().map(class).collect()
}

/// The terms at a row of zeros, then the constants.
fn at_zero(table: Instance<'_>) -> Vec<F> {
    let program = &table.plan.polynomials;
    let mut list = program.list::<OfBase>(table.public_values);
    program.run::<OfBase>(&mut list);
    let mut values = Packed::zero_vec(table.plan.terms.len() + table.plan.constants.len());
    program.wanted(&list, &mut values);
    values.iter().map(|value| value.as_slice()[0]).collect()
}

fn degree(expression: &SymbolicExpression<F>) -> usize {
    expression.poly_degree(DEGREE_ROWS, &[])
}

/// The weight of every part of every message in `eta` times the link: a count has its slot's, a
/// field of the fingerprint `- theta` times a power of `beta` in it.
fn part_weights(messages: &[usize], eta: EF, link: &Link, slots: &[Slot]) -> Vec<EF> {
    let of_message = |(fields, slot): (&usize, &Slot)| {
        let weight = eta * slot.weight;
        let fields = link.powers[..*fields].iter().map(move |power| -(weight * link.theta * *power));
        core::iter::once(weight).chain(fields).collect::<Vec<EF>>()
    };
    messages.iter().zip(slots).flat_map(of_message).collect()
}

/// The sum of a list of lists, place by place.
pub(super) fn summed<T: Copy + core::ops::AddAssign>(lists: Vec<Vec<T>>) -> Vec<T> {
    let mut lists = lists.into_iter();
    let mut sums = lists.next().unwrap_or_default();
    for list in lists {
        sums.iter_mut().zip(list).for_each(|(sum, value)| *sum += value);
    }
    sums
}
