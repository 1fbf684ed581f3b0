//! Opening committed tables: one sumcheck over the cells of the dense matrices, whose challenges
//! fold FRI's words.
//!
//! The claims are that linear form `j` of the tables' columns, which are multilinear polynomials in
//! their rows, has the value `v_j` at a point, or at one that has other weights for a block's rows
//! ([`RowWeights`]). With a challenge `gamma` they are one claim about the cells `D` of the
//! matrices, `sum W(i) D(i) = sum gamma^j v_j`, where the weight of row `r` in a column is the sum
//! of `gamma^j` times the column's coefficient in form `j`, times the row's. One further claim may
//! be about other sums over the first matrix's tables, with weights of rows and columns of their
//! own ([`Form`]); its power of `gamma` is the next.
//!
//! The sumcheck binds the bits of a cell's index, the lowest first: first those of its column, then
//! those of its row. A matrix's columns are polynomials with the cells as *coefficients*, in the
//! order of the rows; so their combination with the weights `eq(rho, column)` is one polynomial,
//! the first word, and folding a word with a row's challenge is folding the polynomial that the
//! sumcheck is about. When few coefficients are left they are sent. Then positions are drawn, at
//! which the matrices' rows must combine to the first word, each word must fold to the next, and
//! the last to the polynomial.

mod columns;
mod commit;
mod host;
mod passes;
mod protocol;
mod rounds;
mod words;

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_maybe_rayon::prelude::*;
use tern_field::EF;

pub use commit::{CommitError, Committed};
pub use passes::{AllOpened, Passes, Sent, Settled, Terms, Wanted, WordSize};
pub use protocol::open_with;
pub use rounds::Vectors;

use super::Transcript;
use super::proof::OpeningProof;
use super::shape::OpeningShape;
use host::Host;

/// The weights of a table's rows: a product over some of the bits in a block, times one over the
/// bits of the block's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowWeights {
    /// For each factor of [`OpeningShape::block`] its values, `2^b` of them for `b` bits.
    pub block: Vec<Vec<EF>>,
    /// For each bit of a block's number, the lowest first, its values at zero and one.
    pub blocks: Vec<[EF; 2]>,
}

impl RowWeights {
    /// The weights of so many rows.
    #[must_use]
    pub fn table(&self, rows: usize) -> Vec<EF> {
        let [block, blocks] = self.factors(rows);
        let mut weights = EF::zero_vec(blocks.len() * block.len());
        weights.par_chunks_exact_mut(block.len()).zip(&blocks).for_each(|(weights, &high)| {
            weights.iter_mut().zip(&block).for_each(|(weight, &low)| *weight = low * high);
        });
        weights
    }

    /// The factors of the weights of so many rows: by the place in a block, and by the block's number.
    #[must_use]
    pub fn factors(&self, rows: usize) -> [Vec<EF>; 2] {
        let one = alloc::vec![EF::ONE];
        let block = self.block.iter().fold(one, |low, high| high.iter().flat_map(|&high| low.iter().map(move |&low| low * high)).collect());
        let used = rows.div_ceil(block.len());
        let (low, high) = self.blocks.split_at(used.max(1).next_power_of_two().ilog2() as usize);
        let unset: EF = high.iter().map(|&[zero, _]| zero).product();
        let mut blocks =
            low.iter().fold(alloc::vec![unset], |low, high| high.iter().flat_map(|&high| low.iter().map(move |&low| low * high)).collect());
        blocks.truncate(used);
        [block, blocks]
    }
}

/// The values of an equality factor at zero and one.
pub fn equality_factor(coordinate: EF) -> [EF; 2] {
    [EF::ONE - coordinate, coordinate]
}

/// A sum over one table of the first matrix: of its cells times weights of their row and column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Position of the table.
    pub table: usize,
    /// The weights of its columns.
    pub columns: Vec<EF>,
    /// The weights of its rows.
    pub rows: RowWeights,
}

/// What is claimed of linear forms of columns.
pub struct Claims<'a> {
    /// The forms' values: sums of cells that are weighted by their row and their column.
    pub values: &'a [EF],
    /// Gives the columns' weights in the sum of all claims times given weights: table by table,
    /// matrix by matrix, a list for each.
    pub columns: &'a dyn Fn(&[EF]) -> Vec<Vec<EF>>,
}

/// Opens matrices, given claims of linear forms of their columns. What the further sums add up to
/// is claimed too, by values that the transcript has observed; it has observed the commitments and
/// the heights.
///
/// # Panics
///
/// When the matrices or the claims are not of the shape.
#[must_use]
pub fn open(
    shape: &OpeningShape,
    matrices: &[&Committed],
    rows: &RowWeights,
    claims: &Claims<'_>,
    forms: &[Form],
    transcript: &mut Transcript,
) -> OpeningProof {
    assert!(matrices.iter().map(|matrix| matrix.layout()).eq(&shape.layouts), "one matrix for each layout");
    let mut host = Host::new(matrices, rows, forms);
    let Ok(proof) = open_with(shape, &mut host, rows, claims, forms, transcript);
    proof
}
