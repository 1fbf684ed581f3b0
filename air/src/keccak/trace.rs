//! Filling the Keccak chip's table.

use alloc::vec;

use p3_field::PrimeCharacteristicRing;
use p3_keccak_air::{NUM_KECCAK_COLS, generate_trace_rows};
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::F;

use super::{KeccakCols, ROWS};
use crate::events::{KeccakEvent, TICK_MEMORY};
use crate::gadgets::count_access;
use crate::layout::Columns;
use crate::lookups::Lookups;

const WIDTH: usize = <KeccakCols<F> as Columns<F>>::WIDTH;
/// Permutations that one task fills: Plonky3 pads 5 * 24 rows to 128, so that little is computed for nothing, and the result stays in the cache.
const BATCH: usize = 5;

/// Fills a table of `height` rows: 24 rows for each event, then permutations of the zero state that are not exported, the last one cut short.
///
/// # Panics
///
/// If there are more events than `height / 24`.
pub fn fill(events: &[KeccakEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    let real = events.len() * ROWS;
    assert!(real <= height, "{real} rows in a table of height {height}");
    let mut values = F::zero_vec(height * WIDTH);
    let (calls, padding) = values.split_at_mut(real * WIDTH);
    calls
        .par_chunks_mut(BATCH * ROWS * WIDTH)
        .zip(events.par_chunks(BATCH))
        .for_each(|(rows, events)| copy_permutations(&generate_trace_rows(events.iter().map(|event| event.state).collect(), 0), rows));
    let zero = generate_trace_rows(vec![[0; 25]], 0);
    padding.par_chunks_mut(ROWS * WIDTH).for_each(|rows| copy_permutations(&zero, rows));

    for (rows, event) in calls.chunks_exact_mut(ROWS * WIDTH).zip(events) {
        fill_call(event, KeccakCols::of_mut(&mut rows[(ROWS - 1) * WIDTH..]), lookups);
    }
    RowMajorMatrix::new(values, WIDTH)
}

/// Copies Plonky3's rows into ours, which are wider, as far as these go.
fn copy_permutations(permutations: &RowMajorMatrix<F>, rows: &mut [F]) {
    for (row, permutation) in rows.chunks_exact_mut(WIDTH).zip(permutations.values.chunks_exact(NUM_KECCAK_COLS)) {
        row[..NUM_KECCAK_COLS].copy_from_slice(permutation);
    }
}

/// Fills the last row of a call's permutation.
fn fill_call(event: &KeccakEvent, row: &mut KeccakCols<F>, lookups: &mut Lookups) {
    let dword = event.ptr % (1 << 16) / 8;
    row.permutation.export = F::ONE;
    row.time = F::from_u32(event.time);
    row.dword = F::from_u32(dword);
    row.ptr1 = F::from_u32(event.ptr >> 16);
    row.t_mem = event.t_mem.map(F::from_u32);
    lookups.bits(13, dword);
    for t_mem in event.t_mem {
        count_access(lookups, t_mem, event.time + TICK_MEMORY);
    }
}
