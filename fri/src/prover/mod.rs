//! The prover: `p3-batch-stark`'s proofs, byte for byte, with its two slow parts replaced.
//!
//! Plonky3 evaluates lookup messages by walking expression trees, once per row for the LogUp columns and once
//! per packed row for the quotient. Here the AIR's own `eval` computes the messages, compiled and on vectors of rows
//! ([`messages`]); [`logup`] and [`quotient`] build on that. Commitments, transcript and openings are Plonky3's.
//!
//! [`BatchProver`] drives the transcript; matrices live behind [`Backend`], so that a device can keep them.

mod backend;
mod deep;
mod logup;
pub mod messages;
mod open;
mod quotient;

use alloc::vec::Vec;

use p3_air::Air;
use p3_batch_stark::proof::{BatchCommitments, BatchOpenedValues};
use p3_batch_stark::{BatchProverTranscript, BatchShape, ProverData, StarkGenericConfig};
use p3_commit::Pcs as PcsTrait;
use p3_field::coset::TwoAdicMultiplicativeCoset;
use p3_lookup::logup::LogUpGadget;
use p3_lookup::{InteractionSymbolicBuilder, Lookup, LookupTerminal, Lookups, check_multiplicity_height_bound};
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use thiserror::Error;

use crate::challenger::Blake3Challenger;
use crate::config::{Commitment, Pcs, Proof, SegmentConfig};
pub use backend::{Backend, CpuBackend, CpuCommitted, OpenedRows, OpeningProof, QuotientInput, Terminals};
use messages::{Folder, UnsupportedLookup};
pub use open::Points;

use crate::params::Params;

/// Why a batch could not be proved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProveError {
    /// The lists that describe the tables have different lengths.
    #[error("expected {expected} {list}, got {got}")]
    Count {
        /// What the list holds.
        list: &'static str,
        /// Number of tables.
        expected: usize,
        /// Length of the list.
        got: usize,
    },
    /// A trace does not have the width of its table, or its height is no power of two that fits a vector.
    #[error("table {table}: a trace of {height} rows and {width} columns is not one of this table")]
    Trace {
        /// Position of the table.
        table: usize,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// A table's lookups are of a kind that this prover does not know.
    #[error("table {table}: {source}")]
    Lookup {
        /// Position of the table.
        table: usize,
        /// What is unknown.
        source: UnsupportedLookup,
    },
    /// The multiplicities of all interactions could wrap around the field.
    #[error("there are too many interactions for the field")]
    TooManyInteractions,
    /// A message hit the lookup challenge: as likely as guessing it.
    #[error("table {table}: a message equals the lookup challenge")]
    VanishingDenominator {
        /// Position of the table.
        table: usize,
    },
    /// The commitment scheme refuses a table's height.
    #[error(transparent)]
    Fri(#[from] p3_fri::FriProverError),
}

/// An AIR that this prover can evaluate.
pub trait ProvableAir: Air<InteractionSymbolicBuilder<F, EF>> + for<'a> Air<Folder<'a, false>> + for<'a> Air<Folder<'a, true>> {}

impl<A> ProvableAir for A where A: Air<InteractionSymbolicBuilder<F, EF>> + for<'a> Air<Folder<'a, false>> + for<'a> Air<Folder<'a, true>> {}

/// Proves batches of one relation.
///
/// It drives the transcript; everything that touches a matrix is the backend's.
pub struct BatchProver<'a, A, B = CpuBackend<'a, A>> {
    config: &'a SegmentConfig,
    airs: &'a [A],
    data: &'a ProverData<SegmentConfig>,
    backend: B,
    tables: Vec<TableForm>,
}

/// What the order of commitments and openings depends on.
struct TableForm {
    has_lookups: bool,
    has_preprocessed: bool,
    num_chunks: usize,
}

/// Lookup columns, flattened to the base field, and the sum of their fractions.
type LookupColumns = (RowMajorMatrix<F>, EF);
type Domain = TwoAdicMultiplicativeCoset<F>;
type CommittedTraces = <Pcs as PcsTrait<EF, Blake3Challenger>>::ProverData;
type Transcript<'a> = BatchProverTranscript<'a, Blake3Challenger, F, EF, Commitment>;

impl<'a, A: ProvableAir> BatchProver<'a, A> {
    /// Prepares to prove the relation of these tables on the CPU. `config` is one that [`config()`](crate::config::config) made of `params`.
    ///
    /// # Errors
    ///
    /// When `data` is of another number of tables or a lookup is of an unknown kind.
    pub fn new(
        params: &'a Params,
        config: &'a SegmentConfig,
        airs: &'a [A],
        data: &'a ProverData<SegmentConfig>,
    ) -> Result<Self, ProveError> {
        Ok(Self::with_backend(config, airs, data, CpuBackend::new(params, config, airs, data)?))
    }
}

impl<'a, A: ProvableAir, B: Backend> BatchProver<'a, A, B> {
    /// Prepares to prove the relation of these tables on a backend that was made for them.
    pub fn with_backend(config: &'a SegmentConfig, airs: &'a [A], data: &'a ProverData<SegmentConfig>, backend: B) -> Self {
        let form = |(table, (air, lookups)): (usize, (&A, &Lookups<F>))| TableForm {
            has_lookups: !lookups.is_empty(),
            has_preprocessed: air.preprocessed_width() > 0,
            num_chunks: backend.num_quotient_chunks(table),
        };
        let tables = airs.iter().zip(&data.common.lookups).enumerate().map(form).collect();
        Self { config, airs, data, backend, tables }
    }

    /// Proves that the traces satisfy the relation for the public values.
    ///
    /// # Errors
    ///
    /// When traces or public values do not have the relation's sizes.
    pub fn prove(&self, traces: Vec<RowMajorMatrix<F>>, public_values: &[Vec<F>]) -> Result<Proof, ProveError> {
        self.check_input(&traces, public_values)?;
        let pcs = self.config.pcs();
        let log_heights: Vec<usize> = traces.iter().map(log_height).collect();
        let domains: Vec<Domain> = traces.iter().map(|trace| domain(pcs, trace.height())).collect();

        let mut challenger = self.config.initialise_challenger();
        let mut transcript = Transcript::new(&mut challenger, self.shape(public_values));
        transcript.instance_bindings(&log_heights);
        let committed = self.commit(traces, public_values, &mut transcript);
        let committed = match committed {
            Ok(committed) => committed,
            Err(error) => {
                transcript.abort();
                return Err(error);
            }
        };

        let (zeta, ood_pow_witness) = transcript.ood_phase();
        let points = self.opening_points(&domains, zeta);
        let opened = transcript.delegate(|challenger| {
            let Committed { main_data, quotient_data, permutation_data, .. } = &committed;
            self.backend.open(main_data, quotient_data, permutation_data.as_ref(), points, challenger)
        });
        let (opened_values, opening_proof) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                transcript.abort();
                return Err(error);
            }
        };
        transcript.finish();
        Ok(Proof {
            commitments: committed.commitments,
            opened_values: BatchOpenedValues { instances: self.opened_tables(opened_values) },
            opening_proof,
            lookup_terminals: committed.terminals,
            degree_bits: log_heights,
            lookup_pow_witness: committed.lookup_pow_witness,
            ood_pow_witness,
        })
    }

    fn check_input(&self, traces: &[RowMajorMatrix<F>], public_values: &[Vec<F>]) -> Result<(), ProveError> {
        check_count("traces", self.airs.len(), traces.len())?;
        check_count("public values", self.airs.len(), public_values.len())?;
        for (table, (air, trace)) in self.airs.iter().zip(traces).enumerate() {
            let (height, width) = (trace.height(), trace.width());
            let packable = height.is_power_of_two() && height >= messages::LANES;
            if width != air.width() || !packable {
                return Err(ProveError::Trace { table, height, width });
            }
        }
        for (air, values) in self.airs.iter().zip(public_values) {
            check_count("public values", air.num_public_values(), values.len())?;
        }
        let heights: Vec<usize> = traces.iter().map(Matrix::height).collect();
        check_multiplicity_height_bound(&self.data.common.lookups, &heights).map_err(|_| ProveError::TooManyInteractions)
    }

    /// The transcript's description of the batch.
    fn shape(&self, public_values: &[Vec<F>]) -> BatchShape {
        let common = &self.data.common;
        BatchShape {
            trace_widths: self.airs.iter().map(|air| air.width()).collect(),
            public_value_counts: public_values.iter().map(Vec::len).collect(),
            preprocessed_widths: self.airs.iter().map(|air| air.preprocessed_width()).collect(),
            has_preprocessed_commitment: common.preprocessed.is_some(),
            num_lookup_instances: common.lookups.iter().filter(|l| !l.is_empty()).count(),
            lookup_pow_bits: self.config.lookup_proof_of_work_bits(),
            has_randomization_commitment: false,
            ood_pow_bits: self.config.ood_proof_of_work_bits(),
        }
    }

    /// Commits to main, lookup and quotient columns.
    fn commit(
        &self,
        traces: Vec<RowMajorMatrix<F>>,
        public_values: &[Vec<F>],
        transcript: &mut Transcript<'_>,
    ) -> Result<Committed<B::Committed>, ProveError> {
        let tables = self.backend.upload(traces);
        let (main, main_data) = self.backend.commit_main(&tables)?;
        let global = self.data.common.preprocessed.as_ref();
        transcript.main_phase(main.clone(), public_values);
        transcript.preprocessed_phase(global.map(|global| global.commitment.clone()));

        let lookups: Vec<&[Lookup<F>]> = self.data.common.lookups.iter().map(|l| &**l).collect();
        let (challenges, lookup_pow_witness) = transcript.lookup_phase(&lookups, &LogUpGadget::new());
        let (permutation, terminals) = self.backend.commit_lookups(tables, public_values, &challenges)?;
        let (permutation, permutation_data) = permutation.unzip();
        let terminal_values: Vec<EF> = terminals.iter().flatten().copied().collect();
        let alpha = transcript.permutation_phase(permutation.clone(), &terminal_values);

        let input = QuotientInput { public_values, challenges: &challenges, terminals: &terminals, alpha };
        let (quotient, quotient_data) = self.backend.commit_quotient(&main_data, permutation_data.as_ref(), &input)?;
        transcript.quotient_phase(quotient.clone(), None);
        Ok(Committed {
            commitments: BatchCommitments { main, permutation, quotient_chunks: quotient, random: None },
            main_data,
            permutation_data,
            quotient_data,
            terminals: terminals.into_iter().map(|terminal| terminal.map(LookupTerminal)).collect(),
            lookup_pow_witness,
        })
    }
}

/// Everything committed before the out-of-domain point is drawn; `D` is the backend's.
struct Committed<D> {
    commitments: BatchCommitments<Commitment>,
    main_data: D,
    permutation_data: Option<D>,
    quotient_data: D,
    terminals: Vec<Option<LookupTerminal<EF>>>,
    lookup_pow_witness: Option<F>,
}

fn check_count(list: &'static str, expected: usize, got: usize) -> Result<(), ProveError> {
    if expected == got {
        return Ok(());
    }
    Err(ProveError::Count { list, expected, got })
}

fn log_height(trace: &RowMajorMatrix<F>) -> usize {
    trace.height().ilog2() as usize
}

fn domain(pcs: &Pcs, height: usize) -> Domain {
    PcsTrait::<EF, Blake3Challenger>::natural_domain_for_degree(pcs, height)
}
