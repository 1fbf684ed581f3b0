//! Filling the Poseidon2 chip's table.

use core::array::from_fn;

use p3_field::{Algebra, Field, PackedValue, PrimeCharacteristicRing, PrimeField32};
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

/// Words of a record of a row: the inputs' and the domain's Montgomery words, then the count.
pub const RECORD_WORDS: usize = DOMAIN_WORD + 2;

/// An event's record: what a device gets instead of the row.
#[must_use]
pub fn record(event: &PermutationEvent) -> [u32; RECORD_WORDS] {
    from_fn(|i| if i <= DOMAIN_WORD { event.state[i].to_unique_u32() } else { event.count })
}

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
    let packed = columns_less(&state, chip.zeros(), || {});
    for (lane, (row, event)) in rows.chunks_exact_mut(<Poseidon2Cols<F> as Columns<F>>::WIDTH).zip(events).enumerate() {
        let row = Poseidon2Cols::of_mut(row);
        *row = map(&packed, |x| x.as_slice()[lane]);
        row.multiplicity = F::from_u32(event.count);
    }
}

/// The row of an input, its last five words left out, as far as it is no multiplicity: that is zero.
/// Of what is computed little is used behind a call of `part`.
pub fn row<R: Algebra<F> + Copy>(chip: &Poseidon2Chip, inputs: &[R; DOMAIN_WORD + 1], part: impl FnMut()) -> Poseidon2Cols<R> {
    let state = from_fn(|i| inputs.get(i).copied().unwrap_or(R::ZERO));
    columns_less(&state, chip.zeros(), part)
}

/// What the computed columns hold for an input, less what these columns hold, which are those of
/// the permutation of zeros; the multiplicity is zero.
pub(super) fn columns_less<R: Algebra<F> + Copy>(input: &[R; WIDTH], less: &Poseidon2Cols<F>, mut part: impl FnMut()) -> Poseidon2Cols<R> {
    let sbox = |x: R| x.cube().square() * x;
    let full_round = |state: &mut [R; WIDTH], constants: &[F; WIDTH], less: &[F], part: &mut dyn FnMut()| -> [R; WIDTH] {
        part();
        *state = from_fn(|i| sbox(state[i] + constants[i]));
        external_linear_layer(state);
        from_fn(|i| less.get(i).map_or(state[i], |&less| state[i] - less))
    };
    let mut state = *input;
    external_linear_layer(&mut state);
    let beginning = from_fn(|round| full_round(&mut state, &INITIAL_CONSTANTS[round], &less.beginning[round], &mut part));
    let partial = from_fn(|round| {
        part();
        state[0] = sbox(state[0] + PARTIAL_CONSTANTS[round]);
        let held = state[0] - less.partial[round];
        internal_linear_layer(&mut state);
        held
    });
    let ending = from_fn(|round| full_round(&mut state, &FINAL_CONSTANTS[round], &less.ending[round], &mut part));
    let last = full_round(&mut state, &FINAL_CONSTANTS[HALF_FULL_ROUNDS - 1], &[], &mut part);
    Poseidon2Cols {
        inputs: from_fn(|i| input[i]),
        domain: input[DOMAIN_WORD],
        beginning,
        partial,
        ending,
        outputs: from_fn(|i| last[i] + input[i] - less.outputs[i]),
        multiplicity: R::ZERO,
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
