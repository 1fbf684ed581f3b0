//! A table's constraints and messages as straight-line code over the values of linear forms of its columns.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::{EF, F};
use tern_fri::multilinear::forms::{Forms, Leaf, Transfer};

use crate::ops::Ops;
use crate::symbolic::Program;

/// A table's roots: the constraints, in the order in which they are stated, then for each message
/// its count and its fields. Each is a polynomial in the forms, and a linear rest.
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

/// What is not claimed: values of fixed columns that are not committed to, and public values.
pub(super) struct Known<'a, E> {
    pub(super) fixed: &'a [E],
    pub(super) public: &'a [E],
}

impl TableProgram {
    pub(super) fn new(forms: &Forms, constraints: usize) -> Self {
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

    /// The columns' weights in the sum of the forms times `forms`, if these are given, and the
    /// roots' rests times `roots`: main columns first, then those fixed ones that are committed to.
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
