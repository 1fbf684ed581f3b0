//! What a table's messages and constraints are made of, and their weights for drawn challenges.
//!
//! The link is linear in nearly all parts of messages, which themselves are linear in the columns. These parts together are one linear form in the columns, found by evaluating them at unit rows; a sumcheck
//! treats it as one more column. Parts of higher degree are terms like constraints.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ops::Range;

use p3_air::symbolic::{AirLayout, BaseEntry, BaseLeaf, SymbolicExpr, SymbolicExpression};
use p3_field::{PackedValue, PrimeCharacteristicRing};
use p3_lookup::InteractionSymbolicBuilder;
use tern_field::{EF, F};

use super::super::packed::{LANES, Packed, PackedExt};
use super::super::quintic::{Scalar, add_scaled, scaled, vector};
use super::super::sums::{self, TERMS};
use super::folder::{Folder, ZerocheckAir};
use super::vector::ExtVector;
use super::{Challenges, Link, Slot, Table};

/// Rows for which degrees are counted: with two, a column has degree 1.
const DEGREE_ROWS: usize = 2;

/// What an AIR states, without its values.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Of each constraint the degree.
    constraints: Vec<usize>,
    /// Of each message the degrees of its count and its fields.
    own: Vec<Vec<usize>>,
    shared: Vec<Vec<usize>>,
    /// Of each column, main ones first, the largest degree of a term that it is in; zero if it is in none.
    pub(super) reach: Vec<usize>,
}

/// Which parts of messages are collected, and where, and where constraints are. Of messages there are no lists if nothing is collected.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    pub(super) own: Vec<Parts>,
    pub(super) shared: Vec<Parts>,
    pub(super) constraints: Vec<usize>,
    /// Terms that have a place.
    count: usize,
}

/// The places of a message's parts: of its count and its fields, up to the last that has one.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    pub(super) count: Option<usize>,
    pub(super) fields: Vec<Option<usize>>,
}

impl Places {
    /// With other places: those of a list instead of their places in it.
    fn moved(mut self, to: &[usize]) -> Self {
        for parts in self.own.iter_mut().chain(&mut self.shared) {
            parts.count.iter_mut().chain(parts.fields.iter_mut().flatten()).for_each(|place| *place = to[*place]);
        }
        self.constraints.iter_mut().for_each(|place| *place = to[*place]);
        self
    }
}

impl Plan {
    /// Captures an AIR, which reads one row only and no selectors.
    pub fn new<A: ZerocheckAir>(air: &A) -> Self {
        let builder = InteractionSymbolicBuilder::<F, EF>::from_air(air, AirLayout::from_air::<F>(air));
        let constraints = builder.base_constraints();
        let message = |count: &SymbolicExpression<F>, fields: &[SymbolicExpression<F>]| {
            core::iter::once(count).chain(fields).map(degree).collect::<Vec<usize>>()
        };
        let own = builder.local_interactions().iter().flat_map(|interaction| &interaction.tuples);
        let shared = builder.global_interactions().iter();
        let own: Vec<Vec<usize>> = own.map(|(fields, count)| message(&count.clone().into_parts().0, fields)).collect();
        Self {
            reach: reach(air.width(), air.width() + air.preprocessed_width(), &builder),
            constraints: constraints.iter().map(degree).collect(),
            own,
            shared: shared.map(|interaction| message(&interaction.count, &interaction.fields)).collect(),
        }
    }

    /// Messages of a row: those on the table's own buses come first.
    #[must_use]
    pub const fn messages(&self) -> usize {
        self.own.len() + self.shared.len()
    }

    /// Largest degree of a constraint or of a part of a message.
    #[must_use]
    pub fn degree(&self) -> usize {
        self.degrees().chain(&self.constraints).copied().max().unwrap_or(0)
    }

    /// Largest degree of a term: parts of messages of degree one are none.
    pub(super) fn term_degree(&self) -> usize {
        let parts = self.degrees().filter(|degree| **degree > 1);
        parts.chain(&self.constraints).copied().max().unwrap_or(0)
    }

    /// The weights in the sumcheck's sum: of the constraints, whose table has the weight `scale`, and of all parts of messages, if there is a link.
    pub(super) fn root_weights(&self, challenges: &Challenges, scale: EF, link: Option<(&Link, &[Slot])>) -> Vec<EF> {
        let mut weights: Vec<EF> = challenges.alpha.shifted_powers(scale).take(self.constraints.len()).collect();
        weights.reverse();
        weights.extend(link.into_iter().flat_map(|(link, slots)| part_weights(self, challenges.eta, link, slots)));
        weights
    }

    fn degrees(&self) -> impl Iterator<Item = &usize> {
        self.own.iter().chain(&self.shared).flatten()
    }

    /// Places for the parts of these degrees, and after them for constraints.
    fn places(&self, wanted: impl Fn(usize) -> bool) -> Places {
        let mut count = 0;
        let mut place = |degree: &usize| {
            wanted(*degree).then(|| {
                count += 1;
                count - 1
            })
        };
        let mut of_message = |parts: &Vec<usize>| {
            let mut places = parts.iter().map(&mut place);
            let (count, mut fields) = (places.next().flatten(), places.collect::<Vec<Option<usize>>>());
            fields.truncate(fields.iter().rposition(Option::is_some).map_or(0, |last| last + 1));
            Parts { count, fields }
        };
        let mut own: Vec<Parts> = self.own.iter().map(&mut of_message).collect();
        let mut shared: Vec<Parts> = self.shared.iter().map(&mut of_message).collect();
        if count == 0 {
            own.clear();
            shared.clear();
        }
        let constraints: Vec<usize> = (count..).take(self.constraints.len()).collect();
        Places { own, shared, count: count + constraints.len(), constraints }
    }
}

/// Elements of the challenge field that weigh others.
#[derive(Clone, Debug)]
pub(super) struct Coefficients {
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

    /// The weighted sum of base-field elements that are `stride` places apart, as many as weights, a multiple of [`TERMS`].
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
    pub(super) fn of_ext(&self, values: &[ExtVector], to: &mut PackedExt) {
        let mut terms = values.iter().zip(&self.scalars);
        if let Some((value, weight)) = terms.next() {
            scaled(to, &value.0, weight);
        }
        for (value, weight) in terms {
            add_scaled(to, &value.0, weight);
        }
    }
}

/// A table's part in the sum, for drawn challenges.
pub(super) struct Weights {
    /// Where terms are: parts of messages and constraints, those of the largest degree first.
    pub(super) places: Places,
    pub(super) terms: Coefficients,
    /// The terms by degree, the largest first.
    pub(super) classes: Vec<Class>,
    /// The terms' sum at a row of zeros.
    pub(super) offset: EF,
    /// Of the columns, main ones first: the linear part of the link. Without messages none.
    pub(super) columns: Option<Coefficients>,
    /// Everything at a row of zeros.
    pub(super) zero: EF,
    /// Whether terms may have other values than zero on the rows themselves.
    pub(super) on_rows: bool,
}

/// The terms of one degree.
pub(super) struct Class {
    /// At least one.
    pub(super) degree: usize,
    pub(super) terms: Range<usize>,
    pub(super) weights: Coefficients,
    /// Their sum at a row of zeros.
    pub(super) offset: EF,
}

/// A term: its weight, and its value at a row of zeros.
#[derive(Clone, Copy)]
struct Term {
    degree: usize,
    weight: EF,
    at_zero: F,
}

impl Weights {
    /// For a table whose constraints are weighted by `scale`.
    pub(super) fn new<A: ZerocheckAir>(table: &Table<'_, A>, challenges: &Challenges, scale: EF, link: Option<(&Link, &[Slot])>) -> Self {
        let plan = table.plan;
        let slots = link.map_or(&[][..], |(_, slots)| slots);
        assert!(link.is_none() || slots.len() == plan.messages(), "a weight for each message");
        let all = plan.places(|_| link.is_some());
        let places = plan.places(|degree| link.is_some() && degree > 1);
        let mut constraints = plan.root_weights(challenges, scale, link);
        let part_weights = constraints.split_off(plan.constraints.len());
        let rows = unit_rows(table, &all);
        let (zero_row, unit_rows) = rows.split_first().expect("a row of zeros");
        let (parts_at_zero, constraints_at_zero) = zero_row.split_at(part_weights.len());
        let parts = plan.degrees().zip(&part_weights).zip(parts_at_zero).filter(|((degree, _), _)| **degree > 1);
        let terms = parts.chain(plan.constraints.iter().zip(&constraints).zip(constraints_at_zero));
        let terms = terms.map(|((degree, weight), at_zero)| Term { degree: (*degree).max(1), weight: *weight, at_zero: *at_zero });
        let terms: Vec<Term> = terms.collect();
        let mut order: Vec<usize> = (0..terms.len()).collect();
        order.sort_by_key(|term| Reverse(terms[*term].degree));
        let mut to = vec![0; terms.len()];
        order.iter().enumerate().for_each(|(place, term)| to[*term] = place);
        let terms: Vec<Term> = order.iter().map(|term| terms[*term]).collect();
        let classes = classes(&terms);
        let constraints_at_zero = weighted_sum(constraints.iter().zip(constraints_at_zero));
        let bases = link.map_or(EF::ZERO, |(link, slots)| {
            slots.iter().map(|slot| slot.weight * link.theta * link.bases[slot.bus]).sum::<EF>() * challenges.eta
        });
        let coefficient = |row: &Vec<F>| {
            let parts = plan.degrees().zip(&part_weights).zip(row.iter().zip(zero_row));
            parts.filter(|((degree, _), _)| **degree <= 1).map(|((_, weight), (one, zero))| *weight * (*one - *zero)).sum()
        };
        Self {
            on_rows: terms.len() > plan.constraints.len() || constraints_at_zero != EF::ZERO,
            places: places.moved(&to),
            terms: terms.iter().map(|term| term.weight).collect::<Vec<EF>>().into(),
            offset: classes.iter().map(|class| class.offset).sum(),
            classes,
            columns: (!slots.is_empty()).then(|| unit_rows.iter().map(coefficient).collect::<Vec<EF>>().into()),
            zero: bases + constraints_at_zero + weighted_sum(part_weights.iter().zip(parts_at_zero)),
        }
    }
}

/// The classes of terms that lie in the order of their degrees.
fn classes(terms: &[Term]) -> Vec<Class> {
    let mut end = 0;
    let class = |terms: &[Term]| {
        end += terms.len();
        Class {
            degree: terms[0].degree,
            terms: end - terms.len()..end,
            weights: terms.iter().map(|term| term.weight).collect::<Vec<EF>>().into(),
            offset: weighted_sum(terms.iter().map(|term| (&term.weight, &term.at_zero))),
        }
    };
    terms.chunk_by(|a, b| a.degree == b.degree).map(class).collect()
}

/// Of each column the largest degree of a term that it is in. Expressions that terms share are visited once, in the term of the largest degree.
fn reach(main_width: usize, width: usize, builder: &InteractionSymbolicBuilder<F, EF>) -> Vec<usize> {
    let own = builder.local_interactions().iter().flat_map(|interaction| &interaction.tuples);
    let mut terms: Vec<SymbolicExpression<F>> =
        own.flat_map(|(fields, count)| [&fields[..], &[count.clone().into_parts().0]].concat()).collect();
    for interaction in builder.global_interactions() {
        terms.extend(interaction.fields.iter().chain([&interaction.count]).cloned());
    }
    terms.retain(|part| degree(part) > 1);
    terms.extend(builder.base_constraints());
    terms.sort_by_cached_key(|term| Reverse(degree(term)));
    let (mut reach, mut visited) = (vec![0; width], BTreeSet::new());
    for term in &terms {
        let mut stack = vec![term];
        while let Some(expression) = stack.pop() {
            match expression {
                SymbolicExpr::Leaf(BaseLeaf::Variable(variable)) => {
                    let column = match variable.entry {
                        BaseEntry::Main { .. } => variable.index,
                        BaseEntry::Preprocessed { .. } => main_width + variable.index,
                        BaseEntry::Periodic | BaseEntry::Public => continue,
                    };
                    reach[column] = reach[column].max(degree(term));
                }
                SymbolicExpr::Leaf(_) => {}
                SymbolicExpr::Neg { x, .. } => stack.extend(visited.insert(Arc::as_ptr(x)).then_some(&**x)),
                SymbolicExpr::Add { x, y, .. } | SymbolicExpr::Sub { x, y, .. } | SymbolicExpr::Mul { x, y, .. } => {
                    stack.extend([x, y].into_iter().filter(|part| visited.insert(Arc::as_ptr(part))).map(|part| &**part));
                }
            }
        }
    }
    reach
}

fn degree(expression: &SymbolicExpression<F>) -> usize {
    expression.poly_degree(DEGREE_ROWS, &[])
}

fn weighted_sum<'a>(terms: impl Iterator<Item = (&'a EF, &'a F)>) -> EF {
    terms.map(|(weight, value)| *weight * *value).sum()
}

/// The weight of every part of every message in `eta` times the link: a count has its slot's, a field of the fingerprint `- theta` times a power of `beta` in it.
fn part_weights(plan: &Plan, eta: EF, link: &Link, slots: &[Slot]) -> Vec<EF> {
    let messages = plan.own.iter().chain(&plan.shared).zip(slots);
    let of_message = |(parts, slot): (&Vec<usize>, &Slot)| {
        let weight = eta * slot.weight;
        let fields = link.powers[..parts.len() - 1].iter().map(move |power| -(weight * link.theta * *power));
        core::iter::once(weight).chain(fields).collect::<Vec<EF>>()
    };
    messages.flat_map(of_message).collect()
}

/// The terms at a row of zeros, and then at each row with a one in one column.
fn unit_rows<A: ZerocheckAir>(table: &Table<'_, A>, places: &Places) -> Vec<Vec<F>> {
    let width = table.width();
    let mut rows = Vec::with_capacity(width + LANES);
    let mut terms = Packed::zero_vec(places.count);
    while rows.len() <= width {
        let first = rows.len();
        let cell = |column: usize| Packed::from_fn(|lane| F::from_bool(first + lane == column + 1));
        let row: Vec<Packed> = (0..width).map(cell).collect();
        Folder::run(table.air, &row, table.main.width, table.public_values, places, &mut terms);
        rows.extend((0..LANES).map(|lane| terms.iter().map(|term| term.as_slice()[lane]).collect::<Vec<F>>()));
    }
    rows.truncate(width + 1);
    rows
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
