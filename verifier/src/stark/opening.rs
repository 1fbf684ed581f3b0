//! From opened rows to FRI's codewords: the batched quotients at one query's points.
//!
//! Claim: for each height, the codeword whose value is computed here is low-degree only if every claimed value is the value of the committed column at the claimed point.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use tern_field::EF;

use super::field;
use super::plan::{Ladder, Side};
use super::proof::{BatchProof, InputValues};
use super::transcript::horner;
use crate::expected::ProofShape;
use crate::ops::{Checked, Ops};
use crate::reason::Reason;

/// What all queries share of the batching.
pub(crate) struct Batching<O: Ops> {
    weights: O::Weights,
    ladders: Vec<Shared<O>>,
}

/// What all queries share at one height.
struct Shared<O: Ops> {
    local: Point<O>,
    /// Where some table of this height is opened at the next row.
    next: Option<Point<O>>,
}

/// The claims at one point.
struct Point<O: Ops> {
    point: O::Ext,
    /// The sum of all claimed values, with their powers.
    claimed: O::Ext,
    /// For each run, the power of its first column; none if the run is not opened here, or if the power is zero.
    powers: Vec<Option<O::Ext>>,
}

impl<O: Ops> Batching<O> {
    /// Batches the claimed values with powers of `alpha`.
    ///
    /// # Errors
    ///
    /// If `alpha` is zero.
    pub(crate) fn new(ops: &mut O, ladders: &[Ladder], proof: &BatchProof<O>, zeta: &O::Ext, alpha: &O::Ext) -> Checked<O, Self> {
        let weights = ops.weights(alpha, Reason::BatchingChallenge)?;
        let mut powers = Powers::new(alpha);
        let ladders = ladders.iter().map(|ladder| Shared::new(ops, ladder, proof, zeta, alpha, &mut powers));
        Ok(Self { weights, ladders: ladders.collect() })
    }

    /// The values of the batched codewords at a query's points, the tallest first. `points` are the points of the codewords of every length divided by the coset's shift, from the longest on.
    ///
    /// # Errors
    ///
    /// If a query's point is one at which values are claimed.
    pub(crate) fn values(
        &self,
        ops: &mut O,
        (shape, ladders): (&ProofShape, &[Ladder]),
        inputs: &[InputValues<O>],
        points: &[O::Ext],
        query: usize,
    ) -> Checked<O, Vec<O::Ext>> {
        let mut values = Vec::with_capacity(ladders.len());
        for (ladder, shared) in ladders.iter().zip(&self.ladders) {
            let depth = shape.log_longest().saturating_sub(ladder.log_length);
            if let Some(point) = points.get(depth) {
                values.push(shared.value(ops, (ladder, &self.weights), inputs, point, query)?);
            }
        }
        Ok(values)
    }
}

impl<O: Ops> Shared<O> {
    fn new(ops: &mut O, ladder: &Ladder, proof: &BatchProof<O>, zeta: &O::Ext, alpha: &O::Ext, powers: &mut Powers<O>) -> Self {
        let local = ladder.runs.iter().map(|run| Some(&run.local)).collect::<Vec<_>>();
        let next = ladder.runs.iter().map(|run| run.next.as_ref()).collect::<Vec<_>>();
        let has_next = next.iter().any(Option::is_some);
        let local = Point::new(ops, zeta.clone(), &local, proof, alpha, powers);
        let next = has_next.then(|| {
            let generator = ops.constant(field::root(ladder.log_height).into());
            let point = ops.mul(zeta, &generator);
            Point::new(ops, point, &next, proof, alpha, powers)
        });
        Self { local, next }
    }

    fn value(
        &self,
        ops: &mut O,
        (ladder, weights): (&Ladder, &O::Weights),
        inputs: &[InputValues<O>],
        point: &O::Ext,
        query: usize,
    ) -> Checked<O, O::Ext> {
        let mut sums = Vec::with_capacity(ladder.runs.len());
        for run in &ladder.runs {
            if let Some(row) = inputs.get(run.batch).and_then(|input| input.rows.get(run.row)) {
                sums.push(ops.weighted_sum(row, run.start, run.len, weights));
            }
        }
        let local = self.local.quotient(ops, ladder.runs.iter().map(|run| Some(&run.local)), &sums, point, query)?;
        let Some(next) = &self.next else {
            return Ok(local);
        };
        let next = next.quotient(ops, ladder.runs.iter().map(|run| run.next.as_ref()), &sums, point, query)?;
        Ok(ops.add(&local, &next))
    }
}

impl<O: Ops> Point<O> {
    fn new(ops: &mut O, point: O::Ext, sides: &[Option<&Side>], proof: &BatchProof<O>, alpha: &O::Ext, all: &mut Powers<O>) -> Self {
        let mut claimed: Option<O::Ext> = None;
        let mut powers = Vec::with_capacity(sides.len());
        for side in sides {
            let Some(side) = side else {
                powers.push(None);
                continue;
            };
            let values: Vec<O::Ext> = side.claims.iter().flat_map(|claim| claim.values(proof)).cloned().collect();
            let sum = horner(ops, &values, alpha);
            let power = all.get(ops, side.power);
            claimed = Some(add_scaled(ops, claimed, &sum, power.as_ref()));
            powers.push(power);
        }
        let claimed = claimed.unwrap_or_else(|| ops.constant(EF::ZERO));
        Self { point, claimed, powers }
    }

    /// The sum of `(f(z) - f(x)) / (z - x)` with powers; `sums` are the runs' sums of `f(x)`, `point` is `x` divided by the coset's shift.
    fn quotient<'a>(
        &self,
        ops: &mut O,
        sides: impl Iterator<Item = Option<&'a Side>>,
        sums: &[O::Ext],
        point: &O::Ext,
        query: usize,
    ) -> Checked<O, O::Ext> {
        let mut opened: Option<O::Ext> = None;
        for ((side, power), sum) in sides.zip(&self.powers).zip(sums) {
            if side.is_some() {
                opened = Some(add_scaled(ops, opened, sum, power.as_ref()));
            }
        }
        let opened = opened.unwrap_or_else(|| ops.constant(EF::ZERO));
        let shift = ops.constant(EF::from(field::SHIFT));
        let numerator = ops.sub(&self.claimed, &opened);
        let denominator = ops.sub_mul(point, &shift, &self.point);
        ops.div(&numerator, &denominator, Reason::QueryPoint { query })
    }
}

/// `sum + power * value`, where no power is one and no sum zero.
fn add_scaled<O: Ops>(ops: &mut O, sum: Option<O::Ext>, value: &O::Ext, power: Option<&O::Ext>) -> O::Ext {
    match (sum, power) {
        (None, None) => value.clone(),
        (None, Some(power)) => ops.mul(power, value),
        (Some(sum), None) => ops.add(&sum, value),
        (Some(sum), Some(power)) => ops.mul_add(power, value, &sum),
    }
}

/// Powers of one element, each computed once.
struct Powers<O: Ops> {
    base: O::Ext,
    known: BTreeMap<usize, O::Ext>,
}

impl<O: Ops> Powers<O> {
    fn new(base: &O::Ext) -> Self {
        Self { base: base.clone(), known: BTreeMap::new() }
    }

    /// `base^exponent`; none for the zeroth power, which is one.
    fn get(&mut self, ops: &mut O, exponent: usize) -> Option<O::Ext> {
        if exponent == 0 {
            return None;
        }
        if exponent == 1 {
            return Some(self.base.clone());
        }
        if let Some(power) = self.known.get(&exponent) {
            return Some(power.clone());
        }
        // From the nearest power below, if what is missing is shorter than the exponent; else by squaring.
        let below =
            self.known.range(..exponent).next_back().map(|(exponent, _)| *exponent).filter(|below| below.saturating_mul(2) > exponent);
        let half = exponent.div_euclid(2);
        let (a, b) = match below {
            Some(below) => (below, exponent.saturating_sub(below)),
            None => (half, exponent.saturating_sub(half)),
        };
        let one = |ops: &mut O| ops.constant(EF::ONE);
        let a = self.get(ops, a).unwrap_or_else(|| one(ops));
        let b = self.get(ops, b).unwrap_or_else(|| one(ops));
        let power = ops.mul(&a, &b);
        self.known.insert(exponent, power.clone());
        Some(power)
    }
}
