//! The prover: `p3-batch-stark`'s proofs, byte for byte, with its two slow parts replaced.
//!
//! Plonky3 evaluates lookup messages by walking expression trees, once per row for the LogUp columns and once
//! per packed row for the quotient. Here the AIR's own `eval` computes the messages, compiled and on vectors of rows
//! ([`messages`]); [`logup`] and [`quotient`] build on that. Commitments, transcript and openings are Plonky3's.

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
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, F};
use thiserror::Error;

use crate::challenger::Blake3Challenger;
use crate::config::{Commitment, Pcs, Proof, SegmentConfig};
use messages::{Folder, MessageLayout, UnsupportedLookup};
use quotient::ConstraintPlan;

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
pub struct BatchProver<'a, A> {
    config: &'a SegmentConfig,
    airs: &'a [A],
    data: &'a ProverData<SegmentConfig>,
    tables: Vec<Table>,
}

/// What proving one table needs besides its trace.
struct Table {
    preprocessed: Option<RowMajorMatrix<F>>,
    messages: MessageLayout,
    constraints: ConstraintPlan,
}

/// Lookup columns, flattened to the base field, and the sum of their fractions.
type LookupColumns = (RowMajorMatrix<F>, EF);
type Domain = TwoAdicMultiplicativeCoset<F>;
type CommittedTraces = <Pcs as PcsTrait<EF, Blake3Challenger>>::ProverData;
type Transcript<'a> = BatchProverTranscript<'a, Blake3Challenger, F, EF, Commitment>;

impl<'a, A: ProvableAir> BatchProver<'a, A> {
    /// Prepares to prove the relation of these tables.
    ///
    /// # Errors
    ///
    /// When `data` is of another number of tables or a lookup is of an unknown kind.
    pub fn new(config: &'a SegmentConfig, airs: &'a [A], data: &'a ProverData<SegmentConfig>) -> Result<Self, ProveError> {
        let lookups = &data.common.lookups;
        check_count("lookups", airs.len(), lookups.len())?;
        let tables = airs
            .iter()
            .zip(lookups)
            .enumerate()
            .map(|(table, (air, lookups))| {
                let messages = MessageLayout::new(air, lookups).map_err(|source| ProveError::Lookup { table, source })?;
                Ok(Table { preprocessed: air.preprocessed_trace(), messages, constraints: ConstraintPlan::new(air, lookups) })
            })
            .collect::<Result<_, ProveError>>()?;
        Ok(Self { config, airs, data, tables })
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
        let domains: Vec<Domain> = traces.iter().map(|trace| domain(pcs, trace)).collect();

        let mut challenger = self.config.initialise_challenger();
        let mut transcript = Transcript::new(&mut challenger, self.shape(public_values));
        transcript.instance_bindings(&log_heights);
        let committed = self.commit(pcs, &domains, traces, public_values, &mut transcript);
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
            let rounds = committed.rounds(&self.data.prover_only, points);
            PcsTrait::<EF, Blake3Challenger>::open(pcs, rounds, challenger)
        });
        let (opened_values, opening_proof) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                transcript.abort();
                return Err(error.into());
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
        pcs: &Pcs,
        domains: &[Domain],
        traces: Vec<RowMajorMatrix<F>>,
        public_values: &[Vec<F>],
        transcript: &mut Transcript<'_>,
    ) -> Result<Committed, ProveError> {
        let evaluations = domains.iter().copied().zip(traces.iter().cloned());
        let (main, main_data) = PcsTrait::<EF, Blake3Challenger>::commit(pcs, evaluations)?;
        let global = self.data.common.preprocessed.as_ref();
        transcript.main_phase(main.clone(), public_values);
        transcript.preprocessed_phase(global.map(|global| global.commitment.clone()));

        let lookups: Vec<&[Lookup<F>]> = self.data.common.lookups.iter().map(|l| &**l).collect();
        let (challenges, lookup_pow_witness) = transcript.lookup_phase(&lookups, &LogUpGadget::new());
        let columns = self.lookup_columns(traces, public_values, &challenges)?;
        let mut terminals = Vec::new();
        let mut evaluations = Vec::new();
        for (domain, columns) in domains.iter().zip(columns) {
            let (matrix, terminal) = columns.unzip();
            terminals.push(terminal.map(LookupTerminal));
            evaluations.extend(matrix.map(|matrix| (*domain, matrix)));
        }
        let permutation = if evaluations.is_empty() { None } else { Some(PcsTrait::<EF, Blake3Challenger>::commit(pcs, evaluations)?) };
        let (permutation, permutation_data) = permutation.unzip();
        let terminal_values: Vec<EF> = terminals.iter().flatten().map(|t| t.0).collect();
        let alpha = transcript.permutation_phase(permutation.clone(), &terminal_values);

        let mut committed = Committed {
            main_data,
            permutation_data,
            quotient_data: None,
            terminals,
            lookup_pow_witness,
            commitments: BatchCommitments {
                main: main.clone(),
                permutation,
                // Overwritten below: the quotient needs everything else first.
                quotient_chunks: main,
                random: None,
            },
        };
        let ldes = self.quotient_ldes(pcs, domains, public_values, &committed, &challenges, alpha)?;
        let (quotient, quotient_data) = p3_commit::UnivariateStarkPcs::<EF, Blake3Challenger>::commit_ldes(pcs, ldes)?;
        transcript.quotient_phase(quotient.clone(), None);
        committed.commitments.quotient_chunks = quotient;
        committed.quotient_data = Some(quotient_data);
        Ok(committed)
    }

    /// Lookup columns and terminal of each table that has lookups.
    fn lookup_columns(
        &self,
        traces: Vec<RowMajorMatrix<F>>,
        public_values: &[Vec<F>],
        challenges: &[Vec<EF>],
    ) -> Result<Vec<Option<LookupColumns>>, ProveError> {
        traces
            .into_par_iter()
            .enumerate()
            .map(|(index, trace)| {
                let table = &self.tables[index];
                if table.messages.is_empty() {
                    return Ok(None);
                }
                logup::columns(
                    &self.airs[index],
                    &table.messages.with_challenges(&challenges[index]),
                    &trace,
                    table.preprocessed.as_ref(),
                    &public_values[index],
                )
                .map(Some)
                .ok_or(ProveError::VanishingDenominator { table: index })
            })
            .collect()
    }
}

/// Everything committed before the out-of-domain point is drawn.
struct Committed {
    commitments: BatchCommitments<Commitment>,
    main_data: CommittedTraces,
    permutation_data: Option<CommittedTraces>,
    quotient_data: Option<CommittedTraces>,
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

fn domain(pcs: &Pcs, trace: &RowMajorMatrix<F>) -> Domain {
    PcsTrait::<EF, Blake3Challenger>::natural_domain_for_degree(pcs, trace.height())
}

/// Positions of the tables' lookup columns in their commitment.
fn permutation_indices(lookups: &[Lookups<F>]) -> Vec<Option<usize>> {
    let mut next = 0;
    lookups
        .iter()
        .map(|lookups| {
            (!lookups.is_empty()).then(|| {
                next += 1;
                next - 1
            })
        })
        .collect()
}
