//! What a proof needs done to the columns.
//!
//! The protocol ([`super::prove_with`]) sends messages, draws challenges and follows the claims. It
//! never sees the columns over all instances: those are with [`Passes`], on the host or on a
//! device. All is exact, so a proof does not depend on where its numbers were made.

use alloc::vec::Vec;

use tern_field::EF;

use super::grid::Grid;
use super::weights::LayerWeights;
use crate::multilinear::Transcript;
use crate::multilinear::packed::PackedExt;

/// The columns of all rounds.
pub trait Passes {
    /// Why there are no numbers.
    type Error;

    /// A layer's columns.
    type Layer<'a>: LayerPasses<Error = Self::Error>
    where
        Self: 'a;

    /// Takes up a layer of a round of the parts. The last round comes first, and in a round the
    /// layers from its output. `outer` is the point of the layer's claim over the instance
    /// variables that have a round of their own, the lowest first.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn layer<'a>(&'a mut self, round: usize, weights: &'a LayerWeights, outer: &'a [EF]) -> Result<Self::Layer<'a>, Self::Error>;
}

/// The columns of one layer, as its rounds bind their variables.
pub trait LayerPasses {
    /// Why there are no numbers.
    type Error;

    /// With the skip: the values of the first round's polynomial at the first `16 d` of
    /// [`super::POINTS`] powers of a root of unity, where `d` is the formula's degree; for the
    /// parity layer those of the parities, then those of the lanes' sum (with `d` one), which
    /// belongs to them.
    ///
    /// Nothing that the transcript has observed waits. A device may play this round and all instance
    /// rounds by itself now, with a copy of the transcript's state: what it is asked for then is known.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn first_values(&mut self, transcript: &Transcript) -> Result<Vec<Vec<EF>>, Self::Error>;

    /// Binds the first four instance variables, with the skip.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn bind_first(&mut self, challenge: EF) -> Result<(), Self::Error>;

    /// The values at `1, 2, ...` of the polynomial of an instance variable's round, without the
    /// factor of the outer equality in that variable, and last its leading coefficient: as many as
    /// its degree. Higher variables are bound.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn values(&mut self, variable: usize) -> Result<Vec<EF>, Self::Error>;

    /// Binds that variable.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn bind(&mut self, variable: usize, challenge: EF) -> Result<(), Self::Error>;

    /// The layer's columns over positions, now that all instance variables are bound; `point` are
    /// the challenges of those with a round of their own, the lowest first. The parity layer has
    /// the lanes' sum for a last column.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn finish(self, point: &[EF]) -> Result<Grid<PackedExt>, Self::Error>;
}
