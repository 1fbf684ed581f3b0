//! Filling the table of Keccak's bits.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::F;
use tern_field::keccak::{ROUNDS, State, stages};

use super::KeccakBitsCols;
use crate::events::KeccakEvent;
use crate::layout::Columns;

const WIDTH: usize = <KeccakBitsCols<F> as Columns<F>>::WIDTH;

/// Calls whose rows follow each other.
pub const CALLS: usize = 16;

/// Rows of so many calls.
pub const CALL_ROWS: usize = CALLS * PARTS * 64;

/// Parts of a call that have rows.
pub const PARTS: usize = 2;

/// Rounds of a part.
const PART_ROUNDS: usize = ROUNDS / PARTS;

/// The row of a bit of a call's lanes in a part.
#[must_use]
pub const fn row(call: usize, part: usize, z: usize) -> usize {
    (z % 16) + 16 * (call % CALLS) + 256 * (z / 16 % 2) + 512 * (z / 32) + 1024 * part + CALL_ROWS * (call / CALLS)
}

/// Rows for so many calls.
#[must_use]
pub const fn height(calls: usize) -> usize {
    calls.div_ceil(CALLS) * CALL_ROWS
}

/// Of all calls the inputs and the states after twelve rounds, which are the inputs of all parts.
#[must_use]
pub fn states(events: &[KeccakEvent]) -> Vec<[State; PARTS]> {
    events.par_iter().map(|event| [event.state, middle(&event.state)]).collect()
}

/// Fills the bits of all calls' inputs and of their states after twelve rounds.
#[must_use]
pub fn fill(events: &[KeccakEvent]) -> RowMajorMatrix<F> {
    let bits = [F::ZERO, F::ONE];
    let mut values = F::zero_vec(height(events.len()) * WIDTH);
    values.par_chunks_mut(CALL_ROWS * WIDTH).zip(events.par_chunks(CALLS)).for_each(|(rows, events)| {
        for (call, event) in events.iter().enumerate() {
            for (part, state) in [event.state, middle(&event.state)].into_iter().enumerate() {
                for z in 0..64 {
                    let cells = &mut rows[row(call, part, z) * WIDTH..][..WIDTH];
                    cells.iter_mut().zip(state).for_each(|(cell, lane)| *cell = bits[(lane >> z & 1) as usize]);
                }
            }
        }
    });
    RowMajorMatrix::new(values, WIDTH)
}

/// The state after the first part's rounds.
fn middle(state: &State) -> State {
    (0..PART_ROUNDS).fold(*state, |state, round| stages(&state, round).output)
}
