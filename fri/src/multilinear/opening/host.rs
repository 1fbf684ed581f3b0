//! The passes on the host.

use alloc::vec;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::mem;

use p3_field::{Algebra, BasedVectorSpace, PackedValue, PrimeCharacteristicRing, PrimeField32};
use p3_maybe_rayon::prelude::*;
use tern_field::{EF, EXTENSION_DEGREE, F};

use super::super::layout::Group;
use super::super::packed::{LANES, Packed};
use super::super::{Transcript, equality};
use super::commit::Committed;
use super::passes::{AllOpened, Passes, Sent, Settled, Terms, Wanted, WordSize};
use super::rounds::{self, Vectors};
use super::words::Word;
use super::{Form, RowWeights};
use crate::hash::element_from_bytes;

/// Rows that are summed up between two additions in the challenge field.
const BLOCK: usize = 32;

/// Rows that one task takes.
const TASK: usize = 1 << 12;

/// Matrices on the host, and what was sent of them.
pub(super) struct Host<'a> {
    matrices: &'a [&'a Committed],
    /// The groups of each with their cells.
    groups: Vec<Vec<(&'a Group, &'a [F])>>,
    /// The rows' weights.
    rows: Vec<Vec<EF>>,
    words: Vec<Word>,
    rounds: Vec<[EF; 2]>,
    works: Vec<F>,
}

impl<'a> Host<'a> {
    pub(super) fn new(matrices: &'a [&'a Committed], rows: &RowWeights, forms: &[Form]) -> Self {
        let of_claims = rows.table(matrices.iter().map(|matrix| matrix.max_height()).max().unwrap_or(0));
        let of_forms = forms.iter().map(|form| form.rows.table(matrices[0].height(form.table)));
        Self {
            matrices,
            groups: matrices.iter().map(|matrix| matrix.groups().collect()).collect(),
            rows: core::iter::once(of_claims).chain(of_forms).collect(),
            words: Vec::new(),
            rounds: Vec::new(),
            works: Vec::new(),
        }
    }

    fn commit(&mut self, word: Word, transcript: &mut Transcript) {
        transcript.observe_digests(word.cap());
        self.words.push(word);
    }
}

impl Passes for Host<'_> {
    type Error = Infallible;
    type Rows = Vectors;
    type Challenge = EF;

    fn columns(&mut self, matrix: usize, wanted: &[Wanted]) -> Result<Vectors, Infallible> {
        let sums = |wanted: &Wanted| {
            let (group, cells) = self.groups[matrix][wanted.group];
            column_sums(cells, group.log_width, &self.rows[wanted.rows])
        };
        let weights = wanted.iter().flat_map(|wanted| wanted.weights.iter().copied());
        Ok(Vectors { values: wanted.iter().flat_map(sums).collect(), weights: weights.collect() })
    }

    fn settle(
        &mut self,
        matrix: usize,
        groups: &[Settled],
        challenges: &[EF],
        columns: &mut Vectors,
        rows: &mut Vectors,
    ) -> Result<(), Infallible> {
        let scales = equality::table(challenges);
        let log_width = challenges.len();
        let cells = |settled: &Settled| self.groups[matrix][settled.group].1;
        let mut own = columns.split_off(columns.len() - groups.iter().map(|group| group.weights.len()).sum::<usize>()).weights.into_iter();
        let len = groups.iter().map(|group| cells(group).len() >> log_width).sum::<usize>() + rows.len();
        let (mut values, mut weights) = (Vec::with_capacity(len), Vec::with_capacity(len));
        for group in groups {
            let first = weights.len();
            let combined = combined_rows(cells(group), log_width, &scales);
            weights.resize(first + combined.len(), EF::ZERO);
            for (&number, scale) in group.weights.iter().zip(&mut own) {
                weights[first..].par_iter_mut().zip(&self.rows[number]).for_each(|(weight, &row)| *weight += row * scale);
            }
            values.extend(combined);
        }
        values.append(&mut rows.values);
        weights.append(&mut rows.weights);
        *rows = Vectors { values, weights };
        Ok(())
    }

    fn round(&mut self, parts: &mut [Terms<'_, Vectors>], bits: usize, transcript: &mut Transcript) -> Result<EF, Infallible> {
        let message = |part: &Terms<'_, Vectors>| if part.are_bound { part.rows.message() } else { [part.rows.inner_product(); 2] };
        let message = parts.iter().map(message).fold([EF::ZERO; 2], |[a, b], [c, d]| [a + c, b + d]);
        transcript.observe_extension(&message);
        self.rounds.push(message);
        self.works.push(transcript.work(bits));
        Ok(transcript.challenge())
    }

    fn fold(&mut self, rows: &mut Vectors, challenge: EF) -> Result<(), Infallible> {
        rows.fold(challenge);
        Ok(())
    }

    fn scale(&mut self, rows: &mut Vectors, challenge: EF) -> Result<(), Infallible> {
        rows.values.par_iter_mut().chain(rows.weights.par_iter_mut()).for_each(|value| *value *= EF::ONE - challenge);
        Ok(())
    }

    fn interleave(&mut self, [first, second]: [Vectors; 2]) -> Result<Vectors, Infallible> {
        let values = rounds::interleaved(&first.values, &second.values);
        Ok(Vectors { values, weights: rounds::interleaved(&first.weights, &second.weights) })
    }

    fn extend(&mut self, rows: &mut Vectors, len: usize) -> Result<(), Infallible> {
        rows.values.resize(len, EF::ZERO);
        rows.weights.resize(len, EF::ZERO);
        Ok(())
    }

    fn encode(&mut self, rows: &mut Vectors, log_blowup: usize, size: WordSize, transcript: &mut Transcript) -> Result<(), Infallible> {
        self.commit(Word::encode(&rows.values, log_blowup, size), transcript);
        Ok(())
    }

    fn fold_word(&mut self, challenges: &[EF], size: WordSize, transcript: &mut Transcript) -> Result<(), Infallible> {
        let folded = self.words.last().map_or_else(Vec::new, |word| word.fold(challenges));
        self.commit(Word::new(folded, size), transcript);
        Ok(())
    }

    fn finish(&mut self, rows: Vectors, _: &mut Transcript) -> Result<Sent, Infallible> {
        let caps = self.words.iter().map(|word| word.cap().to_vec()).collect();
        Ok(Sent { rounds: mem::take(&mut self.rounds), works: mem::take(&mut self.works), caps, left: rows })
    }

    fn work(&mut self, bits: usize, transcript: &mut Transcript) -> Result<F, Infallible> {
        Ok(transcript.work(bits))
    }

    fn opened(&mut self, positions: &[usize], of_words: &[Vec<usize>]) -> Result<AllOpened, Infallible> {
        let rows = self.matrices.iter().map(|matrix| matrix.opened(positions)).collect();
        Ok(AllOpened { rows, leaves: self.words.iter().zip(of_words).map(|(word, positions)| word.opened(positions)).collect() })
    }
}

/// The sums over rows of each column, weighted by `weights`.
fn column_sums(cells: &[F], log_width: usize, weights: &[EF]) -> Vec<EF> {
    let width = 1 << log_width;
    let tasks = cells.par_chunks(TASK * width).zip(weights.par_chunks(TASK));
    let sums =
        tasks.map(|(cells, weights)| if width < LANES { narrow_sums(cells, width, weights) } else { wide_sums(cells, width, weights) });
    sums.collect::<Vec<_>>().into_iter().fold(vec![EF::ZERO; width], |mut sums, more| {
        sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        sums
    })
}

fn narrow_sums(cells: &[F], width: usize, weights: &[EF]) -> Vec<EF> {
    let mut sums = vec![EF::ZERO; width];
    for (row, &weight) in cells.chunks_exact(width).zip(weights) {
        sums.iter_mut().zip(row).for_each(|(sum, &cell)| *sum += weight * cell);
    }
    sums
}

fn wide_sums(cells: &[F], width: usize, weights: &[EF]) -> Vec<EF> {
    let mut sums = vec![[Packed::ZERO; EXTENSION_DEGREE]; width / LANES];
    let mut column = [Packed::ZERO; BLOCK];
    for (rows, weights) in cells.chunks(BLOCK * width).zip(weights.chunks(BLOCK)) {
        let count = rows.len() / width;
        let coordinates: [[F; BLOCK]; EXTENSION_DEGREE] =
            core::array::from_fn(|d| core::array::from_fn(|i| weights.get(i).map_or(F::ZERO, |weight| coordinate(weight, d))));
        for (place, sum) in sums.iter_mut().enumerate() {
            for (vector, row) in column.iter_mut().zip(rows.chunks_exact(width)) {
                *vector = *Packed::from_slice(&row[place * LANES..(place + 1) * LANES]);
            }
            for (sum, weights) in sum.iter_mut().zip(&coordinates) {
                *sum += Packed::batched_linear_combination(&column[..count], &weights[..count]);
            }
        }
    }
    let columns = sums.iter().flat_map(|sum| (0..LANES).map(|lane| EF::from_basis_coefficients_fn(|d| sum[d].as_slice()[lane])));
    columns.collect()
}

/// The sum of a vector's lanes: of their Montgomery words as integers, which the machine adds up at once.
fn sum_of_lanes(vector: &Packed) -> F {
    let sum: u64 = vector.as_slice().iter().map(|lane| u64::from(lane.to_unique_u32())).sum();
    let word = (sum % u64::from(F::ORDER_U32)) as u32;
    element_from_bytes(word.to_le_bytes()).unwrap_or_default()
}

fn coordinate(value: &EF, index: usize) -> F {
    let coordinates: &[F] = value.as_basis_coefficients_slice();
    coordinates[index]
}

/// Each row's sum of its cells times `scales`.
fn combined_rows(cells: &[F], log_width: usize, scales: &[EF]) -> Vec<EF> {
    let width = 1 << log_width;
    let rows = cells.par_chunks_exact(width);
    if width < LANES {
        return rows.map(|row| row.iter().zip(scales).map(|(&cell, &scale)| scale * cell).sum()).collect();
    }
    let scales: Vec<[Packed; EXTENSION_DEGREE]> = scales
        .chunks_exact(LANES)
        .map(|scales| core::array::from_fn(|d| *Packed::from_slice(&scales.iter().map(|scale| coordinate(scale, d)).collect::<Vec<F>>())))
        .collect();
    rows.map(|row| {
        let mut sums = [Packed::ZERO; EXTENSION_DEGREE];
        for (cells, scales) in row.chunks_exact(LANES).zip(&scales) {
            let cells = *Packed::from_slice(cells);
            sums.iter_mut().zip(scales).for_each(|(sum, &scale)| *sum += cells * scale);
        }
        EF::from_basis_coefficients_fn(|d| sum_of_lanes(&sums[d]))
    })
    .collect()
}
