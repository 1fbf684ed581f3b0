//! A whole proof about tables: commitment, lookups, constraints, opening.
//!
//! Main columns are committed to with a proof. Fixed columns are known to the verifier, or
//! committed to once with a circuit ([`super::prepare`]).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::iter;

use p3_air::{Air, BaseAir};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::InteractionSymbolicBuilder;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};
use thiserror::Error;

use super::backend::{Backend, BackendError, LookupError, Place, Prepared, Relation, Session, Statement};
use super::fractions::Unbalanced;
use super::host::Host;
use super::keccak::{Tie, UnusableTie};
use super::layout::Layout;
use super::lookups::{Lookups, MessageFolder};
use super::opening::{Claims, CommitError, RowWeights, equality_factor};
use super::packed::LANE_BITS;
use super::params::Params;
use super::prepare::FixedMatrix;
use super::proof::Proof;
use super::shape::{LOG_BLOCK, OpeningShape, UnusableShape};
use super::source::{Source, of_cells};
use super::transcript::Transcript;
use super::zerocheck::{self, Challenges, Plan, SKIP_BITS};
use crate::hash::Digest;

/// What the prover asks of a table: its constraints and messages as expressions, and its messages on rows.
pub trait ProverAir: Air<InteractionSymbolicBuilder<F, EF>> + for<'a> Air<MessageFolder<'a>> + Sync {}

impl<A> ProverAir for A where A: Air<InteractionSymbolicBuilder<F, EF>> + for<'a> Air<MessageFolder<'a>> + Sync {}

/// Everything that does not depend on what is proved.
pub struct Prover<A> {
    params: Params,
    airs: Vec<A>,
    plans: Vec<Plan>,
    lookups: Lookups,
    layout: Layout,
    /// The fixed columns. The verifier evaluates those by himself that are not committed to.
    fixed: Vec<Option<RowMajorMatrix<F>>>,
    /// The commitment to the others.
    fixed_matrix: Option<FixedMatrix>,
    row_variables: usize,
    /// Where calls of Keccak are.
    keccak: Option<Tie>,
    /// What proves, if it is not the host.
    device: Option<Box<dyn Prepared>>,
}

/// What makes a proof.
#[derive(Clone, Copy)]
enum Maker<'a> {
    /// The host, of the tables' cells.
    Host(&'a [RowMajorMatrix<F>]),
    /// A device.
    Device(&'a dyn Prepared),
}

/// What a prover for tests lies about. It keeps to the transcript, so that only the check that is
/// meant to find a lie can.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Lies<'a> {
    /// That calls of Keccak are permutations is shown of these tables instead of those that are
    /// committed to.
    pub argued: Option<&'a [RowMajorMatrix<F>]>,
    /// Messages are claimed to cancel, whether they do or not, and the fractions of so many layers
    /// are forged so that these hold.
    pub forged_layers: Option<usize>,
    /// A form of a table is claimed to have so much more than its value, and the rests what makes
    /// the constraints' last claim hold then: table, form, difference.
    pub form: Option<(usize, usize, EF)>,
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
    /// The device failed.
    #[error(transparent)]
    Backend(#[from] BackendError),
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

impl From<LookupError> for ProveError {
    fn from(error: LookupError) -> Self {
        match error {
            LookupError::Unbalanced(error) => error.into(),
            LookupError::Backend(error) => error.into(),
        }
    }
}

impl<A: ProverAir + BaseAir<F>> Prover<A> {
    /// Prepares to prove tables of at most `2^row_variables` rows.
    #[must_use]
    pub fn new(params: &Params, airs: Vec<A>, row_variables: usize) -> Self {
        Self::prepare(params, airs, row_variables, None)
    }

    fn prepare(params: &Params, airs: Vec<A>, row_variables: usize, fixed_matrix: Option<FixedMatrix>) -> Self {
        let is_committed = |table: usize| fixed_matrix.as_ref().is_some_and(|matrix| matrix.shape().has(table));
        let widths: Vec<usize> = airs.iter().map(BaseAir::width).collect();
        Self {
            params: *params,
            plans: airs.iter().enumerate().map(|(table, air)| Plan::new(air, is_committed(table))).collect(),
            lookups: Lookups::new(&airs),
            layout: Layout::new(&widths, params.log_width),
            fixed: airs.iter().map(BaseAir::preprocessed_trace).collect(),
            fixed_matrix,
            airs,
            row_variables,
            keccak: None,
            device: None,
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

    /// Proves on a device from now on.
    ///
    /// # Errors
    ///
    /// If the device cannot prove such tables: nothing has changed then.
    pub fn set_backend(&mut self, backend: &dyn Backend) -> Result<(), BackendError> {
        self.device = Some(backend.prepare(&self.relation())?);
        Ok(())
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
        Self::prepare(params, airs, row_variables, Some(matrix))
    }

    /// Proves tables of used rows.
    ///
    /// # Errors
    ///
    /// When there are too many rows, cells or calls of Keccak, or the lists are not those of the tables.
    pub fn prove(&self, seed: &Digest, tables: &[RowMajorMatrix<F>], public_values: &[Vec<F>]) -> Result<Proof, ProveError> {
        self.prove_on(Place::Device, seed, tables, public_values)
    }

    /// As [`Prover::prove`], where it is said.
    ///
    /// # Errors
    ///
    /// As [`Prover::prove`].
    pub fn prove_on(
        &self,
        place: Place,
        seed: &Digest,
        tables: &[RowMajorMatrix<F>],
        public_values: &[Vec<F>],
    ) -> Result<Proof, ProveError> {
        self.prove_cells(place, seed, tables, public_values, &Lies::default())
    }

    /// Proves on the device what tables are made of.
    ///
    /// # Errors
    ///
    /// As [`Prover::prove`], and if there is no device.
    pub fn prove_from(&self, seed: &Digest, tables: &[Source<'_>], public_values: &[Vec<F>]) -> Result<Proof, ProveError> {
        let none = || BackendError { device: String::new(), reason: "no device is set".into() };
        let maker = Maker::Device(&**self.device.as_ref().ok_or_else(none)?);
        self.prove_with(maker, seed, tables, public_values, &Lies::default())
    }

    /// As [`Prover::prove`], with lies: only without any does the proof verify.
    ///
    /// # Errors
    ///
    /// As [`Prover::prove`].
    ///
    /// # Panics
    ///
    /// If a form is lied about whose table's polynomials read fixed columns that are not committed to.
    #[doc(hidden)]
    pub fn prove_lying(
        &self,
        seed: &Digest,
        tables: &[RowMajorMatrix<F>],
        public_values: &[Vec<F>],
        lies: &Lies<'_>,
    ) -> Result<Proof, ProveError> {
        self.prove_cells(Place::Host, seed, tables, public_values, lies)
    }

    /// Number of forms of a table.
    #[doc(hidden)]
    #[must_use]
    pub fn forms(&self, table: usize) -> usize {
        self.plans[table].forms().len()
    }

    fn prove_cells(
        &self,
        place: Place,
        seed: &Digest,
        tables: &[RowMajorMatrix<F>],
        public_values: &[Vec<F>],
        lies: &Lies<'_>,
    ) -> Result<Proof, ProveError> {
        let sources = of_cells(tables);
        match &self.device {
            Some(_) if place == Place::Device => self.prove_from(seed, &sources, public_values),
            _ => self.prove_with(Maker::Host(tables), seed, &sources, public_values, lies),
        }
    }

    fn prove_with(
        &self,
        maker: Maker<'_>,
        seed: &Digest,
        tables: &[Source<'_>],
        public_values: &[Vec<F>],
        lies: &Lies<'_>,
    ) -> Result<Proof, ProveError> {
        self.check(tables, public_values)?;
        let heights: Vec<usize> = tables.iter().map(|table| table.height().div_ceil(1 << LOG_BLOCK)).collect();
        let mut shape = OpeningShape::of_tables(&self.params, &self.layout, &heights, self.row_variables);
        if let Some(matrix) = &self.fixed_matrix {
            shape = shape.with_fixed(matrix.shape(), matrix.layout())?;
        }
        let statement = Statement { tables, public_values, shape: &shape };
        let mut session = tracing::info_span!("commit").in_scope(|| self.commit(maker, statement, lies))?;
        let mut transcript = Transcript::new(&self.params.to_bytes(), seed);
        self.fixed_matrix.iter().for_each(|matrix| matrix.observe(&mut transcript));
        transcript.observe_digests(session.cap());
        transcript.observe_base(&heights.iter().map(|&height| F::from_usize(height)).collect::<Vec<_>>());
        public_values.iter().for_each(|values| transcript.observe_base(values));

        let lookup_work = session.work(self.params.lookup_pow_bits, &mut transcript)?;
        let (alpha, beta) = (transcript.challenge(), transcript.challenge());
        let lookups = || session.lookups([alpha, beta], &mut transcript);
        let (sum, claim) = tracing::info_span!("lookups").in_scope(lookups)?;
        let theta = transcript.challenge();

        let (message_point, tau) = claim.point.split_at(claim.point.len() - self.row_variables);
        let link = self.lookups.link([alpha, beta, theta], message_point);
        let [alpha, beta, eta] = [(); 3].map(|()| transcript.challenge());
        let challenges = Challenges { alpha, beta, eta, tau: tau.to_vec() };
        transcript.observe_extension(&[eta * (claim.numerator + theta * (claim.denominator - EF::ONE))]);
        let constraints = || session.constraints(&challenges, &link, &mut transcript);
        let mut zerocheck = tracing::info_span!("constraints").in_scope(constraints)?;

        let roots = zerocheck::root_weights(&self.plans, &challenges, Some(&link));
        if let Some((table, form, more)) = lies.form {
            let value = |forms: &[EF]| self.plans[table].value(forms, &public_values[table], &roots[table]);
            let before = value(&zerocheck.forms[table]);
            zerocheck.forms[table][form] += more;
            zerocheck.rest += before - value(&zerocheck.forms[table]);
        }
        let rows = row_weights(zerocheck.point.skip, &zerocheck.point.rest);
        let calls = self.keccak.filter(|tie| heights[tie.calls] > 0);
        let argue = |tie: Tie| session.keccak(&tie, &mut transcript);
        let (keccak, forms) = tracing::info_span!("keccak").in_scope(|| calls.map(argue).transpose())?.unzip();
        let forms = forms.unwrap_or_default();
        let values: Vec<EF> = iter::once(zerocheck.rest).chain(zerocheck.forms.iter().flatten().copied()).collect();
        let weights = |claims: &[EF]| self.column_weights(&roots, &claims[1..]);
        let claims = Claims { values: &values, columns: &weights };
        let opening = tracing::info_span!("open").in_scope(|| session.open(&rows, &claims, &forms, &mut transcript))?;
        Ok(Proof {
            cap: session.cap().to_vec(),
            heights,
            lookup_work,
            root: sum.root,
            layers: sum.layers,
            skip: zerocheck.skip,
            rounds: zerocheck.rounds,
            rest: zerocheck.rest,
            forms: zerocheck.forms,
            keccak,
            opening,
        })
    }

    /// Commits to tables.
    fn commit<'a>(&'a self, maker: Maker<'a>, statement: Statement<'a>, lies: &Lies<'a>) -> Result<Box<dyn Session + 'a>, ProveError> {
        match maker {
            Maker::Device(device) => Ok(device.commit(self.relation(), statement)?),
            Maker::Host(cells) => Ok(Host::commit(&self.airs, self.relation(), statement, cells, *lies)?),
        }
    }

    const fn relation(&self) -> Relation<'_> {
        Relation {
            params: &self.params,
            layout: &self.layout,
            plans: self.plans.as_slice(),
            lookups: &self.lookups,
            fixed: self.fixed.as_slice(),
            fixed_matrix: self.fixed_matrix.as_ref(),
            row_variables: self.row_variables,
        }
    }

    /// The weights of all columns in the rests of all roots and in the forms, weighted: of each
    /// table's main columns, then of the fixed ones of those tables that have such committed to.
    fn column_weights(&self, roots: &[Vec<EF>], claims: &[EF]) -> Vec<Vec<EF>> {
        let (mut left, mut fixed) = (claims, Vec::new());
        let mut tables = Vec::with_capacity(roots.len());
        for ((plan, roots), width) in self.plans.iter().zip(roots).zip(self.layout.widths()) {
            let (own, others) = left.split_at(plan.forms().len());
            left = others;
            let mut columns = plan.forms().column_weights(own, roots);
            fixed.push(columns.split_off(*width));
            tables.push(columns);
        }
        tables.extend(fixed.into_iter().filter(|columns| !columns.is_empty()));
        tables
    }

    fn check(&self, tables: &[Source<'_>], public_values: &[Vec<F>]) -> Result<(), ProveError> {
        for (list, got) in [("tables", tables.len()), ("lists of public values", public_values.len())] {
            if got != self.airs.len() {
                return Err(ProveError::Count { list, expected: self.airs.len(), got });
            }
        }
        for (table, got) in tables.iter().map(Source::height).enumerate() {
            let calls = self.keccak.filter(|tie| tie.calls == table).map(|tie| tie.log_calls);
            let row_variables = calls.unwrap_or(self.row_variables);
            if got > 1 << row_variables {
                return Err(ProveError::Rows { table, row_variables, got });
            }
        }
        Ok(())
    }
}

/// The rows' weights at the constraints' last point: Lagrange polynomials of the skipped bits, the
/// equality polynomial of the others, which are bound with a block's lanes last.
fn row_weights(skip: EF, rest: &[EF]) -> RowWeights {
    let (point, lanes) = rest.split_at(rest.len() - LANE_BITS);
    let mut block: Vec<Vec<EF>> = lanes.iter().map(|&lane| alloc::vec![EF::ONE - lane, lane]).collect();
    block.push(zerocheck::lagrange(skip));
    debug_assert_eq!(block[LANE_BITS].len(), 1 << SKIP_BITS);
    RowWeights { block, blocks: point.iter().copied().map(equality_factor).collect() }
}
