//! The verifier of batch proofs, written once for all interpreters of [`crate::ops::Ops`].
//!
//! It checks what `p3-batch-stark`'s `verify_batch` checks on a proof of a fixed shape, in the same transcript: [`StarkVerifier::replay`] draws the challenges and checks proof of work, [`StarkVerifier::check`]
//! evaluates the constraints and checks the openings. What does not depend on a proof (constraint programs, batching, folding, transcript seeds) is made once by [`StarkVerifier::new`].

mod capture;
mod expand;
pub(crate) mod field;
mod folding;
mod merkle;
mod opening;
mod plan;
mod program;
pub mod proof;
mod query;
mod seeds;
mod tables;
mod transcript;

pub(crate) use capture::Capture;
pub use expand::Invalid;
pub(crate) use folding::{check_place, reversed};
pub use program::ProgramError;
pub(crate) use program::{Leaf, Program};
pub use proof::{BatchProof, Importer};
pub(crate) use transcript::{from_coefficients, horner};

use alloc::string::String;
use alloc::vec::Vec;

use p3_air::Air;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{InteractionSymbolicBuilder, Kind, LookupError, Lookups, check_bus_widths, check_multiplicity_height_bound};
use tern_field::{EF, F};
use thiserror::Error;

use crate::expected::ProofShape;
use crate::ops::{Checked, Item, Ops};
use crate::reason::{PowSite, Reason};
use plan::{Ladder, Matrix};
use seeds::Seeds;
use transcript::Transcript;

/// Everything about the verification of proofs of one shape that does not depend on the proof.
#[derive(Clone, Debug)]
pub struct StarkVerifier {
    shape: ProofShape,
    programs: Vec<Program>,
    buses: Buses,
    seeds: Seeds,
    matrices: Vec<Vec<Matrix>>,
    ladders: Vec<Ladder>,
}

/// How the lookups' denominators are told apart: bus `i` has the base `alpha + (i + 1) beta^width`.
#[derive(Clone, Debug)]
struct Buses {
    count: usize,
    /// Elements in the widest message.
    width: usize,
}

/// Tables that cannot be verified: a fault of the caller, not of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnusableTables {
    /// The lists that describe the tables have different lengths.
    #[error("expected {expected} entries of {list}, got {got}")]
    Count {
        /// What the list holds.
        list: &'static str,
        /// Number of tables.
        expected: usize,
        /// Length of the list.
        got: usize,
    },
    /// A table's constraints cannot be evaluated.
    #[error("table {table}: {error}")]
    Program {
        /// Position of the table.
        table: usize,
        /// What is wrong with it.
        error: ProgramError,
    },
    /// Messages of different lengths on one bus, which could have one fingerprint.
    #[error("messages of different lengths on one bus: {0}")]
    Widths(String),
    /// So many messages that their counts could wrap around the field's characteristic.
    #[error("the messages' counts could reach the characteristic: {0}")]
    Multiplicities(String),
}

/// The verifier's challenges.
pub struct Challenges<O: Ops> {
    /// `alpha` and `beta` of the lookups; none without lookups.
    lookup: Option<(O::Ext, O::Ext)>,
    /// Batches the constraints.
    constraints: O::Ext,
    /// The out-of-domain point.
    zeta: O::Ext,
    /// Batches the openings.
    openings: O::Ext,
    /// The folding challenges.
    rounds: Vec<O::Ext>,
    /// The bits of each query's index, the lowest first.
    indices: Vec<Vec<O::Bit>>,
}

impl StarkVerifier {
    /// Prepares the verification of proofs of `shape` about these tables; `lookups` says how their interactions are packed into columns.
    ///
    /// # Errors
    ///
    /// If the lists differ in length or the constraints read what is not opened.
    pub fn new<A>(airs: &[A], lookups: &[Lookups<F>], shape: &ProofShape) -> Result<Self, UnusableTables>
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        let expected = shape.relation.tables.len();
        for (list, got) in [("tables", airs.len()), ("lookups", lookups.len())] {
            if got != expected {
                return Err(UnusableTables::Count { list, expected, got });
            }
        }
        let heights: Vec<usize> =
            shape.relation.tables.iter().map(|table| 1_usize.wrapping_shl(u32::try_from(table.log_height).unwrap_or(0))).collect();
        check_multiplicity_height_bound(lookups, &heights)
            .map_err(|error: LookupError| UnusableTables::Multiplicities(alloc::format!("{error}")))?;
        check_bus_widths(lookups).map_err(|error: LookupError| UnusableTables::Widths(alloc::format!("{error}")))?;
        let (buses, of_columns) = number_buses(lookups);
        let programs = airs.iter().zip(lookups).zip(&of_columns).enumerate();
        let programs = programs.map(|(table, ((air, lookups), buses))| {
            Program::new(air, lookups, buses).map_err(|error| UnusableTables::Program { table, error })
        });
        let programs = programs.collect::<Result<Vec<_>, _>>()?;
        let matrices = plan::matrices(shape);
        let seeds = Seeds::new(shape, &matrices);
        let ladders = plan::ladders(shape, &matrices);
        Ok(Self { shape: shape.clone(), programs, buses, seeds, matrices, ladders })
    }

    /// The shape of the proofs.
    #[must_use]
    pub const fn shape(&self) -> &ProofShape {
        &self.shape
    }

    /// Verifies a proof whose lists have the lengths of the shape. `preprocessed` is the commitment to the preprocessed columns (empty if there are none), `seed` what the transcript starts from besides the
    /// parameters, `public_values` has a list of base elements for each table.
    ///
    /// # Errors
    ///
    /// The first claim that does not hold.
    pub fn verify<O: Ops>(
        &self,
        ops: &mut O,
        preprocessed: &[O::Digest],
        seed: &O::Digest,
        public_values: &[Vec<O::Ext>],
        proof: &BatchProof<O>,
    ) -> Checked<O, ()> {
        let challenges = self.replay(ops, preprocessed, seed, public_values, proof)?;
        self.check(ops, preprocessed, public_values, proof, &challenges)
    }

    /// Replays the transcript, which does not depend on the queries' openings, and checks the proofs of work in it.
    ///
    /// # Errors
    ///
    /// If a proof-of-work witness is not one.
    pub fn replay<O: Ops>(
        &self,
        ops: &mut O,
        preprocessed: &[O::Digest],
        seed: &O::Digest,
        public_values: &[Vec<O::Ext>],
        proof: &BatchProof<O>,
    ) -> Checked<O, Challenges<O>> {
        let params = &self.shape.params;
        let mut transcript = Transcript::new(ops, params, seed);
        transcript.observe_constants(&self.seeds.batch);
        for table in &self.shape.relation.tables {
            transcript.observe([Item::Constant(field::number(table.log_height))]);
            transcript.observe_constants(&[F::ZERO; tern_field::EXTENSION_DEGREE - 1]);
        }
        transcript.observe_cap(&proof.main);
        public_values.iter().for_each(|values| transcript.observe_base(values));
        transcript.observe_cap(preprocessed);
        let lookup = match &proof.lookup_pow {
            None => None,
            Some(witness) => {
                transcript.check_work(ops, params.lookup_pow_bits, witness, PowSite::Lookup)?;
                Some((transcript.sample(ops), transcript.sample(ops)))
            }
        };
        transcript.observe_cap(&proof.permutation);
        for table in &proof.tables {
            transcript.observe_extension(table.terminal.as_slice());
        }
        let constraints = transcript.sample(ops);
        transcript.observe_cap(&proof.quotient);
        transcript.check_work(ops, params.ood_pow_bits, &proof.ood_pow, PowSite::OutOfDomain)?;
        let zeta = transcript.sample(ops);
        transcript.observe_constants(&self.seeds.openings);
        for claim in self.matrices.iter().flatten().flat_map(|matrix| &matrix.claims) {
            transcript.observe_extension(claim.values(proof));
        }
        transcript.check_work(ops, params.batch_pow_bits, &proof.batch_pow, PowSite::Batch)?;
        let openings = transcript.sample(ops);
        let (rounds, indices) = self.replay_folding(ops, &mut transcript, proof)?;
        Ok(Challenges { lookup, constraints, zeta, openings, rounds, indices })
    }

    /// The part of the transcript that belongs to FRI.
    fn replay_folding<O: Ops>(&self, ops: &mut O, transcript: &mut Transcript<O>, proof: &BatchProof<O>) -> Checked<O, Folding<O>> {
        let params = &self.shape.params;
        transcript.observe_constants(&self.seeds.folding);
        let mut rounds = Vec::with_capacity(proof.rounds.len());
        for (index, round) in proof.rounds.iter().enumerate() {
            transcript.observe_cap(&round.cap);
            transcript.check_work(ops, params.commit_pow_bits, &round.pow, PowSite::Round(index))?;
            rounds.push(transcript.sample(ops));
        }
        transcript.observe_extension(&proof.final_polynomial);
        transcript.check_work(ops, params.query_pow_bits, &proof.query_pow, PowSite::Query)?;
        let log_longest = self.shape.log_longest();
        let indices = (0..params.num_queries).map(|_| transcript.sample_bits(ops, log_longest)).collect();
        Ok((rounds, indices))
    }

    /// Checks constraints and openings under the transcript's challenges.
    ///
    /// # Errors
    ///
    /// The first claim that does not hold.
    pub fn check<O: Ops>(
        &self,
        ops: &mut O,
        preprocessed: &[O::Digest],
        public_values: &[Vec<O::Ext>],
        proof: &BatchProof<O>,
        challenges: &Challenges<O>,
    ) -> Checked<O, ()> {
        let tables = &self.shape.relation.tables;
        let all_public = public_values.len() == tables.len()
            && public_values.iter().zip(tables).all(|(values, table)| values.len() == table.public_values);
        let fits = proof.fits(&self.shape) && all_public && preprocessed.len() == self.shape.preprocessed_digests();
        ops.require(fits, Reason::Shape)?;
        self.check_openings(ops, preprocessed, proof, challenges)?;
        self.check_tables(ops, public_values, proof, challenges)?;
        self.check_terminals(ops, proof)
    }

    /// Checks that the lookup terminals add up to zero: every message sent is received.
    fn check_terminals<O: Ops>(&self, ops: &mut O, proof: &BatchProof<O>) -> Checked<O, ()> {
        let mut terminals = proof.tables.iter().filter_map(|table| table.terminal.as_ref());
        let Some(first) = terminals.next() else {
            return Ok(());
        };
        let sum = terminals.fold(first.clone(), |sum, terminal| ops.add(&sum, terminal));
        let zero = ops.constant(EF::ZERO);
        ops.assert_equal(&zero, &sum, Reason::TerminalSum)
    }
}

/// Folding challenges and indices.
type Folding<O> = (Vec<<O as Ops>::Ext>, Vec<Vec<<O as Ops>::Bit>>);

/// Numbers the buses in the order in which the lookups name them, and gives each lookup column's.
fn number_buses(lookups: &[Lookups<F>]) -> (Buses, Vec<Vec<usize>>) {
    let mut names: Vec<Option<&str>> = Vec::new();
    let mut width = 1;
    let mut of_columns = Vec::with_capacity(lookups.len());
    for table in lookups {
        let mut buses = Vec::with_capacity(table.len());
        for lookup in table.iter() {
            width = lookup.elements.iter().map(Vec::len).fold(width, usize::max);
            let name = match &lookup.kind {
                Kind::Global(name) => Some(name.as_str()),
                Kind::Local => None,
            };
            // A local lookup has a bus of its own.
            let known = name.and_then(|_| names.iter().position(|known| *known == name));
            buses.push(known.unwrap_or(names.len()));
            if known.is_none() {
                names.push(name);
            }
        }
        of_columns.push(buses);
    }
    (Buses { count: names.len(), width }, of_columns)
}
