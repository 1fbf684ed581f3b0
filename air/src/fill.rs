//! Filling a table from records, one row a record, on all cores.

use alloc::vec::Vec;

use p3_field::{PrimeCharacteristicRing, PrimeField32};
use p3_matrix::dense::RowMajorMatrix;
use p3_maybe_rayon::prelude::*;
use tern_field::F;
use tern_field::word::Word;

use crate::chip::Chip;
use crate::layout::Columns;
use crate::lookups::{Count, Lookups};

/// Rows that one task fills.
const CHUNK: usize = 1 << 15;

/// A chip each of whose rows is made of one record's words, without branches: on the host, or on a
/// device by what is recorded of it.
pub trait FillRow: Chip + 'static {
    /// What the executor records for a row.
    type Event: Sync + 'static;
    /// What the row is made of.
    type Record<T>: Columns<T>;

    /// An event's record.
    fn record(event: &Self::Event) -> Self::Record<u32>;

    /// A record's row: its cells are numbers below 2^32, which stand for their remainders. Its
    /// lookups are counted.
    fn row<W: Word>(record: &Self::Record<W>, lookups: &mut impl Count<W>) -> Self::Main<W>;
}

/// Fills a table of `height` rows with the chip's rows; those behind them stay zero (padding).
///
/// # Panics
///
/// If there are more events than rows: the segment was cut too late.
pub fn fill_table<C: FillRow>(events: &[C::Event], height: usize, lookups: &mut Lookups) -> RowMajorMatrix<F> {
    let width = <C::Main<F> as Columns<F>>::WIDTH;
    let fill = |event: &C::Event, cells: &mut [F], lookups: &mut Lookups| fill_row::<C>(&C::record(event), cells, lookups);
    RowMajorMatrix::new(filled(events, (height, width), CHUNK, lookups, fill), width)
}

/// Fills a record's row.
pub fn fill_row<C: FillRow>(record: &C::Record<u32>, cells: &mut [F], lookups: &mut Lookups) {
    fill_numbers(&C::row(record, lookups), cells);
}

/// Fills a row of numbers, which stand for their remainders.
pub fn fill_numbers(row: &impl Columns<u32>, cells: &mut [F]) {
    cells.iter_mut().zip(row.as_row()).for_each(|(cell, &number)| *cell = F::from_u32(number));
}

/// The number that stands for the same as a word with a sign, of less than the field's order.
pub fn signed<W: Word>(word: W) -> W {
    word.plus(word.bit(31).then(W::from(F::ORDER_U32)))
}

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
    let fill = |event: &E, cells: &mut [F], lookups: &mut Lookups| fill(event, C::of_mut(cells), lookups);
    RowMajorMatrix::new(filled(events, (height, C::WIDTH), CHUNK, lookups, fill), C::WIDTH)
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
    let fill = |event: &E, cells: &mut [F], lookups: &mut Lookups| fill(event, <[C; ROWS]>::of_mut(cells), lookups);
    let size = (height.div_ceil(ROWS), ROWS * C::WIDTH);
    let mut values = filled(events, size, CHUNK / ROWS, lookups, fill);
    values.truncate(height * C::WIDTH);
    RowMajorMatrix::new(values, C::WIDTH)
}

/// The cells of `height` records, `width` each, those behind the events zero; a task fills `chunk`
/// records'.
fn filled<E: Sync>(
    events: &[E],
    (height, width): (usize, usize),
    chunk: usize,
    lookups: &mut Lookups,
    fill: impl Fn(&E, &mut [F], &mut Lookups) + Sync,
) -> Vec<F> {
    assert!(events.len() <= height, "{} rows in a table of height {height}", events.len());
    let mut values = F::zero_vec(height * width);
    let counted = values
        .par_chunks_mut(chunk * width)
        .zip(events.par_chunks(chunk))
        .map(|(rows, events)| {
            let mut counted = Lookups::default();
            rows.chunks_exact_mut(width).zip(events).for_each(|(cells, event)| fill(event, cells, &mut counted));
            counted
        })
        .collect::<Vec<_>>();
    *lookups = counted.iter().fold(core::mem::take(lookups), Lookups::merge);
    values
}
