//! What a table's messages and constraints are made of, and their weights for drawn challenges.
//!
//! The link is linear in nearly all parts of messages, which themselves are linear in the columns. These parts together are one linear form in the columns, found by evaluating them at unit rows; a sumcheck
//! treats it as one more column. Parts of higher degree are terms like constraints.

use alloc::vec::Vec;

use p3_air::symbolic::{AirLayout, SymbolicExpression};
use p3_field::{BasedVectorSpace, PackedValue, PrimeCharacteristicRing};
use p3_lookup::InteractionSymbolicBuilder;
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::super::packed::{LANES, Packed, PackedExt};
use super::super::quintic::{Scalar, add_scaled};
use super::folder::{Folder, ZerocheckAir};
use super::vector::ExtVector;
use super::{Challenges, Link, Slot, Table};

/// Rows for which degrees are counted: with two, a column has degree 1.
const DEGREE_ROWS: usize = 2;

/// What an AIR states, without its values.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) constraints: usize,
    /// Largest degree of a constraint.
    constraint_degree: usize,
    /// Of each message the degrees of its count and its fields.
    own: Vec<Vec<usize>>,
    shared: Vec<Vec<usize>>,
}

/// Which parts of messages are collected, and where: a list of places for each message, for its count and its fields up to the last that has one. No lists if nothing is collected.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    pub(super) own: Vec<Vec<Option<usize>>>,
    pub(super) shared: Vec<Vec<Option<usize>>>,
    pub(super) count: usize,
}

impl Plan {
    /// Captures an AIR, which reads one row only and no selectors.
    pub fn new<A: ZerocheckAir>(air: &A) -> Self {
        let builder = InteractionSymbolicBuilder::<F, EF>::from_air(air, AirLayout::from_air::<F>(air));
        let of = |expression: &SymbolicExpression<F>| expression.poly_degree(DEGREE_ROWS, &[]);
        let constraints = builder.base_constraints();
        let message = |count: &SymbolicExpression<F>, fields: &[SymbolicExpression<F>]| {
            core::iter::once(count).chain(fields).map(of).collect::<Vec<usize>>()
        };
        let own = builder.local_interactions().iter().flat_map(|interaction| &interaction.tuples);
        let shared = builder.global_interactions().iter();
        Self {
            constraints: constraints.len(),
            constraint_degree: constraints.iter().map(of).max().unwrap_or(0),
            own: own.map(|(fields, count)| message(&count.clone().into_parts().0, fields)).collect(),
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
        self.degrees().copied().fold(self.constraint_degree, usize::max)
    }

    /// Largest degree of a term: parts of messages of degree one are none.
    pub(super) fn term_degree(&self) -> usize {
        let parts = self.degrees().copied().filter(|degree| *degree > 1);
        parts.fold(self.constraint_degree, usize::max)
    }

    fn degrees(&self) -> impl Iterator<Item = &usize> {
        self.own.iter().chain(&self.shared).flatten()
    }

    /// Places for the parts of these degrees.
    fn places(&self, wanted: impl Fn(usize) -> bool) -> Places {
        let mut count = 0;
        let mut place = |degree: &usize| {
            wanted(*degree).then(|| {
                count += 1;
                count - 1
            })
        };
        let mut of_message = |parts: &Vec<usize>| {
            let mut places: Vec<Option<usize>> = parts.iter().map(&mut place).collect();
            places.truncate(places.iter().rposition(Option::is_some).map_or(0, |last| last + 1));
            places
        };
        let own = self.own.iter().map(&mut of_message).collect();
        let shared = self.shared.iter().map(&mut of_message).collect();
        if count == 0 { Places::default() } else { Places { own, shared, count } }
    }
}

/// Elements of the challenge field, also by coordinate.
#[derive(Clone, Debug)]
pub(super) struct Coefficients {
    pub(super) values: Vec<EF>,
    pub(super) coordinates: [Vec<F>; EXTENSION_DEGREE],
    scalars: Vec<Scalar>,
}

impl From<Vec<EF>> for Coefficients {
    fn from(values: Vec<EF>) -> Self {
        let coordinate = |d: usize| values.iter().map(|value| value.as_basis_coefficients_slice()[d]).collect();
        Self { coordinates: core::array::from_fn(coordinate), scalars: values.iter().map(|value| Scalar::from(*value)).collect(), values }
    }
}

impl Coefficients {
    /// The weighted sum of base-field elements.
    #[inline]
    pub(super) fn of_base(&self, values: &[Packed]) -> PackedExt {
        PackedExt::from_basis_coefficients_fn(|d| dot(values, &self.coordinates[d]))
    }

    /// The weighted sum of challenge-field elements.
    #[inline]
    pub(super) fn of_ext(&self, values: &[ExtVector]) -> PackedExt {
        let mut sum = PackedExt::ZERO;
        values.iter().zip(&self.scalars).for_each(|(value, weight)| add_scaled(&mut sum, &value.0, weight));
        sum
    }
}

/// Terms in one reduction.
const CHUNK: usize = 8;

/// The sum of products with constants.
#[inline]
pub(super) fn dot(values: &[Packed], weights: &[F]) -> Packed {
    use p3_field::Algebra;
    let ((values, last_values), (weights, last_weights)) = (values.as_chunks::<CHUNK>(), weights.as_chunks::<CHUNK>());
    let last = Packed::batched_linear_combination(last_values, last_weights);
    values.iter().zip(weights).fold(last, |sum, (values, weights)| sum + Packed::mixed_dot_product(values, weights))
}

/// A table's part in the sum, for drawn challenges.
pub(super) struct Weights {
    /// Which parts of messages are terms.
    pub(super) places: Places,
    /// Of the terms: parts of messages, then constraints.
    pub(super) terms: Coefficients,
    /// The terms' sum at a row of zeros.
    pub(super) offset: EF,
    /// Of the columns, main ones first: the linear part of the link. Without messages none.
    pub(super) columns: Option<Coefficients>,
    /// Everything at a row of zeros.
    pub(super) zero: EF,
    /// Whether terms may have other values than zero on the rows themselves.
    pub(super) on_rows: bool,
}

impl Weights {
    /// For a table whose constraints are weighted by `scale`.
    pub(super) fn new<A: ZerocheckAir>(table: &Table<'_, A>, challenges: &Challenges, scale: EF, link: Option<(&Link, &[Slot])>) -> Self {
        let plan = table.plan;
        let slots = link.map_or(&[][..], |(_, slots)| slots);
        assert!(link.is_none() || slots.len() == plan.messages(), "a weight for each message");
        let all = plan.places(|_| link.is_some());
        let places = plan.places(|degree| link.is_some() && degree > 1);
        let part_weights = link.map_or_else(Vec::new, |(link, slots)| part_weights(plan, challenges.eta, link, slots));
        let is_term: Vec<bool> = plan.degrees().map(|degree| *degree > 1).collect();
        let mut constraints: Vec<EF> = challenges.alpha.shifted_powers(scale).take(plan.constraints).collect();
        constraints.reverse();
        let chosen = part_weights.iter().zip(&is_term).filter(|(_, is_term)| **is_term).map(|(weight, _)| *weight);
        let terms: Vec<EF> = chosen.chain(constraints.iter().copied()).collect();
        let rows = unit_rows(table, &all);
        let (zero_row, unit_rows) = rows.split_first().expect("a row of zeros");
        let constraints_at_zero = weighted_sum(constraints.iter().zip(&zero_row[all.count..]));
        let parts_at_zero = || part_weights.iter().zip(zero_row);
        let terms_at_zero = weighted_sum(parts_at_zero().zip(&is_term).filter(|(_, is_term)| **is_term).map(|(part, _)| part));
        let bases = link.map_or(EF::ZERO, |(link, slots)| {
            slots.iter().map(|slot| slot.weight * link.theta * link.bases[slot.bus]).sum::<EF>() * challenges.eta
        });
        let coefficient = |row: &Vec<F>| {
            let parts = part_weights.iter().zip(&is_term).zip(row.iter().zip(zero_row));
            parts.filter(|((_, is_term), _)| !**is_term).map(|((weight, _), (one, zero))| *weight * (*one - *zero)).sum()
        };
        Self {
            on_rows: places.count > 0 || constraints_at_zero != EF::ZERO,
            places,
            terms: terms.into(),
            offset: constraints_at_zero + terms_at_zero,
            columns: (!slots.is_empty()).then(|| unit_rows.iter().map(coefficient).collect::<Vec<EF>>().into()),
            zero: bases + constraints_at_zero + weighted_sum(parts_at_zero()),
        }
    }
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
    let mut terms = Vec::new();
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
