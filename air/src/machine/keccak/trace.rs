//! Filling the table of Keccak calls.

use p3_matrix::dense::RowMajorMatrix;
use tern_field::F;
use tern_field::keccak::{ROUNDS, stages};
use tern_field::word::{Dword, Word, words};

use super::{KeccakChip, KeccakCols};
use crate::events::{KeccakEvent, TICK_MEMORY};
use crate::fill::{FillRow, fill_table};
use crate::lookups::{Count, Lookups};
use crate::records::KeccakRecord;

/// Fills a table of `height` rows; the rows behind the calls are zero.
///
/// # Panics
///
/// If there are more calls than rows.
pub fn fill(events: &[KeccakEvent], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    fill_table::<KeccakChip>(events, height, lookups)
}

impl FillRow for KeccakChip {
    type Event = KeccakEvent;
    type Record<T> = KeccakRecord<T>;

    fn record(event: &KeccakEvent) -> KeccakRecord<u32> {
        let output = (0..ROUNDS).fold(event.state, |state, round| stages(&state, round).output);
        KeccakRecord { time: event.time, ptr: event.ptr, t_mem: event.t_mem, input: event.state.map(words), output: output.map(words) }
    }

    fn row<W: Word>(record: &KeccakRecord<W>, lookups: &mut impl Count<W>) -> KeccakCols<W> {
        let dword = record.ptr.bits(3, 13);
        lookups.count_bits(W::from(13), dword, W::from(1));
        for t_mem in record.t_mem {
            lookups.count_access(t_mem, record.time, TICK_MEMORY, W::from(1));
        }
        let limbs = |lane| Dword(lane).limbs();
        KeccakCols {
            real: W::from(1),
            time: record.time,
            dword,
            ptr1: record.ptr.bits(16, 16),
            t_mem: record.t_mem,
            input: record.input.map(limbs),
            output: record.output.map(limbs),
        }
    }
}
