//! What a forger mends after a change, so that the claims behind the next one are reached.
//! Challenges stay what they were: the transcript is what a forger cannot mend.

use std::collections::BTreeMap;

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing, PrimeField32, TwoAdicField};
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::Params;
use tern_verifier::Reason;
use tern_verifier::multilinear::batch::BatchValues;
use tern_verifier::multilinear::{Claim, WorkSite};
use tern_verifier::native::{Failure, Native};
use tern_verifier::ops::{Item, MultilinearOps, Ops};

use super::tracing::{Leaf, Tracing};

/// A proof, with a path for each query.
pub type Values = BatchValues<Native>;

/// The dense matrices: of main columns, and of the circuit's fixed columns.
pub const MATRICES: usize = 2;

/// One class of claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repair {
    /// A numerator of the first of the lookups' layers takes the difference, and in the others a
    /// value of the last round.
    Layers,
    /// A coefficient of the first round takes the difference.
    Skip,
    /// A value of the constraints' last round takes the difference.
    Constraints,
    /// The words' leaves hold what the queries come to.
    Folding,
    /// The last polynomial goes through what the queries come to.
    LastPolynomial,
    /// A value of the opening's last round takes the difference.
    WeightedSum,
    /// Paths and commitments are made of the rows and leaves.
    Hashes,
}

impl Repair {
    /// In the order in which they are made: one breaks what those after it mend.
    pub const ALL: [Self; 7] =
        [Self::Layers, Self::Skip, Self::Constraints, Self::Folding, Self::LastPolynomial, Self::WeightedSum, Self::Hashes];

    /// Which repair a claim belongs to; none for those that no forger mends: the circuit's
    /// commitment is the verifier's.
    pub const fn of(reason: &Reason) -> Option<Self> {
        match reason {
            Reason::Multilinear(claim) => match claim {
                Claim::LookupLayer { .. } => Some(Self::Layers),
                Claim::Skip => Some(Self::Skip),
                Claim::Constraints => Some(Self::Constraints),
                Claim::Combination { .. } | Claim::Fold { .. } => Some(Self::Folding),
                Claim::LastPolynomial { .. } => Some(Self::LastPolynomial),
                Claim::WeightedSum => Some(Self::WeightedSum),
                Claim::Path { oracle, .. } if *oracle != 1 => Some(Self::Hashes),
                _ => None,
            },
            _ => None,
        }
    }

    /// Mends a class of claims; `trace` runs the verifier's checks to the end.
    pub fn make(self, proof: &mut Values, folds: &[usize], trace: &dyn Fn(&Values) -> Vec<Failure>, leaves: &dyn Fn(&Values) -> Vec<Leaf>) {
        match self {
            Self::Layers => {
                linear(proof, trace, &|claim| matches!(claim, Claim::LookupLayer { layer: 0 }).then_some(0), &|proof, _| {
                    &mut layers(proof)[0].numerators[0]
                });
                let later = |claim: &Claim| match claim {
                    Claim::LookupLayer { layer } if *layer > 0 => Some(*layer),
                    _ => None,
                };
                linear(proof, trace, &later, &|proof, layer| {
                    &mut layers(proof)[layer].rounds.last_mut().expect("as many rounds as layers above")[0]
                });
            }
            Self::Skip => linear(proof, trace, &|claim| matches!(claim, Claim::Skip).then_some(0), &|proof, _| &mut proof.front.skip[0]),
            Self::Constraints => linear(proof, trace, &|claim| matches!(claim, Claim::Constraints).then_some(0), &|proof, _| {
                &mut proof.front.rounds.last_mut().expect("rounds")[0]
            }),
            Self::Folding => (0..folds.len()).for_each(|word| folding(proof, folds, word, &trace(proof), &leaves(proof))),
            Self::LastPolynomial => last_polynomial(proof, folds, &trace(proof), &leaves(proof)),
            Self::WeightedSum => linear(proof, trace, &|claim| matches!(claim, Claim::WeightedSum).then_some(0), &|proof, _| {
                &mut proof.opening.rounds.last_mut().expect("rounds")[0]
            }),
            Self::Hashes => hashes(proof, &leaves(proof)),
        }
    }
}

fn layers(proof: &mut Values) -> &mut [tern_verifier::multilinear::front::LookupLayer<Native>] {
    &mut proof.front.lookup.as_mut().expect("circuits have lookups").layers
}

/// The elements that a class of claims expected and got.
fn differences<'a, T>(failures: &'a [Failure], of: impl Fn(&Claim) -> Option<T> + 'a) -> impl Iterator<Item = (T, EF, EF)> + 'a {
    failures.iter().filter_map(move |failure| match failure {
        Failure::Element { reason: Reason::Multilinear(claim), expected, got } => of(claim).map(|place| (place, *expected, *got)),
        _ => None,
    })
}

/// Mends claims each of whose differences is linear in a value of its own: a second run tells the slopes.
fn linear(
    proof: &mut Values,
    trace: &dyn Fn(&Values) -> Vec<Failure>,
    of: &dyn Fn(&Claim) -> Option<usize>,
    place: &dyn Fn(&mut Values, usize) -> &mut EF,
) {
    let wrong: Vec<(usize, EF)> = differences(&trace(proof), of).map(|(number, expected, got)| (number, got - expected)).collect();
    if wrong.is_empty() {
        return;
    }
    let mut probe = proof.clone();
    wrong.iter().for_each(|(number, _)| *place(&mut probe, *number) += EF::ONE);
    let probed: BTreeMap<usize, EF> = differences(&trace(&probe), of).map(|(number, expected, got)| (number, got - expected)).collect();
    for (number, difference) in wrong {
        let slope = probed.get(&number).copied().unwrap_or_default() - difference;
        *place(proof, number) -= difference * slope.inverse();
    }
}

/// Where a query's leaf of a word starts and ends in the position's bits.
fn bits_of(folds: &[usize], word: usize) -> std::ops::Range<usize> {
    let start = folds[..word].iter().sum();
    start..start + folds[word]
}

fn folding(proof: &mut Values, folds: &[usize], word: usize, failures: &[Failure], leaves: &[Leaf]) {
    let of_word = |claim: &Claim| match claim {
        Claim::Combination { query } if word == 0 => Some(*query),
        Claim::Fold { word: before, query } if before + 1 == word => Some(*query),
        _ => None,
    };
    let bits = bits_of(folds, word);
    for (query, expected, _) in differences(failures, of_word) {
        let position = position(leaves, query);
        let place = number(&position[bits.clone()]);
        for other in sharing(leaves, query, bits.end) {
            proof.opening.queries[other].leaves[word].0[place] = expected;
        }
    }
}

/// The queries whose positions agree with this one's from a bit on: that open the same leaf.
pub fn sharing(leaves: &[Leaf], query: usize, from: usize) -> Vec<usize> {
    let own = &position(leaves, query)[from..];
    leaves.iter().filter(|leaf| leaf.oracle == 0 && leaf.index[from..] == *own).map(|leaf| leaf.query).collect()
}

fn last_polynomial(proof: &mut Values, folds: &[usize], failures: &[Failure], leaves: &[Leaf]) {
    let of_query = |claim: &Claim| match claim {
        Claim::LastPolynomial { query } => Some(*query),
        _ => None,
    };
    let wrong: BTreeMap<usize, EF> = differences(failures, of_query).map(|(query, expected, got)| (query, got - expected)).collect();
    if wrong.is_empty() {
        return;
    }
    let bound = folds.iter().sum::<usize>();
    // Two queries may come to one point; they then come to one value, unless a repair before is left out.
    let mut points: BTreeMap<F, EF> = BTreeMap::new();
    for query in 0..proof.opening.queries.len() {
        let point = point(&position(leaves, query)[bound..]);
        points.entry(point).or_insert_with(|| wrong.get(&query).copied().unwrap_or_default());
    }
    assert!(points.len() <= proof.opening.last.len(), "a polynomial goes through the points");
    for (coefficient, change) in proof.opening.last.iter_mut().zip(through(&points)) {
        *coefficient += change;
    }
}

/// The point of a position in a word.
fn point(position: &[bool]) -> F {
    let set = position.iter().zip(1..).filter(|(bit, _)| **bit);
    set.map(|(_, log_order)| F::two_adic_generator(log_order)).product()
}

/// The coefficients of the shortest polynomial through the points (Newton's form, multiplied out).
fn through(points: &BTreeMap<F, EF>) -> Vec<EF> {
    let mut polynomial: Vec<EF> = Vec::new();
    // Zero at all points so far.
    let mut vanishing = vec![EF::ONE];
    for (x, value) in points {
        let missing = *value - evaluate(&polynomial, *x);
        let scale = missing * evaluate(&vanishing, *x).inverse();
        polynomial.resize(vanishing.len(), EF::ZERO);
        polynomial.iter_mut().zip(&vanishing).for_each(|(coefficient, factor)| *coefficient += scale * *factor);
        let shifted = std::iter::once(EF::ZERO).chain(vanishing.iter().copied());
        let scaled = vanishing.iter().map(|factor| *factor * *x).chain([EF::ZERO]);
        vanishing = shifted.zip(scaled).map(|(shifted, scaled)| shifted - scaled).collect();
    }
    polynomial
}

fn evaluate(polynomial: &[EF], x: F) -> EF {
    polynomial.iter().rev().fold(EF::ZERO, |sum, coefficient| sum * x + *coefficient)
}

/// Finds new witnesses for every proof of work, in the order of the transcript, which `replay`
/// replays to the end. The last of them has 26 bits: that is most of the time.
pub fn grind<'a>(proof: &mut Values, params: &Params, columns: usize, replay: impl Fn(&Values) -> Tracing<'a>) {
    loop {
        let trace = replay(proof);
        let failed = trace.failures.iter().find_map(|failure| match failure.reason() {
            Reason::Multilinear(Claim::Work(site)) => Some(site),
            _ => None,
        });
        let Some((site, state)) = trace.works.into_iter().find(|(site, _)| Some(*site) == failed) else { return };
        let (bits, witness) = match site {
            WorkSite::Lookup => (params.lookup_pow_bits, &mut proof.front.lookup.as_mut().expect("circuits have lookups").work),
            WorkSite::Column(round) => (params.column_pow_bits, &mut proof.opening.works[round]),
            WorkSite::Row(round) => (params.row_pow_bits, &mut proof.opening.works[columns + round]),
            WorkSite::Query => (params.query_pow_bits, &mut proof.opening.query_work),
        };
        let works = |witness: &EF| {
            let digest = Native.keyed_hash(&state, &[Item::Base(*witness)]);
            Native.words(&digest)[0].trailing_zeros() as usize >= bits
        };
        // From the wrong one on, so that an honest one that was changed is not found again.
        let start = coordinate(witness);
        *witness = (start..F::ORDER_U32).chain(0..start).map(|witness| EF::from(F::new(witness))).find(works).expect("some element works");
    }
}

/// An element of the base field.
fn coordinate(value: &EF) -> u32 {
    value.as_basis_coefficients_slice().first().map_or(0, F::as_canonical_u32)
}

/// Makes every tree anew above the opened leaves: what is opened twice is one node, and what is not
/// opened stays what it was.
fn hashes(proof: &mut Values, leaves: &[Leaf]) {
    let mut trees: BTreeMap<usize, Vec<&Leaf>> = BTreeMap::new();
    leaves.iter().for_each(|leaf| trees.entry(leaf.oracle).or_default().push(leaf));
    for (oracle, leaves) in trees {
        let mut known: BTreeMap<usize, Digest> = leaves.iter().map(|leaf| (number(&leaf.index), leaf.digest)).collect();
        for level in 0..leaves.first().map_or(0, |leaf| leaf.levels) {
            known = next_level(proof, oracle, &leaves, level, &known);
        }
        for (index, digest) in known {
            cap(proof, oracle).get_mut(index).into_iter().for_each(|entry| *entry = digest);
        }
    }
}

fn next_level(
    proof: &mut Values,
    oracle: usize,
    leaves: &[&Leaf],
    level: usize,
    known: &BTreeMap<usize, Digest>,
) -> BTreeMap<usize, Digest> {
    let mut parents = BTreeMap::new();
    for leaf in leaves {
        let index = number(&leaf.index[level..]);
        let query = &mut proof.opening.queries[leaf.query];
        let path = match oracle.checked_sub(MATRICES) {
            Some(word) => &mut query.leaves[word].1,
            None => &mut query.rows[oracle].1,
        };
        let sibling = &mut path[level];
        *sibling = known.get(&(index ^ 1)).copied().unwrap_or(*sibling);
        parents.insert(index >> 1, Native.node(&known[&index], sibling, &(index & 1 == 1)));
    }
    parents
}

/// The digests of a commitment; none of the circuit's, which is no part of the proof.
fn cap(proof: &mut Values, oracle: usize) -> &mut [Digest] {
    match oracle {
        0 => &mut proof.cap,
        1 => &mut [],
        _ => &mut proof.opening.words[oracle - MATRICES],
    }
}

/// The position of a query: that of its row.
pub fn position(leaves: &[Leaf], query: usize) -> &[bool] {
    let of_query = leaves.iter().find(|leaf| leaf.oracle == 0 && leaf.query == query);
    of_query.map(|leaf| leaf.index.as_slice()).unwrap_or_default()
}

/// The number with these bits, the lowest first.
pub fn number(bits: &[bool]) -> usize {
    bits.iter().rev().fold(0, |number, bit| (number << 1) | usize::from(*bit))
}
