//! What a chip states, with degrees: a symbolic builder of this test's own.

use p3_air::AirBuilder;
use p3_air::symbolic::{AirLayout, SymbolicAirBuilder};
use tern_air::builder::{ChipBuilder, Label};
use tern_air::chip::System;
use tern_field::F;

/// Labels and degrees, in the order of the statements: of constraints, and of messages' counts.
pub struct Stated {
    inner: SymbolicAirBuilder<F>,
    pub constraints: Vec<(Label, usize)>,
    pub messages: Vec<(Label, usize)>,
}

impl Stated {
    pub fn of(air: &impl System) -> Self {
        let layout = AirLayout {
            main_width: air.width(),
            preprocessed_width: air.preprocessed_width(),
            num_public_values: air.num_public_values(),
            ..Default::default()
        };
        let mut stated = Self { inner: SymbolicAirBuilder::new(layout), constraints: Vec::new(), messages: Vec::new() };
        air.constrain(&mut stated);
        stated
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
        self.check("", x);
    }

    fn public_values(&self) -> &[Self::PublicVar] {
        self.inner.public_values()
    }
}

impl ChipBuilder for Stated {
    fn check(&mut self, label: Label, x: impl Into<Self::Expr>) {
        self.constraints.push((label, x.into().degree_multiple()));
    }

    fn message(&mut self, label: Label, _tuple: Vec<Self::Expr>, count: Self::Expr) {
        self.messages.push((label, count.degree_multiple()));
    }

    fn provide(&mut self, label: Label, _tuple: Vec<Self::Expr>, count: Self::Expr) {
        self.messages.push((label, count.degree_multiple()));
    }
}
