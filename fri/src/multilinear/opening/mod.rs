//! Opening committed tables: one sumcheck over the cells of the dense matrices, whose challenges fold FRI's words.
//!
//! The claims are that linear form `j` of the tables' columns, which are multilinear polynomials in their rows, has the value `v_j` at a point, or at one that has other weights for a block's rows ([`RowWeights`]). With a challenge `gamma` they are
//! one claim about the cells `D` of the matrices, `sum W(i) D(i) = sum gamma^j v_j`, where the weight of row `r` in a column is the sum of `gamma^j` times the column's coefficient in form `j`, times the row's. One further claim may be about other sums over the first matrix's tables, with weights of rows and columns of
//! their own ([`Form`]); its power of `gamma` is the next.
//!
//! The sumcheck binds the bits of a cell's index, the lowest first: first those of its column, then those of its row. A matrix's columns are polynomials with the cells as *coefficients*, in the order of
//! the rows; so their combination with the weights `eq(rho, column)` is one polynomial, the first word, and folding a word with a row's challenge is folding the polynomial that the
//! sumcheck is about. When few coefficients are left they are sent. Then positions are drawn, at which the matrices' rows must combine to the first word, each word must
//! fold to the next, and the last to the polynomial.

mod columns;
mod commit;
mod rounds;
mod words;

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, F};

pub use commit::{CommitError, Committed};

use super::Transcript;
use super::proof::OpeningProof;
use super::shape::OpeningShape;
use columns::{Part, Weighted};
use words::Word;

/// The weights of a table's rows: a product over some of the bits in a block, times one over the bits of the block's number.
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
        let one = alloc::vec![EF::ONE];
        let block = self.block.iter().fold(one, |low, high| high.iter().flat_map(|&high| low.iter().map(move |&low| low * high)).collect());
        let used = rows.div_ceil(block.len());
        let (low, high) = self.blocks.split_at(used.max(1).next_power_of_two().ilog2() as usize);
        let unset: EF = high.iter().map(|&[zero, _]| zero).product();
        let blocks =
            low.iter().fold(alloc::vec![unset], |low, high| high.iter().flat_map(|&high| low.iter().map(move |&low| low * high)).collect());
        let mut weights = EF::zero_vec(used * block.len());
        weights.par_chunks_exact_mut(block.len()).zip(&blocks).for_each(|(weights, &high)| {
            weights.iter_mut().zip(&block).for_each(|(weight, &low)| *weight = low * high);
        });
        weights
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
    /// Gives the columns' weights in the sum of all claims times given weights: table by table, matrix by matrix, a list for each.
    pub columns: &'a dyn Fn(&[EF]) -> Vec<Vec<EF>>,
}

/// Opens matrices, given claims of linear forms of their columns. What the further sums add up to is claimed too, by values that the transcript has observed; it has observed the
/// commitments and the heights.
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
    assert_eq!(matrices.len(), shape.layouts.len(), "one matrix for each layout");
    for rows in forms.iter().map(|form| &form.rows).chain([rows]) {
        assert_eq!(rows.blocks.len(), shape.block_variables, "weights of the blocks");
        assert!(rows.block.iter().map(Vec::len).eq(shape.block.iter().map(|bits| 1 << bits)), "weights of a block's rows");
    }
    transcript.observe_extension(claims.values);
    let powers: Vec<EF> = transcript.challenge().powers().collect_n(claims.values.len() + 1);
    let mut prover = Prover { shape, transcript, rounds: Vec::new(), works: Vec::new(), challenges: Vec::new() };
    let (values, weights) = prover.column_rounds(matrices, rows, forms, (claims, &powers));
    let (words, last) = prover.row_rounds(values, weights);
    let Prover { rounds, works, .. } = prover;

    let query_work = transcript.work(shape.params.query_pow_bits);
    let mut positions: Vec<usize> = (0..shape.params.num_queries).map(|_| transcript.index(shape.log_domain())).collect();
    positions.sort_unstable();
    positions.dedup();
    let opened_rows = matrices.iter().map(|matrix| matrix.opened(&positions)).collect();
    let mut leaves = Vec::with_capacity(words.len());
    for word in &words {
        positions.iter_mut().for_each(|position| *position >>= word.log_leaf());
        positions.dedup();
        leaves.push(word.opened(&positions));
    }
    OpeningProof {
        rounds,
        works,
        words: words.iter().map(|word| word.cap().to_vec()).collect(),
        last,
        query_work,
        rows: opened_rows,
        leaves,
    }
}

/// The state of the sumcheck.
struct Prover<'a> {
    shape: &'a OpeningShape,
    transcript: &'a mut Transcript,
    rounds: Vec<[EF; 2]>,
    works: Vec<F>,
    challenges: Vec<EF>,
}

impl Prover<'_> {
    /// Binds the bits of the column. What is left are values and weights by row.
    fn column_rounds(
        &mut self,
        matrices: &[&Committed],
        rows: &RowWeights,
        forms: &[Form],
        (claims, powers): (&Claims<'_>, &[EF]),
    ) -> (Vec<EF>, Vec<EF>) {
        let rows = rows.table(matrices.iter().map(|matrix| matrix.max_height()).max().unwrap_or(0));
        let of_forms: Vec<Vec<EF>> = forms.iter().map(|form| form.rows.table(matrices[0].height(form.table))).collect();
        let (of_claims, further) = powers.split_at(claims.values.len());
        let mut columns = (claims.columns)(of_claims).into_iter();
        let weights = matrices.iter().map(|matrix| {
            let tables = columns.by_ref().take(matrix.layout().widths().len()).enumerate();
            tables.map(|(table, columns)| Weighted { table, columns, rows: &rows }).collect()
        });
        let mut weights: Vec<Vec<Weighted<'_>>> = weights.collect();
        weights[0].extend(forms.iter().zip(&of_forms).map(|(form, rows)| {
            let columns = form.columns.iter().map(|&weight| weight * further[0]).collect();
            Weighted { table: form.table, columns, rows }
        }));
        let mut parts: Vec<Part<'_>> = matrices.iter().zip(&weights).map(|(matrix, weights)| Part::new(matrix, weights)).collect();
        let first = self.shape.layouts[0].log_width();
        for _ in 0..first {
            parts.iter_mut().for_each(|part| part.settle(&self.challenges));
            let message = parts.iter().map(Part::message).fold([EF::ZERO; 2], |[a, b], [c, d]| [a + c, b + d]);
            let challenge = self.round(message, Some(self.shape.params.column_pow_bits));
            parts.iter_mut().for_each(|part| part.fold(challenge));
        }
        parts.iter_mut().for_each(|part| part.settle(&self.challenges));
        let mut parts = parts.into_iter().map(Part::into_rows);
        let Some((mut values, mut weights)) = parts.next() else { return (Vec::new(), Vec::new()) };
        if let Some((second_values, second_weights)) = parts.next() {
            // The last bit of the column tells the matrices apart.
            (values, weights) = (rounds::interleaved(&values, &second_values), rounds::interleaved(&weights, &second_weights));
            let challenge = self.round(rounds::message(&values, &weights), Some(self.shape.params.column_pow_bits));
            (values, weights) = (rounds::folded(&values, challenge), rounds::folded(&weights, challenge));
        }
        let rows = 1 << self.shape.log_rows;
        values.resize(rows, EF::ZERO);
        weights.resize(rows, EF::ZERO);
        (values, weights)
    }

    /// Binds the bits of the row, with a word for each group of them; at last, the coefficients are sent.
    fn row_rounds(&mut self, mut values: Vec<EF>, mut weights: Vec<EF>) -> (Vec<Word>, Vec<EF>) {
        let mut words: Vec<Word> = Vec::new();
        for log_leaf in self.shape.folds() {
            let codeword = match words.last() {
                None => words::encode(&values, self.shape.params.log_blowup),
                Some(word) => word.fold(&self.challenges[self.challenges.len() - word.log_leaf()..]),
            };
            let log_leaves = codeword.len().ilog2() as usize - log_leaf;
            let word = Word::new(codeword, log_leaf, self.shape.log_cap(log_leaves));
            self.transcript.observe_digests(word.cap());
            words.push(word);
            for _ in 0..log_leaf {
                (values, weights) = self.row_round(&values, &weights, Some(self.shape.params.row_pow_bits));
            }
        }
        let last = values.clone();
        self.transcript.observe_extension(&last);
        while values.len() > 1 {
            (values, weights) = self.row_round(&values, &weights, None);
        }
        (words, last)
    }

    fn row_round(&mut self, values: &[EF], weights: &[EF], bits: Option<usize>) -> (Vec<EF>, Vec<EF>) {
        let challenge = self.round(rounds::message(values, weights), bits);
        (rounds::folded(values, challenge), rounds::folded(weights, challenge))
    }

    /// Sends a round's polynomial and draws the challenge, after proof of work if the round has one.
    fn round(&mut self, message: [EF; 2], bits: Option<usize>) -> EF {
        self.transcript.observe_extension(&message);
        self.rounds.push(message);
        if let Some(bits) = bits {
            self.works.push(self.transcript.work(bits));
        }
        let challenge = self.transcript.challenge();
        self.challenges.push(challenge);
        challenge
    }
}
