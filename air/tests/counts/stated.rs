//! What a chip states, as symbolic expressions.

use p3_air::symbolic::{AirLayout, SymbolicAirBuilder, SymbolicExpression};
use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use tern_field::F;

use tern_air::builder::{ChipBuilder, Label};
use tern_air::chip::System;

/// An expression over a row's columns.
pub type Expr = SymbolicExpression<F>;

/// A message whose count is declared to be -1, 0 or 1.
pub struct Bounded {
    pub label: Label,
    pub count: Expr,
}

/// Everything that a chip states about a row, but for what the messages hold.
pub struct Stated {
    inner: SymbolicAirBuilder<F>,
    pub constraints: Vec<(Label, Expr)>,
    pub bounded: Vec<Bounded>,
    /// Messages of any count: provided, or fixed by the circuit.
    pub unbounded: usize,
}

impl Stated {
    /// Records a chip.
    pub fn of(air: &impl System) -> Self {
        let layout = AirLayout {
            main_width: air.width(),
            preprocessed_width: air.preprocessed_width(),
            num_public_values: air.num_public_values(),
            ..Default::default()
        };
        let mut stated = Self { inner: SymbolicAirBuilder::new(layout), constraints: Vec::new(), bounded: Vec::new(), unbounded: 0 };
        air.constrain(&mut stated);
        stated.fixed_flags(air);
        stated
    }
}

impl Stated {
    /// Of a table whose fixed columns are the same in every proof one sees which are 0 or 1 on
    /// every row. Beyond the table they are zero.
    fn fixed_flags(&mut self, air: &impl System) {
        let Some(fixed) = air.preprocessed_trace() else { return };
        let columns = self.inner.preprocessed().current_slice().to_vec();
        for (i, column) in columns.into_iter().enumerate() {
            if fixed.values.iter().skip(i).step_by(fixed.width).all(|&x| x == F::ZERO || x == F::ONE) {
                self.check_bool("fixed", column);
            }
        }
    }
}

impl AirBuilder for Stated {
    type F = F;
    type Expr = <SymbolicAirBuilder<F> as AirBuilder>::Expr;
    type Var = <SymbolicAirBuilder<F> as AirBuilder>::Var;
    type PreprocessedWindow = <SymbolicAirBuilder<F> as AirBuilder>::PreprocessedWindow;
    type MainWindow = <SymbolicAirBuilder<F> as AirBuilder>::MainWindow;
    type PublicVar = <SymbolicAirBuilder<F> as AirBuilder>::PublicVar;
    type PeriodicVar = <SymbolicAirBuilder<F> as AirBuilder>::PeriodicVar;

    fn main(&self) -> Self::MainWindow {
        self.inner.main()
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        self.inner.preprocessed()
    }

    fn is_first_row(&self) -> Self::Expr {
        self.inner.is_first_row()
    }

    fn is_last_row(&self) -> Self::Expr {
        self.inner.is_last_row()
    }

    fn is_transition(&self) -> Self::Expr {
        self.inner.is_transition()
    }

    fn assert_zero<I: Into<Self::Expr>>(&mut self, x: I) {
        self.check("unlabelled", x);
    }

    fn public_values(&self) -> &[Self::PublicVar] {
        self.inner.public_values()
    }
}

impl ChipBuilder for Stated {
    fn check(&mut self, label: Label, x: impl Into<Expr>) {
        self.constraints.push((label, x.into()));
    }

    fn message(&mut self, label: Label, _tuple: Vec<Expr>, count: Expr) {
        self.bounded.push(Bounded { label, count });
    }

    fn provide(&mut self, _label: Label, _tuple: Vec<Expr>, _count: Expr) {
        self.unbounded += 1;
    }
}
