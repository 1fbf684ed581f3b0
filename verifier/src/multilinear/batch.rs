//! A whole proof about tables: that they satisfy their constraints, and that what they send is received.
//!
//! The transcript starts from the parameters and a seed, which is the digest of all else that is fixed: the constraint system and whatever the caller binds a proof to. It observes the commitment and the
//! heights; then come the front, the argument about calls of Keccak ([`super::keccak`]) if there are any, and the opening of their claims. Fixed columns are not committed to: the verifier evaluates them in closed form.

use alloc::vec::Vec;

use p3_air::{Air, BaseAir};
use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_lookup::InteractionSymbolicBuilder;
use tern_field::{EF, F};
use tern_fri::hash::Digest;
use tern_fri::multilinear::keccak::{Tie, UnusableTie};
use tern_fri::multilinear::layout::MIN_LOG_GROUP;
use tern_fri::multilinear::shape::{LOG_BLOCK, ROW_BLOCK, UnusableShape};
use tern_fri::multilinear::{Layout, OpeningShape, Params, Proof};
use thiserror::Error;

use super::equality::complement;
use super::front::{ColumnValues, Front, FrontProof, LookupLayer, LookupProof, Reduction, UnusableAir};
use super::keccak;
use super::opening::{Claims, Excess, Forms, OpeningChallenges, OpeningValues, OpeningVerifier, RowWeights, has_shape};
use super::roots::lagrange;
use super::transcript::Transcript;
use crate::native::{Failure, Native};
use crate::ops::{Checked, MultilinearOps};

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
    /// The multilinear extensions of a table's fixed columns at a point in the order of a row's bits, the lowest first.
    fn fixed_at<O: MultilinearOps>(&self, ops: &mut O, table: usize, point: &[O::Ext]) -> Vec<O::Ext>;
}

/// Everything that does not depend on a proof.
#[derive(Clone, Debug)]
pub struct BatchVerifier<S> {
    params: Params,
    front: Front,
    layout: Layout,
    system: S,
    keccak: Option<Tie>,
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
    /// The front; values of fixed columns are put in by the verifier.
    pub front: FrontProof<O>,
    /// That calls of Keccak are permutations; without it there are none.
    pub keccak: Option<tern_fri::multilinear::keccak::Proof<O::Ext>>,
    /// The opening.
    pub opening: OpeningValues<O>,
}

/// What the transcript leaves to be checked.
pub struct Replayed<O: MultilinearOps> {
    reduction: Reduction<O>,
    rows: RowWeights<O>,
    claims: Vec<O::Ext>,
    forms: Option<Forms<O>>,
    /// The opening's challenges.
    pub opening: OpeningChallenges<O>,
}

impl<S: FixedColumns> BatchVerifier<S> {
    /// Prepares the verification of proofs about these tables, of at most `2^row_variables` rows.
    ///
    /// # Errors
    ///
    /// If no proof can be about them.
    pub fn new<A>(params: &Params, airs: &[A], system: S, row_variables: usize) -> Result<Self, UnusableTables>
    where
        A: Air<InteractionSymbolicBuilder<F, EF>>,
    {
        let front = Front::with_skip(airs, row_variables, params.lookup_pow_bits)?;
        // Rows that are stored have at least so many cells; where a table has fixed columns, rows that are not may send as well.
        let mut unstored = 0_u64;
        for (table, shape) in front.shape().tables.iter().enumerate() {
            let columns = u64::try_from(shape.main.next_multiple_of(MIN_GROUP)).unwrap_or(0);
            if shape.count_weight > columns.saturating_mul(MESSAGES_A_COLUMN) {
                return Err(UnusableTables::Counts { table, columns: shape.main, got: shape.count_weight });
            }
            if shape.preprocessed > 0 {
                unstored = unstored.saturating_add(shape.count_weight.saturating_mul(power_of_two(row_variables)));
            }
        }
        let log_cells = params.max_log_rows.saturating_add(params.log_width);
        let messages = power_of_two(log_cells).saturating_mul(MESSAGES_A_COLUMN).saturating_add(unstored);
        if messages >= u64::from(F::ORDER_U32) {
            return Err(UnusableTables::Cells(log_cells));
        }
        let widths: Vec<usize> = airs.iter().map(BaseAir::width).collect();
        Ok(Self { params: *params, front, layout: Layout::new(&widths, params.log_width), system, keccak: None })
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

    /// Verifies a proof.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn verify(&self, seed: &Digest, public_values: &[Vec<F>], proof: &Proof) -> Result<(), Rejected> {
        let opening = self.opening(&proof.heights)?;
        let ops = &mut Native;
        let public_values: Vec<Vec<EF>> = public_values.iter().map(|values| values.iter().map(|&value| value.into()).collect()).collect();
        let mut values = self.values(proof).filter(|_| has_shape(&proof.opening, opening.shape())).ok_or(Rejected::Shape)?;
        let replayed = self.replay(ops, &opening, seed, &public_values, &mut values)?;
        values.opening.queries = opening.expand(&proof.opening, &replayed.opening)?;
        self.check(ops, &opening, &public_values, &values, &replayed)?;
        Ok(())
    }

    /// The opening for tables of these heights.
    fn opening(&self, heights: &[usize]) -> Result<OpeningVerifier, Rejected> {
        if heights.len() != self.layout.widths().len() {
            return Err(Rejected::Shape);
        }
        let shape = OpeningShape::of_tables(&self.params, &self.layout, heights, self.front.shape().log_rows);
        Ok(OpeningVerifier::new(shape)?)
    }

    /// A proof's values but the queries', if its lists have the front's lengths.
    fn values(&self, proof: &Proof) -> Option<BatchValues<Native>> {
        let layers = proof.layers.iter().map(|layer| {
            let [n0, d0, n1, d1] = layer.halves;
            LookupLayer { rounds: layer.rounds.clone(), numerators: [n0, n1], denominators: [d0, d1] }
        });
        let lookup = LookupProof { work: proof.lookup_work.into(), root_denominator: proof.root, layers: layers.collect() };
        let columns = proof.columns.iter().zip(&self.front.shape().tables);
        let columns =
            columns.map(|(main, table)| ColumnValues { main: main.clone(), preprocessed: alloc::vec![EF::ZERO; table.preprocessed] });
        let front = FrontProof { lookup: Some(lookup), skip: proof.skip.clone(), rounds: proof.rounds.clone(), columns: columns.collect() };
        let heights = proof.heights.iter().map(|&height| u32::try_from(height).ok().filter(|&height| height < F::ORDER_U32));
        let heights = heights.map(|height| height.map(|height| EF::from(F::from_u32(height)))).collect::<Option<Vec<EF>>>()?;
        let has_argument = proof.keccak.as_ref().is_none_or(|proof| self.keccak.is_some_and(|tie| proof.fits(&tie.shape())));
        let is_whole = front.fits(self.front.shape()) && proof.columns.len() == self.layout.widths().len() && has_argument;
        let opening = || OpeningValues::without_queries(&proof.opening);
        is_whole.then(|| BatchValues { cap: proof.cap.clone(), heights, front, keccak: proof.keccak.clone(), opening: opening() })
    }

    /// Takes the transcript's steps, checks what can be checked on the way, and puts in the values of fixed columns.
    ///
    /// # Errors
    ///
    /// The first claim that does not hold.
    pub fn replay<O: MultilinearOps>(
        &self,
        ops: &mut O,
        opening: &OpeningVerifier,
        seed: &O::Digest,
        public_values: &[Vec<O::Ext>],
        values: &mut BatchValues<O>,
    ) -> Checked<O, Replayed<O>> {
        let mut transcript = Transcript::new(ops, &self.params.to_bytes(), seed);
        transcript.observe_digests(&values.cap);
        transcript.observe_base(&values.heights);
        let reduction = self.front.reduce(ops, &mut transcript, public_values, &values.front)?;
        let rows = row_weights(ops, &reduction);
        for (table, columns) in values.front.columns.iter_mut().enumerate() {
            if !columns.preprocessed.is_empty() {
                columns.preprocessed = self.fixed_values(ops, table, columns.preprocessed.len(), &rows);
            }
        }
        let forms = self.keccak(ops, &mut transcript, values)?;
        let claims: Vec<O::Ext> = values.front.columns.iter().flat_map(|columns| columns.main.iter().cloned()).collect();
        let commitments = [values.cap.clone()];
        let heights = [values.heights.clone()];
        let opened = Claims { commitments: &commitments, heights: &heights, rows: &rows, values: &claims, forms: forms.as_ref() };
        let challenges = opening.replay(ops, &mut transcript, &opened, &values.opening)?;
        Ok(Replayed { reduction, rows, claims, forms, opening: challenges })
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
        self.front.close(ops, &replayed.reduction, public_values, &values.front.columns)?;
        let commitments = [values.cap.clone()];
        let heights = [values.heights.clone()];
        let claims = Claims {
            commitments: &commitments,
            heights: &heights,
            rows: &replayed.rows,
            values: &replayed.claims,
            forms: replayed.forms.as_ref(),
        };
        opening.check(ops, &claims, &values.opening, &replayed.opening)
    }

    /// A table's fixed columns, weighted as its rows are: their extensions with the skipped bits those of a number, and the weighted sum over these numbers.
    fn fixed_values<O: MultilinearOps>(&self, ops: &mut O, table: usize, count: usize, rows: &RowWeights<O>) -> Vec<O::Ext> {
        let zero = ops.constant(EF::ZERO);
        let lanes: Vec<O::Ext> = rows.block.iter().take(LANE_BITS).filter_map(|factor| factor.get(1).cloned()).collect();
        let mut sums = alloc::vec![zero; count];
        for (number, weight) in rows.block.get(LANE_BITS).into_iter().flatten().enumerate() {
            let bits = (0..SKIP_BITS).map(|bit| number.checked_shr(u32::try_from(bit).unwrap_or(0)).is_some_and(|rest| rest & 1 == 1));
            let bits: Vec<O::Ext> = bits.map(|bit| ops.constant(EF::from_bool(bit))).collect();
            let blocks = rows.blocks.iter().map(|[_, one]| one);
            let point: Vec<O::Ext> = lanes.iter().chain(&bits).chain(blocks).cloned().collect();
            let values = self.system.fixed_at(ops, table, &point);
            sums = sums.iter().zip(&values).map(|(sum, value)| ops.mul_add(value, weight, sum)).collect();
        }
        sums
    }
}

/// `2^log`, or the largest number.
fn power_of_two(log: usize) -> u64 {
    1_u64.checked_shl(u32::try_from(log).unwrap_or(u32::MAX)).unwrap_or(u64::MAX)
}

/// The rows' weights where the front leaves its claims.
fn row_weights<O: MultilinearOps>(ops: &mut O, reduction: &Reduction<O>) -> RowWeights<O> {
    let rest = reduction.row_point();
    let (point, lanes) = rest.split_at_checked(rest.len().saturating_sub(LANE_BITS)).unwrap_or_default();
    let mut block: Vec<Vec<O::Ext>> = Vec::with_capacity(ROW_BLOCK.len());
    for lane in lanes {
        block.push(alloc::vec![complement(ops, lane), lane.clone()]);
    }
    block.extend(reduction.skip_point().map(|skip| lagrange(ops, skip, SKIP_BITS)));
    let blocks = point.iter().map(|coordinate| [complement(ops, coordinate), coordinate.clone()]).collect();
    RowWeights { block, blocks }
}

const _: () = assert!(LOG_BLOCK == LANE_BITS + SKIP_BITS);
