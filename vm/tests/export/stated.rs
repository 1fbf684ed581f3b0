//! What a chip states, with degrees: a symbolic builder of this test's own.

use p3_air::symbolic::SymbolicAirBuilder;
use tern_air::builder::{ChipBuilder, Label};
use tern_air::chip::System;
use tern_air::symbolic::builder_of;
use tern_field::F;

/// Labels and degrees, in the order of the statements: of constraints, and of messages' counts.
pub struct Stated {
    inner: SymbolicAirBuilder<F>,
    pub constraints: Vec<(Label, usize)>,
    pub messages: Vec<(Label, usize)>,
}

impl Stated {
    pub fn of(air: &impl System) -> Self {
        let mut stated = Self { inner: builder_of(air), constraints: Vec::new(), messages: Vec::new() };
        air.constrain(&mut stated);
        stated
    }
}

tern_air::symbolic_builder!(Stated);

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
