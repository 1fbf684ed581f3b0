//! Evaluates an AIR of Plonky3 on the first columns of a chip, under one label.

use p3_air::{AirBuilder, WindowAccess};
use tern_field::F;

use crate::builder::{ChipBuilder, Label};

/// A builder that forwards assertions to a [`ChipBuilder`] with one label, and shows only the first columns of its rows.
pub(super) struct Labelled<'a, B> {
    inner: &'a mut B,
    label: Label,
    width: usize,
}

impl<'a, B> Labelled<'a, B> {
    /// `width`: how many of the chip's columns the AIR has.
    pub fn new(inner: &'a mut B, label: Label, width: usize) -> Self {
        Self { inner, label, width }
    }
}

/// The first columns of a window.
#[derive(Clone)]
pub(super) struct Prefix<W> {
    window: W,
    width: usize,
}

impl<T, W: WindowAccess<T>> WindowAccess<T> for Prefix<W> {
    fn current_slice(&self) -> &[T] {
        &self.window.current_slice()[..self.width]
    }

    fn next_slice(&self) -> &[T] {
        &self.window.next_slice()[..self.width]
    }
}

impl<B: ChipBuilder> AirBuilder for Labelled<'_, B> {
    type F = F;
    type Expr = B::Expr;
    type Var = B::Var;
    type PreprocessedWindow = B::PreprocessedWindow;
    type MainWindow = Prefix<B::MainWindow>;
    type PublicVar = B::PublicVar;
    type PeriodicVar = B::PeriodicVar;

    fn main(&self) -> Self::MainWindow {
        Prefix { window: self.inner.main(), width: self.width }
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
        self.inner.check(self.label, x);
    }
}
