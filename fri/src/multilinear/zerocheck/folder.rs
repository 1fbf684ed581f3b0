//! Evaluates an AIR on a vector of rows.

use alloc::vec::Vec;

use p3_air::{Air, AirBuilder, RowWindow};
use p3_field::Algebra;
use p3_lookup::{Count, InteractionBuilder, InteractionSymbolicBuilder};
use tern_field::{EF, F};

use super::super::packed::Packed;
use super::plan::Places;
use super::vector::ExtVector;

/// What the zerocheck's prover asks of a table.
pub trait ZerocheckAir:
    Air<InteractionSymbolicBuilder<F, EF>> + for<'a> Air<Folder<'a, Packed>> + for<'a> Air<Folder<'a, ExtVector>> + Sync
{
}

impl<A> ZerocheckAir for A where
    A: Air<InteractionSymbolicBuilder<F, EF>> + for<'a> Air<Folder<'a, Packed>> + for<'a> Air<Folder<'a, ExtVector>> + Sync
{
}

/// Collects the terms of a vector of rows: the parts of messages that have a place, then the constraints.
pub struct Folder<'a, V> {
    main: RowWindow<'a, V>,
    preprocessed: RowWindow<'a, V>,
    public_values: &'a [F],
    places: &'a Places,
    /// Messages stated so far on the table's own buses, and on shared ones.
    own: usize,
    shared: usize,
    terms: &'a mut Vec<V>,
}

impl<'a, V: Algebra<F> + Copy + Send + Sync> Folder<'a, V> {
    /// Evaluates the constraints and, where they have places, the messages' parts at a row.
    #[inline]
    pub(super) fn run<A: Air<Self>>(
        air: &A,
        row: &'a [V],
        main_width: usize,
        public_values: &'a [F],
        places: &'a Places,
        terms: &'a mut Vec<V>,
    ) {
        let (main, preprocessed) = row.split_at(main_width);
        // Every place is filled anew.
        if terms.len() < places.count {
            terms.resize(places.count, V::ZERO);
        }
        terms.truncate(places.count);
        let mut folder = Self {
            main: RowWindow::from_two_rows(main, main),
            preprocessed: RowWindow::from_two_rows(preprocessed, preprocessed),
            public_values,
            places,
            own: 0,
            shared: 0,
            terms,
        };
        air.eval(&mut folder);
    }

    fn place(&mut self, places: &[Option<usize>], count: Count<V>, fields: impl Iterator<Item = V>) {
        let values = core::iter::once(count.into_parts().0).chain(fields);
        for (place, value) in places.iter().zip(values) {
            if let Some(place) = place {
                self.terms[*place] = value;
            }
        }
    }
}

impl<'a, V: Algebra<F> + Copy + Send + Sync> AirBuilder for Folder<'a, V> {
    type F = F;
    type Expr = V;
    type Var = V;
    type PreprocessedWindow = RowWindow<'a, V>;
    type MainWindow = RowWindow<'a, V>;
    type PublicVar = F;
    type PeriodicVar = V;

    #[inline]
    fn main(&self) -> RowWindow<'a, V> {
        self.main
    }

    #[inline]
    fn preprocessed(&self) -> &RowWindow<'a, V> {
        &self.preprocessed
    }

    fn is_first_row(&self) -> V {
        unreachable!("tables with selectors are refused")
    }

    fn is_last_row(&self) -> V {
        unreachable!("tables with selectors are refused")
    }

    fn is_transition(&self) -> V {
        unreachable!("tables with selectors are refused")
    }

    #[inline]
    fn assert_zero<I: Into<V>>(&mut self, x: I) {
        self.terms.push(x.into());
    }

    #[inline]
    fn public_values(&self) -> &[F] {
        self.public_values
    }
}

impl<V: Algebra<F> + Copy + Send + Sync> InteractionBuilder for Folder<'_, V> {
    #[inline]
    fn push_interaction<E: Into<V>>(&mut self, _bus: &str, fields: impl IntoIterator<Item = E>, count: impl Into<Count<V>>) {
        // What is not evaluated costs nothing.
        let Some(places) = self.places.shared.get(self.shared) else { return };
        self.shared += 1;
        if !places.is_empty() {
            self.place(places, count.into(), fields.into_iter().map(Into::into));
        }
    }

    fn push_local_interaction(&mut self, tuples: impl IntoIterator<Item = (Vec<V>, Count<V>)>) {
        for (fields, count) in tuples {
            let Some(places) = self.places.own.get(self.own) else { return };
            self.own += 1;
            self.place(places, count, fields.into_iter());
        }
    }
}
