//! Filling the Poseidon2 chip's table.

use core::array::from_fn;

use p3_field::{Algebra, Field, PackedValue, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::F;
use tern_field::poseidon2::{
    DOMAIN_WORD, FINAL_CONSTANTS, HALF_FULL_ROUNDS, INITIAL_CONSTANTS, PARTIAL_CONSTANTS, WIDTH, external_linear_layer,
    internal_linear_layer,
};

use super::{Poseidon2Chip, Poseidon2Cols};
use crate::layout::Columns;
use crate::memory::PermutationEvent;

type Packed = <F as Field>::Packing;

/// Vectors of rows that one task fills.
const TASK: usize = 32;

/// Fills a table of `height` rows; the rows behind the events are zero.
///
/// # Panics
///
/// If there are more events than rows.
pub fn fill(events: &[PermutationEvent], height: usize) -> RowMajorMatrix<F> {
    assert!(events.len() <= height, "{} permutations in a table of height {height}", events.len());
    let chip = Poseidon2Chip::default();
    let width = <Poseidon2Cols<F> as Columns<F>>::WIDTH;
    let mut values = F::zero_vec(height * width);
    let rows = TASK * Packed::WIDTH;
    values.par_chunks_mut(rows * width).zip(events.par_chunks(rows)).for_each(|(rows, events)| {
        for (rows, events) in rows.chunks_mut(Packed::WIDTH * width).zip(events.chunks(Packed::WIDTH)) {
            fill_rows(&chip, events, rows);
        }
    });
    RowMajorMatrix::new(values, width)
}

/// Fills as many rows as a vector has lanes, or fewer.
fn fill_rows(chip: &Poseidon2Chip, events: &[PermutationEvent], rows: &mut [F]) {
    let state = from_fn(|word| Packed::from_fn(|lane| events.get(lane).map_or(F::ZERO, |event| event.state[word])));
    let packed = differences(&values(&state), chip.zeros());
    for (lane, (row, event)) in rows.chunks_exact_mut(<Poseidon2Cols<F> as Columns<F>>::WIDTH).zip(events).enumerate() {
        let row = Poseidon2Cols::of_mut(row);
        *row = map(&packed, |x| x.as_slice()[lane]);
        row.multiplicity = F::from_u32(event.count);
    }
}

/// What the columns would hold for an input, its last five words left out, if they were no
/// differences; the multiplicity is zero.
pub(super) fn values<R: Algebra<F> + Copy>(input: &[R; WIDTH]) -> Poseidon2Cols<R> {
    let sbox = |x: R| x.cube().square() * x;
    let full_round = |state: &mut [R; WIDTH], constants: &[F; WIDTH]| {
        *state = from_fn(|i| sbox(state[i] + constants[i]));
        external_linear_layer(state);
        *state
    };
    let mut state = *input;
    external_linear_layer(&mut state);
    let beginning = from_fn(|round| full_round(&mut state, &INITIAL_CONSTANTS[round]));
    let partial = PARTIAL_CONSTANTS.map(|constant| {
        state[0] = sbox(state[0] + constant);
        let held = state[0];
        internal_linear_layer(&mut state);
        held
    });
    let ending = from_fn(|round| full_round(&mut state, &FINAL_CONSTANTS[round]));
    let last = full_round(&mut state, &FINAL_CONSTANTS[HALF_FULL_ROUNDS - 1]);
    Poseidon2Cols {
        inputs: from_fn(|i| input[i]),
        domain: input[DOMAIN_WORD],
        beginning,
        partial,
        ending,
        outputs: from_fn(|i| last[i] + input[i]),
        multiplicity: R::ZERO,
    }
}

/// The computed columns less those of the permutation of zeros, whose inputs are zero.
pub(super) fn differences<R: Algebra<F> + Copy>(values: &Poseidon2Cols<R>, zeros: &Poseidon2Cols<F>) -> Poseidon2Cols<R> {
    Poseidon2Cols {
        beginning: from_fn(|round| from_fn(|i| values.beginning[round][i] - zeros.beginning[round][i])),
        partial: from_fn(|round| values.partial[round] - zeros.partial[round]),
        ending: from_fn(|round| from_fn(|i| values.ending[round][i] - zeros.ending[round][i])),
        outputs: from_fn(|i| values.outputs[i] - zeros.outputs[i]),
        ..*values
    }
}

fn map<R: Copy, S>(columns: &Poseidon2Cols<R>, f: impl Fn(R) -> S) -> Poseidon2Cols<S> {
    Poseidon2Cols {
        inputs: columns.inputs.map(&f),
        domain: f(columns.domain),
        beginning: columns.beginning.map(|state| state.map(&f)),
        partial: columns.partial.map(&f),
        ending: columns.ending.map(|state| state.map(&f)),
        outputs: columns.outputs.map(&f),
        multiplicity: f(columns.multiplicity),
    }
}
