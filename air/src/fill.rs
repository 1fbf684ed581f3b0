//! Filling a table from records, one row a record, on all cores.

use alloc::vec::Vec;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::F;

use crate::layout::Columns;
use crate::lookups::Lookups;

/// Rows that one task fills.
const CHUNK: usize = 1 << 15;

/// Fills a table of `height` rows from `events`, one row each; the rows behind them stay zero (padding).
///
/// # Panics
///
/// If there are more events than rows: the segment was cut too late.
pub fn fill_rows<C, E>(
    events: &[E],
    height: usize,
    lookups: &mut Lookups,
    fill: impl Fn(&E, &mut C, &mut Lookups) + Sync,
) -> RowMajorMatrix<F>
where
    C: Columns<F>,
    E: Sync,
{
    RowMajorMatrix::new(filled(events, height, CHUNK, lookups, fill), C::WIDTH)
}

/// [`fill_rows`] with `ROWS` rows for each event.
///
/// # Panics
///
/// Likewise.
pub fn fill_calls<C, E, const ROWS: usize>(
    events: &[E],
    height: usize,
    lookups: &mut Lookups,
    fill: impl Fn(&E, &mut [C; ROWS], &mut Lookups) + Sync,
) -> RowMajorMatrix<F>
where
    C: Columns<F>,
    E: Sync,
{
    assert!(events.len() * ROWS <= height, "{} calls of {ROWS} rows in a table of height {height}", events.len());
    let mut values = filled(events, height.div_ceil(ROWS), CHUNK / ROWS, lookups, fill);
    values.truncate(height * C::WIDTH);
    RowMajorMatrix::new(values, C::WIDTH)
}

/// `height` records' columns, those behind the events zero; a task fills `chunk` of them.
fn filled<C, E>(events: &[E], height: usize, chunk: usize, lookups: &mut Lookups, fill: impl Fn(&E, &mut C, &mut Lookups) + Sync) -> Vec<F>
where
    C: Columns<F>,
    E: Sync,
{
    assert!(events.len() <= height, "{} rows in a table of height {height}", events.len());
    let mut values = F::zero_vec(height * C::WIDTH);
    let counted = values
        .par_chunks_mut(chunk * C::WIDTH)
        .zip(events.par_chunks(chunk))
        .map(|(rows, events)| {
            let mut counted = Lookups::default();
            for (row, event) in rows.chunks_exact_mut(C::WIDTH).zip(events) {
                fill(event, C::of_mut(row), &mut counted);
            }
            counted
        })
        .collect::<Vec<_>>();
    *lookups = counted.iter().fold(core::mem::take(lookups), Lookups::merge);
    values
}
