//! A table's constraints and messages as straight-line code over the values of linear forms of its columns.

use alloc::vec::Vec;

use p3_air::symbolic::{AirLayout, SymbolicExpression};
use p3_air::{Air, BaseAir};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::InteractionSymbolicBuilder;
use tern_field::{EF, F};
use tern_fri::multilinear::forms::{Committed, Forms, Leaf, Transfer};

use super::lookup::{Bus, Declared};
use super::shape::{TableShape, UnusableTable};
use crate::ops::Ops;
use crate::symbolic::Program;

/// Rows for which degrees are counted: with two, a column has degree 1.
const DEGREE_ROWS: usize = 2;

/// A table's roots: the constraints, in the order in which they are stated, then for each message its count and its fields. Each is a polynomial in the forms, and a linear rest.
#[derive(Clone, Debug)]
pub(super) struct TableProgram {
    polynomials: Program,
    /// Of each root whether its polynomial is zero.
    is_linear: Vec<bool>,
    constraints: usize,
    /// Places of the sums and columns ([`Forms::transfers`]).
    places: usize,
    sums: usize,
    /// Of each form its place.
    forms: Vec<usize>,
    /// Of each root the place of its rest, if it has one.
    rests: Vec<Option<usize>>,
    transfers: Vec<Transfer>,
}

/// What an AIR comes to.
pub(super) struct Captured {
    pub(super) shape: TableShape,
    pub(super) program: TableProgram,
    pub(super) messages: Vec<Declared>,
}

/// A message's parts, as the AIR states them.
struct Parts<'a> {
    bus: Bus,
    fields: &'a [SymbolicExpression<F>],
    count: SymbolicExpression<F>,
    weight: u32,
}

/// What is not claimed: values of fixed columns that are not committed to, and public values.
pub(super) struct Known<'a, E> {
    pub(super) fixed: &'a [E],
    pub(super) public: &'a [E],
}

impl TableProgram {
    fn new(forms: &Forms, constraints: usize) -> Self {
        let (nodes, roots) = forms.polynomials();
        let is_zero = |root: &usize| nodes.get(*root).is_some_and(|node| node.is_zero());
        Self {
            polynomials: Program::of(nodes, roots),
            is_linear: roots.iter().map(is_zero).collect(),
            constraints,
            places: forms.sums().saturating_add(forms.columns()),
            sums: forms.sums(),
            forms: forms.form_places().to_vec(),
            rests: forms.rest_places().to_vec(),
            transfers: forms.transfers(),
        }
    }

    pub(super) const fn constraints(&self) -> usize {
        self.constraints
    }

    /// Whether a root is zero whatever a row holds.
    pub(super) fn is_zero(&self, root: usize) -> bool {
        self.is_linear.get(root) == Some(&true) && self.rests.get(root) == Some(&None)
    }

    /// Evaluates the roots' polynomials at the forms' values.
    pub(super) fn polynomials<O: Ops>(&self, ops: &mut O, forms: &[O::Ext], known: &Known<'_, O::Ext>) -> Vec<O::Ext> {
        let zero = ops.constant(EF::ZERO);
        let read = |_: &mut O, leaf| {
            let value = match leaf {
                Leaf::Form(form) => forms.get(form),
                Leaf::PreprocessedLocal(column) => known.fixed.get(column),
                Leaf::Public(index) => known.public.get(index),
                // Refused when the table was captured, or no form's.
                _ => None,
            };
            value.unwrap_or(&zero).clone()
        };
        self.polynomials.values(ops, read)
    }

    /// The sum of all roots' polynomials, weighted.
    pub(super) fn weighted<O: Ops>(&self, ops: &mut O, weights: &[O::Ext], polynomials: &[O::Ext]) -> O::Ext {
        let zero = ops.constant(EF::ZERO);
        let terms = self.is_linear.iter().zip(weights).zip(polynomials).filter(|((is_zero, _), _)| !**is_zero);
        terms.fold(zero, |sum, ((_, weight), value)| ops.mul_add(weight, value, &sum))
    }

    /// The columns' weights in the sum of the forms times `forms`, if these are given, and the roots' rests times `roots`: main columns first, then those fixed ones that are committed to.
    pub(super) fn column_weights<O: Ops>(&self, ops: &mut O, forms: &[O::Ext], roots: &[O::Ext]) -> Vec<O::Ext> {
        let mut places: Vec<Option<O::Ext>> = alloc::vec![None; self.places];
        for (place, weight) in self.forms.iter().zip(forms) {
            add(ops, &mut places, *place, weight.clone());
        }
        for (place, weight) in self.rests.iter().zip(roots) {
            if let Some(place) = place {
                add(ops, &mut places, *place, weight.clone());
            }
        }
        for Transfer { from, to, factor } in &self.transfers {
            if let Some(Some(value)) = places.get(*from).cloned() {
                add_multiple(ops, &mut places, *to, *factor, value);
            }
        }
        let zero = ops.constant(EF::ZERO);
        places.into_iter().skip(self.sums).map(|weight| weight.unwrap_or_else(|| zero.clone())).collect()
    }

    /// The forms' values, given those of the columns that they are of.
    pub(super) fn forms_at<O: Ops>(&self, ops: &mut O, columns: impl Iterator<Item = O::Ext>) -> Vec<O::Ext> {
        let mut places: Vec<Option<O::Ext>> = alloc::vec![None; self.sums];
        places.extend(columns.map(Some));
        for Transfer { from, to, factor } in self.transfers.iter().rev() {
            if let Some(Some(value)) = places.get(*to).cloned() {
                add_multiple(ops, &mut places, *from, *factor, value);
            }
        }
        let zero = ops.constant(EF::ZERO);
        self.forms.iter().map(|place| places.get(*place).cloned().flatten().unwrap_or_else(|| zero.clone())).collect()
    }
}

/// Adds to a place.
fn add<O: Ops>(ops: &mut O, places: &mut [Option<O::Ext>], place: usize, value: O::Ext) {
    if let Some(place) = places.get_mut(place) {
        *place = Some(match place.take() {
            Some(sum) => ops.add(&sum, &value),
            None => value,
        });
    }
}

/// Adds a multiple to a place.
fn add_multiple<O: Ops>(ops: &mut O, places: &mut [Option<O::Ext>], to: usize, factor: F, value: O::Ext) {
    let Some(place) = places.get_mut(to) else { return };
    let sum = place.take();
    *place = Some(match sum {
        None if factor == F::ONE => value,
        Some(sum) if factor == F::ONE => ops.add(&sum, &value),
        Some(sum) if factor == F::NEG_ONE => ops.sub(&sum, &value),
        sum => {
            let factor = ops.constant(factor.into());
            match sum {
                Some(sum) => ops.mul_add(&factor, &value, &sum),
                None => ops.mul(&factor, &value),
            }
        }
    });
}

/// Which degree a table's constraints have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Degrees {
    /// Their own.
    Actual,
    /// At least what the AIR declares, as `p3-multi-stark` counts.
    Declared,
}

/// Captures an AIR, whose fixed columns are committed to or not.
///
/// # Errors
///
/// If it states something that the front cannot evaluate or that its format has no place for.
pub(super) fn capture<A>(air: &A, degrees: Degrees, is_committed: bool) -> Result<Captured, UnusableTable>
where
    A: Air<InteractionSymbolicBuilder<F, EF>>,
{
    let builder = InteractionSymbolicBuilder::<F, EF>::from_air(air, AirLayout::from_air::<F>(air));
    refuse(air, &builder)?;
    let constraints = builder.base_constraints();
    let parts = messages(&builder);
    if parts.iter().any(|part| part.fields.is_empty()) {
        return Err(UnusableTable::EmptyMessage);
    }
    let committed = Committed { main: air.width(), fixed: if is_committed { air.preprocessed_width() } else { 0 } };
    let forms = Forms::new(&builder, committed)?;
    check_leaves(air, &forms)?;
    let shape = TableShape {
        main: air.width(),
        preprocessed: air.preprocessed_width(),
        forms: forms.len(),
        public_values: air.num_public_values(),
        messages: parts.len(),
        degree: degree(air, &constraints, &parts, degrees)?,
        count_weight: parts.iter().fold(0, |sum, part| sum.saturating_add(part.weight.into())),
    };
    let program = TableProgram::new(&forms, constraints.len());
    let messages = parts.iter().map(|part| Declared { bus: part.bus.clone(), width: part.fields.len() }).collect();
    Ok(Captured { shape, program, messages })
}

/// The messages in `p3-multi-stark`'s order: those of the table's own buses, then those of shared ones.
fn messages(builder: &InteractionSymbolicBuilder<F, EF>) -> Vec<Parts<'_>> {
    let own = builder.local_interactions().iter().enumerate().flat_map(|(bus, interaction)| {
        interaction.tuples.iter().map(move |(fields, count)| {
            let (count, weight) = count.clone().into_parts();
            Parts { bus: Bus::Own(bus), fields, count, weight }
        })
    });
    let shared = builder.global_interactions().iter().map(|interaction| Parts {
        bus: Bus::Shared(interaction.bus_name.clone()),
        fields: &interaction.fields,
        count: interaction.count.clone(),
        weight: interaction.count_weight,
    });
    own.chain(shared).collect()
}

/// Refuses what is declared beside the constraints and has no place in the format.
fn refuse<A: BaseAir<F>>(air: &A, builder: &InteractionSymbolicBuilder<F, EF>) -> Result<(), UnusableTable> {
    let faults = [
        (!air.main_next_row_columns().is_empty() || !air.preprocessed_next_row_columns().is_empty(), UnusableTable::NextRow),
        (!air.public_boundary_io().is_empty(), UnusableTable::BoundaryCells),
        (!builder.exclusive_interactions().is_empty(), UnusableTable::ExclusiveMessages),
        (!builder.indexed_reads().is_empty() || !builder.indexed_tables().is_empty(), UnusableTable::IndexedLookups),
        (!builder.extension_constraints().is_empty(), UnusableTable::ExtensionConstraints),
        (air.width() == 0, UnusableTable::Empty),
    ];
    faults.into_iter().find(|(is_there, _)| *is_there).map_or(Ok(()), |(_, fault)| Err(fault))
}

/// Refuses expressions that read what the front has no value for.
fn check_leaves<A: BaseAir<F>>(air: &A, forms: &Forms) -> Result<(), UnusableTable> {
    for leaf in forms.leaves() {
        let exists = match leaf {
            Leaf::MainLocal(column) => *column < air.width(),
            Leaf::PreprocessedLocal(column) => *column < air.preprocessed_width(),
            Leaf::Public(index) => *index < air.num_public_values(),
            Leaf::IsFirst | Leaf::IsLast | Leaf::IsTransition => return Err(UnusableTable::Selector),
            Leaf::MainNext(_) | Leaf::PreprocessedNext(_) => return Err(UnusableTable::NextRow),
            Leaf::Form(_) => false,
        };
        if !exists {
            return Err(UnusableTable::Missing);
        }
    }
    Ok(())
}

/// The largest degree of a constraint or message.
fn degree<A: BaseAir<F>>(
    air: &A,
    constraints: &[SymbolicExpression<F>],
    messages: &[Parts<'_>],
    degrees: Degrees,
) -> Result<usize, UnusableTable> {
    let of = |expression: &SymbolicExpression<F>| expression.poly_degree(DEGREE_ROWS, &[]);
    let least = if degrees == Degrees::Declared { air.max_constraint_degree().unwrap_or(0) } else { 0 };
    let stated = constraints.iter().map(of).max().map(|degree| degree.max(least));
    let of_message = |part: &Parts<'_>| part.fields.iter().map(of).fold(of(&part.count), usize::max);
    let sent = messages.iter().map(of_message).max();
    if stated == Some(0) || sent == Some(0) {
        return Err(UnusableTable::Constant);
    }
    stated.max(sent).ok_or(UnusableTable::Empty)
}
