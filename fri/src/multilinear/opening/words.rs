//! FRI's words: the codeword of the matrices' combination, and what folding leaves of it.

use alloc::vec::Vec;

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing, TwoAdicField};
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::super::encoding::{self, Columns};
use super::super::merkle::MerkleTree;
use super::super::proof::Opened;
use super::passes::WordSize;
use crate::hash::Digest;

/// Leaves that one task folds.
const TASK: usize = 1 << 8;

/// Base-2 logarithm of the values that are encoded together.
const LOG_GROUP: usize = 4;

/// A committed word on the host.
pub(super) struct Word {
    /// Values in bit-reversed order.
    values: Vec<EF>,
    log_leaf: usize,
    tree: MerkleTree,
}

impl Word {
    /// Commits to the codeword of a polynomial with these coefficients, `2^log_blowup` times as long.
    pub(super) fn encode(coefficients: &[EF], log_blowup: usize, size: WordSize) -> Self {
        Self::new(encode(coefficients, log_blowup), size)
    }

    /// Commits to a word in bit-reversed order.
    pub(super) fn new(values: Vec<EF>, WordSize { log_leaf, log_cap }: WordSize) -> Self {
        let cells = EF::flatten_to_base(values);
        let tree = MerkleTree::new(&cells, EXTENSION_DEGREE << log_leaf, log_cap);
        Self { values: EF::reconstitute_from_base(cells), log_leaf, tree }
    }

    /// The commitment.
    pub(super) fn cap(&self) -> &[Digest] {
        self.tree.cap()
    }

    /// The word folded with challenges, one for each bit of a place in a leaf, the lowest first.
    pub(super) fn fold(&self, challenges: &[EF]) -> Vec<EF> {
        let inverses = points(1, self.values.len().ilog2() as usize, |root| root.inverse());
        let leaf = 1 << self.log_leaf;
        let mut folded = EF::zero_vec(self.values.len() / leaf);
        folded.par_chunks_mut(TASK).zip(self.values.par_chunks(TASK * leaf)).enumerate().for_each(|(task, (folded, values))| {
            let mut buffer = Vec::with_capacity(leaf);
            for (i, (folded, values)) in folded.iter_mut().zip(values.chunks_exact(leaf)).enumerate() {
                buffer.clear();
                buffer.extend_from_slice(values);
                *folded = folded_leaf(&mut buffer, (task * TASK + i) * leaf / 2, challenges, &inverses);
            }
        });
        folded
    }

    /// The leaves at these positions, which rise.
    pub(super) fn opened(&self, positions: &[usize]) -> Opened<EF> {
        let leaf = |position: usize| self.values[position << self.log_leaf..(position + 1) << self.log_leaf].to_vec();
        Opened { leaves: positions.iter().copied().map(leaf).collect(), path: self.tree.path(positions) }
    }
}

/// A leaf's values folded with the challenges. Its first pair has the given number, which tells its point.
fn folded_leaf(values: &mut Vec<EF>, mut first: usize, challenges: &[EF], inverses: &[F]) -> EF {
    for &challenge in challenges {
        for pair in 0..values.len() / 2 {
            let (plus, minus) = (values[2 * pair], values[2 * pair + 1]);
            let (even, odd) = ((plus + minus).halve(), (plus - minus).halve() * inverses[first + pair]);
            values[pair] = even + challenge * (odd - even);
        }
        values.truncate(values.len() / 2);
        first /= 2;
    }
    values[0]
}

/// The codeword of a polynomial with these coefficients, in bit-reversed order.
///
/// Coefficients `16 k + j` are those of a polynomial `Q_j`, and `P(x) = sum of x^j Q_j(x^16)`. The
/// `Q_j` are encoded as the columns of a matrix, and the 16 points `x` with one power are a coset.
fn encode(coefficients: &[EF], log_blowup: usize) -> Vec<EF> {
    let log_rows = coefficients.len().ilog2() as usize;
    let log_group = LOG_GROUP.min(log_rows);
    let width = EXTENSION_DEGREE << log_group;
    let (twiddles, points) = (encoding::twiddles(log_group), points(log_group, log_rows + log_blowup, |root| root));
    let cells = EF::flatten_to_base(coefficients.to_vec());
    let mut word = EF::zero_vec(coefficients.len() << log_blowup);
    Columns { cells: &cells, width, log_rows: log_rows - log_group }.encode(log_blowup, &mut word, |first, rows, word| {
        let groups = word.chunks_exact_mut(1 << log_group).zip(rows.chunks_exact(width));
        for ((values, row), &point) in groups.zip(&points[first..]) {
            let mut power = F::ONE;
            for (value, coordinates) in values.iter_mut().zip(row.as_chunks::<EXTENSION_DEGREE>().0) {
                *value = EF::from_basis_coefficients_fn(|d| coordinates[d] * power);
                power *= point;
            }
            encoding::transform(values, &twiddles);
        }
    });
    word
}

/// The first points of all groups of `2^log_group` positions in a bit-reversed word of length
/// `2^log_len`, or what `of` makes of a root of unity in their place. Those of a word half as long
/// are the first half.
fn points(log_group: usize, log_len: usize, of: impl Fn(F) -> F) -> Vec<F> {
    let mut points = Vec::with_capacity(1 << log_len.saturating_sub(log_group));
    points.push(F::ONE);
    // Bit `i` of a group's number is bit `log_len - log_group - 1 - i` of its point's exponent.
    for log_order in log_group + 1..=log_len {
        let factor = of(F::two_adic_generator(log_order));
        for i in 0..points.len() {
            points.push(points[i] * factor);
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use p3_util::reverse_bits_len;

    use super::*;
    use crate::multilinear::equality;

    fn elements(len: usize, seed: usize) -> Vec<EF> {
        let element = |i: usize| EF::from_basis_coefficients_fn(|d| F::from_usize((i + seed) * 31 + d * 7).exp_u64(5));
        (0..len).map(element).collect()
    }

    #[test]
    fn points_are_inverses() {
        for log_len in 1..6 {
            for (pair, &inverse) in points(1, log_len, |root| root.inverse()).iter().enumerate() {
                let point = F::two_adic_generator(log_len).exp_u64(reverse_bits_len(2 * pair, log_len) as u64);
                assert_eq!(point * inverse, F::ONE);
            }
        }
    }

    /// Folding the codeword is encoding the folded polynomial.
    #[test]
    fn folding_commutes_with_encoding() {
        for (log_len, log_blowup) in [(4, 1), (6, 2), (5, 3)] {
            for log_leaf in 1..=4 {
                let coefficients = elements(1 << log_len, log_leaf);
                let challenges = elements(log_leaf, 99);
                let word = Word::encode(&coefficients, log_blowup, WordSize { log_leaf, log_cap: 0 });
                let scales = equality::table(&challenges);
                let folded: Vec<EF> =
                    coefficients.chunks(1 << log_leaf).map(|chunk| chunk.iter().zip(&scales).map(|(&x, &scale)| x * scale).sum()).collect();
                assert_eq!(word.fold(&challenges), encode(&folded, log_blowup));
            }
        }
    }

    #[test]
    fn codewords_are_values_of_the_polynomial() {
        let coefficients = elements(8, 3);
        let word = encode(&coefficients, 1);
        for (position, &value) in word.iter().enumerate() {
            let point = F::two_adic_generator(4).exp_u64(reverse_bits_len(position, 4) as u64);
            assert_eq!(value, coefficients.iter().rev().fold(EF::ZERO, |sum, &coefficient| sum * point + coefficient));
        }
    }
}
