//! A whole proof about tables: commitment, lookups, constraints, opening.
//!
//! Main columns are committed to with a proof. Fixed columns are known to the verifier, or committed to once with a circuit ([`super::prepare`]).

use alloc::vec::Vec;
use core::iter;

use p3_air::symbolic::AirLayout;
use p3_air::{Air, BaseAir};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::InteractionSymbolicBuilder;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use thiserror::Error;

use super::forms::{Committed, Forms};
use super::fractions::{self, Memory, Unbalanced};
use super::keccak::prover::prove_tables;
use super::keccak::{Tie, UnusableTie};
use super::layout::Layout;
use super::lookups::{Columns, Lookups, MessageFolder, placed};
use super::opening::{self, Claims, CommitError, RowWeights, equality_factor, open};
use super::packed::LANE_BITS;
use super::params::Params;
use super::prepare::FixedMatrix;
use super::proof::Proof;
use super::shape::{LOG_BLOCK, OpeningShape, UnusableShape};
use super::transcript::Transcript;
use super::zerocheck::{self, Challenges, Plan, SKIP_BITS, Table, ZerocheckAir};
use crate::hash::Digest;

/// What the prover asks of a table: its constraints and messages for all its folders.
pub trait ProverAir: ZerocheckAir + for<'a> Air<MessageFolder<'a>> {}

impl<A> ProverAir for A where A: ZerocheckAir + for<'a> Air<MessageFolder<'a>> {}

/// Everything that does not depend on what is proved.
pub struct Prover<A> {
    params: Params,
    airs: Vec<A>,
    plans: Vec<Plan>,
    lookups: Lookups,
    /// Linear forms of the columns that are committed to.
    forms: Vec<Forms>,
    layout: Layout,
    /// The fixed columns. The verifier evaluates those by himself that are not committed to.
    fixed: Vec<Option<RowMajorMatrix<F>>>,
    /// The commitment to the others.
    fixed_matrix: Option<FixedMatrix>,
    row_variables: usize,
    /// Where calls of Keccak are.
    keccak: Option<Tie>,
}

/// Tables that cannot be proved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProveError {
    /// They cannot be committed to.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// They do not fit beside the circuit's fixed columns.
    #[error(transparent)]
    Shape(#[from] UnusableShape),
    /// What is sent is not received.
    #[error(transparent)]
    Unbalanced(#[from] Unbalanced),
    /// A table is too high.
    #[error("table {table}: expected at most 2^{row_variables} rows, got {got}")]
    Rows {
        /// Position of the table.
        table: usize,
        /// Base-2 logarithm of the largest height.
        row_variables: usize,
        /// Its height.
        got: usize,
    },
    /// A list has not an entry for each table.
    #[error("expected {expected} {list}, got {got}")]
    Count {
        /// What it holds.
        list: &'static str,
        /// Number of tables.
        expected: usize,
        /// Its length.
        got: usize,
    },
}

impl<A: ProverAir + BaseAir<F> + Air<InteractionSymbolicBuilder<F, EF>>> Prover<A> {
    /// Prepares to prove tables of at most `2^row_variables` rows.
    #[must_use]
    pub fn new(params: &Params, airs: Vec<A>, row_variables: usize) -> Self {
        let widths: Vec<usize> = airs.iter().map(BaseAir::width).collect();
        Self {
            params: *params,
            plans: airs.iter().map(Plan::new).collect(),
            forms: forms(&airs, |_| false),
            lookups: Lookups::new(&airs),
            layout: Layout::new(&widths, params.log_width),
            fixed: airs.iter().map(BaseAir::preprocessed_trace).collect(),
            fixed_matrix: None,
            airs,
            row_variables,
            keccak: None,
        }
    }

    /// With an argument that calls in one of the tables are permutations.
    ///
    /// # Errors
    ///
    /// If the tables do not have the columns or rows.
    pub fn with_keccak(self, tie: Tie) -> Result<Self, UnusableTie> {
        tie.check(self.layout.widths(), self.row_variables)?;
        Ok(Self { keccak: Some(tie), ..self })
    }

    /// The same for a circuit: some of the tables' fixed columns have been committed to.
    ///
    /// # Panics
    ///
    /// When that was done for other parameters or tables.
    #[must_use]
    pub fn with_fixed(params: &Params, airs: Vec<A>, row_variables: usize, matrix: FixedMatrix) -> Self {
        let widths: Vec<usize> = airs.iter().map(BaseAir::preprocessed_width).collect();
        assert_eq!(matrix.params(), params, "the matrix's parameters");
        assert_eq!(matrix.shape().layout(params, &widths, row_variables).as_ref(), Ok(matrix.layout()), "the matrix's tables");
        let forms = forms(&airs, |table| matrix.shape().has(table));
        Self { fixed_matrix: Some(matrix), forms, ..Self::new(params, airs, row_variables) }
    }

    /// Proves tables of used rows.
    ///
    /// # Errors
    ///
    /// When there are too many rows, cells or calls of Keccak, or the lists are not those of the tables.
    pub fn prove(&self, seed: &Digest, tables: &[RowMajorMatrix<F>], public_values: &[Vec<F>]) -> Result<Proof, ProveError> {
        self.prove_pretending(seed, tables, tables, public_values)
    }

    /// As [`Prover::prove`], but that calls of Keccak are permutations is shown of the tables in `argued`. Only if they are those that are committed to does the proof verify: a prover for tests of that.
    ///
    /// # Errors
    ///
    /// As [`Prover::prove`].
    #[doc(hidden)]
    pub fn prove_pretending(
        &self,
        seed: &Digest,
        tables: &[RowMajorMatrix<F>],
        argued: &[RowMajorMatrix<F>],
        public_values: &[Vec<F>],
    ) -> Result<Proof, ProveError> {
        self.check(tables, public_values)?;
        let heights: Vec<usize> = tables.iter().map(|table| table.height().div_ceil(1 << LOG_BLOCK)).collect();
        let mut shape = OpeningShape::of_tables(&self.params, &self.layout, &heights, self.row_variables);
        if let Some(matrix) = &self.fixed_matrix {
            shape = shape.with_fixed(matrix.shape(), matrix.layout())?;
        }
        let commit = || opening::Committed::new(&self.params, &self.layout, tables, (shape.log_rows, LOG_BLOCK));
        let committed = tracing::info_span!("commit").in_scope(commit)?;
        let mut transcript = Transcript::new(&self.params.to_bytes(), seed);
        self.fixed_matrix.iter().for_each(|matrix| matrix.observe(&mut transcript));
        transcript.observe_digests(committed.cap());
        transcript.observe_base(&heights.iter().map(|&height| F::from_usize(height)).collect::<Vec<_>>());
        public_values.iter().for_each(|values| transcript.observe_base(values));

        let lookup_work = transcript.work(self.params.lookup_pow_bits);
        let (alpha, beta) = (transcript.challenge(), transcript.challenge());
        let fingerprints = self.lookups.with_challenges(alpha, beta);
        // Nothing of the lookups is left when they are proved.
        let mut memory = Memory::default();
        let blocks = tables.iter().zip(public_values).enumerate().flat_map(|(table, (main, public_values))| {
            let columns = Columns { main, fixed: self.fixed[table].as_ref(), public_values };
            fingerprints.blocks_in(table, &self.airs[table], &columns, &mut memory)
        });
        let blocks = tracing::info_span!("messages").in_scope(|| placed(blocks.collect()));
        let lookups = || fractions::prove_in(blocks, self.row_variables, &mut transcript, &mut memory);
        let (sum, claim) = tracing::info_span!("lookups").in_scope(lookups)?;
        drop(memory);
        let theta = transcript.challenge();

        let (message_point, tau) = claim.point.split_at(claim.point.len() - self.row_variables);
        let link = self.lookups.link([alpha, beta, theta], message_point);
        let tables_of: Vec<Table<'_, A>> = tables
            .iter()
            .zip(public_values)
            .enumerate()
            .map(|(table, (main, public_values))| Table {
                air: &self.airs[table],
                plan: &self.plans[table],
                main,
                preprocessed: self.fixed[table].as_ref(),
                public_values,
            })
            .collect();
        let [alpha, beta, eta] = [(); 3].map(|()| transcript.challenge());
        let challenges = Challenges { alpha, beta, eta, tau: tau.to_vec() };
        transcript.observe_extension(&[eta * (claim.numerator + theta * (claim.denominator - EF::ONE))]);
        let constraints = || zerocheck::prove(&tables_of, &challenges, Some(&link), &mut transcript);
        let zerocheck = tracing::info_span!("constraints").in_scope(constraints);

        let roots = zerocheck::root_weights(&self.plans, &challenges, Some(&link));
        let columns = self.forms.iter().zip(zerocheck.columns);
        let columns: Vec<Vec<EF>> = columns
            .map(|(forms, claims)| {
                let mut columns = [claims.main, claims.preprocessed].concat();
                columns.truncate(forms.columns());
                columns
            })
            .collect();
        let forms_of: Vec<Vec<EF>> = self.forms.iter().zip(&columns).map(|(forms, columns)| forms.values(columns)).collect();
        let weighted = |claims: &[EF]| self.column_weights(&roots, claims);
        let rest = {
            let none = EF::zero_vec(forms_of.iter().map(Vec::len).sum());
            let weights = weighted(&none);
            weights.iter().flatten().zip(columns.iter().flatten()).map(|(weight, value)| *weight * *value).sum::<EF>()
        };
        let rows = row_weights(zerocheck.point.skip, &zerocheck.point.rest);
        let calls = self.keccak.filter(|tie| heights[tie.calls] > 0);
        let argue = |tie| prove_tables(&tie, argued, shape.block_variables, &mut transcript);
        let (keccak, forms) = tracing::info_span!("keccak").in_scope(|| calls.map(argue).unzip());
        let forms = forms.unwrap_or_default();
        let matrices: Vec<&opening::Committed> =
            iter::once(&committed).chain(self.fixed_matrix.as_ref().map(FixedMatrix::committed)).collect();
        let values: Vec<EF> = iter::once(rest).chain(forms_of.iter().flatten().copied()).collect();
        let weights = |claims: &[EF]| self.by_matrix(weighted(&claims[1..]));
        let claims = Claims { values: &values, columns: &weights };
        let opening = tracing::info_span!("open").in_scope(|| open(&shape, &matrices, &rows, &claims, &forms, &mut transcript));
        let (skip, rounds) = (zerocheck.skip, zerocheck.rounds);
        Ok(Proof {
            cap: committed.cap().to_vec(),
            heights,
            lookup_work,
            root: sum.root,
            layers: sum.layers,
            skip,
            rounds,
            rest,
            forms: forms_of,
            keccak,
            opening,
        })
    }

    /// For each table the weights of its main columns, then of its fixed ones that are committed to, in the rests of all roots and in the forms, weighted.
    fn column_weights(&self, roots: &[Vec<EF>], claims: &[EF]) -> Vec<Vec<EF>> {
        let mut left = claims;
        let of_table = |(forms, roots): (&Forms, &Vec<EF>)| {
            let (own, others) = left.split_at(forms.len());
            left = others;
            forms.column_weights(own, roots)
        };
        self.forms.iter().zip(roots).map(of_table).collect()
    }

    /// Each table's main columns, then the fixed columns of those that have such committed to.
    fn by_matrix(&self, mut tables: Vec<Vec<EF>>) -> Vec<Vec<EF>> {
        let widths = self.layout.widths();
        let fixed: Vec<Vec<EF>> = tables.iter_mut().zip(widths).map(|(columns, width)| columns.split_off(*width)).collect();
        tables.extend(fixed.into_iter().filter(|columns| !columns.is_empty()));
        tables
    }

    fn check(&self, tables: &[RowMajorMatrix<F>], public_values: &[Vec<F>]) -> Result<(), ProveError> {
        for (list, got) in [("tables", tables.len()), ("lists of public values", public_values.len())] {
            if got != self.airs.len() {
                return Err(ProveError::Count { list, expected: self.airs.len(), got });
            }
        }
        for (table, got) in tables.iter().map(Matrix::height).enumerate() {
            let calls = self.keccak.filter(|tie| tie.calls == table).map(|tie| tie.log_calls);
            let row_variables = calls.unwrap_or(self.row_variables);
            if got > 1 << row_variables {
                return Err(ProveError::Rows { table, row_variables, got });
            }
        }
        Ok(())
    }
}

/// What each table's constraints and messages come to, where some tables' fixed columns are committed to.
fn forms<A>(airs: &[A], is_committed: impl Fn(usize) -> bool) -> Vec<Forms>
where
    A: BaseAir<F> + Air<InteractionSymbolicBuilder<F, EF>>,
{
    let of_table = |(table, air): (usize, &A)| {
        let builder = InteractionSymbolicBuilder::<F, EF>::from_air(air, AirLayout::from_air::<F>(air));
        let fixed = if is_committed(table) { air.preprocessed_width() } else { 0 };
        Forms::new(&builder, Committed { main: air.width(), fixed }).expect("tables that read their own rows")
    };
    airs.iter().enumerate().map(of_table).collect()
}

/// The rows' weights at the constraints' last point: Lagrange polynomials of the skipped bits, the equality polynomial of the others, which are bound with a block's lanes last.
fn row_weights(skip: EF, rest: &[EF]) -> RowWeights {
    let (point, lanes) = rest.split_at(rest.len() - LANE_BITS);
    let mut block: Vec<Vec<EF>> = lanes.iter().map(|&lane| alloc::vec![EF::ONE - lane, lane]).collect();
    block.push(zerocheck::lagrange(skip));
    debug_assert_eq!(block[LANE_BITS].len(), 1 << SKIP_BITS);
    RowWeights { block, blocks: point.iter().copied().map(equality_factor).collect() }
}
