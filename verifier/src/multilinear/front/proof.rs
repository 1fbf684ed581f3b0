//! The values of a front.

use alloc::vec::Vec;

use super::shape::{FrontShape, TableShape};
use crate::ops::Ops;

/// Values that a proof holds of a round polynomial of a lookup layer, which has degree 3.
pub const LAYER_ROUND_VALUES: usize = 3;

/// The front of a proof, which ends with claims: of linear forms of the columns, or of all columns
/// ([`ColumnProof`]).
#[derive(Clone, Debug)]
pub struct FrontProof<O: Ops, C = FormValues<O>> {
    /// The lookups' part, if any table sends messages.
    pub lookup: Option<LookupProof<O>>,
    /// The skip round's polynomial, by its [`FrontShape::skip_coefficients`] coefficients, the
    /// lowest first.
    pub skip: Vec<O::Ext>,
    /// The zerocheck's other round polynomials, by their values at 0, 2, 3, …,
    /// [`FrontShape::round_degree`]: one for each of [`FrontShape::rounds`].
    pub rounds: Vec<Vec<O::Ext>>,
    /// What is claimed at the zerocheck's point ([`super::Reduction`]).
    pub claims: C,
}

/// A front without an opening: it claims the columns' values, as `p3-multi-stark` does, a table each.
pub type ColumnProof<O> = FrontProof<O, Vec<ColumnValues<O>>>;

/// Claimed values of linear forms ([`tern_fri::multilinear::forms`]). An opening absorbs and binds
/// them in this order.
#[derive(Clone, Debug)]
pub struct FormValues<O: Ops> {
    /// The rests of all roots together, weighted as these are in the zerocheck's sum.
    pub rest: O::Ext,
    /// Each table's forms.
    pub tables: Vec<Vec<O::Ext>>,
}

impl<O: Ops> FormValues<O> {
    /// All values, in their order.
    #[must_use]
    pub fn all(&self) -> Vec<O::Ext> {
        core::iter::once(&self.rest).chain(self.tables.iter().flatten()).cloned().collect()
    }
}

/// Claims that a front can end with.
pub trait FrontClaims {
    /// Whether every list has the length that the shape gives it.
    fn fits(&self, shape: &FrontShape) -> bool;
}

/// Values of one table's columns.
#[derive(Clone, Debug)]
pub struct ColumnValues<O: Ops> {
    /// Of the main columns.
    pub main: Vec<O::Ext>,
    /// Of the preprocessed columns.
    pub preprocessed: Vec<O::Ext>,
}

/// The proof that all messages cancel.
#[derive(Clone, Debug)]
pub struct LookupProof<O: Ops> {
    /// Witness of the proof of work before the challenges.
    pub work: O::Ext,
    /// Denominator of the sum of all fractions; the numerator is zero.
    pub root_denominator: O::Ext,
    /// A layer for each of [`FrontShape::lookup_variables`], from the root.
    pub layers: Vec<LookupLayer<O>>,
}

/// One layer: a sumcheck from a fraction to the two that it is the sum of.
#[derive(Clone, Debug)]
pub struct LookupLayer<O: Ops> {
    /// Values of the round polynomials at 0, 2 and 3: as many polynomials as there are layers above.
    pub rounds: Vec<[O::Ext; LAYER_ROUND_VALUES]>,
    /// Numerators of the two fractions, of branch 0 and 1.
    pub numerators: [O::Ext; 2],
    /// Their denominators.
    pub denominators: [O::Ext; 2],
}

impl<O: Ops, C: FrontClaims> FrontProof<O, C> {
    /// Whether every list has the length that the shape gives it.
    #[must_use]
    pub fn fits(&self, shape: &FrontShape) -> bool {
        let lookup_fits = match &self.lookup {
            Some(lookup) => shape.messages() > 0 && lookup.fits(shape.lookup_variables()),
            None => shape.messages() == 0,
        };
        lookup_fits
            && self.skip.len() == shape.skip_coefficients()
            && self.rounds.len() == shape.rounds()
            && self.rounds.iter().all(|values| values.len() == shape.round_degree())
            && self.claims.fits(shape)
    }
}

impl<O: Ops> FrontClaims for FormValues<O> {
    fn fits(&self, shape: &FrontShape) -> bool {
        self.tables.len() == shape.tables.len() && self.tables.iter().zip(&shape.tables).all(|(forms, table)| forms.len() == table.forms)
    }
}

impl<O: Ops> FrontClaims for Vec<ColumnValues<O>> {
    fn fits(&self, shape: &FrontShape) -> bool {
        self.len() == shape.tables.len() && self.iter().zip(&shape.tables).all(|(columns, table)| columns.fits(table))
    }
}

impl<O: Ops> ColumnValues<O> {
    fn fits(&self, table: &TableShape) -> bool {
        self.main.len() == table.main && self.preprocessed.len() == table.preprocessed
    }
}

impl<O: Ops> LookupProof<O> {
    fn fits(&self, variables: usize) -> bool {
        self.layers.len() == variables && self.layers.iter().enumerate().all(|(above, layer)| layer.rounds.len() == above)
    }
}
