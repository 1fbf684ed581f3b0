//! A whole final proof, changed and then mended: as if a prover had learnt the challenges before he sent anything.
//!
//! A change of a proof dies at a hash, nearly always: that shows the hashes and nothing behind them. Here the challenges stay those of the honest
//! proof, and after the change a forger mends some classes of claims ([`Repair`]), commitments and paths among them, so that the others have to
//! notice. With every class mended nothing but the transcript is left, and that has to reject.

mod repair;
mod tracing;

use std::sync::OnceLock;

use p3_field::{BasedVectorSpace, PrimeCharacteristicRing, PrimeField32};
use tern_air::recursion::WRAP_SHAPE;
use tern_field::{EF, EXTENSION_DEGREE, F};
use tern_fri::hash::Digest;
use tern_fri::params::FINAL_V1;
use tern_verifier::final_proof::{Circuits, Header};
use tern_verifier::native::Native;
use tern_verifier::programs::{ChainStatement, RecursionRelation};
use tern_verifier::stark::{BatchProof, Challenges, Importer};
use tern_verifier::wire::Reader;
use tern_verifier::{CommitmentKind, Reason, VerifyingKey, compact};

use crate::mutation::Program;
pub use repair::Repair;
use repair::grind;
use tracing::{AsTheyAre, Tracing};

/// A final proof that this crate's verifier accepts, and its key file. It proves a run of `guest-evm/elf/fibonacci.elf`.
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
    /// A claimed value of a table, at the out-of-domain point.
    Claim,
    /// A table's terminal.
    Terminal,
    /// An element of an opened row of this commitment: main, quotient, preprocessed, permutation.
    Row(usize),
    /// A value of an opened row of a folding round.
    RoundRow,
    /// A coefficient of the last polynomial.
    LastPolynomial,
    /// A digest of a commitment.
    Commitment,
    /// The statement that is proved.
    Statement,
}

/// The proof with what a verifier needs.
struct Original {
    relation: RecursionRelation,
    circuits: Circuits,
    key: VerifyingKey,
    header: Header,
    proof: BatchProof<Native>,
}

impl Original {
    fn get() -> &'static Self {
        static ORIGINAL: OnceLock<Original> = OnceLock::new();
        ORIGINAL.get_or_init(|| {
            let relation = RecursionRelation::new(&FINAL_V1, &WRAP_SHAPE).expect("the wrapping circuit's relation");
            let circuits = Circuits::recorded().expect("the record of circuits");
            let key = VerifyingKey::from_file(KEY).expect("a key");
            let mut reader = Reader::new(PROOF);
            let header = Header::read(&mut reader).expect("a header");
            let batch = reader.bytes(reader.left()).expect("the rest");
            let proof = compact::decode(relation.stark.shape(), batch).expect("a proof of the shape");
            let public_values = public_values(&header, &key, &circuits);
            let (proof, _) = relation.stark.expand(circuits.wrap, &relation.seed, &public_values, &proof).expect("an honest proof");
            Self { relation, circuits, key, header, proof }
        })
    }

    fn public_values(&self, header: &Header) -> Vec<Vec<EF>> {
        public_values(header, &self.key, &self.circuits)
    }

    /// Every claim under the challenges of the honest proof.
    fn trace(&self, public_values: &[Vec<EF>], proof: &BatchProof<Native>) -> Tracing {
        static CHALLENGES: OnceLock<Challenges<Tracing>> = OnceLock::new();
        let challenges = CHALLENGES.get_or_init(|| self.replay(&self.public_values(&self.header), &self.proof).1);
        let mut tracing = Tracing::default();
        let proof = proof.import(&mut AsTheyAre);
        let Ok(()) = self.relation.stark.check(&mut tracing, self.circuits.wrap, public_values, &proof, challenges);
        tracing
    }

    /// The proof's own transcript, to the end.
    fn replay(&self, public_values: &[Vec<EF>], proof: &BatchProof<Native>) -> (Tracing, Challenges<Tracing>) {
        let mut tracing = Tracing::default();
        let proof = proof.import(&mut AsTheyAre);
        let Ok(challenges) = self.relation.stark.replay(&mut tracing, self.circuits.wrap, &self.relation.seed, public_values, &proof);
        (tracing, challenges)
    }

    /// Whether nothing is changed.
    fn is(&self, proof: &BatchProof<Native>, header: &Header) -> bool {
        *header == self.header && Values::of(proof) == Values::of(&self.proof)
    }

    /// The first claim that fails under the challenges of the honest proof, by the verifier itself.
    fn check(&self, public_values: &[Vec<EF>], proof: &BatchProof<Native>) -> Option<Reason> {
        static CHALLENGES: OnceLock<Challenges<Native>> = OnceLock::new();
        let challenges = CHALLENGES.get_or_init(|| {
            let public_values = self.public_values(&self.header);
            let replayed = self.relation.stark.replay(&mut Native, self.circuits.wrap, &self.relation.seed, &public_values, &self.proof);
            replayed.expect("an honest proof")
        });
        let result = self.relation.stark.check(&mut Native, self.circuits.wrap, public_values, proof, challenges);
        result.err().map(|failure| failure.reason())
    }

    /// The first claim that fails in the proof's own transcript, by the verifier itself.
    fn verify(&self, public_values: &[Vec<EF>], proof: &BatchProof<Native>) -> Option<Reason> {
        let result = self.relation.stark.verify(&mut Native, self.circuits.wrap, &self.relation.seed, public_values, proof);
        result.err().map(|failure| failure.reason())
    }
}

fn public_values(header: &Header, key: &VerifyingKey, circuits: &Circuits) -> Vec<Vec<EF>> {
    let statement = ChainStatement::of(header.key_digest, &key.bounds, circuits.list.root(), &header.statement);
    let digest: Digest = statement.digest(&mut Native);
    RecursionRelation::public_values(&mut Native, &digest)
}

/// Every value of a proof.
#[derive(Default, PartialEq)]
struct Values {
    elements: Vec<EF>,
    rows: Vec<Vec<F>>,
    digests: Vec<Digest>,
}

impl Values {
    fn of(proof: &BatchProof<Native>) -> Self {
        let mut values = Self::default();
        let _: BatchProof<Native> = proof.import(&mut values);
        values
    }
}

impl Importer<Native, Native> for Values {
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

/// Where the opening of a commitment to tables stands.
const fn input(kind: CommitmentKind) -> usize {
    match kind {
        CommitmentKind::Quotient => 1,
        CommitmentKind::Preprocessed => 2,
        CommitmentKind::Permutation => 3,
        _ => 0,
    }
}

/// The honest proof with one change and the repairs that `data` names: a byte for the repairs, one for the kind of change, its place and its value.
/// None if nothing changes.
///
/// # Panics
///
/// If a changed proof is accepted in its own transcript, if a change alone is accepted under the honest challenges, or if a class of claims that was
/// mended fails.
pub fn final_proof(data: &[u8]) -> Option<Outcome> {
    forge(data, false)
}

/// As [`final_proof`], with proof of work done anew before the last check, so that nothing in the transcript but its challenges is wrong: seconds.
///
/// # Panics
///
/// As [`final_proof`].
pub fn final_proof_with_work(data: &[u8]) -> Option<Outcome> {
    forge(data, true)
}

fn forge(data: &[u8], with_work: bool) -> Option<Outcome> {
    let original = Original::get();
    let (mask, rest) = data.split_first().unwrap_or((&0, &[]));
    let repairs: Vec<Repair> =
        Repair::ALL.into_iter().zip(0..).filter(|(_, bit)| (mask >> bit) & 1 == 1).map(|(repair, _)| repair).collect();
    let mut proof = original.proof.clone();
    let mut header = original.header.clone();
    let change = apply(&mut proof, &mut header, &mut Program(rest))?;
    if original.is(&proof, &header) {
        return None;
    }
    let public_values = original.public_values(&header);
    let alone = original.check(&public_values, &proof);
    assert!(alone.is_some(), "{change:?} alone is accepted under the honest challenges");
    for repair in &repairs {
        repair.make(&mut proof, &mut |proof| original.trace(&public_values, proof));
    }
    // A repair may have undone the change.
    if original.is(&proof, &header) {
        return None;
    }
    let under_fixed_challenges = original.check(&public_values, &proof);
    let failures = original.trace(&public_values, &proof).failures;
    assert_eq!(failures.first().map(|failure| failure.reason()), under_fixed_challenges, "both interpreters fail at the same claim");
    for failure in &failures {
        let mended = Repair::of(&failure.reason()).filter(|repair| repairs.contains(repair));
        assert!(mended.is_none(), "{change:?}, {repairs:?}: a class that was mended fails: {failure}");
    }
    if with_work {
        grind(&mut proof, &FINAL_V1, |proof| original.replay(&public_values, proof).0);
    }
    let in_its_transcript = original.verify(&public_values, &proof);
    let in_its_transcript = in_its_transcript.unwrap_or_else(|| panic!("FORGERY: {change:?}, {repairs:?} is accepted"));
    Some(Outcome { change, repairs, under_fixed_challenges, in_its_transcript })
}

/// Changes one place; none if there is no such place.
fn apply(proof: &mut BatchProof<Native>, header: &mut Header, program: &mut Program<'_>) -> Option<Change> {
    let kind = program.byte() % 8;
    let (first, second, third) = (program.below(usize::MAX), program.below(usize::MAX), program.below(usize::MAX));
    let value = F::new(u32::from_le_bytes(std::array::from_fn(|_| program.byte())) % F::ORDER_U32);
    let coefficient = third % EXTENSION_DEGREE;
    let step = EF::from_basis_coefficients_fn(|index| if index == coefficient { value } else { F::ZERO });
    let add = |element: &mut EF| *element += step;
    let flip = |byte: &mut u8| *byte ^= 1 << (third % 8);
    let change = match kind {
        0 | 1 => {
            let table = pick(&mut proof.tables, first)?;
            let lists = [
                &mut table.main_local,
                &mut table.main_next,
                &mut table.preprocessed_local,
                &mut table.preprocessed_next,
                &mut table.permutation_local,
                &mut table.permutation_next,
            ];
            let lists = lists.into_iter().chain(&mut table.quotient).filter(|list| !list.is_empty());
            add(pick(pick(&mut lists.collect::<Vec<_>>(), second)?, third)?);
            Change::Claim
        }
        2 => {
            let mut terminals: Vec<&mut EF> = proof.tables.iter_mut().filter_map(|table| table.terminal.as_mut()).collect();
            add(pick(&mut terminals, first)?);
            Change::Terminal
        }
        3 => {
            let inputs = &mut pick(&mut proof.queries, first)?.inputs;
            let number = second % inputs.len().max(1);
            let row = pick(&mut inputs.get_mut(number)?.rows, third)?;
            *pick(row, third >> 3)? += value;
            Change::Row(number)
        }
        4 => {
            let round = pick(&mut pick(&mut proof.queries, first)?.rounds, second)?;
            add(pick(&mut round.row, third)?);
            Change::RoundRow
        }
        5 => {
            add(pick(&mut proof.final_polynomial, first)?);
            Change::LastPolynomial
        }
        6 => {
            let mut caps = vec![&mut proof.main, &mut proof.quotient, &mut proof.permutation];
            caps.extend(proof.rounds.iter_mut().map(|round| &mut round.cap));
            flip(pick(pick(pick(&mut caps, first)?, second)?, third >> 3)?);
            Change::Commitment
        }
        _ => {
            let halt = header.statement.halt.as_mut()?;
            flip(pick(&mut halt.output_digest, first)?);
            Change::Statement
        }
    };
    Some(change)
}

fn pick<T>(items: &mut [T], number: usize) -> Option<&mut T> {
    let len = items.len();
    items.get_mut(number.checked_rem(len)?)
}
