//! Evaluates an AIR on a vector of rows.

use alloc::vec::Vec;

use p3_air::{Air, AirBuilder, RowWindow};
use p3_field::Algebra;
use p3_lookup::{Count, InteractionBuilder, InteractionSymbolicBuilder};
use tern_field::{EF, F};

use super::super::packed::Packed;
use super::plan::{Parts, Places};
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

/// Collects the terms of a vector of rows: the constraints, and the parts of messages that have a place.
pub struct Folder<'a, V> {
    main: RowWindow<'a, V>,
    preprocessed: RowWindow<'a, V>,
    public_values: &'a [F],
    places: &'a Places,
    /// Messages stated so far on the table's own buses, and on shared ones.
    own: usize,
    shared: usize,
    terms: &'a mut [V],
    /// Constraints stated so far.
    constraints: usize,
}

impl<'a, V: Algebra<F> + Copy + Send + Sync> Folder<'a, V> {
    /// Evaluates the constraints and, where they have places, the messages' parts at a row. There is a place for each term.
    #[inline]
    pub(super) fn run<A: Air<Self>>(
        air: &A,
        row: &'a [V],
        main_width: usize,
        public_values: &'a [F],
        places: &'a Places,
        terms: &'a mut [V],
    ) {
        let (main, preprocessed) = row.split_at(main_width);
        let mut folder = Self {
            main: RowWindow::from_two_rows(main, main),
            preprocessed: RowWindow::from_two_rows(preprocessed, preprocessed),
            public_values,
            places,
            own: 0,
            shared: 0,
            terms,
            constraints: 0,
        };
        air.eval(&mut folder);
    }

    #[inline]
    fn place(&mut self, parts: &Parts, count: impl Into<Count<V>>, fields: impl Iterator<Item = V>) {
        if let Some(term) = parts.count.and_then(|place| self.terms.get_mut(place)) {
            *term = count.into().into_parts().0;
        }
        if parts.fields.is_empty() {
            return;
        }
        let mut places = parts.fields.iter();
        fields.for_each(|field| {
            if let Some(Some(place)) = places.next()
                && let Some(term) = self.terms.get_mut(*place)
            {
                *term = field;
            }
        });
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
        if let Some(place) = self.places.constraints.get(self.constraints)
            && let Some(term) = self.terms.get_mut(*place)
        {
            *term = x.into();
        }
        self.constraints += 1;
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
        let Some(parts) = self.places.shared.get(self.shared) else { return };
        self.shared += 1;
        self.place(parts, count, fields.into_iter().map(Into::into));
    }

    fn push_local_interaction(&mut self, tuples: impl IntoIterator<Item = (Vec<V>, Count<V>)>) {
        for (fields, count) in tuples {
            let Some(parts) = self.places.own.get(self.own) else { return };
            self.own += 1;
            self.place(parts, count, fields.into_iter());
        }
    }
}
