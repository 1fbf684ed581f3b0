//! The front of a proof of version 2: LogUp-GKR and the zerocheck, which lead from "every row
//! satisfies every constraint and all messages cancel" to claims about linear forms of columns.
//!
//! It follows `p3-multi-stark`'s format (version 0.8.0: `lookup`, `fractional_gkr`, `zerocheck`) in
//! its algebra and in the order of its messages, for tables of one height; the tests let that crate
//! prove and judge. Two things differ. `p3-multi-stark` absorbs a seed before each of its five
//! parts; what these bind (tables, heights, plan of the messages) is bound by the seed that our
//! transcript starts from. And the sum that the zerocheck starts from, which the verifier knows, is
//! absorbed but not part of a proof.
//!
//! # Tables and points
//!
//! All tables have `2^n` rows, and those that a prover does not use are zero. A point is a list of
//! challenges in the order in which the variables are bound.
//!
//! Without a univariate skip the format is `p3-multi-stark`'s. It binds the most significant bit of
//! a row's number first. We number the rows the other way round: our row `r` is its row
//! `bitreverse_n(r)`, so that coordinate `i` of a row point belongs to bit `i` of our row number.
//! Constraints and messages are those of a row by itself, so this changes nothing else, and a
//! table's unused rows, those with high numbers, fill whole subcubes of the last coordinates.
//!
//! With a univariate skip ([`Front::with_skip`]) the bits of a row number are bound in the order 4,
//! 5, 6, 7, 8, 9, …, n - 1, 0, 1, 2, 3, by the lookups' layers as well: coordinate `i` belongs to
//! the `i`th of these. A message's bits come before them, the lowest first (`lookup`). The
//! zerocheck binds the first five of a row's bits in one round ([`Reduction`]). Degrees are then
//! the constraints' own, whatever an AIR declares.
//!
//! # Transcript
//!
//! The caller has absorbed the commitments. [`Front::reduce`] absorbs and draws, in this order
//! (elements of the challenge field unless said otherwise):
//!
//! 1. absorb every table's public values, base elements;
//! 2. if any table sends messages (`lookup`, `gkr`): proof of work; draw `alpha`, draw `beta`;
//!    absorb the root's denominator; for layer `i = 0, …, v - 1`: draw `lambda`; `i` times: absorb
//!    the values of a round polynomial at 0, 2, 3 and draw a challenge; absorb `n0, d0, n1, d1`;
//!    draw the branch; then draw `theta`;
//! 3. the zerocheck (`zerocheck`): draw its `alpha`, draw its `beta`; draw `eta` if there are
//!    messages, else the `n` coordinates of `tau`; absorb the claimed sum; with a skip: absorb its
//!    `31 d + 1` coefficients and draw `r0`; then for each round ([`FrontShape::rounds`]): absorb
//!    the values of a round polynomial at 0, 2, 3, …, d + 1 and draw a challenge.
//!
//! `v = n + ceil(log2 m)` for `m` messages a row over all tables, and `d` is the largest degree of
//! a constraint or message. The claims about linear forms are not absorbed here: the opening, which
//! binds them, absorbs them before its first challenge.

mod gkr;
mod lookup;
mod program;
pub mod proof;
pub mod shape;
mod skip;
pub mod statement;
mod sumcheck;
mod zerocheck;

pub use proof::{ColumnProof, ColumnValues, FormValues, FrontClaims, FrontProof, LookupLayer, LookupProof};
pub use shape::{FrontShape, TableShape, UnusableAir, UnusableTable};
pub use statement::Statement;
pub use zerocheck::{Reduction, RootWeights};

use alloc::vec::Vec;

use p3_air::Air;
use p3_field::PrimeCharacteristicRing;
use p3_lookup::InteractionSymbolicBuilder;
use tern_field::{EF, F};
use tern_fri::multilinear::security::FrontSize;

use super::claim::{Claim, WorkSite};
use super::equality::inner_product;
use super::transcript::Transcript;
use crate::native::Native;
use crate::ops::{Checked, MultilinearOps};
use crate::reason::Reason;
use lookup::LookupPlan;
use program::{Known, TableProgram};
use statement::Degrees;

/// An element whose powers have no pattern.
const NO_PATTERN: F = F::new(0x1234_5678);

/// Everything about the verification of fronts that does not depend on a proof.
#[derive(Clone, Debug)]
pub struct Front {
    shape: FrontShape,
    programs: Vec<TableProgram>,
    plan: LookupPlan,
}

impl Front {
    /// Prepares the verification of proofs without a univariate skip about these tables, of
    /// `2^log_rows` rows each, with `lookup_work_bits` bits of proof of work before the lookups'
    /// challenges.
    ///
    /// # Errors
    ///
    /// If a table reads another row than its own, a selector, or anything else that the front has
    /// no values for; and if messages of one bus differ in length.
    pub fn new<A>(airs: &[A], log_rows: usize, lookup_work_bits: usize) -> Result<Self, UnusableAir>
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        Self::of(&statements(airs, Degrees::Declared, |_| false)?, log_rows, lookup_work_bits, 0)
    }

    /// The same for proofs with a univariate skip over [`shape::SKIP_BITS`] row bits: at least `2^9` rows.
    ///
    /// # Errors
    ///
    /// As [`Front::new`].
    pub fn with_skip<A>(airs: &[A], log_rows: usize, lookup_work_bits: usize) -> Result<Self, UnusableAir>
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        Self::of_statements(&Self::statements(airs, |_| false)?, log_rows, lookup_work_bits)
    }

    /// What these tables state, for proofs with a univariate skip. Fixed columns that are committed
    /// to are in linear forms.
    ///
    /// # Errors
    ///
    /// As [`Front::new`].
    pub fn statements<A>(airs: &[A], is_committed: impl Fn(usize) -> bool) -> Result<Vec<Statement>, UnusableAir>
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        statements(airs, Degrees::Actual, is_committed)
    }

    /// Prepares the verification of proofs with a univariate skip about tables that state this.
    ///
    /// # Errors
    ///
    /// If messages of one bus differ in length.
    pub fn of_statements(statements: &[Statement], log_rows: usize, lookup_work_bits: usize) -> Result<Self, UnusableAir> {
        Self::of(statements, log_rows, lookup_work_bits, shape::SKIP_BITS)
    }

    fn of(statements: &[Statement], log_rows: usize, lookup_work_bits: usize, skip_bits: usize) -> Result<Self, UnusableAir> {
        shape::check_size(statements.len(), log_rows, skip_bits)?;
        let mut plan = LookupPlan::default();
        for statement in statements {
            plan.add(&statement.messages)?;
        }
        let tables = statements.iter().map(|statement| statement.shape).collect();
        let programs = statements.iter().map(|statement| TableProgram::new(&statement.forms, statement.constraints)).collect();
        Ok(Self { shape: FrontShape { log_rows, skip_bits, lookup_work_bits, tables }, programs, plan })
    }

    /// The shape of the proofs.
    #[must_use]
    pub const fn shape(&self) -> &FrontShape {
        &self.shape
    }

    /// The first table, if there is one, that has a constraint which a row of zeros breaks, or a
    /// message that it sends. Rows that are not committed to are such; public values may be any, so
    /// they are taken without pattern.
    #[must_use]
    pub fn speaks_on_zeros(&self) -> Option<usize> {
        let zeros = |count: usize| alloc::vec![EF::ZERO; count];
        let tables = self.shape.tables.iter().zip(&self.programs).enumerate();
        let speaks = |(table, (shape, program)): &(usize, (&TableShape, &TableProgram))| {
            let public: Vec<EF> = NO_PATTERN.powers().skip(1).take(shape.public_values).map(EF::from).collect();
            let known = Known { fixed: &zeros(shape.preprocessed), public: &public };
            let values = program.polynomials(&mut Native, &zeros(shape.forms), &known);
            let (constraints, messages) = values.split_at_checked(program.constraints()).unwrap_or_default();
            constraints.iter().chain(self.plan.counts(*table, messages)).any(|value| *value != EF::ZERO)
        };
        tables.into_iter().find(speaks).map(|(table, _)| table)
    }

    /// What the error terms of a proof depend on, for at most so many messages over all rows.
    #[must_use]
    pub fn size(&self, messages: u64) -> FrontSize {
        FrontSize {
            row_variables: self.shape.log_rows,
            tables: self.shape.tables.len(),
            constraints: self.programs.iter().map(TableProgram::constraints).max().unwrap_or(0),
            degree: self.shape.degree(),
            messages,
            message_width: self.plan.width().saturating_add(1),
            layers: self.shape.lookup_variables(),
            skip_bits: self.shape.skip_bits,
            keccak_calls: None,
        }
    }

    /// Checks a front that claims the columns' values, which [`Reduction`] states.
    ///
    /// # Errors
    ///
    /// The first claim that does not hold.
    pub fn verify<O: MultilinearOps>(
        &self,
        ops: &mut O,
        transcript: &mut Transcript<O>,
        public_values: &[Vec<O::Ext>],
        proof: &ColumnProof<O>,
    ) -> Checked<O, Reduction<O>> {
        let reduction = self.reduce(ops, transcript, public_values, proof)?;
        let weights = self.root_weights(ops, &reduction);
        let mut rest = ops.constant(EF::ZERO);
        let mut tables = Vec::with_capacity(self.programs.len());
        for ((program, columns), weights) in self.programs.iter().zip(&proof.claims).zip(&weights.tables) {
            // Fixed columns are in forms where they count as committed to.
            let weights = program.column_weights(ops, &[], weights);
            let columns: Vec<O::Ext> = columns.main.iter().chain(&columns.preprocessed).take(weights.len()).cloned().collect();
            tables.push(program.forms_at(ops, columns.iter().cloned()));
            let of_table = inner_product(ops, &weights, &columns);
            rest = ops.add(&rest, &of_table);
        }
        let fixed: Vec<Vec<O::Ext>> = proof.claims.iter().map(|columns| columns.preprocessed.clone()).collect();
        self.close(ops, &reduction, &weights, public_values, &fixed, &FormValues { rest, tables })?;
        Ok(reduction)
    }

    /// Replays the transcript and checks the lookups' layers: what is left is one claim about the
    /// columns' values at one point.
    ///
    /// # Errors
    ///
    /// The first claim that does not hold.
    pub fn reduce<O: MultilinearOps, C: FrontClaims>(
        &self,
        ops: &mut O,
        transcript: &mut Transcript<O>,
        public_values: &[Vec<O::Ext>],
        proof: &FrontProof<O, C>,
    ) -> Checked<O, Reduction<O>> {
        let fits = proof.fits(&self.shape) && self.shape.fits_public_values(public_values);
        ops.require(fits, Reason::Multilinear(Claim::Shape))?;
        public_values.iter().for_each(|values| transcript.observe_base(values));
        let link = match &proof.lookup {
            Some(lookup) => {
                transcript.check_work(ops, self.shape.lookup_work_bits, &lookup.work, WorkSite::Lookup)?;
                Some(self.plan.reduce(ops, transcript, lookup)?)
            }
            None => None,
        };
        zerocheck::reduce(ops, transcript, &self.shape, link, (&proof.skip, &proof.rounds))
    }

    /// The weights of all constraints and parts of messages in what the sumcheck claims.
    pub fn root_weights<O: MultilinearOps>(&self, ops: &mut O, reduction: &Reduction<O>) -> RootWeights<O> {
        zerocheck::root_weights(ops, reduction, &self.plan, &self.programs)
    }

    /// Evaluates constraints and messages at the forms' claimed values and compares them with what
    /// the sumcheck left. `fixed` are the values of fixed columns that are not committed to, a list
    /// for each table.
    ///
    /// # Errors
    ///
    /// [`Claim::Constraints`] if they differ; [`Claim::Shape`] if a list has not an entry for each table.
    pub fn close<O: MultilinearOps>(
        &self,
        ops: &mut O,
        reduction: &Reduction<O>,
        weights: &RootWeights<O>,
        public_values: &[Vec<O::Ext>],
        fixed: &[Vec<O::Ext>],
        values: &FormValues<O>,
    ) -> Checked<O, ()> {
        let fits = values.fits(&self.shape) && self.shape.fits_public_values(public_values) && fixed.len() == self.programs.len();
        ops.require(fits, Reason::Multilinear(Claim::Shape))?;
        let tables = self.programs.iter().zip(&values.tables).zip(public_values.iter().zip(fixed));
        let tables = tables.map(|((program, forms), (public, fixed))| (program, program.polynomials(ops, forms, &Known { fixed, public })));
        let tables: Vec<_> = tables.collect();
        zerocheck::close(ops, reduction, weights, &tables, &values.rest)
    }

    /// The columns' weights in the sum of all claims ([`FormValues::all`]) times the given ones, of
    /// which the first is one: for each table the main columns', then those of its fixed columns
    /// that are committed to.
    pub fn column_weights<O: MultilinearOps>(&self, ops: &mut O, weights: &RootWeights<O>, claims: &[O::Ext]) -> Vec<Vec<O::Ext>> {
        let mut rest = claims.get(1..).unwrap_or_default();
        let mut tables = Vec::with_capacity(self.programs.len());
        for ((program, shape), weights) in self.programs.iter().zip(&self.shape.tables).zip(&weights.tables) {
            let (own, others) = rest.split_at_checked(shape.forms).unwrap_or_default();
            tables.push(program.column_weights(ops, own, weights));
            rest = others;
        }
        tables
    }
}

/// What tables state, whose fixed columns are committed to or not.
fn statements<A>(airs: &[A], degrees: Degrees, is_committed: impl Fn(usize) -> bool) -> Result<Vec<Statement>, UnusableAir>
where
    A: Air<InteractionSymbolicBuilder<F, EF>>,
{
    let statement =
        |(table, air): (usize, &A)| Statement::of(air, degrees, is_committed(table)).map_err(|error| UnusableAir::Table { table, error });
    airs.iter().enumerate().map(statement).collect()
}
