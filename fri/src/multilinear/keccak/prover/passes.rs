//! What a proof needs done to the columns.
//!
//! The protocol ([`super::prove_with`]) sends messages, draws challenges and follows the claims. It
//! never sees the columns: those are with [`Passes`], on the host or on a device. All is exact, so a
//! proof does not depend on where its numbers were made.

use alloc::vec::Vec;

use tern_field::EF;

use super::weights::{LayerClaim, Outgoing};
use crate::multilinear::Transcript;

/// What the first layer is to show, which follows nothing but the transcript.
pub struct Start<'a> {
    /// The sent and drawn so far; nothing that was observed waits.
    pub transcript: &'a Transcript,
    /// The sum over all outputs.
    pub claim: EF,
    /// Their weights, but for the signs of iota.
    pub outputs: &'a Outgoing,
    /// Their point over the instance variables that have a round of their own, the lowest first.
    pub instances: &'a [EF],
}

/// The columns of all rounds.
pub trait Passes {
    /// Why there are no numbers.
    type Error;

    /// A layer's columns.
    type Layer<'a>: LayerPasses<Error = Self::Error>
    where
        Self: 'a;

    /// Learns what is to be shown. A device may play all layers by itself now, with a copy of the
    /// transcript's state: what it is asked for then is known.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn begin(&mut self, start: &Start<'_>) -> Result<(), Self::Error>;

    /// Takes up a layer of a round of the parts. The last round comes first, and in a round the
    /// layers from its output. `outer` is the point of the layer's claim over the instance
    /// variables that have a round of their own, the lowest first.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn layer<'a>(&'a mut self, round: usize, claim: &LayerClaim<'_>, outer: &'a [EF]) -> Result<Self::Layer<'a>, Self::Error>;
}

/// The columns of one layer, as its rounds bind the variables of instances.
pub trait LayerPasses {
    /// Why there are no numbers.
    type Error;

    /// Its columns over positions.
    type Positions: PositionPasses<Error = Self::Error>;

    /// With the skip: the values of the first round's polynomial at the first `16 d` of
    /// [`super::POINTS`] powers of a root of unity, where `d` is the formula's degree; for the
    /// parity layer those of the parities, then those of the lanes' sum (with `d` one), which
    /// belongs to them.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn first_values(&mut self) -> Result<Vec<Vec<EF>>, Self::Error>;

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
    /// the challenges of those with a round of their own, the lowest first.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn positions(self, point: &[EF]) -> Result<Self::Positions, Self::Error>;
}

/// The columns of one layer, as its rounds bind the variables of positions, from the highest.
pub trait PositionPasses {
    /// Why there are no numbers.
    type Error;

    /// The values at `1, 2, ...` of the polynomial of the highest variable that is left, and last
    /// its leading coefficient: as many as its degree.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn values(&self) -> Result<Vec<EF>, Self::Error>;

    /// Binds that variable.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn bind(&mut self, challenge: EF) -> Result<(), Self::Error>;

    /// The columns' evaluations, when all variables are bound. Beyond those that the layer claims
    /// there may be more.
    ///
    /// # Errors
    ///
    /// If a device fails.
    fn evaluations(self) -> Result<Vec<EF>, Self::Error>;
}
