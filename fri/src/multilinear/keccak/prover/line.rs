//! Formulas on lines between cells.

use alloc::vec::Vec;

use super::formula::{Formula, MAX_TERMS, leading, value};
use super::grid::{Multiply, Value};

/// Most values that make a round's message.
pub(super) const MAX_VALUES: usize = 6;

/// A line through two cells, and room for what is computed there.
pub(super) struct Line<E> {
    slope: Vec<E>,
    place: Vec<E>,
    terms: [E; MAX_TERMS],
}

impl<E: Value> Line<E> {
    pub(super) fn new() -> Self {
        Self { slope: Vec::new(), place: Vec::new(), terms: [E::ZERO; MAX_TERMS] }
    }

    /// Adds the formula's values at `1, 2, ...` on the line through two cells, and last its leading
    /// coefficient. The weights are given, or the first columns.
    pub(super) fn follow<M: Formula, P: Multiply<E>>(&mut self, weights: Option<&[E]>, [low, high]: [&[E]; 2], sums: &mut [E]) {
        let Self { slope, place, terms } = self;
        let split = if weights.is_some() { 0 } else { M::WEIGHTS };
        slope.clear();
        slope.extend(high.iter().zip(low).map(|(high, low)| *high - *low));
        let [values @ .., last] = sums else { return };
        for (step, sum) in values.iter_mut().enumerate() {
            if step == 1 {
                place.clear();
                place.extend(high.iter().zip(&*slope).map(|(high, slope)| *high + *slope));
            } else if step > 1 {
                place.iter_mut().zip(&*slope).for_each(|(place, slope)| *place += *slope);
            }
            let cell: &[E] = if step == 0 { high } else { &*place };
            *sum += value::<M, E, P>(weights.unwrap_or(&cell[..split]), &cell[split..], terms);
        }
        *last += leading::<M, E, P>(weights.unwrap_or(&slope[..split]), &slope[split..], terms);
    }
}
