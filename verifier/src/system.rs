//! The tables of a constraint system at given heights, and the verifier of their proofs.

use alloc::vec::Vec;

use p3_air::Air;
use p3_lookup::{InteractionSymbolicBuilder, Lookups};
use tern_air::chip::System;
use tern_air::messages::{MessageError, check_messages};
use tern_field::{EF, F};
use tern_fri::common::packed_lookups;
use tern_fri::shape::ShapeError;
use tern_fri::{Params, RelationShape};
use thiserror::Error;

use crate::expected::{ProofShape, UnusableShape};
use crate::stark::{StarkVerifier, UnusableTables};

/// A constraint system that can be verified.
pub trait Provable: System + Air<InteractionSymbolicBuilder<F, EF>> {}

impl<S: System + Air<InteractionSymbolicBuilder<F, EF>>> Provable for S {}

/// Heights that cannot be proved under the parameters: a fault of the caller, not of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RelationError {
    /// A table is too tall for the field.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The parameters do not fit.
    #[error(transparent)]
    Parameters(#[from] UnusableShape),
    /// The tables cannot be verified.
    #[error(transparent)]
    Tables(#[from] UnusableTables),
    /// A message could be taken for another.
    #[error(transparent)]
    Messages(#[from] MessageError),
}

/// Sizes of the system's tables; heights as base-2 logarithms, table by table.
///
/// # Errors
///
/// If a table is too tall for the field, or there is not one height for each.
pub fn relation_shape<S: Provable>(log_heights: &[u8]) -> Result<RelationShape, ShapeError> {
    let airs = S::all();
    sizes(&airs, &lookups(&airs), log_heights)
}

/// The verifier of proofs of the system's tables at these heights, under these parameters.
///
/// # Errors
///
/// If there are no such proofs.
pub fn stark_verifier<S: Provable>(params: &Params, log_heights: &[u8]) -> Result<StarkVerifier, RelationError> {
    let airs = S::all();
    let lookups = lookups(&airs);
    let shape = ProofShape::new(params, sizes(&airs, &lookups, log_heights)?)?;
    check_messages::<S>()?;
    Ok(StarkVerifier::new(&airs, &lookups, &shape)?)
}

fn lookups<S: Provable>(airs: &[S]) -> Vec<Lookups<F>> {
    airs.iter().map(packed_lookups).collect()
}

fn sizes<S: Provable>(airs: &[S], lookups: &[Lookups<F>], log_heights: &[u8]) -> Result<RelationShape, ShapeError> {
    let names: Vec<&str> = airs.iter().map(S::name).collect();
    let heights: Vec<usize> = log_heights.iter().map(|&height| usize::from(height)).collect();
    RelationShape::from_airs(&names, airs, &heights, lookups)
}
