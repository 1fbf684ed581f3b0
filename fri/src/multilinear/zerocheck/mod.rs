//! The zerocheck with a univariate skip: that all rows of all tables satisfy their constraints, and
//! that the lookups' last claim is about their messages, reduced to claims about linear forms of
//! columns at one point.
//!
//! Tables have `2^n` rows, of which those that are not used are zero; these are neither stored nor
//! visited. With `C_i` the constraints of table `i`, batched by Horner's rule in `alpha`, and `L`
//! the link, the sum of all messages' `w_slot (count + theta (D_slot - 1))`, the claim is
//!
//! ```text
//! sum over rows x of eq(tau, x) (sum over i of beta^i C_i(x) + eta L(x)) = claim
//! ```
//!
//! A row is `512 b + 16 j + lane`. Its bits are bound in the order of [`super::packed`], the bits 4
//! to 8, which make `j`, in one round: `j` stands for the point `w^j` of the subgroup `D` of order
//! 32, and columns are replaced by the polynomials of degree 31 through their values there. (Gruen,
//! *Some Improvements for the PIOP for ZeroCheck*, <https://eprint.iacr.org/2024/108>.) The prover
//! sends the coefficients, `31 d + 1` for constraints and messages of degree `d`, of
//!
//! ```text
//! s(Z) = sum over (b, lane) of eq(tau_rest, (b, lane)) (sum over i of beta^i C_i(Z; b, lane) + eta L(Z; b, lane)),
//! ```
//!
//! for which `sum over j of e_j s(w^j) = claim` with the equality weights `e_j` of tau's first five
//! coordinates. With a challenge `r0` the other rounds reduce `s(r0)`, bit after bit: values at
//! `0, 2, 3, …, d + 1` of polynomials with the equality factor. The claims at the end are of every
//! form the sum over `j` and the other rows of `L_j(r0) eq(r_rest, (b, lane)) form`, with the
//! Lagrange polynomials `L_j` of `D`, and of the rests likewise.
//!
//! Constraints and messages are polynomials in linear forms of the columns, and linear rests: the
//! sum of all rests, weighted, is one more column, and of the columns themselves nothing is
//! extended or bound. A polynomial of degree `e` is evaluated on `D`, unless it is that of a
//! constraint without a rest, which vanishes there, and on `e - 1` of its cosets. What a row of
//! zeros comes to is constant, and is taken out of all sums.

mod domain;
mod plan;
mod protocol;
mod rounds;
mod skip;

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::Matrix;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::{EF, F};

pub use domain::SKIP_BITS;
pub use plan::{Class, Coefficients, Plan, Weights};
pub use protocol::{Played, Protocol, Turns};
pub use rounds::{Folded, Rounds};

use super::Transcript;
use super::packed::{LANES, Packed, PackedExt, ROWS, pack};
use super::polynomial::lagrange_on_roots;
use super::program::OfBase;
use super::rows::gather;
use domain::POINTS;

/// Rows of a block.
const BLOCK: usize = ROWS * POINTS;

/// A table: what it states, and the used rows of its columns.
#[derive(Debug)]
pub struct Table<'a> {
    /// Its constraints and messages.
    pub plan: &'a Plan,
    /// The main columns.
    pub main: &'a RowMajorMatrix<F>,
    /// The preprocessed columns, if there are any.
    pub preprocessed: Option<&'a RowMajorMatrix<F>>,
    /// The public values.
    pub public_values: &'a [F],
}

/// What a table states.
#[derive(Clone, Copy, Debug)]
pub struct Instance<'a> {
    /// Its constraints and messages.
    pub plan: &'a Plan,
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

/// The values that are sent, and where they leave the columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZerocheckProof {
    /// The skip round's coefficients, the lowest first.
    pub skip: Vec<EF>,
    /// The other rounds' values at 0, 2, 3, ….
    pub rounds: Vec<Vec<EF>>,
    /// The forms' values at the point, a table each.
    pub forms: Vec<Vec<EF>>,
    /// The rests' value there, of all tables together.
    pub rest: EF,
    /// The point.
    pub point: Point,
}

/// Proves, from the skip round on; the transcript has observed the claim.
///
/// # Panics
///
/// When there are fewer than nine row variables, tables have more rows than these allow, or the
/// link's messages are not the tables'; and if a coordinate of the point is zero, which a drawn one
/// is not.
#[must_use]
pub fn prove(tables: &[Table<'_>], challenges: &Challenges, link: Option<&Link>, transcript: &mut Transcript) -> ZerocheckProof {
    let mut zerocheck = Zerocheck::new(tables, challenges, link);
    let skip = zerocheck.skip();
    transcript.observe_extension(&skip);
    let point = transcript.challenge();
    let Played { rounds, challenges, forms, rest } = zerocheck.bind(&skip, point).play(transcript);
    ZerocheckProof { skip, rounds, forms, rest, point: Point { skip: point, rest: challenges } }
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
pub struct Zerocheck<'a> {
    tables: &'a [Table<'a>],
    protocol: Protocol<'a>,
    /// Of each table the rests on its rows, from the skip round on.
    rests: Vec<Vec<PackedExt>>,
}

impl<'a> Zerocheck<'a> {
    /// Prepares the weights.
    ///
    /// # Panics
    ///
    /// As [`prove`].
    #[must_use]
    pub fn new(tables: &'a [Table<'a>], challenges: &'a Challenges, link: Option<&Link>) -> Self {
        assert!(tables.iter().all(|table| table.height() <= 1 << challenges.tau.len()), "rows of the variables");
        let protocol = Protocol::new(tables.iter().map(Table::instance).collect(), challenges, link);
        Self { tables, protocol, rests: Vec::new() }
    }

    /// The coefficients of the skip round's polynomial.
    #[must_use]
    pub fn skip(&mut self) -> Vec<EF> {
        let block_weights = self.protocol.block_weights(self.tables.iter().map(Table::blocks).max().unwrap_or(0));
        let lane_weights = pack(&self.protocol.lane_weights());
        let mut sums = Vec::with_capacity(self.tables.len());
        for (table, weights) in self.tables.iter().zip(self.protocol.weights()) {
            let (sum, rests) = skip::sums(table, weights, self.protocol.domain(), &block_weights, &lane_weights);
            self.rests.push(rests);
            // Lanes' weights add up to one.
            sums.push((sum, block_weights[..table.blocks()].iter().copied().sum::<EF>()));
        }
        self.protocol.skip(&sums)
    }

    /// Binds the skipped variables at a point where the polynomial's value is claimed, after the
    /// skip round.
    #[must_use]
    pub fn bind(self, skip: &[EF], point: EF) -> Rounds<'a> {
        let lagrange = lagrange(point).into();
        let folded = self.tables.iter().zip(&self.rests).map(|(table, rests)| skip::fold(table, rests, &lagrange)).collect();
        self.protocol.turns(skip, point).with(folded)
    }
}

impl<'a> Table<'a> {
    const fn instance(&self) -> Instance<'a> {
        Instance { plan: self.plan, public_values: self.public_values }
    }

    fn height(&self) -> usize {
        core::iter::once(self.main).chain(self.preprocessed).map(Matrix::height).max().unwrap_or(0)
    }

    fn blocks(&self) -> usize {
        self.height().div_ceil(BLOCK)
    }
}

/// Reads rows.
struct Reader<'a> {
    table: &'a Table<'a>,
    /// The columns that are committed to, and what forms are made with.
    list: Vec<Packed>,
    /// All fixed columns, if they are not committed to.
    fixed: Vec<Packed>,
}

impl<'a> Reader<'a> {
    fn new(table: &'a Table<'a>) -> Self {
        let fixed = if table.plan.known.is_empty() { 0 } else { table.preprocessed.map_or(0, Matrix::width) };
        Self { table, list: table.plan.linear.list::<OfBase>(&[]), fixed: Packed::zero_vec(fixed) }
    }

    /// The cells of a machine vector of rows: those of vector `j` of a block. Beyond the used rows
    /// columns are zero.
    fn cells(&mut self, block: usize, part: usize, j: usize, cells: &mut [Packed]) {
        let Table { plan, main, preprocessed, .. } = self.table;
        let first = block * BLOCK + j * ROWS + part * LANES;
        gather(main, first, &mut self.list[..main.width]);
        if let Some(fixed) = preprocessed {
            let committed = plan.forms().columns() - main.width;
            if committed > 0 {
                gather(fixed, first, &mut self.list[main.width..main.width + committed]);
            } else if !self.fixed.is_empty() {
                gather(fixed, first, &mut self.fixed);
            }
        }
        plan.linear.run::<OfBase>(&mut self.list);
        let (forms, known) = cells.split_at_mut(plan.forms().len());
        plan.linear.wanted(&self.list, forms);
        known.iter_mut().zip(&plan.known).for_each(|(cell, column)| *cell = self.fixed[*column]);
    }

    /// The columns of the rows whose cells were read last.
    fn columns(&self) -> &[Packed] {
        &self.list[..self.table.plan.forms().columns()]
    }
}

#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;
