//! Filling a table from records, one row a record, on all cores.

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
    assert!(events.len() <= height, "{} rows in a table of height {height}", events.len());
    let mut values = F::zero_vec(height * C::WIDTH);
    let counted = values
        .par_chunks_mut(CHUNK * C::WIDTH)
        .zip(events.par_chunks(CHUNK))
        .map(|(rows, events)| {
            let mut counted = Lookups::default();
            for (row, event) in rows.chunks_exact_mut(C::WIDTH).zip(events) {
                fill(event, C::of_mut(row), &mut counted);
            }
            counted
        })
        .collect::<alloc::vec::Vec<_>>();
    *lookups = counted.iter().fold(core::mem::take(lookups), Lookups::merge);
    RowMajorMatrix::new(values, C::WIDTH)
}
