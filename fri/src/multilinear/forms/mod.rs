//! What a table's constraints and messages say, apart: polynomials in few linear forms of its
//! columns, and linear rests.
//!
//! A *root* is a constraint, or a message's count or field. As a polynomial in the columns it is
//!
//! ```text
//! root = P(f_0, f_1, …) + rest
//! ```
//!
//! where the `f_j` and `rest` are linear forms of the columns without a constant, and constants,
//! public values and fixed columns that the verifier evaluates by himself are in `P`. Of an
//! expression as a chip states it, the operands of products are taken as forms as a whole if they
//! are linear, and the linear terms of its outermost sum are the rest. So
//! `(a + 2 b - c) (a + 2 b - c - 1) + d - e` has one form, `a + 2 b - c`, and the rest `d - e`.
//! Forms that are multiples of each other but for a constant are one form. Where all this makes
//! over a tenth more forms than there are columns in them, these columns are the forms.
//!
//! The sumcheck over the rows ends at a point where roots are weighted by challenges drawn before.
//! So a proof gives the value of each form there, and one for the rests of all roots of all tables,
//! weighted: a linear form too. The opening shows that all have these values. No column's own value
//! is needed.
//!
//! Linear forms are sums that share parts ([`Forms::values`]); to combine the columns' weights in
//! many forms with scalars is to walk the same sums backwards ([`Forms::transfers`]).

mod capture;
mod linear;
mod record;
mod split;

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_lookup::InteractionSymbolicBuilder;
use tern_field::{EF, F};
use thiserror::Error;

use capture::Capture;
pub use capture::{Node, uses};
pub use linear::{Sum, needed};
use split::split;

/// A value that an expression reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leaf {
    /// A main column of the current row.
    MainLocal(usize),
    /// A main column of the next row.
    MainNext(usize),
    /// A preprocessed column of the current row.
    PreprocessedLocal(usize),
    /// A preprocessed column of the next row.
    PreprocessedNext(usize),
    /// A public value.
    Public(usize),
    /// The selector of the first row.
    IsFirst,
    /// The selector of the last row.
    IsLast,
    /// The selector of all rows but the last.
    IsTransition,
    /// A linear form of the columns: none of what chips state, but what is read instead of columns.
    Form(usize),
}

/// An expression that has no place in a front.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ExpressionError {
    /// It reads a periodic column.
    #[error("periodic columns are not supported")]
    Periodic,
    /// It reads further than the next row.
    #[error("expected rows 0 and 1 to be read, got row {0}")]
    Row(usize),
}

/// Which of a table's columns are committed to, and so in linear forms: they are numbered, the main
/// ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Main columns.
    pub main: usize,
    /// Fixed columns; none if the verifier evaluates them.
    pub fixed: usize,
}

/// A table's roots: its constraints, then for each message, those on its own buses first, the count
/// and the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forms {
    committed: Committed,
    leaves: Vec<Leaf>,
    nodes: Vec<Node>,
    /// Of each root the node that is its polynomial.
    polynomials: Vec<usize>,
    /// Linear forms; operands come before them.
    sums: Vec<Sum>,
    /// The sums that are forms.
    forms: Vec<usize>,
    /// Of each root the sum that is its rest, if it has one.
    rests: Vec<Option<usize>>,
}

/// `place to += factor * place from`, where the first places are the sums' and those after them the
/// columns'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// A sum.
    pub from: usize,
    /// An earlier sum, or a column.
    pub to: usize,
    /// Not zero.
    pub factor: F,
}

impl Forms {
    /// Takes an AIR's expressions apart.
    ///
    /// # Errors
    ///
    /// If one reads what no front has.
    pub fn new(builder: &InteractionSymbolicBuilder<F, EF>, committed: Committed) -> Result<Self, ExpressionError> {
        let mut capture = Capture::default();
        let mut roots = Vec::new();
        // An expression's place in memory must stay while it is captured.
        let constraints = builder.base_constraints();
        let counts: Vec<_> =
            builder.local_interactions().iter().flat_map(|own| &own.tuples).map(|(_, count)| count.clone().into_parts().0).collect();
        for constraint in &constraints {
            roots.push(capture.base(constraint)?);
        }
        let own = builder.local_interactions().iter().flat_map(|own| &own.tuples).zip(&counts);
        let own = own.map(|((fields, _), count)| (count, fields));
        let shared = builder.global_interactions().iter().map(|message| (&message.count, &message.fields));
        for (count, fields) in own.chain(shared) {
            for part in core::iter::once(count).chain(fields) {
                roots.push(capture.base(part)?);
            }
        }
        Ok(split(&capture, committed, &roots))
    }

    /// Number of forms.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.forms.len()
    }

    /// Whether there are no forms: all is linear.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// Number of columns that the forms are of.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.committed.main + self.committed.fixed
    }

    /// The fixed columns that polynomials read, which are not committed to, rising.
    #[must_use]
    pub fn known(&self) -> Vec<usize> {
        let fixed = |node: &Node| if let Node::Leaf(Leaf::PreprocessedLocal(column)) = node { Some(*column) } else { None };
        let mut known: Vec<usize> = self.nodes.iter().filter_map(fixed).collect();
        known.sort_unstable();
        known.dedup();
        known
    }

    /// Everything that the expressions read, before they are taken apart. Forms that were read from
    /// a record do not know it.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The polynomials: expressions that come after their operands, and each root's. No column that
    /// is committed to is read in them.
    #[must_use]
    pub fn polynomials(&self) -> (&[Node], &[usize]) {
        (&self.nodes, &self.polynomials)
    }

    /// Linear forms that share parts, which come before the sums that they are in, and those of
    /// them that are the forms.
    #[must_use]
    pub fn linear(&self) -> (&[Sum], &[usize]) {
        (&self.sums, &self.forms)
    }

    /// The forms' values at a row or a point, given the columns'.
    #[must_use]
    pub fn values(&self, columns: &[EF]) -> Vec<EF> {
        let sums = linear::values(&self.sums, columns);
        self.forms.iter().map(|form| sums.get(*form).copied().unwrap_or_default()).collect()
    }

    /// The places of sums at which [`Forms::transfers`] starts: each form's.
    #[must_use]
    pub fn form_places(&self) -> &[usize] {
        &self.forms
    }

    /// The same of each root's rest, if it has one.
    #[must_use]
    pub fn rest_places(&self) -> &[Option<usize>] {
        &self.rests
    }

    /// Number of places before the columns'.
    #[must_use]
    pub const fn sums(&self) -> usize {
        self.sums.len()
    }

    /// The steps that lead from weights of forms and rests to the columns' weights in their weighted sum.
    #[must_use]
    pub fn transfers(&self) -> Vec<Transfer> {
        linear::transfers(&self.sums)
    }

    /// The columns' weights in the sum of all forms times `forms` and all rests times `rests`.
    ///
    /// # Panics
    ///
    /// If there are fewer weights than forms or roots.
    #[must_use]
    pub fn column_weights(&self, forms: &[EF], rests: &[EF]) -> Vec<EF> {
        let mut places = EF::zero_vec(self.sums.len() + self.columns());
        self.forms.iter().zip(forms).for_each(|(place, weight)| places[*place] += *weight);
        assert!(forms.len() >= self.forms.len() && rests.len() >= self.rests.len(), "a weight for each form and root");
        for (place, weight) in self.rests.iter().zip(rests) {
            place.iter().for_each(|place| places[*place] += *weight);
        }
        for Transfer { from, to, factor } in self.transfers() {
            let step = places[from] * factor;
            places[to] += step;
        }
        places.split_off(self.sums.len())
    }
}

#[cfg(test)]
mod tests;
