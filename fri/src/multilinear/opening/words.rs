//! FRI's words: the codeword of the matrices' combination, and what folding leaves of it.

use alloc::vec::Vec;

use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing, TwoAdicField};
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::super::encoding;
use super::super::merkle::MerkleTree;
use super::super::proof::Opened;
use super::{flatten, opened};
use crate::hash::Digest;

/// A committed word.
pub(super) struct Word {
    /// Values in bit-reversed order.
    values: Vec<EF>,
    log_leaf: usize,
    tree: MerkleTree,
}

impl Word {
    /// Commits to a word in leaves of `2^log_leaf` values.
    pub(super) fn new(values: Vec<EF>, log_leaf: usize, log_cap: usize) -> Self {
        let tree = MerkleTree::new(&flatten(&values), EXTENSION_DEGREE << log_leaf, log_cap);
        Self { values, log_leaf, tree }
    }

    pub(super) const fn log_leaf(&self) -> usize {
        self.log_leaf
    }

    pub(super) fn cap(&self) -> &[Digest] {
        self.tree.cap()
    }

    /// The word folded with challenges, one for each bit of a place in a leaf, the lowest first.
    pub(super) fn fold(&self, challenges: &[EF]) -> Vec<EF> {
        let inverses = inverse_points(self.values.len().ilog2() as usize);
        let leaf = 1 << self.log_leaf;
        let fold = |(index, values): (usize, &[EF])| {
            let mut values = values.to_vec();
            let mut first = index * leaf / 2;
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
        };
        self.values.par_chunks_exact(leaf).enumerate().map(fold).collect()
    }

    pub(super) fn opened(&self, positions: &[usize]) -> Opened<EF> {
        let leaf = |position: usize| self.values[position << self.log_leaf..(position + 1) << self.log_leaf].to_vec();
        opened(positions, leaf, self.tree.path(positions))
    }
}

/// The codeword of a polynomial with these coefficients, in bit-reversed order.
pub(super) fn encode(coefficients: &[EF], log_blowup: usize) -> Vec<EF> {
    let log_rows = coefficients.len().ilog2() as usize;
    let codeword = encoding::encode(&flatten(coefficients), EXTENSION_DEGREE, log_rows, log_blowup);
    let (elements, _) = codeword.as_chunks::<EXTENSION_DEGREE>();
    elements.iter().map(|coordinates| EF::from_basis_coefficients_fn(|d| coordinates[d])).collect()
}

/// The inverses of the first points of all pairs of positions in a bit-reversed word of length `2^log_len`. Those of a word half as long are the first half.
fn inverse_points(log_len: usize) -> Vec<F> {
    let mut points = Vec::with_capacity(1 << log_len.saturating_sub(1));
    points.push(F::ONE);
    // Bit `i` of a pair's position is bit `log_len - 2 - i` of its point's exponent.
    for log_order in 2..=log_len {
        let factor = F::two_adic_generator(log_order).inverse();
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
            for (pair, &inverse) in inverse_points(log_len).iter().enumerate() {
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
                let word = Word::new(encode(&coefficients, log_blowup), log_leaf, 0);
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
