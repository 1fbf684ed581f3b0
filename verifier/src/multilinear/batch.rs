//! A whole proof about tables: that they satisfy their constraints, and that what they send is received.
//!
//! The transcript starts from the parameters and a seed, which is the digest of all else that is
//! fixed: the constraint system and whatever the caller binds a proof to. It observes the
//! commitment and the heights; then come the front, the argument about calls of Keccak
//! ([`super::keccak`]) if there are any, and the opening of their claims.
//!
//! Fixed columns are evaluated by the verifier in closed form, or are committed to once with a
//! circuit: then the commitment is its *key*, which the caller gives, and the matrix's shape,
//! heights included, is the verifier's ([`BatchVerifier::with_fixed`]). The transcript observes the
//! key and these heights before all else.

use alloc::vec::Vec;

use p3_air::Air;
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_lookup::InteractionSymbolicBuilder;
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::keccak::{Tie, UnusableTie};
use tern_fri::multilinear::layout::MIN_LOG_GROUP;
use tern_fri::multilinear::security::{Accounting, Bound, FrontSize, OpeningSize};
use tern_fri::multilinear::shape::{LOG_BLOCK, UnusableShape};
use tern_fri::multilinear::{FixedShape, Layout, OpeningShape, Params, Proof};
use tern_fri::numbers::Malformed;
use thiserror::Error;

use super::claim::Claim;
use super::equality::factors;
use super::fixed::Fixed;
use super::front::{FormValues, Front, FrontProof, FrontShape, LookupLayer, LookupProof, Reduction, RootWeights, Statement, UnusableAir};
use super::keccak;
use super::opening::{Claims, Excess, Forms, OpeningChallenges, OpeningValues, OpeningVerifier, RowWeights, has_shape};
use super::roots::lagrange;
use super::transcript::Transcript;
use crate::native::{Failure, Native};
use crate::ops::{Checked, MultilinearOps};
use crate::reason::Reason;

/// Lanes of a vector of rows: bits of a row that are bound last.
const LANE_BITS: usize = 4;

/// Bits of a row that are bound in the first round of the constraints' sumcheck.
const SKIP_BITS: usize = 5;

/// Cells of the narrowest row that is stored.
const MIN_GROUP: usize = 1 << MIN_LOG_GROUP;

/// Messages that a table may send for each column: so many for all cells stay below the characteristic.
const MESSAGES_A_COLUMN: u64 = 3;

/// The fixed columns of a constraint system.
pub trait FixedColumns {
    /// The multilinear extensions of a table's fixed columns at a point in the order of a row's
    /// bits, the lowest first. None, whatever the point, where they are committed to.
    fn fixed_at<O: MultilinearOps>(&self, ops: &mut O, table: usize, point: &[O::Ext]) -> Option<Vec<O::Ext>>;
}

/// Everything that does not depend on a proof.
#[derive(Clone, Debug)]
pub struct BatchVerifier<S> {
    params: Params,
    front: Front,
    layout: Layout,
    fixed: Option<Fixed>,
    system: S,
    keccak: Option<Tie>,
    /// The most messages that all rows can send.
    messages: u64,
}

/// Tables that no proof can be about.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum UnusableTables {
    /// A table is at fault.
    #[error(transparent)]
    Air(#[from] UnusableAir),
    /// A table sends so many messages that their counts could wrap around the characteristic.
    #[error(
        "table {table}: expected at most {MESSAGES_A_COLUMN} messages for each of its {columns} columns (of four, if there are fewer), got {got}"
    )]
    Counts {
        /// Position of the table.
        table: usize,
        /// Its columns.
        columns: usize,
        /// Messages of a row.
        got: u64,
    },
    /// The largest matrix has so many cells that messages' counts could wrap around the characteristic.
    #[error("matrices of up to 2^{0} cells, too many for counts below the characteristic")]
    Cells(usize),
    /// The tables are not those of Keccak's argument.
    #[error(transparent)]
    Keccak(#[from] UnusableTie),
    /// A row of zeros breaks a constraint of a table, or sends a message: rows that are not
    /// committed to would.
    #[error("table {0}: a row of zeros breaks a constraint or sends a message")]
    ZeroRows(usize),
    /// The record of what they state is none.
    #[error(transparent)]
    Record(#[from] Malformed),
    /// There is no matrix of fixed columns of this shape.
    #[error(transparent)]
    Shape(#[from] UnusableShape),
    /// Rows of committed fixed columns send more messages than the security is counted for.
    #[error("expected at most {allowed} messages of rows of fixed columns, got {got}")]
    FixedMessages {
        /// As many as three for each cell of a matrix that takes up the columns beyond the main ones.
        allowed: u64,
        /// Messages of all rows that the matrix has.
        got: u64,
    },
    /// A table states something of fixed columns that are committed to although they are not, or
    /// the other way round.
    #[error("table {table}: fixed columns are {}committed to, and it states the contrary", if *expected { "" } else { "not " })]
    Committed {
        /// Position of the table.
        table: usize,
        /// Whether its fixed columns are in the matrix.
        expected: bool,
    },
    /// The system has no closed form of a table's fixed columns that are not committed to, or has
    /// one although they are.
    #[error("table {table}: expected closed forms of {expected} fixed columns, got {got}")]
    ClosedForms {
        /// Position of the table.
        table: usize,
        /// Its fixed columns, none if they are committed to.
        expected: usize,
        /// Those that have a closed form.
        got: usize,
    },
}

/// Why a proof is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Rejected {
    /// A list has another length than the shape gives it.
    #[error("lengths of the proof's lists")]
    Shape,
    /// The heights are those of no matrix that the parameters allow.
    #[error(transparent)]
    Heights(#[from] UnusableShape),
    /// Too few or too many leaves or digests.
    #[error(transparent)]
    Excess(#[from] Excess),
    /// A claim does not hold.
    #[error(transparent)]
    Claim(#[from] Failure),
}

/// A proof's values in any interpreter.
#[derive(Clone)]
pub struct BatchValues<O: MultilinearOps> {
    /// The commitment to the main columns.
    pub cap: Vec<O::Digest>,
    /// The tables' heights in blocks, elements of the base field.
    pub heights: Vec<O::Ext>,
    /// The front.
    pub front: FrontProof<O>,
    /// That calls of Keccak are permutations; without it there are none.
    pub keccak: Option<tern_fri::multilinear::keccak::Proof<O::Ext>>,
    /// The opening.
    pub opening: OpeningValues<O>,
}

/// What the transcript leaves to be checked.
pub struct Replayed<O: MultilinearOps> {
    reduction: Reduction<O>,
    weights: RootWeights<O>,
    rows: RowWeights<O>,
    /// The values of fixed columns that are not committed to, a list for each table.
    fixed: Vec<Vec<O::Ext>>,
    commitments: Vec<Vec<O::Digest>>,
    heights: Vec<Vec<O::Ext>>,
    /// What the transcript has observed of the front's claims: both the constraints and the opening
    /// are about these.
    pub claims: FormValues<O>,
    forms: Option<Forms<O>>,
    /// The opening's challenges.
    pub opening: OpeningChallenges<O>,
}

impl<S: FixedColumns> BatchVerifier<S> {
    /// Prepares the verification of proofs about these tables, of at most `2^row_variables` rows,
    /// whose fixed columns all have closed forms.
    ///
    /// # Errors
    ///
    /// If no proof can be about them.
    pub fn new<A>(params: &Params, airs: &[A], system: S, row_variables: usize) -> Result<Self, UnusableTables>
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        Self::prepare(params, airs, system, row_variables, None)
    }

    /// With an argument that calls in one of the tables are permutations.
    ///
    /// # Errors
    ///
    /// If the tables do not have the columns or rows.
    pub fn with_keccak(self, tie: Tie) -> Result<Self, UnusableTables> {
        tie.check(self.layout.widths(), self.front.shape().log_rows)?;
        Ok(Self { keccak: Some(tie), ..self })
    }

    /// The same for circuits: some tables' fixed columns are committed to, in a matrix of this
    /// shape. Circuits whose shapes differ have verifiers of their own.
    ///
    /// # Errors
    ///
    /// If no proof can be about them.
    pub fn with_fixed<A>(params: &Params, airs: &[A], system: S, row_variables: usize, fixed: FixedShape) -> Result<Self, UnusableTables>
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        Self::prepare(params, airs, system, row_variables, Some(fixed))
    }

    fn prepare<A>(params: &Params, airs: &[A], system: S, row_variables: usize, fixed: Option<FixedShape>) -> Result<Self, UnusableTables>
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        let statements = Front::statements(airs, |table| fixed.as_ref().is_some_and(|shape| shape.has(table)))?;
        Self::of_statements(params, &statements, system, row_variables, fixed)
    }

    /// Prepares the verification of proofs about tables that state this. If some tables' fixed
    /// columns are committed to, `fixed` is the shape of their matrix, and they state it of them.
    ///
    /// # Errors
    ///
    /// If no proof can be about them.
    pub fn of_statements(
        params: &Params,
        statements: &[Statement],
        system: S,
        row_variables: usize,
        fixed: Option<FixedShape>,
    ) -> Result<Self, UnusableTables> {
        for (table, statement) in statements.iter().enumerate() {
            let (expected, got) = (fixed.as_ref().is_some_and(|shape| shape.has(table)), statement.is_of_committed());
            if got.is_some_and(|got| got != expected) {
                return Err(UnusableTables::Committed { table, expected });
            }
        }
        let front = Front::of_statements(statements, row_variables, params.lookup_pow_bits)?;
        let fixed = fixed.map(|shape| Fixed::new(params, &front, shape)).transpose()?;
        if let Some(table) = front.speaks_on_zeros() {
            return Err(UnusableTables::ZeroRows(table));
        }
        let messages = check_counts(params, front.shape(), fixed.as_ref())?;
        let widths: Vec<usize> = front.shape().tables.iter().map(|table| table.main).collect();
        let verifier =
            Self { params: *params, front, layout: Layout::new(&widths, params.log_width), fixed, system, keccak: None, messages };
        verifier.check_closed_forms()?;
        if verifier.fixed.is_some() {
            verifier.empty_shape()?.check()?;
        }
        Ok(verifier)
    }

    /// Checks that the system evaluates the fixed columns that are not committed to, and no others.
    fn check_closed_forms(&self) -> Result<(), UnusableTables> {
        let origin = alloc::vec![EF::ZERO; self.front.shape().log_rows];
        let tables = self.front.shape().tables.iter().enumerate().filter(|(_, shape)| shape.preprocessed > 0);
        for (table, shape) in tables {
            let expected = if self.is_committed(table) { 0 } else { shape.preprocessed };
            let got = self.system.fixed_at(&mut Native, table, &origin).map_or(0, |values| values.len());
            if got != expected {
                return Err(UnusableTables::ClosedForms { table, expected, got });
            }
        }
        Ok(())
    }

    /// Every error term of a proof of the largest size that the parameters allow.
    #[must_use]
    pub fn accounting(&self, bound: Bound) -> Accounting {
        let front = FrontSize { keccak_calls: self.keccak.map(|tie| tie.log_calls), ..self.front.size(self.messages) };
        let fixed = self.fixed.as_ref();
        let own = OpeningShape::of_tables(&self.params, &self.layout, &[], self.front.shape().log_rows);
        let shape = OpeningShape { log_rows: fixed.map_or(self.params.max_log_rows, |fixed| fixed.shape.log_rows), ..own };
        let opening = OpeningSize {
            log_rows: shape.log_rows,
            column_variables: shape.column_variables().saturating_add(usize::from(fixed.is_some())),
            log_last: shape.log_last(),
            // The front's, and the further claim.
            claims: self.front.shape().claims().saturating_add(1),
        };
        Accounting::new(&self.params, &front, &opening, bound)
    }

    /// Columns of the tables.
    pub(super) fn table_widths(&self) -> &[usize] {
        self.layout.widths()
    }

    /// The shape of the front: the tables' columns, messages and public values.
    pub const fn front_shape(&self) -> &FrontShape {
        self.front.shape()
    }

    /// The shape of the argument about calls of Keccak that a proof has with tables of these
    /// heights, if it has one.
    pub(super) fn keccak_shape(&self, heights: &[usize]) -> Option<tern_fri::multilinear::keccak::Shape> {
        let has_calls = |tie: &Tie| heights.get(tie.calls).is_some_and(|height| *height > 0);
        self.keccak.filter(has_calls).map(|tie| tie.shape())
    }

    /// Whether a table's fixed columns are committed to.
    pub(super) fn is_committed(&self, table: usize) -> bool {
        self.fixed.as_ref().is_some_and(|fixed| fixed.shape.has(table))
    }

    /// Verifies a proof about tables whose fixed columns all have closed forms.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn verify(&self, seed: &Digest, public_values: &[Vec<F>], proof: &Proof) -> Result<(), Rejected> {
        self.verify_under(&[], seed, public_values, proof)
    }

    /// Verifies a proof under a key: the commitment to the circuit's fixed columns, which is none
    /// of the proof's. Without such columns it is empty.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn verify_under(&self, key: &[Digest], seed: &Digest, public_values: &[Vec<F>], proof: &Proof) -> Result<(), Rejected> {
        self.verify_values(key, seed, &extended(public_values), proof)
    }

    /// The same for public values as the interpreter has them: elements of the base field.
    pub(super) fn verify_values(&self, key: &[Digest], seed: &Digest, public_values: &[Vec<EF>], proof: &Proof) -> Result<(), Rejected> {
        let opening = self.opening(&proof.heights)?;
        let (values, replayed) = self.expanded(&opening, key, seed, public_values, proof)?;
        self.check(&mut Native, &opening, public_values, &values, &replayed)?;
        Ok(())
    }

    /// The opening of proofs with committed fixed columns, whose matrix fixes the number of rows.
    ///
    /// # Errors
    ///
    /// If there is no such matrix that the parameters allow.
    pub fn fixed_opening(&self) -> Result<OpeningVerifier, UnusableShape> {
        OpeningVerifier::new(self.empty_shape()?)
    }

    /// A proof's values with a full path for each query, as other interpreters take them; nothing
    /// is checked but what the transcript's steps check.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with the proof up to the queries.
    pub fn full_values(
        &self,
        key: &[Digest],
        seed: &Digest,
        public_values: &[Vec<EF>],
        proof: &Proof,
    ) -> Result<BatchValues<Native>, Rejected> {
        let opening = self.opening(&proof.heights)?;
        let (values, _) = self.expanded(&opening, key, seed, public_values, proof)?;
        Ok(values)
    }

    /// Values of zeros, with an opening for tables of some heights and with or without the argument
    /// about calls of Keccak, if the system has one. Circuits are built from them.
    #[must_use]
    pub fn zero_values(&self, opening: &OpeningVerifier, has_calls: bool) -> BatchValues<Native> {
        let argument = self.keccak.filter(|_| has_calls).map(|tie| tie.shape());
        BatchValues::zero(self.front.shape(), argument.as_ref(), opening.shape())
    }

    fn expanded(
        &self,
        opening: &OpeningVerifier,
        key: &[Digest],
        seed: &Digest,
        public_values: &[Vec<EF>],
        proof: &Proof,
    ) -> Result<(BatchValues<Native>, Replayed<Native>), Rejected> {
        if !self.is_key(key, opening.shape()) {
            return Err(Rejected::Shape);
        }
        let mut values = self.values(proof).filter(|_| has_shape(&proof.opening, opening.shape())).ok_or(Rejected::Shape)?;
        let replayed = self.replay(&mut Native, opening, key, seed, public_values, &values)?;
        values.opening.queries = opening.expand(&proof.opening, &replayed.opening)?;
        Ok((values, replayed))
    }

    /// The opening for tables of these heights.
    ///
    /// # Errors
    ///
    /// If there are not as many, or they are those of no matrix that the parameters allow.
    pub fn opening(&self, heights: &[usize]) -> Result<OpeningVerifier, Rejected> {
        if heights.len() != self.layout.widths().len() {
            return Err(Rejected::Shape);
        }
        Ok(OpeningVerifier::new(self.opening_shape(heights)?)?)
    }

    /// The opening for tables, whatever their heights are, whose cells take up a matrix of
    /// `2^log_rows` rows; fixed columns would fix it ([`BatchVerifier::fixed_opening`]).
    ///
    /// # Errors
    ///
    /// If there is no such matrix that the parameters allow.
    pub fn opening_of_rows(&self, log_rows: usize) -> Result<OpeningVerifier, UnusableShape> {
        OpeningVerifier::new(OpeningShape { log_rows, ..self.empty_shape()? })
    }

    pub(super) fn opening_shape(&self, heights: &[usize]) -> Result<OpeningShape, UnusableShape> {
        let shape = OpeningShape::of_tables(&self.params, &self.layout, heights, self.front.shape().log_rows);
        match &self.fixed {
            Some(fixed) => shape.with_fixed(&fixed.shape, &fixed.layout),
            None => Ok(shape),
        }
    }

    /// The opening of tables without rows.
    fn empty_shape(&self) -> Result<OpeningShape, UnusableShape> {
        self.opening_shape(&alloc::vec![0; self.layout.widths().len()])
    }

    /// Whether an opening is one of this system's: of its parameters and tables, in any number of
    /// rows unless fixed columns fix it.
    fn is_own(&self, shape: &OpeningShape) -> bool {
        let log_rows = shape.log_rows;
        self.empty_shape().is_ok_and(|own| {
            let own = if self.fixed.is_some() { own } else { OpeningShape { log_rows, ..own } };
            own == *shape
        })
    }

    /// Whether a key has as many digests as the commitment to the circuit's fixed columns, if there
    /// are any.
    fn is_key(&self, key: &[Digest], shape: &OpeningShape) -> bool {
        let log_cap = shape.log_cap(shape.log_domain());
        let digests = self.fixed.as_ref().and_then(|_| usize::try_from(power_of_two(log_cap)).ok());
        key.len() == digests.unwrap_or(0)
    }

    /// A proof's values but the queries', if its lists have the front's lengths.
    fn values(&self, proof: &Proof) -> Option<BatchValues<Native>> {
        let layers = proof.layers.iter().map(|layer| {
            let [n0, d0, n1, d1] = layer.halves;
            LookupLayer { rounds: layer.rounds.clone(), numerators: [n0, n1], denominators: [d0, d1] }
        });
        let lookup = LookupProof { work: proof.lookup_work.into(), root_denominator: proof.root, layers: layers.collect() };
        let claims = FormValues { rest: proof.rest, tables: proof.forms.clone() };
        let front = FrontProof { lookup: Some(lookup), skip: proof.skip.clone(), rounds: proof.rounds.clone(), claims };
        let heights = proof.heights.iter().map(|&height| u32::try_from(height).ok().filter(|&height| height < F::ORDER_U32));
        let heights = heights.map(|height| height.map(|height| EF::from(F::from_u32(height)))).collect::<Option<Vec<EF>>>()?;
        // With calls or without there is one way to say so; calls without an argument are for the
        // arithmetic to notice.
        let has_argument =
            proof.keccak.as_ref().is_none_or(|argument| self.keccak_shape(&proof.heights).is_some_and(|shape| argument.fits(&shape)));
        let is_whole = front.fits(self.front.shape()) && has_argument;
        let opening = || OpeningValues::without_queries(&proof.opening);
        is_whole.then(|| BatchValues { cap: proof.cap.clone(), heights, front, keccak: proof.keccak.clone(), opening: opening() })
    }

    /// Takes the transcript's steps, checks what can be checked on the way, and evaluates the fixed
    /// columns that are not committed to. The key is the commitment to those that are: the caller
    /// sees to it that it is the one of the circuit that he means.
    ///
    /// # Errors
    ///
    /// The first claim that does not hold.
    pub fn replay<O: MultilinearOps>(
        &self,
        ops: &mut O,
        opening: &OpeningVerifier,
        key: &[O::Digest],
        seed: &O::Digest,
        public_values: &[Vec<O::Ext>],
        values: &BatchValues<O>,
    ) -> Checked<O, Replayed<O>> {
        ops.require(self.is_own(opening.shape()), Reason::Multilinear(Claim::Shape))?;
        let mut transcript = Transcript::new(ops, &self.params.to_bytes(), seed);
        let own = core::iter::once(values.cap.clone());
        let commitments: Vec<Vec<O::Digest>> = own.chain((!key.is_empty()).then(|| key.to_vec())).collect();
        let mut heights = alloc::vec![values.heights.clone()];
        if let Some(fixed) = &self.fixed {
            transcript.observe_digests(key);
            transcript.observe_constants(&fixed.heights);
            heights.push(fixed.heights.iter().map(|&height| ops.constant(height.into())).collect());
        }
        transcript.observe_digests(&values.cap);
        transcript.observe_base(&values.heights);
        let reduction = self.front.reduce(ops, &mut transcript, public_values, &values.front)?;
        let rows = row_weights(ops, &reduction);
        let weights = self.front.root_weights(ops, &reduction);
        let fixed = self.front.shape().tables.iter().enumerate();
        let fixed = fixed.map(|(table, shape)| {
            let count = if self.is_committed(table) { 0 } else { shape.preprocessed };
            if count > 0 { self.fixed_values(ops, table, count, &rows) } else { Vec::new() }
        });
        let fixed: Vec<Vec<O::Ext>> = fixed.collect();
        let forms = self.keccak(ops, &mut transcript, values)?;
        let FormValues { rest, tables } = &values.front.claims;
        let claims = FormValues { rest: rest.clone(), tables: tables.clone() };
        let all = claims.all();
        let columns = self.column_weights(&weights);
        let opened =
            Claims { commitments: &commitments, heights: &heights, rows: &rows, values: &all, columns: &columns, forms: forms.as_ref() };
        let challenges = opening.replay(ops, &mut transcript, &opened, &values.opening)?;
        drop(columns);
        Ok(Replayed { reduction, weights, rows, fixed, commitments, heights, claims, forms, opening: challenges })
    }

    /// The argument about calls of Keccak, if the system has such tables.
    fn keccak<O: MultilinearOps>(
        &self,
        ops: &mut O,
        transcript: &mut Transcript<O>,
        values: &BatchValues<O>,
    ) -> Checked<O, Option<Forms<O>>> {
        let Some(tie) = &self.keccak else {
            return Ok(None);
        };
        let (Some(height), Some(&width)) = (values.heights.get(tie.calls), self.layout.widths().get(tie.calls)) else {
            // Lengths are no values: the opening notices it.
            return Ok(None);
        };
        let tables = keccak::Tables { tie, width, height, block_variables: self.front.shape().log_rows.saturating_sub(LOG_BLOCK) };
        keccak::verify_tables(ops, &tables, values.keccak.as_ref(), transcript)
    }

    /// Checks constraints, messages and the opening.
    ///
    /// # Errors
    ///
    /// The first claim that does not hold.
    pub fn check<O: MultilinearOps>(
        &self,
        ops: &mut O,
        opening: &OpeningVerifier,
        public_values: &[Vec<O::Ext>],
        values: &BatchValues<O>,
        replayed: &Replayed<O>,
    ) -> Checked<O, ()> {
        let Replayed { reduction, weights, rows, fixed, commitments, heights, claims, forms, .. } = replayed;
        self.front.close(ops, reduction, weights, public_values, fixed, claims)?;
        let all = claims.all();
        let columns = self.column_weights(weights);
        let claims = Claims { commitments, heights, rows, values: &all, columns: &columns, forms: forms.as_ref() };
        opening.check(ops, &claims, &values.opening, &replayed.opening)
    }

    /// The columns' weights in the claims, as the opening asks for them: those of all tables' main
    /// columns, then of the fixed ones that are committed to.
    fn column_weights<'a, O: MultilinearOps>(&'a self, weights: &'a RootWeights<O>) -> impl Fn(&mut O, &[O::Ext]) -> Vec<Vec<O::Ext>> + 'a {
        move |ops, claims| {
            let tables = self.front.column_weights(ops, weights, claims).into_iter().zip(self.layout.widths());
            let (mut main, mut fixed) = (Vec::new(), Vec::new());
            for (table, (mut columns, width)) in tables.enumerate() {
                let others = columns.split_off((*width).min(columns.len()));
                main.push(columns);
                if self.is_committed(table) {
                    fixed.push(others);
                }
            }
            main.into_iter().chain(fixed).collect()
        }
    }

    /// A table's fixed columns, weighted as its rows are: their extensions with the skipped bits
    /// those of a number, and the weighted sum over these numbers.
    fn fixed_values<O: MultilinearOps>(&self, ops: &mut O, table: usize, count: usize, rows: &RowWeights<O>) -> Vec<O::Ext> {
        let zero = ops.constant(EF::ZERO);
        let lanes: Vec<O::Ext> = rows.block.iter().take(LANE_BITS).filter_map(|factor| factor.get(1).cloned()).collect();
        let mut sums = alloc::vec![zero; count];
        for (number, weight) in rows.block.get(LANE_BITS).into_iter().flatten().enumerate() {
            let bits = (0..SKIP_BITS).map(|bit| number.checked_shr(u32::try_from(bit).unwrap_or(0)).is_some_and(|rest| rest & 1 == 1));
            let bits: Vec<O::Ext> = bits.map(|bit| ops.constant(EF::from_bool(bit))).collect();
            let blocks = rows.blocks.iter().map(|[_, one]| one);
            let point: Vec<O::Ext> = lanes.iter().chain(&bits).chain(blocks).cloned().collect();
            let values = self.system.fixed_at(ops, table, &point).unwrap_or_default();
            sums = sums.iter().zip(&values).map(|(sum, value)| ops.mul_add(value, weight, sum)).collect();
        }
        sums
    }
}

/// Checks that messages' counts cannot wrap around the characteristic, and that there are no more
/// messages than the security is counted for.
///
/// Gives the most that all rows can send. A row that is stored with the main columns sends few
/// messages for its cells. Where a table has fixed columns, rows that are not may send as well: any
/// row, if they have closed forms, and if they are committed to the rows of their matrix
/// ([`Fixed::messages`]).
fn check_counts(params: &Params, shape: &FrontShape, fixed: Option<&Fixed>) -> Result<u64, UnusableTables> {
    let mut unstored = 0_u64;
    for (table, shape_of) in shape.tables.iter().enumerate() {
        let columns = u64::try_from(shape_of.main.next_multiple_of(MIN_GROUP)).unwrap_or(0);
        // As many as their bounds say and, where messages declare none, as there are; those of rows
        // of fixed columns are counted below.
        let all = if shape_of.preprocessed > 0 { 0 } else { u64::try_from(shape_of.messages).unwrap_or(u64::MAX) };
        let got = shape_of.count_weight.max(all);
        if got > columns.saturating_mul(MESSAGES_A_COLUMN) {
            return Err(UnusableTables::Counts { table, columns: shape_of.main, got });
        }
        if shape_of.preprocessed > 0 && !fixed.is_some_and(|fixed| fixed.shape.has(table)) {
            // Messages of a fixed count declare no bound: each is counted once, besides the bounds.
            let messages = shape_of.count_weight.saturating_add(u64::try_from(shape_of.messages).unwrap_or(u64::MAX));
            unstored = unstored.saturating_add(messages.saturating_mul(power_of_two(shape.log_rows)));
        }
    }
    let log_cells = params.max_log_rows.saturating_add(params.log_width);
    let mut messages = power_of_two(log_cells).saturating_mul(MESSAGES_A_COLUMN);
    if let Some(fixed) = fixed {
        let got = fixed.messages(shape);
        let log_all = params.max_log_rows.saturating_add(params.max_column_variables);
        let allowed = power_of_two(log_all).saturating_mul(MESSAGES_A_COLUMN).saturating_sub(messages);
        if got > allowed {
            return Err(UnusableTables::FixedMessages { allowed, got });
        }
        messages = messages.saturating_add(got);
    }
    messages = messages.saturating_add(unstored);
    if messages >= u64::from(F::ORDER_U32) { Err(UnusableTables::Cells(log_cells)) } else { Ok(messages) }
}

/// `2^log`, or the largest number.
pub(super) fn power_of_two(log: usize) -> u64 {
    1_u64.checked_shl(u32::try_from(log).unwrap_or(u32::MAX)).unwrap_or(u64::MAX)
}

fn extended(values: &[Vec<F>]) -> Vec<Vec<EF>> {
    values.iter().map(|values| values.iter().map(|&value| value.into()).collect()).collect()
}

/// The rows' weights where the front leaves its claims.
fn row_weights<O: MultilinearOps>(ops: &mut O, reduction: &Reduction<O>) -> RowWeights<O> {
    let rest = reduction.row_point();
    let (point, lanes) = rest.split_at_checked(rest.len().saturating_sub(LANE_BITS)).unwrap_or_default();
    let mut block: Vec<Vec<O::Ext>> = factors(ops, lanes).into_iter().map(Vec::from).collect();
    block.extend(reduction.skip_point().map(|skip| lagrange(ops, skip, SKIP_BITS)));
    RowWeights { block, blocks: factors(ops, point) }
}

const _: () = assert!(LOG_BLOCK == LANE_BITS + SKIP_BITS);
