//! What a forger mends after a change, so that the claims behind the next one are reached. Challenges stay what they were: the transcript is what
//! a forger cannot mend.

use std::collections::BTreeMap;

use p3_field::{Field, PrimeCharacteristicRing, PrimeField32, TwoAdicField};
use tern_field::{EF, F};
use tern_fri::Params;
use tern_fri::hash::{DIGEST_BYTES, Digest};
use tern_verifier::native::{Failure, Native};
use tern_verifier::ops::{HashMode, Item, Ops};
use tern_verifier::reason::PowSite;
use tern_verifier::stark::BatchProof;
use tern_verifier::{CommitmentKind, Reason};

use super::tracing::{Leaf, Tracing};

/// One class of claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repair {
    /// The terminals of two tables take the difference.
    TerminalSum,
    /// A value of the quotient takes the difference.
    Constraints,
    /// The folding rounds' rows hold what the queries come to.
    Folding,
    /// The last polynomial goes through what the queries come to.
    LastPolynomial,
    /// Paths and commitments are made of the rows.
    Hashes,
}

impl Repair {
    /// In the order in which they are made: one breaks what those after it mend.
    pub const ALL: [Self; 5] = [Self::TerminalSum, Self::Constraints, Self::Folding, Self::LastPolynomial, Self::Hashes];

    /// Which repair a claim belongs to; none for those that no forger mends: the circuit's commitment is the verifier's.
    pub const fn of(reason: &Reason) -> Option<Self> {
        match reason {
            Reason::TerminalSum => Some(Self::TerminalSum),
            Reason::Constraints { .. } => Some(Self::Constraints),
            Reason::FoldedValue { .. } => Some(Self::Folding),
            Reason::FinalPolynomial { .. } => Some(Self::LastPolynomial),
            Reason::Path { kind, .. } => match kind {
                CommitmentKind::Preprocessed => None,
                _ => Some(Self::Hashes),
            },
            _ => None,
        }
    }

    /// Mends a class of claims; `trace` runs the verifier's checks to the end.
    pub fn make(self, proof: &mut BatchProof<Native>, trace: &mut dyn FnMut(&BatchProof<Native>) -> Tracing) {
        match self {
            Self::TerminalSum => terminals(proof, &trace(proof)),
            Self::Constraints => constraints(proof, trace),
            Self::Folding => (0..proof.rounds.len()).for_each(|round| folding(proof, &trace(proof), round)),
            Self::LastPolynomial => last_polynomial(proof, &trace(proof)),
            Self::Hashes => hashes(proof, &trace(proof)),
        }
    }
}

/// The elements that a class of claims expected and got.
fn differences<'a, T>(trace: &'a Tracing, of: impl Fn(&Reason) -> Option<T> + 'a) -> impl Iterator<Item = (T, EF, EF)> + 'a {
    trace.failures.iter().filter_map(move |failure| match failure {
        Failure::Element { reason, expected, got } => of(reason).map(|place| (place, *expected, *got)),
        _ => None,
    })
}

fn terminals(proof: &mut BatchProof<Native>, trace: &Tracing) {
    let sums = differences(trace, |reason| matches!(reason, Reason::TerminalSum).then_some(()));
    let excess: EF = sums.map(|((), expected, got)| got - expected).sum();
    let mut terminals: Vec<&mut EF> = proof.tables.iter_mut().filter_map(|table| table.terminal.as_mut()).collect();
    // Two of them, or a change of the one would be undone.
    let ends = [0, terminals.len().saturating_sub(1)];
    ends.into_iter().for_each(|end| *terminals[end] -= excess.halve());
}

/// The quotient is linear in each of its values: a second run tells the slope.
fn constraints(proof: &mut BatchProof<Native>, trace: &mut dyn FnMut(&BatchProof<Native>) -> Tracing) {
    let table = |reason: &Reason| match reason {
        Reason::Constraints { table } => Some(*table),
        _ => None,
    };
    let wrong: Vec<(usize, EF, EF)> = differences(&trace(proof), table).collect();
    let mut probe = proof.clone();
    wrong.iter().for_each(|(table, ..)| probe.tables[*table].quotient[0][0] += EF::ONE);
    let probed: BTreeMap<usize, EF> = differences(&trace(&probe), table).map(|(table, _, got)| (table, got)).collect();
    for (table, expected, got) in wrong {
        // Where the probe happens to hold, it is the repair.
        let slope = probed.get(&table).map_or(expected - got, |probed| *probed - got);
        proof.tables[table].quotient[0][0] += (expected - got) * slope.inverse();
    }
}

fn folding(proof: &mut BatchProof<Native>, trace: &Tracing, round: usize) {
    let of_round = |reason: &Reason| match reason {
        Reason::FoldedValue { query, round: of } if *of == round => Some(*query),
        _ => None,
    };
    let wrong: Vec<(usize, EF, EF)> = differences(trace, of_round).collect();
    // The index's lowest bits are used up round by round.
    let arity = |round: usize| proof.queries[0].rounds[round].row.len().ilog2() as usize;
    let used: usize = (0..round).map(arity).sum();
    let next = used + arity(round);
    for (query, expected, _) in wrong {
        let place = number(&index_of(trace, query)[used..next]);
        proof.queries[query].rounds[round].row[place] = expected;
    }
}

fn last_polynomial(proof: &mut BatchProof<Native>, trace: &Tracing) {
    let of_query = |reason: &Reason| match reason {
        Reason::FinalPolynomial { query } => Some(*query),
        _ => None,
    };
    let wrong: BTreeMap<usize, EF> = differences(trace, of_query).map(|(query, expected, got)| (query, got - expected)).collect();
    let folded: usize = proof.queries[0].rounds.iter().map(|round| round.row.len().ilog2() as usize).sum();
    // Two queries may come to one point; they then come to one value, unless a repair before is left out.
    let mut points: BTreeMap<F, EF> = BTreeMap::new();
    for query in 0..proof.queries.len() {
        let point = point(index_of(trace, query)).exp_power_of_2(folded);
        points.entry(point).or_insert_with(|| wrong.get(&query).copied().unwrap_or_default());
    }
    for (coefficient, change) in proof.final_polynomial.iter_mut().zip(through(&points)) {
        *coefficient += change;
    }
}

/// The point of the longest codeword at an index, divided by the coset's shift.
fn point(index: &[bool]) -> F {
    let set = index.iter().zip(1..).filter(|(bit, _)| **bit);
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

/// Finds new witnesses for every proof of work, in the order of the transcript, which `replay` replays to the end. Some seconds, for the last of
/// them has 22 bits.
pub fn grind(proof: &mut BatchProof<Native>, params: &Params, replay: impl Fn(&BatchProof<Native>) -> Tracing) {
    loop {
        let trace = replay(proof);
        let failed = trace.failures.iter().find_map(|failure| match failure.reason() {
            Reason::ProofOfWork(site) => Some(site),
            _ => None,
        });
        let Some((site, state)) = trace.works.into_iter().find(|(site, _)| Some(*site) == failed) else { return };
        let (bits, witness) = match site {
            PowSite::Lookup => (params.lookup_pow_bits, proof.lookup_pow.as_mut().expect("there are lookups")),
            PowSite::OutOfDomain => (params.ood_pow_bits, &mut proof.ood_pow),
            PowSite::Batch => (params.batch_pow_bits, &mut proof.batch_pow),
            PowSite::Round(round) => (params.commit_pow_bits, &mut proof.rounds[round].pow),
            PowSite::Query => (params.query_pow_bits, &mut proof.query_pow),
        };
        let works = |witness: &EF| {
            let digest = Native.hash(HashMode::Plain, &[Item::Digest(state), Item::Base(*witness)], DIGEST_BYTES);
            Native.words(&digest)[0].trailing_zeros() as usize >= bits
        };
        *witness = (0..F::ORDER_U32).map(|witness| EF::from(F::new(witness))).find(works).expect("some element works");
    }
}

/// Makes every tree anew above the opened leaves: what is opened twice is one node, and what is not opened stays what it was.
fn hashes(proof: &mut BatchProof<Native>, trace: &Tracing) {
    let mut trees: Vec<(CommitmentKind, Vec<&Leaf>)> = Vec::new();
    for leaf in &trace.leaves {
        let Some((kind, _)) = leaf.place else { continue };
        match trees.iter_mut().find(|(of, _)| *of == kind) {
            Some((_, leaves)) => leaves.push(leaf),
            None => trees.push((kind, vec![leaf])),
        }
    }
    for (kind, leaves) in trees {
        let mut known: BTreeMap<usize, Digest> = BTreeMap::new();
        for leaf in &leaves {
            known.extend(leaf.digest.map(|digest| (number(&leaf.index), digest)));
        }
        for level in 0..leaves.first().map_or(0, |leaf| leaf.levels) {
            known = next_level(proof, kind, &leaves, level, &known);
        }
        for (index, digest) in known {
            cap(proof, kind).get_mut(index).into_iter().for_each(|entry| *entry = digest);
        }
    }
}

fn next_level(
    proof: &mut BatchProof<Native>,
    kind: CommitmentKind,
    leaves: &[&Leaf],
    level: usize,
    known: &BTreeMap<usize, Digest>,
) -> BTreeMap<usize, Digest> {
    let mut parents = BTreeMap::new();
    for leaf in leaves {
        let Some((_, query)) = leaf.place else { continue };
        let index = number(&leaf.index[level..]);
        let sibling = &mut path(proof, kind, query)[level];
        *sibling = known.get(&(index ^ 1)).copied().unwrap_or(*sibling);
        let node = Native.node(&known[&index], sibling, &(index & 1 == 1));
        let joined = leaf.joining.iter().filter(|(before, _)| *before == level + 1);
        parents.insert(index >> 1, joined.fold(node, |node, (_, row)| Native.pair(&node, row)));
    }
    parents
}

fn path(proof: &mut BatchProof<Native>, kind: CommitmentKind, query: usize) -> &mut Vec<Digest> {
    let query = &mut proof.queries[query];
    match kind {
        CommitmentKind::Round(round) => &mut query.rounds[round].path,
        _ => &mut query.inputs[super::input(kind)].path,
    }
}

/// The digests of a commitment; none of the circuit's, which is no part of the proof.
fn cap(proof: &mut BatchProof<Native>, kind: CommitmentKind) -> &mut [Digest] {
    match kind {
        CommitmentKind::Main => &mut proof.main,
        CommitmentKind::Quotient => &mut proof.quotient,
        CommitmentKind::Permutation => &mut proof.permutation,
        CommitmentKind::Round(round) => &mut proof.rounds[round].cap,
        CommitmentKind::Preprocessed | CommitmentKind::Random => &mut [],
    }
}

/// The index of a query: that of its leaf in the longest commitment.
fn index_of(trace: &Tracing, query: usize) -> &[bool] {
    let of_query = trace.leaves.iter().filter(|leaf| leaf.place.is_some_and(|(_, of)| of == query));
    of_query.map(|leaf| leaf.index.as_slice()).max_by_key(|index| index.len()).unwrap_or_default()
}

fn number(bits: &[bool]) -> usize {
    bits.iter().rev().fold(0, |number, bit| (number << 1) | usize::from(*bit))
}
