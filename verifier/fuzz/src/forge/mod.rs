//! A whole final proof, changed and then mended: as if a prover had learnt the challenges before he
//! sent anything.
//!
//! A change of a proof dies at a hash, nearly always: that shows the hashes and nothing behind
//! them. Here the challenges stay those of the honest proof, and after the change a forger mends
//! some classes of claims ([`Repair`]), commitments and paths among them, so that the others have
//! to notice. With every class mended nothing but the transcript is left, and that has to reject.

mod repair;
mod tracing;

use std::sync::OnceLock;

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing, PrimeField32};
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::params::FINAL_V2;
use tern_verifier::final_proof::{Circuits, Header};
use tern_verifier::import::Importer;
use tern_verifier::multilinear::programs::NodeRelation;
use tern_verifier::native::{Failure, Native};
use tern_verifier::programs::ChainStatement;
use tern_verifier::wire::Reader;
use tern_verifier::{Reason, VerifyingKey};

use crate::mutation::Program;
pub use repair::Repair;
use repair::{Values, grind, number, position, sharing};
use tracing::{AsTheyAre, Leaf, Tracing};

/// A final proof that this crate's verifier accepts, and its key file. It proves a run of the
/// program that computes the ninetieth Fibonacci number.
pub const PROOF: &[u8] = include_bytes!("../../../tests/vectors/fibonacci.final");
/// The key of [`PROOF`].
pub const KEY: &[u8] = include_bytes!("../../../tests/vectors/fibonacci.vkey");

/// What came of a forgery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was changed.
    pub change: Change,
    /// What was mended.
    pub repairs: Vec<Repair>,
    /// The first claim that fails under the honest proof's challenges; none if all are mended.
    pub under_fixed_challenges: Option<Reason>,
    /// The first claim that fails in the proof's own transcript.
    pub in_its_transcript: Reason,
}

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// The denominator of the sum of all messages' fractions.
    Root,
    /// A value of a round, or a half, of one of the lookups' layers.
    Layer,
    /// A coefficient of the constraints' first round.
    Skip,
    /// A value of another round.
    Round,
    /// A claimed value of a linear form of columns, or that of the rests.
    Form,
    /// A value of one of the opening's rounds.
    OpeningRound,
    /// An element of an opened row of this matrix: of main columns, or of the circuit's.
    Row(usize),
    /// A value of an opened leaf of a word.
    Leaf,
    /// A coefficient of the last polynomial.
    LastPolynomial,
    /// A digest of a commitment.
    Commitment,
    /// The statement that is proved.
    Statement,
    /// A table's height.
    Height,
    /// A witness of proof of work.
    Work,
}

/// Kinds of changes.
const KINDS: u8 = 13;

/// The proof with what a verifier needs.
struct Original {
    relation: NodeRelation,
    circuits: Circuits,
    key: VerifyingKey,
    header: Header,
    proof: Values,
    folds: Vec<usize>,
    /// The states of the honest proof's transcript, which are its challenges.
    states: Vec<Digest>,
    /// The leaves that it opens.
    leaves: Vec<Leaf>,
}

impl Original {
    fn get() -> &'static Self {
        static ORIGINAL: OnceLock<Original> = OnceLock::new();
        ORIGINAL.get_or_init(|| {
            let circuits = Circuits::recorded().expect("the record of circuits");
            let relation = circuits.relation().expect("the wrapping circuit's relation");
            let key = VerifyingKey::from_file(KEY).expect("a key");
            let mut reader = Reader::new(PROOF);
            let header = Header::read(&mut reader).expect("a header");
            let batch = reader.bytes(reader.left()).expect("the rest");
            let proof = relation.verifier.decode(batch).expect("a proof of the relation");
            let proof = relation.values(&circuits.wrap, &stated(&header, &key, &circuits), &proof).expect("an honest proof");
            let folds = relation.opening.shape().folds();
            let mut original = Self { relation, circuits, key, header, proof, folds, states: Vec::new(), leaves: Vec::new() };
            let mut tracing = Tracing::own();
            let accepted = original.run(&mut tracing, &original.public_values(&original.header), &original.proof);
            assert_eq!((accepted, tracing.failures.len()), (Ok(()), 0), "an honest proof");
            (original.states, original.leaves) = (tracing.states, tracing.leaves);
            original
        })
    }

    fn public_values(&self, header: &Header) -> Vec<Vec<EF>> {
        NodeRelation::public_values(&mut Native, &stated(header, &self.key, &self.circuits))
    }

    /// The verifier's steps.
    fn run<'a>(&self, tracing: &mut Tracing<'a>, public_values: &[Vec<EF>], proof: &Values) -> Result<(), Failure> {
        let NodeRelation { verifier, opening, seed } = &self.relation;
        let values = proof.import::<Tracing<'a>>(&mut AsTheyAre);
        let replayed = verifier.replay(tracing, opening, &self.circuits.wrap, seed, public_values, &values)?;
        verifier.check(tracing, opening, public_values, &values, &replayed)
    }

    /// Every claim under the challenges of the honest proof.
    fn trace(&self, public_values: &[Vec<EF>], proof: &Values) -> Tracing<'_> {
        let mut tracing = Tracing::playing(&self.states, true);
        let Ok(()) = self.run(&mut tracing, public_values, proof) else { unreachable!("it goes on") };
        tracing
    }

    /// Every claim in the proof's own transcript.
    fn replay(&self, public_values: &[Vec<EF>], proof: &Values) -> Tracing<'_> {
        let mut tracing = Tracing::own();
        let Ok(()) = self.run(&mut tracing, public_values, proof) else { unreachable!("it goes on") };
        tracing
    }

    /// Whether nothing is changed.
    fn is(&self, proof: &Values, header: &Header) -> bool {
        *header == self.header && All::of(proof) == All::of(&self.proof)
    }

    /// The first claim that fails under the challenges of the honest proof.
    fn check(&self, public_values: &[Vec<EF>], proof: &Values) -> Option<Reason> {
        let mut tracing = Tracing::playing(&self.states, false);
        self.run(&mut tracing, public_values, proof).err().map(|failure| failure.reason())
    }

    /// The first claim that fails in the proof's own transcript, by the verifier itself.
    fn verify(&self, public_values: &[Vec<EF>], proof: &Values) -> Option<Reason> {
        let NodeRelation { verifier, opening, seed } = &self.relation;
        let values = proof.clone();
        let replayed = verifier.replay(&mut Native, opening, &self.circuits.wrap, seed, public_values, &values);
        let result = replayed.and_then(|replayed| verifier.check(&mut Native, opening, public_values, &values, &replayed));
        result.err().map(|failure| failure.reason())
    }
}

/// The digest of what a header states.
fn stated(header: &Header, key: &VerifyingKey, circuits: &Circuits) -> Digest {
    ChainStatement::of(header.key_digest, &key.bounds, circuits.list.root(), &header.statement).digest(&mut Native)
}

/// Every value of a proof.
#[derive(Default, PartialEq)]
struct All {
    elements: Vec<EF>,
    rows: Vec<Vec<F>>,
    digests: Vec<Digest>,
}

impl All {
    fn of(proof: &Values) -> Self {
        let mut values = Self::default();
        let _: Values = proof.import(&mut values);
        values
    }
}

impl Importer<Native, Native> for All {
    fn base(&mut self, value: &EF) -> EF {
        self.ext(value)
    }

    fn ext(&mut self, value: &EF) -> EF {
        self.elements.push(*value);
        *value
    }

    fn digest(&mut self, value: &Digest) -> Digest {
        self.digests.push(*value);
        *value
    }

    fn row(&mut self, value: &Vec<F>) -> Vec<F> {
        self.rows.push(value.clone());
        Vec::new()
    }
}

/// The honest proof with one change and the repairs that `data` names: a byte for the repairs, one
/// for the kind of change, its place and its value. None if nothing changes.
///
/// # Panics
///
/// If a changed proof is accepted in its own transcript, if a change alone is accepted under the
/// honest challenges, or if a class of claims that was mended fails.
pub fn final_proof(data: &[u8]) -> Option<Outcome> {
    forge(data, false)
}

/// As [`final_proof`], with proof of work done anew before the last check, so that nothing in the
/// transcript but its challenges is wrong: some seconds.
///
/// # Panics
///
/// As [`final_proof`].
pub fn final_proof_with_work(data: &[u8]) -> Option<Outcome> {
    forge(data, true)
}

/// The number of the last witness of proof of work among all.
///
/// # Panics
///
/// If there are more than a byte tells apart.
#[must_use]
pub fn last_witness() -> u8 {
    u8::try_from(1 + Original::get().proof.opening.works.len()).expect("few witnesses")
}

fn forge(data: &[u8], with_work: bool) -> Option<Outcome> {
    let original = Original::get();
    let (mask, rest) = data.split_first().unwrap_or((&0, &[]));
    let repairs: Vec<Repair> =
        Repair::ALL.into_iter().zip(0..).filter(|(_, bit)| (mask >> bit) & 1 == 1).map(|(repair, _)| repair).collect();
    let mut proof = original.proof.clone();
    let mut header = original.header.clone();
    let change = apply(original, &mut proof, &mut header, &mut Program(rest))?;
    if original.is(&proof, &header) {
        return None;
    }
    let public_values = original.public_values(&header);
    let alone = original.check(&public_values, &proof);
    // Witnesses of proof of work are good for challenges, and for nothing else.
    assert_eq!(alone.is_none(), change == Change::Work, "{change:?} alone under the honest challenges: {alone:?}");
    let failures = |proof: &Values| original.trace(&public_values, proof).failures;
    let leaves = |proof: &Values| original.trace(&public_values, proof).leaves;
    for repair in &repairs {
        repair.make(&mut proof, &original.folds, &failures, &leaves);
    }
    // A repair may have undone the change.
    if original.is(&proof, &header) {
        return None;
    }
    let under_fixed_challenges = original.check(&public_values, &proof);
    let failures = failures(&proof);
    assert_eq!(failures.first().map(Failure::reason), under_fixed_challenges, "what stops fails at the first claim that fails");
    for failure in &failures {
        let mended = Repair::of(&failure.reason()).filter(|repair| repairs.contains(repair));
        assert!(mended.is_none(), "{change:?}, {repairs:?}: a class that was mended fails: {failure}");
    }
    if with_work {
        let columns = original.relation.opening.shape().column_variables();
        grind(&mut proof, &FINAL_V2, columns, |proof| original.replay(&public_values, proof));
    }
    let in_its_transcript = original.verify(&public_values, &proof);
    let in_its_transcript = in_its_transcript.unwrap_or_else(|| panic!("FORGERY: {change:?}, {repairs:?} is accepted"));
    Some(Outcome { change, repairs, under_fixed_challenges, in_its_transcript })
}

/// Changes one place; none if there is no such place.
fn apply(original: &Original, proof: &mut Values, header: &mut Header, program: &mut Program<'_>) -> Option<Change> {
    let kind = program.byte() % KINDS;
    let (first, second, third) = (program.below(usize::MAX), program.below(usize::MAX), program.below(usize::MAX));
    let value = F::new(u32::from_le_bytes(std::array::from_fn(|_| program.byte())) % F::ORDER_U32);
    let coefficient = third % EXTENSION_DEGREE;
    let step = EF::from_basis_coefficients_fn(|index| if index == coefficient { value } else { F::ZERO });
    let add = |element: &mut EF| *element += step;
    let flip = |byte: &mut u8| *byte ^= 1 << (third % 8);
    let lookup = proof.front.lookup.as_mut()?;
    let opening = &mut proof.opening;
    let change = match kind {
        0 => {
            let root = &mut lookup.root_denominator;
            *root = if first % 2 == 0 { *root + step } else { EF::ZERO };
            Change::Root
        }
        1 => {
            let layer = pick(&mut lookup.layers, first)?;
            let values = layer.rounds.iter_mut().flatten().chain(&mut layer.numerators).chain(&mut layer.denominators);
            // Half of the changes are of halves.
            let mut values: Vec<&mut EF> = values.collect();
            let halves = values.len().checked_sub(4)?;
            add(if second % 2 == 0 { pick(&mut values, second >> 1)? } else { pick(&mut values[halves..], second >> 1)? });
            Change::Layer
        }
        2 => {
            add(pick(&mut proof.front.skip, first)?);
            Change::Skip
        }
        3 => {
            add(pick(pick(&mut proof.front.rounds, first)?, second)?);
            Change::Round
        }
        4 => {
            let claims = &mut proof.front.claims;
            let mut lists: Vec<&mut [EF]> = claims.tables.iter_mut().map(Vec::as_mut_slice).filter(|forms| !forms.is_empty()).collect();
            lists.push(std::slice::from_mut(&mut claims.rest));
            add(pick(pick(&mut lists, first)?, second)?);
            Change::Form
        }
        5 => {
            add(pick(pick(&mut opening.rounds, first)?, second)?);
            Change::OpeningRound
        }
        6 => {
            let queries = opening.queries.len();
            let (query, matrix) = (first.checked_rem(queries)?, second % repair::MATRICES);
            for query in sharing(&original.leaves, query, 0) {
                *pick(&mut opening.queries[query].rows[matrix].0, third)? += value;
            }
            Change::Row(matrix)
        }
        7 => {
            let (query, word) = (first.checked_rem(opening.queries.len())?, second.checked_rem(original.folds.len())?);
            let end = original.folds[..=word].iter().sum();
            for query in sharing(&original.leaves, query, end) {
                add(pick(&mut opening.queries[query].leaves[word].0, third)?);
            }
            Change::Leaf
        }
        8 => {
            add(pick(&mut opening.last, first)?);
            Change::LastPolynomial
        }
        9 => {
            // A digest that a query's path leads to: others are only in the transcript.
            let place = position(&original.leaves, first.checked_rem(opening.queries.len())?);
            let mut caps: Vec<(usize, &mut Vec<Digest>)> = vec![(0, &mut proof.cap)];
            let ends = original.folds.iter().scan(0, |end, fold| {
                *end += fold;
                Some(*end)
            });
            caps.extend(ends.zip(&mut opening.words));
            let (bound, cap) = pick(&mut caps, second)?;
            let levels = place.len() - *bound - cap.len().ilog2() as usize;
            flip(pick(&mut cap[number(&place[*bound + levels..])], third >> 3)?);
            Change::Commitment
        }
        10 => {
            let halt = header.statement.halt.as_mut()?;
            flip(pick(&mut halt.output_digest, first)?);
            Change::Statement
        }
        11 => {
            // By one block, or to what is no height.
            let height = pick(&mut proof.heights, first)?;
            *height += if second % 2 == 0 { EF::ONE } else { EF::from(value) };
            Change::Height
        }
        _ => {
            let works = std::iter::once(&mut lookup.work).chain(&mut opening.works).chain([&mut opening.query_work]);
            **pick(&mut works.collect::<Vec<_>>(), first)? += value;
            Change::Work
        }
    };
    Some(change)
}

/// An item of a list.
fn pick<T>(items: &mut [T], number: usize) -> Option<&mut T> {
    let len = items.len();
    items.get_mut(number.checked_rem(len)?)
}
