//! Filling the table of Keccak calls.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::keccak::{ROUNDS, stages};

use super::KeccakCols;
use crate::events::{KeccakEvent, TICK_MEMORY};
use crate::gadgets::count_access;
use crate::layout::Columns;
use crate::lookups::Lookups;

const WIDTH: usize = <KeccakCols<F> as Columns<F>>::WIDTH;

/// Fills a table of `height` rows; the rows behind the calls are zero.
///
/// # Panics
///
/// If there are more calls than rows.
pub fn fill(events: &[KeccakEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    assert!(events.len() <= height, "{} calls in a table of height {height}", events.len());
    let mut values = F::zero_vec(height * WIDTH);
    for (row, event) in values.chunks_exact_mut(WIDTH).zip(events) {
        fill_call(event, KeccakCols::of_mut(row), lookups);
    }
    RowMajorMatrix::new(values, WIDTH)
}

fn fill_call(event: &KeccakEvent, row: &mut KeccakCols<F>, lookups: &mut Lookups) {
    let dword = event.ptr % (1 << 16) / 8;
    let output = (0..ROUNDS).fold(event.state, |state, round| stages(&state, round).output);
    *row = KeccakCols {
        real: F::ONE,
        time: F::from_u32(event.time),
        dword: F::from_u32(dword),
        ptr1: F::from_u32(event.ptr >> 16),
        t_mem: event.t_mem.map(F::from_u32),
        input: event.state.map(limbs),
        output: output.map(limbs),
    };
    lookups.bits(13, dword);
    for t_mem in event.t_mem {
        count_access(lookups, t_mem, event.time + TICK_MEMORY);
    }
}

fn limbs(dword: u64) -> [F; 4] {
    core::array::from_fn(|limb| F::from_u16((dword >> (16 * limb)) as u16))
}
