//! Opening committed tables at a point: `tern_fri::multilinear::opening` explains it, this is its verifier.
//!
//! [`OpeningVerifier::replay`] takes the transcript's steps, [`OpeningVerifier::check`] checks what
//! was claimed in them.
//!
//! **The caller's part.** Before the first challenge that anything in a proof depends on, the
//! transcript has observed the shape (by its seed), the matrices' commitments, and the heights of
//! all tables that are not fixed by the seed. Heights of a matrix of fixed columns are the key's,
//! never the proof's: the same commitment read with other heights is another table.

mod expand;
mod query;
mod values;
mod weight;

use alloc::vec::Vec;

use tern_fri::multilinear::shape::UnusableShape;
use tern_fri::multilinear::{Layout, OpeningShape};

pub use expand::Excess;
pub(super) use values::power;
pub use values::{OpeningValues, QueryValues, has_shape};
pub(super) use weight::at_most;

use super::claim::{Claim, WorkSite};
use super::{Transcript, equality};
use crate::ops::{Checked, MultilinearOps, Ops};
use crate::reason::Reason;

/// What does not depend on a proof.
#[derive(Clone, Debug)]
pub struct OpeningVerifier {
    shape: OpeningShape,
    folds: Vec<usize>,
    constants: query::Constants,
}

/// What is claimed of the committed tables.
pub struct Claims<'a, O: MultilinearOps> {
    /// The matrices' commitments.
    pub commitments: &'a [Vec<O::Digest>],
    /// The tables' heights in blocks, elements of the base field, for each matrix.
    pub heights: &'a [Vec<O::Ext>],
    /// The rows' weights.
    pub rows: &'a RowWeights<O>,
    /// Sums of cells, each weighted by its row's weight and by its column's: what `columns` combines.
    pub values: &'a [O::Ext],
    /// The columns' weights.
    pub columns: &'a ColumnWeights<'a, O>,
    /// Further sums, and what they add up to. The transcript has observed all that their values
    /// were claimed by, and the weights do not depend on what is observed later.
    pub forms: Option<&'a Forms<O>>,
}

/// Gives the columns' weights in the sum of all claims times given weights: table by table, matrix
/// by matrix, a list for each. They do not depend on what the transcript observes after the claims.
pub type ColumnWeights<'a, O> = dyn Fn(&mut O, &[<O as Ops>::Ext]) -> Vec<Vec<<O as Ops>::Ext>> + 'a;

/// The weights of a table's rows: a product over some of the bits in a block, times one over the
/// bits of the block's number.
#[derive(Clone)]
pub struct RowWeights<O: MultilinearOps> {
    /// For each factor of [`OpeningShape::block`] its values, `2^b` of them for `b` bits.
    pub block: Vec<Vec<O::Ext>>,
    /// For each bit of a block's number, the lowest first, its values at zero and one.
    pub blocks: Vec<[O::Ext; 2]>,
}

/// Sums over tables of the first matrix, which are one claim together.
#[derive(Clone)]
pub struct Forms<O: MultilinearOps> {
    /// The sums.
    pub forms: Vec<Form<O>>,
    /// What they add up to.
    pub sum: O::Ext,
}

/// A sum over one table: of its cells times weights of their row and column.
#[derive(Clone)]
pub struct Form<O: MultilinearOps> {
    /// Position of the table.
    pub table: usize,
    /// The weights of its columns.
    pub columns: Vec<O::Ext>,
    /// The weights of its rows.
    pub rows: RowWeights<O>,
}

/// The opening's challenges.
pub struct OpeningChallenges<O: MultilinearOps> {
    gamma: O::Ext,
    /// One for each round.
    rounds: Vec<O::Ext>,
    /// The bits of each query's position, the lowest first.
    pub(crate) positions: Vec<Vec<O::Bit>>,
}

impl OpeningVerifier {
    /// Prepares the verification of openings of this shape.
    ///
    /// # Errors
    ///
    /// If the verifier's arithmetic or the accounting of its security does not hold for it.
    pub fn new(shape: OpeningShape) -> Result<Self, UnusableShape> {
        shape.check()?;
        let folds = shape.folds();
        let constants = query::Constants::new(shape.log_domain(), folds.iter().copied().max().unwrap_or(0));
        Ok(Self { shape, folds, constants })
    }

    /// The shape.
    #[must_use]
    pub const fn shape(&self) -> &OpeningShape {
        &self.shape
    }

    /// Takes the transcript's steps and checks the proofs of work in them. A list of another length
    /// than the shape's is noticed by [`OpeningVerifier::check`].
    ///
    /// # Errors
    ///
    /// If a witness is no proof of work.
    pub fn replay<O: MultilinearOps>(
        &self,
        ops: &mut O,
        transcript: &mut Transcript<O>,
        claims: &Claims<'_, O>,
        proof: &OpeningValues<O>,
    ) -> Checked<O, OpeningChallenges<O>> {
        let params = &self.shape.params;
        transcript.observe_extension(claims.values);
        let gamma = transcript.challenge(ops);
        let mut rounds = Vec::with_capacity(proof.rounds.len());
        let columns = self.shape.column_variables();
        let mut messages = proof.rounds.iter().enumerate();
        let mut works = proof.works.iter();
        for (round, message) in messages.by_ref().take(columns) {
            transcript.observe_extension(message);
            if let Some(work) = works.next() {
                transcript.check_work(ops, params.column_pow_bits, work, WorkSite::Column(round))?;
            }
            rounds.push(transcript.challenge(ops));
        }
        for (word, fold) in proof.words.iter().zip(&self.folds) {
            transcript.observe_digests(word);
            for (round, message) in messages.by_ref().take(*fold) {
                transcript.observe_extension(message);
                if let Some(work) = works.next() {
                    let site = WorkSite::Row(round.saturating_sub(columns));
                    transcript.check_work(ops, params.row_pow_bits, work, site)?;
                }
                rounds.push(transcript.challenge(ops));
            }
        }
        transcript.observe_extension(&proof.last);
        for (_, message) in messages {
            transcript.observe_extension(message);
            rounds.push(transcript.challenge(ops));
        }
        transcript.check_work(ops, params.query_pow_bits, &proof.query_work, WorkSite::Query)?;
        let log_domain = self.shape.log_domain();
        let positions = (0..params.num_queries).map(|_| transcript.index(ops, log_domain)).collect();
        Ok(OpeningChallenges { gamma, rounds, positions })
    }

    /// Checks the sumcheck and the queries under the transcript's challenges.
    ///
    /// # Errors
    ///
    /// The first claim that does not hold.
    pub fn check<O: MultilinearOps>(
        &self,
        ops: &mut O,
        claims: &Claims<'_, O>,
        proof: &OpeningValues<O>,
        challenges: &OpeningChallenges<O>,
    ) -> Checked<O, ()> {
        let fits = proof.fits(ops, &self.shape) && proof.queries.len() == challenges.positions.len() && self.are_claims(claims);
        ops.require(fits, Reason::Multilinear(Claim::Shape))?;
        self.check_sum(ops, claims, proof, challenges)?;
        self.check_queries(ops, claims.commitments, proof, challenges)
    }

    fn are_claims<O: MultilinearOps>(&self, claims: &Claims<'_, O>) -> bool {
        let Claims { commitments, heights, rows, values, forms, .. } = claims;
        let shape = &self.shape;
        let digests = 1_usize.checked_shl(u32::try_from(shape.log_cap(shape.log_domain())).unwrap_or(u32::MAX));
        commitments.len() == shape.layouts.len()
            && commitments.iter().all(|cap| Some(cap.len()) == digests)
            && heights.len() == shape.layouts.len()
            && heights.iter().zip(&shape.layouts).all(|(heights, layout)| heights.len() == layout.widths().len())
            && rows.fit(shape)
            && !values.is_empty()
            && forms.iter().flat_map(|forms| &forms.forms).all(|form| form.fits(shape))
    }

    /// Checks that the last polynomial has the value that the rounds lead to from the claims.
    fn check_sum<O: MultilinearOps>(
        &self,
        ops: &mut O,
        claims: &Claims<'_, O>,
        proof: &OpeningValues<O>,
        challenges: &OpeningChallenges<O>,
    ) -> Checked<O, ()> {
        let powers = equality::powers(ops, &challenges.gamma, claims.values.len().saturating_add(usize::from(claims.forms.is_some())));
        let mut sum = equality::inner_product(ops, claims.values, &powers);
        if let (Some(forms), Some(power)) = (claims.forms, powers.get(claims.values.len())) {
            sum = ops.mul_add(power, &forms.sum, &sum);
        }
        for ([at_zero, leading], challenge) in proof.rounds.iter().zip(&challenges.rounds) {
            // The line's slope, from the values at zero and one, which add up to the sum.
            let at_one = ops.sub(&sum, at_zero);
            let rise = ops.sub(&at_one, at_zero);
            let slope = ops.sub(&rise, leading);
            let slope = ops.mul_add(leading, challenge, &slope);
            sum = ops.mul_add(&slope, challenge, at_zero);
        }
        let bound = challenges.rounds.len().saturating_sub(self.shape.log_last());
        let (_, last) = challenges.rounds.split_at_checked(bound).unwrap_or_default();
        let table = equality::table(ops, last);
        let value = equality::inner_product(ops, &proof.last, &table);
        let (of_values, of_forms) = powers.split_at_checked(claims.values.len()).unwrap_or_default();
        let columns = (claims.columns)(ops, of_values);
        let widths = self.shape.layouts.iter().flat_map(Layout::widths);
        ops.require(columns.iter().map(Vec::len).eq(widths.copied()), Reason::Multilinear(Claim::Shape))?;
        let weight = self.weight(ops, claims, (&columns, of_forms.first()), &challenges.rounds)?;
        let product = ops.mul(&value, &weight);
        ops.assert_equal(&sum, &product, Reason::Multilinear(Claim::WeightedSum))
    }

    /// The matrices, each with the place of its first column among all.
    fn matrices(&self) -> impl Iterator<Item = (&Layout, usize)> {
        let mut start = 0_usize;
        self.shape.layouts.iter().map(move |layout| {
            let own = start;
            start = start.saturating_add(1_usize.checked_shl(u32::try_from(layout.log_width()).unwrap_or(u32::MAX)).unwrap_or(0));
            (layout, own)
        })
    }
}

impl<O: MultilinearOps> RowWeights<O> {
    fn fit(&self, shape: &OpeningShape) -> bool {
        self.blocks.len() == shape.block_variables
            && self.block.len() == shape.block.len()
            && self.block.iter().zip(&shape.block).all(|(weights, bits)| values::is_power(weights.len(), *bits))
    }
}

impl<O: MultilinearOps> Form<O> {
    fn fits(&self, shape: &OpeningShape) -> bool {
        let width = shape.layouts.first().and_then(|layout| layout.widths().get(self.table));
        width == Some(&self.columns.len()) && self.rows.fit(shape)
    }
}
