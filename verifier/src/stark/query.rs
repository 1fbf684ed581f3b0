//! One query: its rows are committed, and what follows from them folds down to the last polynomial.

use alloc::vec::Vec;

use tern_fri::hash::DIGEST_BYTES;

use super::folding::{check_place, fold, points};
use super::merkle::{check_leaf, check_rows};
use super::opening::Batching;
use super::proof::{BatchProof, QueryValues, RoundOpening};
use super::transcript::horner;
use super::{Challenges, StarkVerifier};
use crate::expected::Round;
use crate::ops::{Checked, HashMode, Item, Ops};
use crate::reason::Reason;
use crate::structure::CommitmentKind;

/// Bytes to whose multiple leaves are padded.
pub(super) const LEAF_PADDING: usize = 2 * DIGEST_BYTES;

/// What all queries share.
pub(super) struct SharedValues<O: Ops> {
    batching: Batching<O>,
    /// Each round's challenge, to the power of the round's arity where a shorter codeword joins.
    joins: Vec<Option<O::Ext>>,
}

/// The commitments, prepared for the queries.
struct Caps<O: Ops> {
    inputs: Vec<O::Cap>,
    rounds: Vec<O::Cap>,
}

/// A query's walk down the folding rounds.
pub(super) struct Walk<O: Ops> {
    /// Its points in the codewords of every length, from the longest on.
    points: Vec<O::Ext>,
    /// The batched codewords' values that have not joined yet, the shortest first.
    waiting: Vec<O::Ext>,
    /// The value in the current codeword.
    pub(super) value: O::Ext,
    /// Bits of the index that have been used up.
    used: usize,
}

impl StarkVerifier {
    /// Checks that the claimed values are those of the committed columns.
    pub(super) fn check_openings<O: Ops>(
        &self,
        ops: &mut O,
        preprocessed: &[O::Digest],
        proof: &BatchProof<O>,
        challenges: &Challenges<O>,
    ) -> Checked<O, ()> {
        let shared = self.share(ops, proof, challenges)?;
        let caps = self.caps(ops, preprocessed, proof);
        for (number, (query, index)) in proof.queries.iter().zip(&challenges.indices).enumerate() {
            self.check_inputs(ops, &caps, query, index, number)?;
            let mut walk = self.start(ops, &shared, query, index, number)?;
            for (round, opening) in query.rounds.iter().enumerate() {
                self.check_round(ops, &caps, (&walk, round), opening, index, number)?;
                self.step(ops, (&shared, challenges), &mut walk, (round, &opening.row), index, number)?;
            }
            let last = walk.points.last().unwrap_or(&walk.value);
            let expected = horner(ops, &proof.final_polynomial, last);
            ops.assert_equal(&expected, &walk.value, Reason::FinalPolynomial { query: number })?;
        }
        Ok(())
    }

    /// Computes what does not depend on a query.
    pub(super) fn share<O: Ops>(&self, ops: &mut O, proof: &BatchProof<O>, challenges: &Challenges<O>) -> Checked<O, SharedValues<O>> {
        let batching = Batching::new(ops, &self.ladders, proof, &challenges.zeta, &challenges.openings)?;
        let mut log_length = self.shape.log_longest();
        let rounds = self.shape.rounds.iter().zip(&challenges.rounds).map(|(round, challenge)| {
            log_length = log_length.saturating_sub(round.log_arity);
            let joins = self.ladders.iter().any(|ladder| ladder.log_length == log_length);
            joins.then(|| (0..round.log_arity).fold(challenge.clone(), |power, _| ops.mul(&power, &power)))
        });
        let joins = rounds.collect();
        Ok(SharedValues { batching, joins })
    }

    fn caps<O: Ops>(&self, ops: &mut O, preprocessed: &[O::Digest], proof: &BatchProof<O>) -> Caps<O> {
        let of_kind = |kind| match kind {
            CommitmentKind::Main => proof.main.as_slice(),
            CommitmentKind::Quotient => &proof.quotient,
            CommitmentKind::Preprocessed => preprocessed,
            CommitmentKind::Permutation => &proof.permutation,
            CommitmentKind::Random | CommitmentKind::Round(_) => &[],
        };
        Caps {
            inputs: self.shape.batches.iter().map(|batch| ops.cap(of_kind(batch.kind))).collect(),
            rounds: proof.rounds.iter().map(|round| ops.cap(&round.cap)).collect(),
        }
    }

    /// Checks that the rows of the tables are committed.
    fn check_inputs<O: Ops>(&self, ops: &mut O, caps: &Caps<O>, query: &QueryValues<O>, index: &[O::Bit], number: usize) -> Checked<O, ()> {
        for ((batch, cap), input) in self.shape.batches.iter().zip(&caps.inputs).zip(&query.inputs) {
            let log_leaves = batch.groups.first().map_or(0, |group| group.log_length);
            let shift = self.shape.log_longest().saturating_sub(log_leaves);
            check_rows(ops, batch, cap, input, index.get(shift..).unwrap_or(&[]), number)?;
        }
        Ok(())
    }

    /// The query's value in the longest codeword.
    pub(super) fn start<O: Ops>(
        &self,
        ops: &mut O,
        shared: &SharedValues<O>,
        query: &QueryValues<O>,
        index: &[O::Bit],
        number: usize,
    ) -> Checked<O, Walk<O>> {
        let points = points(ops, index, self.shape.log_longest(), self.shape.log_last());
        let mut waiting = shared.batching.values(ops, (&self.shape, &self.ladders), &query.inputs, &points, number)?;
        waiting.reverse();
        self.check_constant_tables(ops, &waiting, number)?;
        let value = waiting.pop().unwrap_or_else(|| ops.constant(tern_field::EF::default()));
        Ok(Walk { points, waiting, value, used: 0 })
    }

    /// A table of one row has a constant codeword, whose batched quotients must be zero: no folding shows it.
    fn check_constant_tables<O: Ops>(&self, ops: &mut O, shortest_first: &[O::Ext], query: usize) -> Checked<O, ()> {
        match (self.ladders.last(), shortest_first.first()) {
            (Some(ladder), Some(value)) if ladder.log_height == 0 => {
                let zero = ops.constant(tern_field::EF::default());
                ops.assert_equal(&zero, value, Reason::FinalPolynomial { query })
            }
            _ => Ok(()),
        }
    }

    /// Checks that a round's row is committed and holds the value that the walk has come to.
    fn check_round<O: Ops>(
        &self,
        ops: &mut O,
        caps: &Caps<O>,
        (walk, round): (&Walk<O>, usize),
        opening: &RoundOpening<O>,
        index: &[O::Bit],
        query: usize,
    ) -> Checked<O, ()> {
        let (Some(Round { log_arity, tree, .. }), Some(cap)) = (self.shape.rounds.get(round), caps.rounds.get(round)) else {
            return Ok(());
        };
        let next = walk.used.saturating_add(*log_arity);
        let place = index.get(walk.used..next).unwrap_or(&[]);
        check_place(ops, &opening.row, place, &walk.value, Reason::FoldedValue { query, round })?;
        let items: Vec<Item<O>> = opening.row.iter().map(|value| Item::Ext(value.clone())).collect();
        let leaf = ops.hash(HashMode::Plain, &items, LEAF_PADDING);
        let reason = Reason::Path { kind: CommitmentKind::Round(round), query };
        check_leaf(ops, (*tree, cap), leaf, &opening.path, index.get(next..).unwrap_or(&[]), reason)
    }

    /// Folds a round's row into the walk's next value, and adds the batched codeword of that length if there is one.
    pub(super) fn step<O: Ops>(
        &self,
        ops: &mut O,
        (shared, challenges): (&SharedValues<O>, &Challenges<O>),
        walk: &mut Walk<O>,
        (round, row): (usize, &[O::Ext]),
        index: &[O::Bit],
        query: usize,
    ) -> Checked<O, ()> {
        let (Some(Round { log_arity, .. }), Some(challenge)) = (self.shape.rounds.get(round), challenges.rounds.get(round)) else {
            return Ok(());
        };
        let next = walk.used.saturating_add(*log_arity);
        if let (Some(place), Some(point)) = (index.get(walk.used..next), walk.points.get(walk.used)) {
            walk.value = fold(ops, row, place, point, challenge, query)?;
        }
        walk.used = next;
        if let Some(Some(power)) = shared.joins.get(round)
            && let Some(joining) = walk.waiting.pop()
        {
            walk.value = ops.mul_add(power, &joining, &walk.value);
        }
        Ok(())
    }
}
