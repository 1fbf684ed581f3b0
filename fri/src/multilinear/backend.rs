//! The seam between a proof's protocol and what computes its heavy parts.
//!
//! [`Prover`](super::prove::Prover) has the order of a proof: what is observed, which challenges
//! are drawn, which claims lead from one part to the next. A part's numbers come from a
//! [`Session`], on the host (`Host`) or on a device. All is exact, so a proof's bytes do not depend
//! on where they were computed.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use thiserror::Error;

use super::Transcript;
use super::fractions::{Claim, FractionsProof, Unbalanced};
use super::keccak::{self, Tie};
use super::layout::Layout;
use super::lookups::Lookups;
use super::opening::{Claims, Form, RowWeights};
use super::params::Params;
use super::prepare::FixedMatrix;
use super::proof::OpeningProof;
use super::shape::OpeningShape;
use super::source::Source;
use super::zerocheck::{Challenges, Link, Plan, ZerocheckProof};
use crate::hash::Digest;

/// Where a proof is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On the device, if there is one.
    Device,
    /// On the host.
    Host,
}

/// A device that failed, in words.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct BackendError {
    /// Its name.
    pub device: String,
    /// What happened, and what to do.
    pub reason: String,
}

/// A device that proves.
pub trait Backend: fmt::Debug + Send + Sync {
    /// Puts on the device what all proofs of a relation share.
    ///
    /// # Errors
    ///
    /// If the device cannot, or fails.
    fn prepare(&self, relation: &Relation<'_>) -> Result<Box<dyn Prepared>, BackendError>;

    /// Base-2 logarithm of the cells of the largest matrix that the device has room to prove.
    fn largest_log_cells(&self) -> usize;

    /// What the device was used for so far.
    fn usage(&self) -> Usage;
}

/// What a device was used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes that went to the device.
    pub bytes_up: u64,
    /// Bytes that came from it.
    pub bytes_down: u64,
    /// How often the host waited for it.
    pub waits: u64,
    /// Kernels that it ran.
    pub kernels: u64,
    /// Most bytes of its memory that were in use.
    pub peak_bytes: u64,
}

/// What all proofs of a relation share, on a device. Several proofs may be made at the same time.
pub trait Prepared: Send + Sync {
    /// Commits to a proof's tables.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn commit<'a>(&'a self, relation: Relation<'a>, statement: Statement<'a>) -> Result<Box<dyn Session + 'a>, BackendError>;
}

/// Everything that does not depend on what is proved.
#[derive(Clone, Copy)]
pub struct Relation<'a> {
    /// The parameter set.
    pub params: &'a Params,
    /// Where the main columns lie in the dense matrix.
    pub layout: &'a Layout,
    /// The tables' constraints and messages.
    pub plans: &'a [Plan],
    /// The messages on shared buses.
    pub lookups: &'a Lookups,
    /// The fixed columns of each table.
    pub fixed: &'a [Option<RowMajorMatrix<F>>],
    /// The commitment to those of them that the verifier does not evaluate himself.
    pub fixed_matrix: Option<&'a FixedMatrix>,
    /// Base-2 logarithm of the most rows of a table.
    pub row_variables: usize,
}

/// What is proved.
#[derive(Clone, Copy)]
pub struct Statement<'a> {
    /// What the main columns are made of, table by table.
    pub tables: &'a [Source<'a>],
    /// The public values of each table.
    pub public_values: &'a [Vec<F>],
    /// The shape of the opening.
    pub shape: &'a OpeningShape,
}

/// A proof in the making.
pub trait Session {
    /// The commitment to the main columns.
    fn cap(&self) -> &[Digest];

    /// Does proof of work on the transcript: the smallest witness.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn work(&mut self, bits: usize, transcript: &mut Transcript) -> Result<F, BackendError>;

    /// Proves that all messages' fractions, fingerprinted under two challenges, add up to zero.
    ///
    /// # Errors
    ///
    /// If they do not, or the device fails.
    fn lookups(&mut self, challenges: [EF; 2], transcript: &mut Transcript) -> Result<(FractionsProof, Claim), LookupError>;

    /// Proves the constraints and the link to the lookups' claim.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn constraints(&mut self, challenges: &Challenges, link: &Link, transcript: &mut Transcript) -> Result<ZerocheckProof, BackendError>;

    /// Proves that calls of Keccak are permutations, which come first in their table, and gives the
    /// forms that are left to be opened.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn keccak(&mut self, tie: &Tie, transcript: &mut Transcript) -> Result<(keccak::Proof<EF>, Vec<Form>), BackendError>;

    /// Opens the matrices.
    ///
    /// # Errors
    ///
    /// If the device fails.
    fn open(
        &mut self,
        rows: &RowWeights,
        claims: &Claims<'_>,
        forms: &[Form],
        transcript: &mut Transcript,
    ) -> Result<OpeningProof, BackendError>;
}

/// Lookups that have no proof, or a device that failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LookupError {
    /// What is sent is not received.
    #[error(transparent)]
    Unbalanced(#[from] Unbalanced),
    /// The device failed.
    #[error(transparent)]
    Backend(#[from] BackendError),
}
