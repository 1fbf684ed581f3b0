//! Where the heavy work of a proof is done.
//!
//! A backend keeps traces and committed matrices where it likes, in memory or on a device, from [`Backend::upload`] to [`Backend::open`]. What it must agree
//! on with every other backend is bytes: commitments, opened values and proofs.

use alloc::vec::Vec;

use p3_batch_stark::{ProverData, StarkGenericConfig};
use p3_commit::{Pcs as PcsTrait, UnivariateStarkPcs};
use p3_lookup::Lookups;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, F};

use super::deep::{Opener, Request};
use super::messages::MessageLayout;
use super::open::Points;
use super::quotient::ConstraintPlan;
use super::{CommittedTraces, Domain, LookupColumns, ProvableAir, ProveError, check_count, domain, logup};
use crate::challenger::Blake3Challenger;
use crate::config::{Commitment, Pcs, SegmentConfig, fri_parameters, val_mmcs};
use crate::params::Params;

/// Opened rows by commitment (main, quotient, preprocessed, lookups; absent ones left out), matrix and point.
pub type OpenedRows = Vec<Vec<Vec<Vec<EF>>>>;

/// The opening argument.
pub type OpeningProof = <Pcs as PcsTrait<EF, Blake3Challenger>>::Proof;

/// Sums of the tables' lookup fractions; none for a table without lookups.
pub type Terminals = Vec<Option<EF>>;

/// What the quotient depends on besides matrices.
pub struct QuotientInput<'a> {
    /// Public values of each table.
    pub public_values: &'a [Vec<F>],
    /// Lookup challenges of each table.
    pub challenges: &'a [Vec<EF>],
    /// Sum of the lookup fractions of each table.
    pub terminals: &'a [Option<EF>],
    /// Challenge that folds the constraints.
    pub alpha: EF,
}

/// Commits, folds and opens the matrices of one relation.
pub trait Backend {
    /// Traces, where the backend keeps them.
    type Tables;
    /// Committed matrices with their Merkle tree.
    type Committed;

    /// Takes the traces over, one for each table.
    fn upload(&self, traces: Vec<RowMajorMatrix<F>>) -> Self::Tables;

    /// Number of quotient chunks of a table.
    fn num_quotient_chunks(&self, table: usize) -> usize;

    /// Commits to the low-degree extensions of the traces.
    ///
    /// # Errors
    ///
    /// When a table's height is refused.
    fn commit_main(&self, tables: &Self::Tables) -> Result<(Commitment, Self::Committed), ProveError>;

    /// Fills and commits to the LogUp columns, and returns each table's sum of fractions. No commitment if no table has lookups.
    ///
    /// # Errors
    ///
    /// When a message equals a challenge, or a table's height is refused.
    #[expect(clippy::type_complexity, reason = "a commitment with its data, if any, and the sums")]
    fn commit_lookups(
        &self,
        tables: Self::Tables,
        public_values: &[Vec<F>],
        challenges: &[Vec<EF>],
    ) -> Result<(Option<(Commitment, Self::Committed)>, Terminals), ProveError>;

    /// Evaluates all constraints, divides by the vanishing polynomials and commits to the chunks of the quotients.
    ///
    /// # Errors
    ///
    /// When a table's height is refused.
    fn commit_quotient(
        &self,
        main: &Self::Committed,
        lookups: Option<&Self::Committed>,
        input: &QuotientInput<'_>,
    ) -> Result<(Commitment, Self::Committed), ProveError>;

    /// Opens everything at its points: DEEP quotients, FRI and Merkle paths, on the given transcript.
    ///
    /// # Errors
    ///
    /// When the commitment scheme refuses.
    fn open(
        &self,
        main: &Self::Committed,
        quotient: &Self::Committed,
        lookups: Option<&Self::Committed>,
        points: Points,
        challenger: &mut Blake3Challenger,
    ) -> Result<(OpenedRows, OpeningProof), ProveError>;
}

/// Plonky3's vectorised code and rayon.
pub struct CpuBackend<'a, A> {
    pub(super) config: &'a SegmentConfig,
    params: &'a Params,
    pub(super) airs: &'a [A],
    pub(super) data: &'a ProverData<SegmentConfig>,
    pub(super) tables: Vec<Table>,
}

/// What proving one table needs besides its trace.
pub(super) struct Table {
    pub(super) preprocessed: Option<RowMajorMatrix<F>>,
    pub(super) messages: MessageLayout,
    pub(super) constraints: ConstraintPlan,
}

/// Matrices committed on the CPU, with the domains of their traces.
pub struct CpuCommitted {
    pub(super) data: CommittedTraces,
    pub(super) domains: Vec<Domain>,
}

impl<'a, A: ProvableAir> CpuBackend<'a, A> {
    /// Compiles the messages and constraints of the tables. `config` is one that [`config()`](crate::config::config) made of `params`.
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
        check_count("lookups", airs.len(), data.common.lookups.len())?;
        let tables = airs.iter().zip(&data.common.lookups).enumerate();
        let tables = tables.map(|(table, (air, lookups))| {
            let messages = MessageLayout::new(air, lookups).map_err(|source| ProveError::Lookup { table, source })?;
            Ok(Table { preprocessed: air.preprocessed_trace(), messages, constraints: ConstraintPlan::new(air, lookups) })
        });
        let tables = tables.collect::<Result<_, ProveError>>()?;
        Ok(Self { config, params, airs, data, tables })
    }

    /// Lookup columns and sum of each table that has lookups.
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
                let challenges = &table.messages.with_challenges(&challenges[index]);
                logup::columns(&self.airs[index], challenges, &trace, table.preprocessed.as_ref(), &public_values[index])
                    .map(Some)
                    .ok_or(ProveError::VanishingDenominator { table: index })
            })
            .collect()
    }

    fn domains(&self, traces: &[RowMajorMatrix<F>]) -> Vec<Domain> {
        traces.iter().map(|trace| domain(self.config.pcs(), trace.height())).collect()
    }
}

impl<A: ProvableAir> Backend for CpuBackend<'_, A> {
    type Tables = Vec<RowMajorMatrix<F>>;
    type Committed = CpuCommitted;

    fn upload(&self, traces: Vec<RowMajorMatrix<F>>) -> Self::Tables {
        traces
    }

    fn num_quotient_chunks(&self, table: usize) -> usize {
        self.tables[table].constraints.num_chunks()
    }

    fn commit_main(&self, tables: &Self::Tables) -> Result<(Commitment, CpuCommitted), ProveError> {
        let domains = self.domains(tables);
        let evaluations = domains.iter().copied().zip(tables.iter().cloned());
        let (commitment, data) = PcsTrait::<EF, Blake3Challenger>::commit(self.config.pcs(), evaluations)?;
        Ok((commitment, CpuCommitted { data, domains }))
    }

    fn commit_lookups(
        &self,
        tables: Self::Tables,
        public_values: &[Vec<F>],
        challenges: &[Vec<EF>],
    ) -> Result<(Option<(Commitment, CpuCommitted)>, Terminals), ProveError> {
        let domains = self.domains(&tables);
        let columns = self.lookup_columns(tables, public_values, challenges)?;
        let (mut terminals, mut evaluations) = (Vec::new(), Vec::new());
        for (domain, columns) in domains.iter().zip(columns) {
            let (matrix, terminal) = columns.unzip();
            terminals.push(terminal);
            evaluations.extend(matrix.map(|matrix| (*domain, matrix)));
        }
        if evaluations.is_empty() {
            return Ok((None, terminals));
        }
        let (commitment, data) = PcsTrait::<EF, Blake3Challenger>::commit(self.config.pcs(), evaluations)?;
        Ok((Some((commitment, CpuCommitted { data, domains })), terminals))
    }

    fn commit_quotient(
        &self,
        main: &CpuCommitted,
        lookups: Option<&CpuCommitted>,
        input: &QuotientInput<'_>,
    ) -> Result<(Commitment, CpuCommitted), ProveError> {
        let ldes = self.quotient_ldes(main, lookups, input)?;
        let (commitment, data) = UnivariateStarkPcs::<EF, Blake3Challenger>::commit_ldes(self.config.pcs(), ldes)?;
        Ok((commitment, CpuCommitted { data, domains: main.domains.clone() }))
    }

    fn open(
        &self,
        main: &CpuCommitted,
        quotient: &CpuCommitted,
        lookups: Option<&CpuCommitted>,
        points: Points,
        challenger: &mut Blake3Challenger,
    ) -> Result<(OpenedRows, OpeningProof), ProveError> {
        let preprocessed = self.data.prover_only.preprocessed_prover_data.as_ref();
        let requests = [
            (Some(&main.data), points.main),
            (Some(&quotient.data), points.quotient),
            (preprocessed, points.preprocessed),
            (lookups.map(|lookups| &lookups.data), points.lookups),
        ];
        let requests: Vec<Request<'_>> = requests.into_iter().filter_map(|(data, points)| data.map(|data| (data, points).into())).collect();
        let opener = Opener { pcs: self.config.pcs(), fri: &fri_parameters(self.params), mmcs: &val_mmcs(self.params) };
        Ok(opener.open(&requests, challenger)?)
    }
}

/// Positions of the tables' lookup columns in their commitment.
pub(super) fn permutation_indices(lookups: &[Lookups<F>]) -> Vec<Option<usize>> {
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
