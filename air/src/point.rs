//! What a chip states at one point: the values of all its constraints and messages.

use alloc::vec::Vec;

use p3_air::{AirBuilder, RowWindow};
use tern_field::F;

use crate::builder::{ChipBuilder, Label};
use crate::chip::System;

/// Values of everything that constraints read.
pub struct Point {
    /// The main columns of a row and of the next.
    pub main: [Vec<F>; 2],
    /// The preprocessed columns of both.
    pub fixed: [Vec<F>; 2],
    /// The public values.
    pub public_values: Vec<F>,
    /// First row, last row, transition.
    pub selectors: [F; 3],
}

/// Takes what a chip states, in order.
pub trait Statements {
    /// A constraint's value.
    fn constraint(&mut self, label: Label, value: F);

    /// A message that is counted `count` times.
    fn message(&mut self, label: Label, tuple: Vec<F>, count: F);

    /// A message that is provided `count` times.
    fn provided(&mut self, label: Label, tuple: Vec<F>, count: F);
}

impl Point {
    /// A point of values drawn in turn.
    pub fn draw(air: &impl System, mut next: impl FnMut() -> F) -> Self {
        let mut row = |width: usize| (0..width).map(|_| next()).collect::<Vec<F>>();
        let main = [row(air.width()), row(air.width())];
        let fixed = [row(air.preprocessed_width()), row(air.preprocessed_width())];
        let public_values = row(air.num_public_values());
        let selectors = row(3);
        Self { main, fixed, public_values, selectors: [selectors[0], selectors[1], selectors[2]] }
    }

    /// Hands over what a chip states here.
    pub fn evaluate(&self, air: &impl System, statements: &mut impl Statements) {
        air.constrain(&mut AtPoint {
            main: RowWindow::from_two_rows(&self.main[0], &self.main[1]),
            fixed: RowWindow::from_two_rows(&self.fixed[0], &self.fixed[1]),
            point: self,
            statements,
        });
    }
}

struct AtPoint<'a, S> {
    main: RowWindow<'a, F>,
    fixed: RowWindow<'a, F>,
    point: &'a Point,
    statements: &'a mut S,
}

impl<'a, S: Statements> AirBuilder for AtPoint<'a, S> {
    type F = F;
    type Expr = F;
    type Var = F;
    type PreprocessedWindow = RowWindow<'a, F>;
    type MainWindow = RowWindow<'a, F>;
    type PublicVar = F;
    type PeriodicVar = F;

    fn main(&self) -> Self::MainWindow {
        self.main
    }

    fn preprocessed(&self) -> &Self::PreprocessedWindow {
        &self.fixed
    }

    fn is_first_row(&self) -> F {
        self.point.selectors[0]
    }

    fn is_last_row(&self) -> F {
        self.point.selectors[1]
    }

    fn is_transition(&self) -> F {
        self.point.selectors[2]
    }

    fn assert_zero<I: Into<F>>(&mut self, x: I) {
        self.check("", x);
    }

    fn public_values(&self) -> &[F] {
        &self.point.public_values
    }
}

impl<S: Statements> ChipBuilder for AtPoint<'_, S> {
    fn check(&mut self, label: Label, x: impl Into<F>) {
        self.statements.constraint(label, x.into());
    }

    fn message(&mut self, label: Label, tuple: Vec<F>, count: F) {
        self.statements.message(label, tuple, count);
    }

    fn provide(&mut self, label: Label, tuple: Vec<F>, count: F) {
        self.statements.provided(label, tuple, count);
    }
}
