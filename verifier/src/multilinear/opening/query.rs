//! The queries: at a position, rows combine to the first word, each word folds to the next, and the
//! last to the polynomial.

use alloc::vec::Vec;

use p3_field::{Field, PrimeCharacteristicRing};
use tern_field::{EF, F};

use super::super::claim::Claim;
use super::super::equality::{complement, table};
use super::super::polynomial::{check_place, horner, reversed};
use super::{OpeningChallenges, OpeningValues, OpeningVerifier, QueryValues};
use crate::field;
use crate::ops::{Checked, HashMode, Item, MultilinearOps, Ops};
use crate::reason::Reason;

/// Bytes to whose multiple leaves are padded.
const LEAF_PADDING: usize = 64;

/// Constants of all queries.
#[derive(Clone, Debug)]
pub(super) struct Constants {
    /// The inverses of the roots of unity of order 2, 4, 8, …, the last as long as the longest word.
    inverse_roots: Vec<F>,
    /// Half of the inverses of the first points of all pairs in a leaf, relative to the leaf's
    /// first. Those of a shorter leaf are the first of them.
    half_inverses: Vec<F>,
}

impl Constants {
    /// For words of up to `2^log_domain` values in leaves of up to `2^log_leaf`.
    pub(super) fn new(log_domain: usize, log_leaf: usize) -> Self {
        let log_pairs = log_leaf.saturating_sub(1);
        let pairs = 1_usize.checked_shl(u32::try_from(log_pairs).unwrap_or(u32::MAX)).unwrap_or(0);
        Self {
            inverse_roots: (1..=log_domain).map(|log_order| field::root(log_order).inverse()).collect(),
            half_inverses: (0..pairs).map(|pair| field::half_inverse_root(log_leaf, reversed(pair, log_pairs))).collect(),
        }
    }
}

/// What all queries share.
struct Shared<O: MultilinearOps> {
    /// The weights of all matrices' columns.
    columns: Vec<O::Ext>,
    matrices: Vec<O::Cap>,
    words: Vec<O::Cap>,
    /// For each word the challenges that fold it.
    folds: Vec<Vec<Fold<O>>>,
}

/// A challenge that folds pairs.
struct Fold<O: MultilinearOps> {
    challenge: O::Ext,
    /// `1 - challenge`.
    rest: O::Ext,
    /// Half of that.
    half_rest: O::Ext,
}

impl OpeningVerifier {
    pub(super) fn check_queries<O: MultilinearOps>(
        &self,
        ops: &mut O,
        commitments: &[Vec<O::Digest>],
        proof: &OpeningValues<O>,
        challenges: &OpeningChallenges<O>,
    ) -> Checked<O, ()> {
        let shared = self.share(ops, commitments, proof, challenges);
        for (number, (query, position)) in proof.queries.iter().zip(&challenges.positions).enumerate() {
            self.check_query(ops, &shared, proof, (query, position), number)?;
        }
        Ok(())
    }

    fn share<O: MultilinearOps>(
        &self,
        ops: &mut O,
        commitments: &[Vec<O::Digest>],
        proof: &OpeningValues<O>,
        challenges: &OpeningChallenges<O>,
    ) -> Shared<O> {
        let (columns, rows) = challenges.rounds.split_at_checked(self.shape.column_variables()).unwrap_or_default();
        let half = ops.constant(EF::ONE.halve());
        let mut rows = rows.iter();
        let mut fold = |challenge: &O::Ext| {
            let rest = complement(ops, challenge);
            let half_rest = ops.mul(&rest, &half);
            Fold { challenge: challenge.clone(), rest, half_rest }
        };
        let folds = self.folds.iter().map(|&count| rows.by_ref().take(count).map(&mut fold).collect()).collect();
        Shared {
            columns: table(ops, columns),
            matrices: commitments.iter().map(|cap| ops.cap(cap)).collect(),
            words: proof.words.iter().map(|cap| ops.cap(cap)).collect(),
            folds,
        }
    }

    fn check_query<O: MultilinearOps>(
        &self,
        ops: &mut O,
        shared: &Shared<O>,
        proof: &OpeningValues<O>,
        (query, position): (&QueryValues<O>, &[O::Bit]),
        number: usize,
    ) -> Checked<O, ()> {
        let mut value = self.combination(ops, shared, (query, position), number)?;
        let inverses = self.inverse_points(ops, position);
        let mut bound = 0_usize;
        let words = query.leaves.iter().zip(&shared.words).zip(self.folds.iter().zip(&shared.folds)).zip(inverses).enumerate();
        for (word, ((((leaf, path), cap), (fold, challenges)), inverse)) in words {
            let next = bound.saturating_add(*fold);
            let claim = match word.checked_sub(1) {
                None => Claim::Combination { query: number },
                Some(word) => Claim::Fold { word, query: number },
            };
            check_place(ops, leaf, position.get(bound..next).unwrap_or_default(), &value, Reason::Multilinear(claim))?;
            let items: Vec<Item<O>> = leaf.iter().map(|value| Item::Ext(value.clone())).collect();
            let digest = ops.hash(HashMode::Plain, &items, LEAF_PADDING);
            let oracle = self.shape.layouts.len().saturating_add(word);
            let reason = Reason::Multilinear(Claim::Path { oracle, query: number });
            check_path(ops, cap, digest, path, position.get(next..).unwrap_or_default(), reason)?;
            value = self.fold_leaf(ops, leaf, &inverse, challenges);
            bound = next;
        }
        let point = point(ops, position.get(bound..).unwrap_or_default());
        let expected = horner(ops, &proof.last, &point);
        ops.assert_equal(&expected, &value, Reason::Multilinear(Claim::LastPolynomial { query: number }))
    }

    /// Checks that the rows are committed, and combines them.
    fn combination<O: MultilinearOps>(
        &self,
        ops: &mut O,
        shared: &Shared<O>,
        (query, position): (&QueryValues<O>, &[O::Bit]),
        number: usize,
    ) -> Checked<O, O::Ext> {
        let mut value = ops.constant(EF::ZERO);
        for (oracle, (((row, path), cap), (layout, start))) in query.rows.iter().zip(&shared.matrices).zip(self.matrices()).enumerate() {
            let digest = ops.hash_row(row);
            check_path(ops, cap, digest, path, position, Reason::Multilinear(Claim::Path { oracle, query: number }))?;
            let (_, weights) = shared.columns.split_at_checked(start).unwrap_or_default();
            let width = 1_usize.checked_shl(u32::try_from(layout.log_width()).unwrap_or(u32::MAX)).unwrap_or(0);
            let part = ops.dot(row, weights.get(..width).unwrap_or_default());
            value = ops.add(&value, &part);
        }
        Ok(value)
    }

    /// For each word the inverse of the point of the first value in the position's leaf.
    ///
    /// At position `i` of a word of length `2^n` the point is the product, over the bits `k` that
    /// are set in `i`, of the roots of order `2^(k+1)`. A folded word's points are powers of the
    /// first's.
    fn inverse_points<O: MultilinearOps>(&self, ops: &mut O, position: &[O::Bit]) -> Vec<O::Ext> {
        let mut places = Vec::with_capacity(self.folds.len());
        let mut bound = 0_usize;
        for fold in &self.folds {
            places.push((bound, bound.saturating_add(*fold)));
            bound = bound.saturating_add(*fold);
        }
        let mut product = ops.constant(EF::ONE);
        let mut bits: Vec<(F, &O::Bit)> = self.constants.inverse_roots.iter().copied().zip(position).collect();
        let mut points = Vec::with_capacity(places.len());
        for (log_power, first) in places.into_iter().rev() {
            for (root, bit) in bits.split_off(first.min(bits.len())) {
                product = times_root(ops, &product, root, bit);
            }
            points.push((0..log_power).fold(product.clone(), |point, _| ops.mul(&point, &point)));
        }
        points.reverse();
        points
    }

    /// Folds a leaf whose first value is at the point with this inverse.
    fn fold_leaf<O: MultilinearOps>(&self, ops: &mut O, leaf: &[O::Ext], inverse: &O::Ext, challenges: &[Fold<O>]) -> O::Ext {
        let mut values = leaf.to_vec();
        let mut inverse = inverse.clone();
        for fold in challenges {
            // A pair's values are at `x` and `-x`, `p(x) = e(x^2) + x o(x^2)`, and
            // `e + challenge (o - e)` is wanted.
            let scale = ops.mul(&fold.challenge, &inverse);
            let pairs = values.as_chunks::<2>().0.iter().zip(&self.constants.half_inverses);
            let folded = pairs.map(|([plus, minus], &factor)| {
                let factor = ops.constant(factor.into());
                let weight = ops.mul_add(&scale, &factor, &fold.half_rest);
                let difference = ops.sub(plus, minus);
                let rest = ops.mul(minus, &fold.rest);
                ops.mul_add(&weight, &difference, &rest)
            });
            values = folded.collect();
            inverse = ops.mul(&inverse, &inverse);
        }
        values.into_iter().next().unwrap_or_else(|| ops.constant(EF::ZERO))
    }
}

/// The point of a position with these bits, the lowest first, in a word of their length.
fn point<O: Ops>(ops: &mut O, position: &[O::Bit]) -> O::Ext {
    let one = ops.constant(EF::ONE);
    (1..).zip(position).fold(one, |point, (log_order, bit)| times_root(ops, &point, field::root(log_order), bit))
}

/// `value * root^bit`.
fn times_root<O: Ops>(ops: &mut O, value: &O::Ext, root: F, bit: &O::Bit) -> O::Ext {
    let root = ops.constant(root.into());
    let product = ops.mul(value, &root);
    ops.select(bit, value, &product)
}

/// Checks that a leaf leads to the digest of the cap that the rest of the position's bits select.
fn check_path<O: Ops>(
    ops: &mut O,
    cap: &O::Cap,
    leaf: O::Digest,
    path: &[O::Digest],
    position: &[O::Bit],
    reason: Reason,
) -> Checked<O, ()> {
    let digest = path.iter().zip(position).fold(leaf, |digest, (sibling, bit)| ops.node(&digest, sibling, bit));
    let entry = ops.entry(cap, position.get(path.len()..).unwrap_or_default());
    ops.assert_same(&entry, &digest, reason)
}
