//! The zerocheck of all tables at once, with the lookups' claim in the same sumcheck.
//!
//! For the point `tau` it shows `eta * claim = sum over x of eq(tau, x) (sum over tables i of beta^i C_i(x) + eta L(x))`, where `C_i` is table `i`'s constraints batched by Horner's rule in `alpha` and `L` the link of
//! [`super::lookup`], a row's messages weighted for GKR's point. With messages `tau` is that point, its message coordinates included: the polynomial does not depend on these, so their rounds bind nothing.
//! Without, `tau` has the row coordinates only and is drawn.
//!
//! The rounds are multilinear ones. A first round over several row bits at once (a univariate skip) would take the place of the first row rounds, here and in [`Reduction::row_point`], and leave the rest as it is.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::lookup::{Link, LookupPlan};
use super::program::TableValues;
use super::shape::FrontShape;
use super::sumcheck;
use crate::multilinear::claim::Claim;
use crate::multilinear::transcript::Transcript;
use crate::ops::{Checked, MultilinearOps};
use crate::reason::Reason;

/// What a front leaves: a point, and a claim about the columns' values there.
pub struct Reduction<O: MultilinearOps> {
    link: Option<Link<O>>,
    /// Batches a table's constraints.
    alpha: O::Ext,
    /// Batches the tables.
    beta: O::Ext,
    /// Weighs the messages.
    eta: O::Ext,
    /// `eq(tau, point)`.
    weight: O::Ext,
    /// What the sumcheck claims at its point.
    sum: O::Ext,
    /// Variables of the messages, which come before those of the rows.
    message_variables: usize,
    row_point: Vec<O::Ext>,
}

impl<O: MultilinearOps> Reduction<O> {
    /// The point at which every column's value is claimed, one coordinate for each row variable in the order in which they are bound.
    pub fn row_point(&self) -> &[O::Ext] {
        &self.row_point
    }
}

/// Draws the challenges and plays the sumcheck.
pub(super) fn reduce<O: MultilinearOps>(
    ops: &mut O,
    transcript: &mut Transcript<O>,
    shape: &FrontShape,
    link: Option<Link<O>>,
    rounds: &[Vec<O::Ext>],
) -> Reduction<O> {
    let (alpha, beta) = (transcript.challenge(ops), transcript.challenge(ops));
    let zero = ops.constant(EF::ZERO);
    let (eta, tau, claim) = match &link {
        Some(link) => {
            let eta = transcript.challenge(ops);
            let claim = ops.mul(&eta, &link.claim);
            (eta, link.point.clone(), claim)
        }
        None => (zero.clone(), (0..shape.log_rows).map(|_| transcript.challenge(ops)).collect(), zero),
    };
    transcript.observe_extension(core::slice::from_ref(&claim));
    let (point, sum) = sumcheck::play(ops, transcript, rounds.iter().map(Vec::as_slice), claim);
    let weight = sumcheck::equality(ops, &tau, &point);
    let message_variables = shape.rounds().saturating_sub(shape.log_rows);
    let row_point = point.into_iter().skip(message_variables).collect();
    Reduction { link, alpha, beta, eta, weight, sum, message_variables, row_point }
}

/// Compares what the sumcheck claims with the constraints and messages at the columns' values.
///
/// # Errors
///
/// If they differ.
pub(super) fn close<O: MultilinearOps>(
    ops: &mut O,
    reduction: &Reduction<O>,
    plan: &LookupPlan,
    tables: &[TableValues<O>],
) -> Checked<O, ()> {
    let zero = ops.constant(EF::ZERO);
    let mut total = zero.clone();
    for table in tables.iter().rev() {
        let batched = table.constraints.iter().fold(zero.clone(), |sum, value| ops.mul_add(&sum, &reduction.alpha, value));
        total = ops.mul_add(&total, &reduction.beta, &batched);
    }
    if let Some(link) = &reduction.link {
        let messages = tables.iter().map(|table| table.messages.as_slice());
        let messages = plan.link_value(ops, link, reduction.message_variables, messages);
        total = ops.mul_add(&reduction.eta, &messages, &total);
    }
    let expected = ops.mul(&reduction.weight, &total);
    ops.assert_equal(&expected, &reduction.sum, Reason::Multilinear(Claim::Constraints))
}
