//! The zerocheck of all tables at once, with the lookups' claim in the same sumcheck.
//!
//! For the point `tau` it shows
//! `eta * claim = sum over x of eq(tau, x) (sum over tables i of beta^i C_i(x) + eta L(x))`, where
//! `C_i` is table `i`'s constraints batched by Horner's rule in `alpha` and `L` the link of
//! [`super::lookup`], a row's messages weighted for GKR's point. With messages `tau` is that point,
//! its message coordinates included: the polynomial does not depend on these, so their rounds bind
//! nothing. Without, `tau` has the row coordinates only and is drawn.
//!
//! Without a univariate skip all rounds are multilinear. With one, the first five row variables are
//! bound by [`super::skip`]'s round, which the multilinear rounds of the other row variables
//! follow; there are no rounds for message coordinates.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::lookup::{Link, LookupPlan};
use super::program::TableProgram;
use super::shape::FrontShape;
use super::{skip as skip_round, sumcheck};
use crate::multilinear::claim::Claim;
use crate::multilinear::equality::{equality, powers};
use crate::multilinear::transcript::Transcript;
use crate::ops::{Checked, MultilinearOps};
use crate::reason::Reason;

/// What a front leaves: a point, and a claim about the columns' values there.
///
/// Without a univariate skip a column's value is the sum over all rows of
/// `eq(row_point, row) column[row]`, coordinate `i` for bit `i` of the row. With one, a row is
/// `512 b + 16 j + lane`, and the sum is that of `L_j(r0) eq(row_point, (b, lane)) column[row]`:
/// `r0` is [`Reduction::skip_point`], `L_j` the Lagrange polynomial of `w^j` over the subgroup of
/// order 32 that `w` generates, and the row point's coordinates are those of the bits 9, …, n - 1
/// (which make `b`), 0, 1, 2, 3 (which make `lane`).
pub struct Reduction<O: MultilinearOps> {
    pub(super) link: Option<Link<O>>,
    /// Batches a table's constraints.
    alpha: O::Ext,
    /// Batches the tables.
    beta: O::Ext,
    /// Weighs the messages.
    eta: O::Ext,
    /// `eq(tau, point)`, without the coordinates that are skipped.
    weight: O::Ext,
    /// What the sumcheck claims at its point.
    sum: O::Ext,
    /// Variables of the messages, which come before those of the rows.
    message_variables: usize,
    skip_point: Option<O::Ext>,
    row_point: Vec<O::Ext>,
}

impl<O: MultilinearOps> Reduction<O> {
    /// Where the skip round's variable is bound, if there is a skip.
    pub const fn skip_point(&self) -> Option<&O::Ext> {
        self.skip_point.as_ref()
    }

    /// The point at which the values of linear forms are claimed: one coordinate for each row
    /// variable, those that are skipped left out, in the order in which they are bound.
    pub fn row_point(&self) -> &[O::Ext] {
        &self.row_point
    }
}

/// Draws the challenges and plays the sumcheck.
///
/// # Errors
///
/// [`Claim::Skip`] if the skip round's polynomial does not add up to what the lookups leave.
pub(super) fn reduce<O: MultilinearOps>(
    ops: &mut O,
    transcript: &mut Transcript<O>,
    shape: &FrontShape,
    link: Option<Link<O>>,
    (skip, rounds): (&[O::Ext], &[Vec<O::Ext>]),
) -> Checked<O, Reduction<O>> {
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
    let message_variables = tau.len().saturating_sub(shape.log_rows);
    let (skip_point, sum) = if shape.skip_bits == 0 {
        (None, claim)
    } else {
        let skipped: Vec<O::Ext> = tau.iter().skip(message_variables).take(shape.skip_bits).cloned().collect();
        let (point, sum) = skip_round::play(ops, transcript, skip, &skipped, &claim)?;
        (Some(point), sum)
    };
    let (point, sum) = sumcheck::play(ops, transcript, rounds.iter().map(Vec::as_slice), sum);
    // What the skip binds is not in the point, and neither are then the messages' coordinates.
    let first = tau.len().saturating_sub(shape.rounds());
    let rest: Vec<O::Ext> = tau.into_iter().skip(first).collect();
    let weight = equality(ops, &rest, &point);
    let row_variables = shape.log_rows.saturating_sub(shape.skip_bits);
    let dormant = point.len().saturating_sub(row_variables);
    let row_point = point.into_iter().skip(dormant).collect();
    Ok(Reduction { link, alpha, beta, eta, weight, sum, message_variables, skip_point, row_point })
}

/// The challenges' weights of all roots of all tables in the sumcheck's sum, and what does not
/// depend on roots.
pub struct RootWeights<O: MultilinearOps> {
    pub(super) tables: Vec<Vec<O::Ext>>,
    pub(super) constant: O::Ext,
}

/// The roots' weights: a constraint's is a power of `alpha` and its table's of `beta`, a message's
/// part has its weight in the link, times `eta`.
pub(super) fn root_weights<O: MultilinearOps>(
    ops: &mut O,
    reduction: &Reduction<O>,
    plan: &LookupPlan,
    programs: &[TableProgram],
) -> RootWeights<O> {
    let most = programs.iter().map(TableProgram::constraints).max().unwrap_or(0);
    let alphas = powers(ops, &reduction.alpha, most);
    let betas = powers(ops, &reduction.beta, programs.len());
    let of_table = |(program, beta): (&TableProgram, &O::Ext)| {
        let own = alphas.iter().take(program.constraints()).rev();
        own.map(|alpha| ops.mul(beta, alpha)).collect::<Vec<O::Ext>>()
    };
    let mut tables: Vec<Vec<O::Ext>> = programs.iter().zip(&betas).map(of_table).collect();
    let mut constant = ops.constant(EF::ZERO);
    if let Some(link) = &reduction.link {
        let mut coordinates: Vec<O::Ext> = link.point.iter().take(reduction.message_variables).cloned().collect();
        if reduction.skip_point.is_some() {
            coordinates.reverse();
        }
        let is_needed = |table: usize, part: usize| {
            programs.get(table).is_some_and(|program: &TableProgram| !program.is_zero(program.constraints().saturating_add(part)))
        };
        let (parts, of_buses) = plan.weights(ops, link, &reduction.eta, &coordinates, is_needed);
        tables.iter_mut().zip(parts).for_each(|(table, parts)| table.extend(parts));
        constant = of_buses;
    }
    RootWeights { tables, constant }
}

/// Compares what the sumcheck claims with the constraints and messages: their polynomials at the
/// forms' values, and the rests.
///
/// # Errors
///
/// If they differ.
pub(super) fn close<O: MultilinearOps>(
    ops: &mut O,
    reduction: &Reduction<O>,
    weights: &RootWeights<O>,
    tables: &[(&TableProgram, Vec<O::Ext>)],
    rest: &O::Ext,
) -> Checked<O, ()> {
    let mut total = ops.add(&weights.constant, rest);
    for ((program, polynomials), weights) in tables.iter().zip(&weights.tables) {
        let of_table = program.weighted(ops, weights, polynomials);
        total = ops.add(&total, &of_table);
    }
    let expected = ops.mul(&reduction.weight, &total);
    ops.assert_equal(&expected, &reduction.sum, Reason::Multilinear(Claim::Constraints))
}
