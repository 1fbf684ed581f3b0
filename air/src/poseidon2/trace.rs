//! Filling the Poseidon2 chip's table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use p3_poseidon2_air::generate_trace_rows;
use tern_field::F;
use tern_field::poseidon2::{HALF_FULL_ROUNDS, PARTIAL_ROUNDS, SBOX_DEGREE, WIDTH, air_round_constants};

use super::{LinearLayers, Poseidon2Cols, SBOX_REGISTERS};
use crate::layout::Columns;
use crate::memory::PermutationEvent;

/// Rows that one task fills: a power of two that vector units divide.
const TASK: usize = 256;

/// Fills a table of `height` rows; the rows behind the events permute zeros and provide nothing.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[PermutationEvent], height: usize) -> RowMajorMatrix<F> {
    assert!(events.len() <= height, "{} permutations in a table of height {height}", events.len());
    let width = <Poseidon2Cols<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(height * width);
    values.par_chunks_mut(TASK * width).enumerate().for_each(|(task, rows)| fill_rows(events, task * TASK, rows));
    RowMajorMatrix::new(values, width)
}

/// Fills consecutive rows; `first` is the position of the first one.
fn fill_rows(events: &[PermutationEvent], first: usize, rows: &mut [F]) {
    let width = <Poseidon2Cols<F> as Columns<F>>::WIDTH;
    let input = |i: usize| events.get(first + i).map_or([F::ZERO; WIDTH], |event| event.state);
    let inputs = (0..TASK).map(input).collect();
    let rounds = generate_trace_rows::<F, LinearLayers, WIDTH, SBOX_DEGREE, SBOX_REGISTERS, HALF_FULL_ROUNDS, PARTIAL_ROUNDS>(
        inputs,
        &air_round_constants(),
        0,
    );
    for (i, (row, rounds)) in rows.chunks_exact_mut(width).zip(rounds.values.chunks_exact(width - 1)).enumerate() {
        row[..width - 1].copy_from_slice(rounds);
        let count = events.get(first + i).map_or(0, |event| event.count);
        Poseidon2Cols::of_mut(row).multiplicity = F::from_u32(count);
    }
}
