//! The zerocheck with a univariate skip: that all rows of all tables satisfy their constraints, and that the lookups' last claim is about their messages, reduced to claims about columns at one point.
//!
//! Tables have `2^n` rows, of which those that are not used are zero; these are neither stored nor visited. With `C_i` the constraints of table `i`, batched by Horner's rule in `alpha`, and `L` the link, the sum of
//! all messages' `w_slot (count + theta (D_slot - 1))`, the claim is
//!
//! ```text
//! sum over rows x of eq(tau, x) (sum over i of beta^i C_i(x) + eta L(x)) = claim
//! ```
//!
//! A row is `512 b + 16 j + lane`. Its bits are bound in the order of [`super::packed`], the bits 4 to 8, which make `j`, in one round: `j` stands for the point `w^j` of the subgroup `D` of order 32, and columns
//! are replaced by the polynomials of degree 31 through their values there. (Gruen, *Some Improvements for the PIOP for ZeroCheck*, <https://eprint.iacr.org/2024/108>.) The prover sends the coefficients, `31 d + 1` for
//! constraints and messages of degree `d`, of
//!
//! ```text
//! s(Z) = sum over (b, lane) of eq(tau_rest, (b, lane)) (sum over i of beta^i C_i(Z; b, lane) + eta L(Z; b, lane)),
//! ```
//!
//! for which `sum over j of e_j s(w^j) = claim` with the equality weights `e_j` of tau's first five coordinates. With a challenge `r0` the other rounds reduce `s(r0)`, bit after bit: values at `0, 2, 3, …, d + 1` of polynomials
//! with the equality factor. The claims at the end are of every column the sum over `j` and the other rows of `L_j(r0) eq(r_rest, (b, lane)) column`, with the Lagrange polynomials `L_j` of `D`.
//!
//! On `D` itself constraints vanish, so a term of degree `e` is evaluated on `e - 1` cosets of `D`. The link is nearly linear in the columns: its linear part is one more column. What a row of zeros comes to
//! is constant, and is taken out of all sums.

mod domain;
mod folder;
mod plan;
mod rounds;
mod skip;
mod vector;

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};

pub use domain::SKIP_BITS;
pub use folder::{Folder, ZerocheckAir};
pub use plan::Plan;
pub use rounds::Rounds;
pub use vector::ExtVector;

use super::packed::{LANE_BITS, LANES, Packed, ROWS, pack};
use super::polynomial::{evaluate, lagrange_on_roots};
use super::rows::gather;
use super::{Transcript, equality};
use domain::{Domain, POINTS};
use plan::Weights;

/// Rows of a block.
const BLOCK: usize = ROWS * POINTS;

/// A table: an AIR and the used rows of its columns.
#[derive(Debug)]
pub struct Table<'a, A> {
    /// Its constraints and messages.
    pub air: &'a A,
    /// What they are made of.
    pub plan: &'a Plan,
    /// The main columns.
    pub main: &'a RowMajorMatrix<F>,
    /// The preprocessed columns, if there are any.
    pub preprocessed: Option<&'a RowMajorMatrix<F>>,
    /// The public values.
    pub public_values: &'a [F],
}

/// The zerocheck's challenges.
#[derive(Clone, Debug)]
pub struct Challenges {
    /// Batches a table's constraints.
    pub alpha: EF,
    /// Batches the tables.
    pub beta: EF,
    /// Weighs the link.
    pub eta: EF,
    /// The point, of the row variables in the order of binding.
    pub tau: Vec<EF>,
}

/// The lookups' claim as a sum over messages.
#[derive(Clone, Debug)]
pub struct Link {
    /// Weighs a fingerprint.
    pub theta: EF,
    /// The fingerprint's powers of `beta`, of the first field first.
    pub powers: Vec<EF>,
    /// For each bus a fingerprint without fields, minus one.
    pub bases: Vec<EF>,
    /// The messages of each table: those on its own buses, then those on shared ones.
    pub slots: Vec<Vec<Slot>>,
}

/// A message's place among the lookups.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// The equality weight of its number.
    pub weight: EF,
    /// Its bus.
    pub bus: usize,
}

/// A point, in the variables' order of binding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Of the skipped bits together.
    pub skip: EF,
    /// Of the other bits: 9, …, n - 1, 0, 1, 2, 3.
    pub rest: Vec<EF>,
}

/// Claimed values of a table's columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnClaims {
    /// Of the main columns.
    pub main: Vec<EF>,
    /// Of the preprocessed columns.
    pub preprocessed: Vec<EF>,
}

/// The values that are sent, and where they leave the columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZerocheckProof {
    /// The skip round's coefficients, the lowest first.
    pub skip: Vec<EF>,
    /// The other rounds' values at 0, 2, 3, ….
    pub rounds: Vec<Vec<EF>>,
    /// The columns' values at the point, a table each.
    pub columns: Vec<ColumnClaims>,
    /// The point.
    pub point: Point,
}

/// Proves, from the skip round on; the transcript has observed the claim.
///
/// # Panics
///
/// When there are fewer than nine row variables, tables have more rows than these allow, or the link's messages are not the tables'; and if a coordinate of the point is zero, which a drawn one is not.
#[must_use]
pub fn prove<A: ZerocheckAir>(
    tables: &[Table<'_, A>],
    challenges: &Challenges,
    link: Option<&Link>,
    transcript: &mut Transcript,
) -> ZerocheckProof {
    let zerocheck = Zerocheck::new(tables, challenges, link);
    let skip = zerocheck.skip();
    transcript.observe_extension(&skip);
    let point = transcript.challenge();
    let (rounds, rest, columns) = zerocheck.bind(&skip, point).play(transcript);
    ZerocheckProof { skip, rounds, columns, point: Point { skip: point, rest } }
}

/// The weights of each table's constraints, then of all parts of its messages, in the sumcheck's sum.
///
/// # Panics
///
/// If the link's messages are not the tables'.
pub fn root_weights(plans: &[Plan], challenges: &Challenges, link: Option<&Link>) -> Vec<Vec<EF>> {
    let tables = plans.iter().zip(challenges.beta.powers()).enumerate();
    tables.map(|(i, (plan, scale))| plan.root_weights(challenges, scale, link.map(|link| (link, &link.slots[i][..])))).collect()
}

/// The weights of the skipped bits' values at a point: the Lagrange polynomials of the subgroup.
#[must_use]
pub fn lagrange(point: EF) -> Vec<EF> {
    lagrange_on_roots(point, SKIP_BITS)
}

/// The tables with their weights for drawn challenges: before the skip round.
pub struct Zerocheck<'a, A> {
    tables: &'a [Table<'a, A>],
    weights: Vec<Weights>,
    domain: Domain,
    degree: usize,
    /// Of the bits that are not skipped.
    tau: &'a [EF],
}

impl<'a, A: ZerocheckAir> Zerocheck<'a, A> {
    /// Prepares the weights.
    ///
    /// # Panics
    ///
    /// As [`prove`].
    #[must_use]
    pub fn new(tables: &'a [Table<'a, A>], challenges: &'a Challenges, link: Option<&Link>) -> Self {
        let variables = challenges.tau.len();
        assert!(variables >= SKIP_BITS + LANE_BITS, "blocks of rows");
        assert!(tables.iter().all(|table| table.height() <= 1 << variables), "rows of the variables");
        assert!(link.is_none_or(|link| link.slots.len() == tables.len()), "messages of every table");
        let weights = tables.iter().zip(challenges.beta.powers()).enumerate();
        let weights =
            weights.map(|(i, (table, scale))| Weights::new(table, challenges, scale, link.map(|link| (link, &link.slots[i][..]))));
        Self {
            weights: weights.collect(),
            domain: Domain::new(tables.iter().map(|table| table.plan.term_degree()).max().unwrap_or(0)),
            degree: tables.iter().map(|table| table.plan.degree()).max().unwrap_or(0),
            tau: &challenges.tau[SKIP_BITS..],
            tables,
        }
    }

    /// The coefficients of the skip round's polynomial.
    #[must_use]
    pub fn skip(&self) -> Vec<EF> {
        let (vectors, lanes) = self.tau.split_at(self.tau.len() - LANE_BITS);
        let blocks = self.tables.iter().map(Table::blocks).max().unwrap_or(0);
        let block_weights = equality::prefix(vectors, blocks);
        let lane_weights = pack(&equality::table(lanes));
        let mut sum = EF::zero_vec(self.degree * (POINTS - 1) + 1);
        for (table, weights) in self.tables.iter().zip(&self.weights) {
            let polynomial = skip::polynomial(table, weights, &self.domain, &block_weights, &lane_weights);
            sum.iter_mut().zip(polynomial).for_each(|(sum, coefficient)| *sum += coefficient);
        }
        sum[0] += self.zero();
        sum
    }

    /// Binds the skipped variables at a point where the polynomial's value is claimed.
    #[must_use]
    pub fn bind(self, skip: &[EF], point: EF) -> Rounds<'a, A> {
        let lagrange = lagrange(point).into();
        let zero = self.zero();
        let folded = self.tables.iter().zip(&self.weights).map(|(table, weights)| skip::fold(table, weights, &lagrange)).collect();
        Rounds::new(self.tables, self.weights, folded, self.tau, self.degree, zero, evaluate(skip, point))
    }

    /// All tables' constraints and messages at rows of zeros.
    fn zero(&self) -> EF {
        self.weights.iter().map(|weights| weights.zero).sum()
    }
}

impl<A> Table<'_, A> {
    fn matrices(&self) -> impl Iterator<Item = &RowMajorMatrix<F>> {
        core::iter::once(self.main).chain(self.preprocessed)
    }

    /// Main and preprocessed columns.
    fn width(&self) -> usize {
        self.matrices().map(|matrix| matrix.width).sum()
    }

    fn height(&self) -> usize {
        self.matrices().map(Matrix::height).max().unwrap_or(0)
    }

    fn blocks(&self) -> usize {
        self.height().div_ceil(BLOCK)
    }

    /// Rows of a block, those of one machine vector of each sixteen, `stride` places apart. Beyond the used rows they are zero.
    fn load(&self, block: usize, part: usize, rows: &mut [Packed], stride: usize) {
        let mut before = 0;
        for matrix in self.matrices() {
            for (j, row) in rows.chunks_exact_mut(stride).enumerate() {
                gather(matrix, block * BLOCK + j * ROWS + part * LANES, &mut row[before..before + matrix.width]);
            }
            before += matrix.width;
        }
    }
}

#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;
